"""What waits for each one this morning, and never a name that they may not know."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.agencies.models import Agency, Professional
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
    MeetingState,
    Section,
)
from coordination.consent import events
from coordination.journeys import referents
from coordination.journeys.models import Journey, JourneyState, Referent
from coordination.journeys.models_along import ReferentAbsence
from coordination.persons.models import Person
from coordination.referrals import moves
from coordination.signals.models import Signal, SignalCode
from tests.conftest import soup


@pytest.fixture
def morning(act, town):
    """A referral of Dana reached the ccas; the meeting held yesterday left a decision for Alice to
    tell and an action of the ccas; Sami's journey has an alert."""
    with act() as db:
        referral = moves.prepare(
            db, need=db.merge(town.need), journey=db.merge(town.journey),
            recipient_id=town.ccas.id, question="Une place ?",
            actor=_actor(db, town.alice),
        )  # fmt: skip
        moves.send_or_wait(db, referral, actor=_actor(db, town.alice))
        held = db.get_one(Meeting, town.meeting.id)
        held.starts_at = clock.now() - timedelta(days=1)
        held.ends_at = held.starts_at + timedelta(hours=3)
        held.state, held.adjourned_at = MeetingState.ADJOURNED, held.ends_at
        item = AgendaItem(
            meeting_id=held.id, section=Section.SITUATIONS, rank=1, number=1,
            state=ItemState.EXAMINED, journey_id=town.journey.id, person_id=town.dana.id,
        )  # fmt: skip
        db.add(item)
        db.flush()
        told = Decision(
            item_id=item.id, meeting_id=held.id, outcome=DecisionOutcome.MAINTAIN, text="On garde.",
            teller_id=town.alice.id, tell_by=clock.today(), state=DecisionState.CONFIRMED,
        )  # fmt: skip
        action = FollowUp(
            committee_id=held.committee_id, meeting_id=held.id, item_id=item.id,
            agency_id=town.ccas.id, what="Proposer un rendez-vous", confirmed=True,
            due_on=clock.today() - timedelta(days=1),
        )  # fmt: skip
        alert = Signal(
            journey_id=town.sami_journey.id, person_id=town.sami.id, agency_id=town.mission.id,
            code=SignalCode.SANS_CONTACT, subject_id=town.sami_journey.id, since_on=clock.today(),
            sentence="Sans contact depuis 40 jours.",
        )  # fmt: skip
        db.add_all([told, action, alert])
        db.flush()
        town.told = told
    return referral


def _actor(db, who):
    from coordination.agencies import actors

    return actors.of_professional(db, who.id)


def read(visit, who):
    answer = visit(who).get("/aujourdhui")
    assert answer.status_code == 200
    return " ".join(soup(answer).select_one("main").get_text(" ", strip=True).split())


def test_the_partner_finds_what_to_answer_and_what_is_late(visit, morning):
    page = read(visit, "chloe")
    assert "BENALI Dana" in page and "Envoyée" in page
    assert "Proposer un rendez-vous" in page and "en retard" in page
    assert "Ortega" not in page and "ORTEGA" not in page


def test_once_the_agreement_is_withdrawn_the_line_stays_without_a_name(visit, morning, act, town):
    with act() as db:
        person = db.get_one(Person, town.dana.id)
        events.end(db, db.merge(town.referral_consent), person, actor=_actor(db, town.alice))
    page = read(visit, "chloe")
    assert "BENALI" not in page and morning.number in page


def test_the_name_of_a_sensitive_sender_goes_with_the_agreement(visit, morning, act, town):
    with act() as db:
        db.get_one(Agency, town.mission.id).sensitive = True
    assert "Mission locale" in read(visit, "chloe")
    with act() as db:
        dana = db.get_one(Person, town.dana.id)
        events.end(db, db.merge(town.referral_consent), dana, actor=town.actor("alice"))
        events.end(db, db.merge(town.committee_consent), dana, actor=town.actor("alice"))
    page = read(visit, "chloe")
    assert "Une structure partenaire" in page and "Mission locale" not in page


def test_the_referent_finds_alerts_and_whom_to_tell(visit, morning):
    page = read(visit, "alice")
    assert "ORTEGA Sami" in page and "Sans contact depuis 40 jours." in page
    assert "À dire à la personne : maintien" in page and "C’est dit" in page


def test_saying_that_the_person_was_told_takes_the_line_away(visit, morning, key, town):
    alice = visit("alice")
    answer = alice.post(f"/decisions/{town.told.id}/dite", data={"_key": key()})
    assert answer.status_code == 200
    assert "Personnes à prévenir" not in read(visit, "alice")


def test_the_secretary_finds_the_minutes_to_send_and_a_committee_without_a_date(visit, morning):
    page = read(visit, "sophie")
    assert "Relevés à envoyer" in page and "COPASS du Lodévois" in page
    assert "Aucune séance à venir" in page
    assert "BENALI" not in page


def test_a_stranger_finds_nothing_of_all_this(visit, morning):
    page = read(visit, "eva")
    for word in ("BENALI", "ORTEGA", "COPASS", "rendez-vous", morning.number):
        assert word not in page
    assert "Aucune orientation n’attend votre réponse" in page


@pytest.mark.parametrize(("who", "status"), [("regine", 403), ("adam", 403), ("diane", 403)])
def test_who_has_no_such_page_is_told(visit, morning, who, status):
    assert visit(who).get("/aujourdhui").status_code == status


def test_nobody_signed_in_is_sent_to_sign_in(visit, morning):
    answer = visit(None).get("/aujourdhui", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion?vers=/aujourdhui")


@pytest.mark.parametrize("where", ["/aujourdhui", "/parcours?alertes=1", "/parcours?miens=1"])
def test_what_is_due_after_an_exit_stays_in_sight(visit, act, town, where):
    """The journey is over; the call that its programme asks for is not."""
    with act() as db:
        journey = db.get_one(Journey, town.journey.id)
        journey.state, journey.ended_on = JourneyState.ENDED, town.today
        db.add(
            Signal(
                journey_id=journey.id, person_id=town.dana.id, agency_id=town.mission.id,
                code=SignalCode.SUIVI_APRES_SORTIE_DU, subject_id=journey.id,
                since_on=town.today, sentence="Après la sortie : contact prévu.",
            )
        )  # fmt: skip
    page = soup(visit("alice").get(where)).main.get_text(" ")
    assert ("BENALI Dana" in page) is (where != "/parcours?miens=1")


@pytest.mark.parametrize(
    ("start", "end", "seen"), [(0, 3, True), (-3, None, True), (1, 3, False), (-3, -1, False)]
)
def test_who_replaces_a_referent_sees_what_they_would_have_seen(visit, act, town, start, end, seen):
    with act() as db:
        other = Professional(given_name="Rosa", usual_name="Klein", email="rosa@example.org")
        db.add(other)
        db.flush()
        held = db.exec(select(Referent).where(Referent.journey_id == town.sami_journey.id)).one()
        db.add(
            ReferentAbsence(
                referent_id=held.id, journey_id=town.sami_journey.id, replacement_id=other.id,
                from_on=town.today + timedelta(days=start),
                until_on=None if end is None else town.today + timedelta(days=end),
            )
        )  # fmt: skip
        assert (town.sami_journey.id in db.scalars(referents.held_by(other.id)).all()) is seen
        alice = db.scalars(referents.held_by(town.alice.id)).all()
        assert {town.journey.id, town.sami_journey.id} <= set(alice)
