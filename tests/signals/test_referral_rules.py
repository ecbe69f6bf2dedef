"""The rules that read referrals and committees, around their day."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from coordination import clock
from coordination.committees.models import (
    AgendaItem,
    CommitteeAgency,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    FollowUpState,
    ItemState,
    MeetingState,
    Section,
)
from coordination.consent.models import ConsentCover, Purpose
from coordination.journeys import working_days
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signals.models import SignalCode

# The same SQL is held on both engines by three hundred random journeys (test_alone.py).
pytestmark = pytest.mark.sqlite_first

DAY = timedelta(days=1)


@pytest.fixture
def refer(db, town):
    """A referral of Dana's need to the ccas, in whatever state."""

    def make(status: Status, **more) -> Referral:
        to = more.pop("to", town.ccas)
        referral = Referral(
            number=f"O-{uuid4().hex[:8]}",
            need_id=town.need.id,
            person_id=town.dana.id,
            journey_id=town.journey.id,
            sender_id=town.mission.id,
            recipient_id=to.id,
            destination_id=uuid4(),
            status=status,
            **more,
        )
        db.add(referral)
        db.flush()
        return referral

    return make


@pytest.fixture(autouse=True)
def _quiet(db, town, met):
    """Dana was seen yesterday and her journey ends far away."""
    db.add_all([town.journey, town.sami_journey, town.need, town.meeting])
    met(town.journey, town.today - DAY)
    met(town.sami_journey, town.today - DAY)
    town.journey.planned_end_on = town.today + timedelta(days=400)


def silent_since(day: date) -> dict:
    return {"clock_side": Side.RECIPIENT, "clock_from": clock.at(day, 15)}


@pytest.mark.parametrize(
    ("status", "live"),
    [(Status.SENT, True), (Status.STARTED, True), (Status.DRAFT, False),
     (Status.AWAITING_CONSENT, False), (Status.REFUSED, False)],
)  # fmt: skip
def test_a_live_referral_answers_an_end_in_sight(town, said, refer, status, live):
    town.journey.planned_end_on = town.today + timedelta(days=20)
    given = {"accepted_at": clock.now(), "started_on": town.today} if live else {}
    refer(status, **given)
    assert ("fin_sans_suite" not in said()) is live


@pytest.mark.parametrize(("late", "raised"), [(1, False), (0, True), (-1, True)])
def test_fourteen_working_days_without_an_answer(town, said, refer, late, raised):
    day = working_days.before(town.today, 14) + late * DAY
    refer(Status.SENT, **silent_since(day))
    assert ("orientation_sans_reponse" in said()) is raised


def test_the_sentence_of_a_silence_counts_working_days(town, said, refer):
    refer(Status.ACKNOWLEDGED, **silent_since(date(2026, 5, 12)))  # Ascension and Whit between
    assert said() == {
        "orientation_sans_reponse": (
            "Orientation sans réponse de la structure depuis 15 jours ouvrés"
        )
    }


def test_when_the_sender_must_answer_the_recipient_is_not_silent(town, said, refer):
    refer(Status.INFO_REQUESTED, clock_side=Side.SENDER, clock_from=clock.at(date(2026, 3, 1)))
    assert said() == {}


def test_who_has_accepted_is_not_silent(said, refer):
    refer(Status.ACCEPTED, accepted_at=clock.now(), **silent_since(date(2026, 3, 1)))
    assert said() == {}


ENDINGS = [
    (Status.REFUSED, "orientation_refusee", "Orientation refusée par la structure le"),
    (Status.EXPIRED, "orientation_expiree", "Orientation sans réponse, expirée le"),
    (Status.FAILED, "orientation_echouee", "Orientation non aboutie, close le"),
]


@pytest.mark.parametrize(("status", "code", "words"), ENDINGS)
def test_a_referral_that_ended_badly_comes_back(said, refer, status, code, words):
    refer(status, ended_at=clock.at(date(2026, 5, 20), 16))
    assert said() == {
        code: f"{words} 20 mai 2026 ; aucune autre orientation en cours pour ce besoin"
    }


@pytest.mark.parametrize("status", [Status.DECLINED, Status.CANCELLED, Status.REROUTED,
                                    Status.ENTERED_IN_ERROR, Status.COMPLETED])  # fmt: skip
def test_other_endings_do_not_come_back(said, refer, status):
    refer(status, ended_at=clock.now())
    assert said() == {}


def test_a_refusal_weighs_more_as_it_waits(finding, refer):
    referral = refer(Status.REFUSED, ended_at=clock.now())
    assert finding(SignalCode.ORIENTATION_REFUSEE).severity == 2
    referral.ended_at = clock.now() - timedelta(days=20)
    assert finding(SignalCode.ORIENTATION_REFUSEE).severity == 3


