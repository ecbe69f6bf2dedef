"""The session's pages: each reads by their own consents, the screen by everyone's."""

import anyio.from_thread
import pytest
from sqlmodel import select

from coordination.committees.live import known, pulse
from coordination.committees.models import Attendance, Decision, Meeting, MeetingState, Presence
from coordination.consent.models import Purpose
from coordination.persons.categories import Category
from coordination.web.models import Draft
from tests import town as towns
from tests.committees import in_session
from tests.conftest import HTMX, same, soup, swapped

NAME = "BENALI"


@pytest.fixture
def scene(db, town):
    in_session.begin(db, town)
    in_session.point_at(db, town, town.item)
    return town


def at(scene, page: str) -> str:
    return f"/seances/{scene.meeting.id}/{page}"


def agree(db, scene, *to, categories=towns.SHARED):
    towns.agree(db, scene, scene.dana, Purpose.COMMITTEE, *to, categories=categories)
    db.commit()


def test_the_chair_reads_a_case_without_name_when_the_agreement_does_not_cover_them(visit, scene):
    page = visit("paul").get(at(scene, "en-seance"))
    assert page.status_code == 200
    assert NAME not in page.text and "Situation n°\u00a01" in page.text


def test_the_chair_reads_the_name_once_covered(visit, scene, db):
    agree(db, scene, "mde")
    page = visit("sophie").get(at(scene, "en-seance"))
    assert NAME in page.text and "Ortega".upper() not in page.text


def test_a_member_reads_by_the_agreement_of_their_own_agency(visit, scene):
    assert NAME in visit("chloe").get(at(scene, "en-seance")).text
    bruno = visit("bruno").get(at(scene, "en-seance"))
    assert bruno.status_code == 200 and NAME not in bruno.text


def test_a_member_has_no_form(visit, scene):
    page = soup(visit("chloe").get(at(scene, "en-seance")))
    assert page.select("main form") == []


def test_the_question_shows_only_where_the_category_of_demands_is_open(visit, scene, db):
    agree(db, scene, "greta", categories=(Category.IDENTITY,))
    bruno = visit("bruno").get(at(scene, "en-seance")).text
    assert NAME in bruno and in_session.QUESTION not in bruno
    agree(db, scene, "greta", categories=(Category.IDENTITY, known.ASKED))
    assert in_session.QUESTION in visit("bruno").get(at(scene, "en-seance")).text


@pytest.mark.parametrize(
    ("present", "covered", "shown"),
    [
        (("alice", "chloe"), ("mde",), True),
        (("alice", "chloe"), (), False),  # who projects is not covered
        (("alice", "chloe", "bruno"), ("mde",), False),
        (("alice", "chloe", "bruno"), ("mde", "greta"), True),
    ],
)
def test_the_screen_shows_a_name_only_when_all_present_may_read_it(
    visit, town, db, present, covered, shown
):
    in_session.begin(db, town, *present)
    in_session.point_at(db, town, town.item)
    if covered:
        agree(db, town, *covered)
    page = visit("sophie").get(at(town, "ecran"))
    assert (NAME in page.text) is shown
    assert "ORTEGA" not in page.text


def test_with_nobody_noted_present_the_screen_names_nobody(visit, scene, db):
    agree(db, scene, "mde")
    for row in db.exec(select(Attendance)):
        db.delete(row)
    db.commit()
    assert NAME not in visit("sophie").get(at(scene, "ecran")).text


def test_an_observer_without_agency_empties_the_screen_of_names(visit, scene, db, key):
    agree(db, scene, "mde")
    sophie = visit("sophie")
    assert NAME in sophie.get(at(scene, "ecran")).text
    said = {"name": "Zoé Lambert", "reminded": "1", "_key": key()}
    assert sophie.post(at(scene, "presences/observateur"), data=said).status_code == 200
    assert NAME not in sophie.get(at(scene, "ecran")).text


