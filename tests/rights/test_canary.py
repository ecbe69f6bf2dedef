"""After a withdrawal, the next request of every reader gives nothing of the person."""

from coordination import clock, links
from coordination.committees.models import AgendaItem, ItemState, Meeting, MeetingState, Section
from coordination.links import LinkKind

CANARY = ("Benali", "BENALI", "Dana")


def take_back_everything(visit, town, key):
    path = f"/parcours/{town.journey.id}/accords/retirer"
    answer = visit("alice").post(path, data={"_key": key()}, follow_redirects=False)
    assert answer.status_code == 303


def test_the_journey_opened_by_a_meeting_closes(visit, town, convened, key):
    chloe = visit("chloe")
    page = f"/parcours/{town.journey.id}"
    assert "BENALI" in chloe.get(page).text
    take_back_everything(visit, town, key)
    gone = chloe.get(page)
    assert gone.status_code == 404
    assert not any(word in gone.text for word in CANARY)
    assert not any(word in chloe.get("/parcours").text for word in CANARY)


def test_the_referral_and_its_link_say_nothing_more(visit, act, town, referral, key):
    sent = referral.sent()
    with act() as db:
        token = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=sent.id)
    chloe, nobody = visit("chloe"), visit(None)
    assert "BENALI" in chloe.get(f"/orientations/{sent.id}").text
    assert "BENALI" in nobody.get(f"/lien/{token}/orientation").text
    take_back_everything(visit, town, key)
    for answer in (
        chloe.get(f"/orientations/{sent.id}"),
        chloe.get("/orientations?sens=recues"),
        nobody.get(f"/lien/{token}/orientation"),
    ):
        assert answer.status_code in {200, 404, 410}
        assert not any(word in answer.text for word in CANARY), answer.url


def test_the_agenda_shows_an_anonymous_situation(visit, act, town, convened, key):
    with act() as db:
        meeting = db.get_one(Meeting, town.meeting.id)
        meeting.frozen_at, meeting.agenda_version = clock.now(), 1
        meeting.state = MeetingState.CONVENED
        db.add(
            AgendaItem(
                meeting_id=town.meeting.id,
                section=Section.SITUATIONS,
                rank=1,
                number=1,
                state=ItemState.ACCEPTED,
                person_id=town.dana.id,
                journey_id=town.journey.id,
                agency_id=town.mission.id,
            )
        )
    chloe = visit("chloe")
    page = f"/seances/{town.meeting.id}/ordre-du-jour"
    assert "BENALI" in chloe.get(page).text
    take_back_everything(visit, town, key)
    after = chloe.get(page)
    assert after.status_code == 200
    assert not any(word in after.text for word in CANARY)