def test_another_referral_for_the_same_need_settles_a_refusal(said, refer):
    refer(Status.REFUSED, ended_at=clock.now() - DAY)
    other = refer(Status.DRAFT)
    assert "orientation_refusee" in said()
    other.status = Status.SENT
    assert said() == {}
    other.status = Status.REFUSED
    other.ended_at = clock.now()
    assert "orientation_refusee" in said()


def test_a_settled_need_settles_a_refusal(town, said, refer):
    refer(Status.REFUSED, ended_at=clock.now() - DAY)
    town.need.settled_on = town.today
    assert said() == {}


@pytest.fixture
def decide(db, town):
    def make(outcome, at, state=DecisionState.CONFIRMED):
        item = AgendaItem(
            meeting_id=town.meeting.id,
            section=Section.SITUATIONS,
            rank=1,
            journey_id=town.journey.id,
            state=ItemState.EXAMINED,
        )
        db.add(item)
        db.flush()
        db.add(
            Decision(
                item_id=item.id,
                meeting_id=town.meeting.id,
                outcome=outcome,
                state=state,
                confirmed_at=at,
            )
        )

    return make


@pytest.mark.parametrize(
    ("outcome", "hours", "state", "settles"),
    [
        (DecisionOutcome.MAINTAIN, 1, DecisionState.CONFIRMED, True),
        (DecisionOutcome.MAINTAIN, -1, DecisionState.CONFIRMED, False),
        (DecisionOutcome.MAINTAIN, 1, DecisionState.RECORDED, False),
        (DecisionOutcome.ADJOURN, 1, DecisionState.CONFIRMED, False),
    ],
)
def test_a_decision_afterwards_settles_a_refusal(
    said, refer, decide, outcome, hours, state, settles
):
    ended_at = clock.now() - timedelta(days=10)
    refer(Status.REFUSED, ended_at=ended_at)
    decide(outcome, ended_at + timedelta(hours=hours), state)
    assert ("orientation_refusee" not in said()) is settles


def test_a_referral_that_waits_for_an_agreement_says_so(said, refer):
    refer(Status.AWAITING_CONSENT)
    assert said() == {
        "accord_a_recueillir": (
            "Orientation préparée le 4 juin 2026, en attente de l’accord de la personne"
        )
    }


def test_an_accepted_point_about_someone_not_asked_waits_for_their_agreement(db, town, said):
    item = AgendaItem(
        meeting_id=town.meeting.id,
        section=Section.SITUATIONS,
        rank=1,
        journey_id=town.sami_journey.id,
        state=ItemState.PROPOSED,
    )
    db.add(item)
    assert said(town.sami_journey) == {}
    item.state = ItemState.ACCEPTED
    assert list(said(town.sami_journey)) == ["accord_a_recueillir"]
    town.meeting.state = MeetingState.ADJOURNED
    assert said(town.sami_journey) == {}


def test_an_accepted_point_about_someone_who_agreed_waits_for_nothing(db, town, said):
    db.add(
        AgendaItem(
            meeting_id=town.meeting.id,
            section=Section.SITUATIONS,
            rank=1,
            journey_id=town.journey.id,
            state=ItemState.ACCEPTED,
        )
    )
    assert said() == {}


# ── frein_sans_solution: more than eight weeks ───────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "raised"), [(56, False), (57, True), (58, True)])
def test_a_need_without_a_service_for_more_than_eight_weeks(town, said, days, raised):
    town.need.since_on = town.today - timedelta(days=days)
    assert ("frein_sans_solution" in said()) is raised


def test_a_service_a_referral_or_its_end_answers_a_need(town, said, refer):
    town.need.since_on = date(2026, 3, 1)
    assert said() == {
        "frein_sans_solution": ("Frein déclaré depuis 3 mois et 3 jours ; aucun service mobilisé")
    }
    town.need.service = "Auto-école solidaire"
    assert said() == {}
    town.need.service = ""
    referral = refer(Status.SENT)
    assert said() == {}
    referral.status = Status.DECLINED
    assert list(said()) == ["frein_sans_solution"]
    town.need.settled_on = town.today
    assert said() == {}


# ── suite_en_retard ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def action(db, town):
    def make(due_on, **more):
        item = AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=3,
                          journey_id=town.journey.id, state=ItemState.EXAMINED)  # fmt: skip
        db.add(item)
        db.flush()
        asked = FollowUp(committee_id=town.committee.id, meeting_id=town.meeting.id,
                         item_id=item.id, agency_id=town.ccas.id, what="Appeler Dana",
                         due_on=due_on, **({"confirmed": True} | more))  # fmt: skip
        db.add(asked)
        db.flush()
        return asked

    return make


@pytest.mark.parametrize(("days", "raised"), [(1, False), (0, False), (-1, True)])
def test_an_action_decided_in_committee_that_is_overdue(town, said, action, days, raised):
    action(town.today + timedelta(days=days))
    assert ("suite_en_retard" in said()) is raised