def test_an_observer_needs_the_reminder_first(visit, scene, db, key):
    said = {"name": "Zoé Lambert", "_key": key()}
    answer = visit("sophie").post(at(scene, "presences/observateur"), data=said)
    assert answer.status_code == 422 and "Zoé Lambert" in answer.text
    assert len(db.exec(select(Attendance)).all()) == 2


def test_an_agency_that_leaves_the_room_changes_the_screen(visit, town, db, key):
    in_session.begin(db, town, "alice", "chloe", "bruno")
    in_session.point_at(db, town, town.item)
    agree(db, town, "mde")
    row = town.rows["bruno"].id
    db.commit()
    sophie = visit("sophie")
    assert NAME not in sophie.get(at(town, "ecran")).text
    page = sophie.get(at(town, "en-seance"))
    assert "l’accord ne couvre pas Atelier des savoirs" in page.text
    gone = {"row": str(row), "way": "out", "_key": key()}
    sophie.post(at(town, "presences/porte"), data=gone)
    assert NAME in sophie.get(at(town, "ecran")).text
    sophie.post(at(town, "presences/porte"), data={"row": str(row), "way": "in", "_key": key()})
    assert NAME not in sophie.get(at(town, "ecran")).text


def test_asked_to_leave_for_a_point_then_asked_again_when_someone_enters(visit, town, db, key):
    in_session.begin(db, town, "alice", "chloe", "bruno")
    in_session.point_at(db, town, town.item)
    agree(db, town, "mde")
    sophie = visit("sophie")
    choice = {"item": str(town.item.id), "choice": "left_room", "_key": key()}
    sophie.post(at(town, "parler"), data=choice)
    assert NAME in sophie.get(at(town, "ecran")).text
    arrives = {f"at-{town.paul.id}": "present", "_key": key()}
    sophie.post(at(town, "presences"), data=arrives)
    assert NAME not in sophie.get(at(town, "ecran")).text


def test_speaking_without_name_hides_it_from_the_screen(visit, scene, db, key):
    agree(db, scene, "mde")
    sophie = visit("sophie")
    choice = {"item": str(scene.item.id), "choice": "without_name", "_key": key()}
    sophie.post(at(scene, "parler"), data=choice)
    assert NAME not in sophie.get(at(scene, "ecran")).text


def test_the_screen_tells_nothing_of_a_category_that_one_of_them_may_not_read(visit, scene, db):
    agree(db, scene, "mde", categories=(Category.IDENTITY,))
    page = visit("sophie").get(at(scene, "ecran")).text
    assert NAME in page and "Fin prévue" not in page


def test_a_birth_date_is_not_projected(visit, scene, db):
    agree(db, scene, "mde")
    page = visit("sophie").get(at(scene, "ecran")).text
    assert NAME in page and "Fin prévue" in page and "1999" not in page


@pytest.mark.parametrize("page", ["presences", "en-seance", "ecran", "flux", "lever"])
def test_a_meeting_does_not_exist_for_a_stranger(visit, scene, page):
    answer = visit("eva").get(at(scene, page))
    assert answer.status_code in (403, 404)  # no role in any committee: the door itself is closed
    assert NAME not in answer.text
    anonymous = visit(None).get(at(scene, page), follow_redirects=False)
    assert anonymous.status_code == 303


@pytest.mark.parametrize("page", ["presences", "ecran", "lever"])
def test_a_member_does_not_lead(visit, scene, page):
    assert visit("chloe").get(at(scene, page)).status_code == 403


def test_who_runs_another_committee_finds_nothing(visit, scene, db):
    other = towns.Committee(kind_id=scene.kind.id, name="COPASS voisin")
    db.add(other)
    db.flush()
    since = scene.today.replace(year=2025)
    db.add(towns.Grant(professional_id=scene.eva.id, role=towns.Role.CHAIR, scope_id=other.id,
                       from_on=since))  # fmt: skip
    db.commit()
    eva = visit("eva")
    for page in ("presences", "en-seance", "ecran", "flux", "lever"):
        assert eva.get(at(scene, page)).status_code == 404, page


def test_the_pointer_moves_for_everyone(visit, scene, db, key):
    before = db.get_one(Meeting, scene.meeting.id).pulse
    db.rollback()
    to = {"item": str(scene.free.id), "_key": key()}
    visit("sophie").post(at(scene, "point"), data=to)
    page = soup(visit("chloe").get(at(scene, "en-seance")))
    assert page.select_one("#case-title").text == "Places en formation cet été"
    db.expire_all()
    assert db.get_one(Meeting, scene.meeting.id).pulse > before
    assert db.get_one(type(scene.item), scene.item.id).ended_at is not None


def test_the_page_after_a_swap_equals_the_page_reloaded(visit, scene, key):
    sophie = visit("sophie")
    page = soup(sophie.get(at(scene, "en-seance")))
    to = {"item": str(scene.other.id), "_key": key()}
    part = soup(sophie.post(at(scene, "point"), data=to, headers=HTMX))
    assert same(swapped(page, part)) == same(soup(sophie.get(at(scene, "en-seance"))))


def test_attendance_opens_the_meeting_on_one_screen(visit, db, town, key):
    in_session.begin(db, town, opened=False)
    sophie = visit("sophie")
    assert "Rappel de confidentialité" in sophie.get(at(town, "presences")).text
    ticks = {f"at-{town.bruno.id}": "excused", f"at-{town.paul.id}": "remote", "then": "open"}
    answer = sophie.post(at(town, "presences"), data=ticks | {"_key": key()})
    assert answer.url.path == at(town, "en-seance")
    db.expire_all()
    assert db.get_one(Meeting, town.meeting.id).state is MeetingState.OPEN
    noted = {a.name: a.presence for a in db.exec(select(Attendance))}
    assert noted[town.paul.name] is Presence.REMOTE
    assert noted[town.bruno.name] is Presence.EXCUSED


def test_a_meeting_does_not_open_on_an_empty_room(visit, db, town, key):
    in_session.begin(db, town, "alice", opened=False)
    out = {f"at-{town.alice.id}": "absent", "then": "open", "_key": key()}
    assert visit("sophie").post(at(town, "presences"), data=out).status_code == 409
    db.expire_all()
    assert db.get_one(Meeting, town.meeting.id).state is MeetingState.CONVENED


def test_represented_asks_by_whom_and_keeps_the_ticks(visit, scene, key):
    who = scene.bruno.id
    answer = visit("sophie").post(
        at(scene, "presences"), data={f"at-{who}": "represented", "_key": key()}
    )
    assert answer.status_code == 422 and "Dites qui représente" in answer.text
    ticked = soup(answer).select_one(f"input[name='at-{who}'][checked]")
    assert ticked["value"] == "represented"


def test_the_stream_carries_a_number_and_nothing_else(visit, scene, db):
    scene.meeting.state, scene.meeting.adjourned_at = MeetingState.ADJOURNED, scene.meeting.ends_at
    db.add(scene.meeting)
    db.commit()
    answer = visit("chloe").get(at(scene, "flux"))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == "event: changed\ndata: 0\nretry: 60000\n\n"


def test_each_change_beats_once():
    numbers = iter([4, 4, 5, None])

    async def ask():
        return next(numbers)

    async def listen():
        return [event async for event in pulse.beats(ask, every=0)]

    with anyio.from_thread.start_blocking_portal() as loop:  # Playwright holds this thread's
        said = loop.call(listen)
    assert [line for event in said for line in event.splitlines() if "data" in line] == [
        "data: 4",
        "data: 5",
        "data: 0",
    ]