def test_an_overdue_action_says_when_and_not_what(town, said, action):
    asked = action(date(2026, 5, 28))
    assert said() == {
        "suite_en_retard": (
            "Action décidée en comité attendue le 28 mai 2026, en retard de 7 jours"
        )
    }
    asked.state = FollowUpState.DONE
    assert said() == {}


@pytest.mark.parametrize("more", [{"confirmed": False}, {"due_on": None}])
def test_an_action_that_has_not_left_or_has_no_day_is_never_overdue(said, action, more):
    action(**({"due_on": date(2026, 5, 1)} | more))
    assert said() == {}


# ── accord_expirant: before the next meeting, on 18 June at 9 h 30 ───────────────────────────────


@pytest.fixture
def ends(db, town):
    """ends(purpose, moment): every agreement of Dana for this purpose ends then."""

    def move(purpose, moment):
        for cover in db.exec(
            select(ConsentCover).where(
                ConsentCover.person_id == town.dana.id, ConsentCover.purpose == purpose
            )
        ):
            cover.from_at, cover.until_at = moment - timedelta(days=300), moment

    return move


MIDNIGHT = {day: clock.at(date(2026, 6, day)) for day in (4, 5, 18, 19)}


@pytest.mark.parametrize(("day", "raised"), [(19, False), (18, True), (5, True), (4, False)])
def test_the_agreement_that_a_live_referral_stands_on(said, refer, ends, day, raised):
    refer(Status.SENT)
    ends(Purpose.REFERRAL, MIDNIGHT[day])  # the first moment after its last day
    assert ("accord_expirant" in said()) is raised


def test_the_sentence_of_an_agreement_that_ends(town, said, refer, ends):
    referral = refer(Status.SENT)
    ends(Purpose.REFERRAL, MIDNIGHT[18])
    assert said() == {
        "accord_expirant": (
            "Accord de la personne jusqu’au 17 juin 2026 ; prochaine séance le 18 juin 2026"
        )
    }
    town.meeting.state = MeetingState.CANCELLED
    assert said()["accord_expirant"].endswith(" ; aucune séance prévue d’ici là")
    referral.status = Status.DECLINED
    assert said() == {}


@pytest.mark.parametrize(("day", "raised"), [(19, False), (18, True)])
def test_the_agreement_that_the_next_agenda_stands_on(db, town, said, ends, day, raised):
    item = AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=1,
                      journey_id=town.journey.id, person_id=town.dana.id,
                      state=ItemState.PROPOSED)  # fmt: skip
    db.add(item)
    ends(Purpose.COMMITTEE, MIDNIGHT[day])
    assert ("accord_expirant" in said()) is raised
    item.state = ItemState.REFUSED
    assert said() == {}


@pytest.mark.parametrize(
    ("first", "second", "raised"),
    [(18, 19, True), (19, 18, True), (19, 19, False), (4, 19, False), (4, 4, False)],
)
def test_each_agency_of_the_table_has_its_own_agreement(
    db, town, said, ends, first, second, raised
):
    """The last one to end does not hide the first; one that ended already is not about to."""
    db.add(AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=1,
                      journey_id=town.journey.id, person_id=town.dana.id,
                      state=ItemState.PROPOSED))  # fmt: skip
    ends(Purpose.COMMITTEE, MIDNIGHT[first])
    (cover,) = db.exec(
        select(ConsentCover).where(
            ConsentCover.person_id == town.dana.id,
            ConsentCover.purpose == Purpose.COMMITTEE,
            ConsentCover.agency_id == town.ccas.id,
        )
    )
    other = ConsentCover(**cover.model_dump(exclude={"id", "created_at"}) | {
        "agency_id": town.greta.id, "until_at": MIDNIGHT[second]})  # fmt: skip
    db.add(other)
    assert ("accord_expirant" in said()) is raised


def test_who_does_not_sit_at_the_table_makes_no_agreement_end(db, town, said, ends):
    db.add(AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=1,
                      journey_id=town.journey.id, person_id=town.dana.id,
                      state=ItemState.PROPOSED))  # fmt: skip
    ends(Purpose.COMMITTEE, MIDNIGHT[18])
    for sits in db.exec(select(CommitteeAgency)):
        sits.from_on = town.today + timedelta(days=1)
    assert said() == {}


def test_nothing_of_the_recipient_is_in_a_sentence(db, town, said, refer):
    refer(Status.REFUSED, ended_at=clock.now())
    refer(Status.SENT, **silent_since(date(2026, 3, 2)))
    names = [town.ccas.name, "Lunel", "BENALI", "Dana", db.exec(select(Referral.number)).first()]
    assert not [name for name in names for sentence in said().values() if name in sentence]