def test_what_is_typed_is_kept_for_its_author_and_cleared_once_recorded(visit, scene, db, key):
    sophie = visit("sophie")
    subject = f"decision:{scene.item.id}"
    url = f"{at(scene, 'brouillon')}?sujet={subject}"
    kept = sophie.post(url, data={"name": "text", "text": "Une idée à garder"})
    assert kept.status_code == 204
    assert "Une idée à garder" in visit("sophie").get(at(scene, "en-seance")).text
    assert "Une idée à garder" not in visit("paul").get(at(scene, "en-seance")).text
    said = {"item": str(scene.item.id), "outcome": "maintain", "text": "Décidé", "_key": key()}
    assert sophie.post(at(scene, "decisions"), data=said).status_code == 200
    assert db.exec(select(Draft)).all() == []


def test_a_draft_of_another_meeting_is_refused(visit, scene):
    url = f"{at(scene, 'brouillon')}?sujet=decision:{scene.meeting.id}"
    assert visit("sophie").post(url, data={"name": "text", "text": "x"}).status_code == 404


def test_the_form_names_what_each_destination_will_see(visit, scene):
    page = soup(visit("sophie").get(at(scene, "en-seance")))
    offered = {o.text for o in page.select("select[name=destination_1] option")}
    assert any("CCAS de Lunel" in o and "verra\u00a0: identité" in o for o in offered)
    assert any("Atelier" in o and "l’accord manque" in o for o in offered)


def record(browser, scene, key, **said):
    said = {"item": str(scene.item.id), "outcome": "maintain", "_key": key()} | said
    return browser.post(at(scene, "decisions"), data=said)


def test_a_decision_is_recorded_without_javascript(visit, scene, db, key):
    said = {
        "outcome": "referral",
        "text": "Un bilan mobilité",
        "need_code": "23",
        "destination_1": str(scene.ccas.id),
        "order": "together",
    }
    answer = record(visit("sophie"), scene, key, **said)
    assert answer.status_code == 200 and "Un bilan mobilité" in answer.text
    assert db.exec(select(Decision)).one().text == "Un bilan mobilité"


PAUSE = {
    "outcome": "suspend", "cause": "waiting", "until_on": "2026-09-01",
    "keeps_contact": "La mission", "contact_every_days": "15", "acquired": "Le module mobilité",
}  # fmt: skip


def test_a_suspension_asks_how_often_and_what_is_acquired_and_says_it_again(visit, scene, db, key):
    sophie = visit("sophie")
    sent = PAUSE | {"item": str(scene.item.id), "_key": key()}
    page = sophie.post(at(scene, "decisions"), data=sent).text
    assert "La mission, un contact tous les 15\u00a0jours" in page and "Le module mobilité" in page
    decision = db.exec(select(Decision)).one()
    form = soup(
        sophie.get(f"{at(scene, 'en-seance')}?point={scene.item.id}&decision={decision.id}")
    )
    assert form.select_one(".decide [name=contact_every_days]")["value"] == "15"
    assert form.select_one(".decide [name=acquired]").get_text(strip=True) == "Le module mobilité"
    review = visit("paul").get(at(scene, "lever")).text
    assert "tous les 15\u00a0jours" in review and "Le module mobilité" in review


@pytest.mark.parametrize("every", ["0", "91", "quinze"])
def test_how_often_is_a_number_of_days(visit, scene, db, key, every):
    sent = PAUSE | {"item": str(scene.item.id), "contact_every_days": every, "_key": key()}
    assert visit("sophie").post(at(scene, "decisions"), data=sent).status_code == 422
    assert db.exec(select(Decision)).all() == []


def test_what_is_acquired_is_not_read_around_the_table_nor_on_the_screen(visit, scene, db, key):
    sent = PAUSE | {"item": str(scene.item.id), "_key": key()}
    visit("sophie").post(at(scene, "decisions"), data=sent)
    agree(db, scene, "mde")
    for who, page in (("chloe", "en-seance"), ("sophie", "ecran")):
        shown = visit(who).get(at(scene, page)).text
        assert NAME in shown and "Le module mobilité" not in shown


def test_a_decision_sent_twice_is_one_and_another_body_is_refused(visit, scene, db, key):
    sophie, one = visit("sophie"), key()
    for _ in range(2):
        assert record(sophie, scene, key, text="Une fois", _key=one).status_code == 200
    other = record(sophie, scene, key, text="Autre chose", _key=one)
    assert other.status_code == 409
    assert [d.text for d in db.exec(select(Decision))] == ["Une fois"]


def test_two_people_deciding_the_same_item_see_both_texts(visit, scene, db, key):
    stamp = soup(visit("paul").get(at(scene, "en-seance"))).select_one(".decide [name=_version]")
    record(visit("sophie"), scene, key, text="Le texte de Sophie", _version=stamp["value"])
    answer = record(visit("paul"), scene, key, text="Le texte de Paul", _version=stamp["value"])
    assert answer.status_code == 409
    both = soup(answer).select_one(".versions").text
    assert "Le texte de Sophie" in both and "Le texte de Paul" in both
    assert len(db.exec(select(Decision)).all()) == 1
    again = soup(answer).select_one(".decide [name=_version]")["value"]
    answer = record(visit("paul"), scene, key, text="Le texte de Paul", _version=again)
    assert answer.status_code == 200
    db.rollback()
    assert len(db.exec(select(Decision)).all()) == 2


def test_a_stale_correction_shows_both_texts_and_changes_nothing(visit, scene, db, key):
    sophie = visit("sophie")
    record(sophie, scene, key, text="Premier texte")
    url = f"/decisions/{db.exec(select(Decision)).one().id}/corriger"
    db.rollback()
    said = {"outcome": "maintain", "_version": "1"}
    assert sophie.post(url, data=said | {"text": "Deuxième", "_key": key()}).status_code == 200
    late = visit("paul").post(url, data=said | {"text": "Troisième", "_key": key()})
    assert late.status_code == 409
    both = soup(late).select_one(".versions").text
    assert "Deuxième" in both and "Troisième" in both
    db.expire_all()
    assert db.exec(select(Decision)).one().text == "Deuxième"


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(visit, scene, key):
    answer = record(visit("sophie"), scene, key, outcome="referral", text="À ne pas perdre")
    assert answer.status_code == 422
    assert "Choisissez une structure." in answer.text and "À ne pas perdre" in answer.text


def test_a_hostile_text_is_shown_as_it_was_typed(visit, scene, key):
    answer = record(visit("sophie"), scene, key, text="<script>alert('é')</script> مرحبا")
    assert "<script>alert" not in answer.text and "مرحبا" in answer.text


def test_a_member_decides_nothing(visit, scene, db, key):
    assert record(visit("chloe"), scene, key).status_code == 403
    assert db.exec(select(Decision)).all() == []


def test_only_the_chair_sends_before_the_end(visit, scene, db, key):
    record(visit("sophie"), scene, key, text="Maintien")
    url = f"/decisions/{db.exec(select(Decision)).one().id}/confirmer"
    db.rollback()
    assert visit("sophie").post(url, data={"_key": key()}).status_code == 403
    assert visit("paul").post(url, data={"_key": key()}).status_code == 200
    assert visit("eva").post(url, data={"_key": key()}).status_code == 403


def test_a_conflict_of_interest_hides_the_name_from_that_member(visit, scene, db, key):
    said = {"item": str(scene.item.id), "professional": str(scene.chloe.id), "_key": key()}
    assert visit("paul").post(at(scene, "deport"), data=said).status_code == 200
    assert NAME not in visit("chloe").get(at(scene, "en-seance")).text


def test_the_number_of_queries_does_not_grow_with_the_points(visit, scene, db, counting):
    visit("sophie").get(at(scene, "en-seance"))
    counting.clear()
    visit("sophie").get(at(scene, "en-seance"))
    few = len(counting)
    for number in range(4, 24):
        in_session._case(db, scene, number, scene.sami, scene.sami_journey)
    db.commit()
    counting.clear()
    visit("sophie").get(at(scene, "en-seance"))
    assert len(counting) <= few + 1
