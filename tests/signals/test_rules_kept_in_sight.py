"""What a rule must not lose sight of: a step given up, a référent who left the agency, someone who
came back, a pause with its own rhythm, a status with nothing after it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from coordination.agencies.models import Agency, Membership
from coordination.clock import today as paris_today
from coordination.committees.models import AgendaItem, ItemState, Section
from coordination.consent.models import ConsentCover, Purpose
from coordination.journeys import contacts
from coordination.journeys.models import (
    Channel,
    Contact,
    JourneyPeriod,
    JourneyState,
    Referent,
    ReferentRole,
    Step,
    StepKind,
)
from coordination.journeys.models_along import AnnouncedExit, Pay, PersonStatus, StatusPeriod
from coordination.programmes.models import ProgrammeRule
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signals.models import Demand, SignalCode

# The same SQL is held on both engines by three hundred random journeys (test_alone.py).
pytestmark = pytest.mark.sqlite_first

DAY = timedelta(days=1)
AROUND = pytest.mark.parametrize


@pytest.fixture(autouse=True)
def _quiet(db, town, met):
    """Dana was seen yesterday and her journey ends far away: only what a test says is raised."""
    db.add_all([town.journey, town.sami_journey, town.mission, town.need, town.meeting])
    met(town.journey, town.today - DAY)
    town.journey.planned_end_on = town.today + timedelta(days=400)


@pytest.fixture
def add(db, town):
    """add(Kind, …) → a row of Dana's journey."""

    def make(kind, /, **columns):
        row = kind(**({"journey_id": town.journey.id} | columns))
        db.add(row)
        db.flush()
        return row

    return make


@pytest.fixture
def last_seen(db, town):
    """Moves yesterday's contact."""

    def move(on):
        db.flush()
        db.exec(select(Contact).where(Contact.journey_id == town.journey.id)).one().on_day = on

    return move


def referent(db, town):
    return db.exec(select(Referent).where(Referent.journey_id == town.journey.id)).one()


# ── fin_sans_suite ───────────────────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(1, False), (0, True), (-1, True)])
def test_a_later_step_that_is_over_leads_nowhere(town, said, add, days, raised):
    end = town.journey.planned_end_on = town.today + timedelta(days=30)
    step = add(Step, kind=StepKind.QUALIFICATION, from_on=town.today - timedelta(days=60),
               planned_until=end + timedelta(days=90))  # fmt: skip
    assert "fin_sans_suite" not in said()
    step.until_on = town.today + timedelta(days=days)
    assert ("fin_sans_suite" in said()) is raised


# ── sans_contact ─────────────────────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(29, False), (30, True), (31, True)])
def test_after_a_return_contacts_count_from_the_return(
    db, town, said, add, last_seen, days, raised
):
    last_seen(town.today - timedelta(days=150))
    first = db.exec(select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)).one()
    first.until_on = town.today - timedelta(days=120)
    add(JourneyPeriod, from_on=town.today - timedelta(days=days))
    assert ("sans_contact" in said()) is raised
    start = f"Aucun contact depuis le retour, il y a {days} jours ; "
    assert not raised or said()["sans_contact"].startswith(start)


@AROUND(("days", "raised"), [(19, False), (20, True), (21, True)])
def test_a_pause_has_its_own_rhythm(town, said, paused, last_seen, days, raised):
    town.journey.state = JourneyState.SUSPENDED
    pause = paused(town.journey, town.today - timedelta(days=60), None, town.today + DAY)
    last_seen(town.today - timedelta(days=days))
    assert said() == {}
    pause.contact_every_days = 10
    assert ("sans_contact" in said()) is raised
    assert not raised or said()["sans_contact"] == (
        f"En pause, sans contact depuis {days} jours ; rythme convenu : un contact tous les 10"
        " jours"
    )


def test_a_pause_without_any_contact_counts_from_its_beginning(town, said, paused, last_seen):
    town.journey.state = JourneyState.SUSPENDED
    pause = paused(town.journey, town.today - timedelta(days=2), None, town.today + DAY)
    pause.contact_every_days = 1
    last_seen(town.today - timedelta(days=90))
    assert said() == {
        "sans_contact": (
            "En pause depuis 2 jours, sans aucun contact ; rythme convenu : un contact chaque jour"
        )
    }


def test_an_agency_is_left_alone_until_its_first_contact(db, town, said, last_seen):
    """Nobody ticks a box: the first contact that an agency records says that it records them."""
    last_seen(town.today - timedelta(days=40))
    town.mission.records_contacts = False
    assert said() == {}
    contacts.record(db, town.sami_journey, on_day=town.today, channel=Channel.PHONE,
                    actor=town.actor("alice"))  # fmt: skip
    assert list(said()) == ["sans_contact"]


def test_a_new_agency_has_recorded_nothing(db, town):
    fresh = Agency(name="Nouvelle", kind=town.mission.kind)
    db.add(fresh)
    db.flush()
    assert fresh.records_contacts is False


# ── attente_entre_etapes ─────────────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(28, False), (29, True), (30, True)])
def test_after_a_return_the_wait_counts_from_the_return(db, town, said, add, days, raised):
    add(Step, kind=StepKind.SKILLS, from_on=town.today - timedelta(days=190),
        until_on=town.today - timedelta(days=150))  # fmt: skip
    assert list(said()) == ["attente_entre_etapes"]
    first = db.exec(select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)).one()
    first.until_on = town.today - timedelta(days=120)
    add(JourneyPeriod, from_on=town.today - timedelta(days=days))
    assert ("attente_entre_etapes" in said()) is raised


# ── entree_lointaine ─────────────────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(56, False), (57, True), (58, True)])
def test_who_waits_to_enter_waits_too(town, said, add, days, raised):
    town.journey.state = JourneyState.PRESCRIBED
    town.journey.entered_on = None
    add(Step, kind=StepKind.REMOBILISATION, planned_from=town.today + timedelta(days=days))
    assert ("entree_lointaine" in said()) is raised


# ── referent_absent ──────────────────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(1, False), (0, False), (-1, True)])
def test_a_referent_who_no_longer_works_for_an_agency_of_the_journey(db, town, said, days, raised):
    works = db.exec(select(Membership).where(Membership.professional_id == town.alice.id)).one()
    works.until_on = town.today + timedelta(days=days)  # the last day
    assert ("referent_absent" in said()) is raised


def test_who_left_for_another_agency_holds_the_thread_no_more(db, town, said):
    works = db.exec(select(Membership).where(Membership.professional_id == town.alice.id)).one()
    works.until_on = date(2026, 6, 1)
    db.add(Membership(professional_id=town.alice.id, agency_id=town.elsewhere.id, role=works.role,
                      from_on=date(2026, 6, 2)))  # fmt: skip
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 2 juin 2026"}


@AROUND("role", [ReferentRole.MENTOR, ReferentRole.EMPLOYER_LINK])
def test_a_mentor_alone_holds_no_thread(db, town, said, role):
    referent(db, town).role = role
    assert list(said()) == ["referent_absent"]


@AROUND("role", [ReferentRole.SOCIAL, ReferentRole.TRAINER, ReferentRole.COACH])
def test_each_of_several_referents_holds_it(db, town, said, role):
    referent(db, town).role = role
    assert said() == {}


# ── changement_de_statut ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def status(add, town):
    def make(from_on, until_on=None):
        return add(StatusPeriod, person_id=town.dana.id, agency_id=town.mission.id,
                   status=PersonStatus.TRAINEE, from_on=from_on, until_on=until_on,
                   pay=Pay.SECURED)  # fmt: skip

    return make


@AROUND(("days", "raised"), [(57, False), (56, True), (55, True), (-1, True)])
def test_a_status_that_ends_with_nothing_after(town, said, status, days, raised):
    end = town.today + timedelta(days=days)
    status(date(2026, 1, 5), end)
    assert ("changement_de_statut" in said()) is raised
    status(end)
    assert said() == {}


def test_the_sentences_of_a_status_with_nothing_after(town, said, status):
    period = status(date(2026, 1, 5), date(2026, 7, 3))
    assert said()["changement_de_statut"] == (
        "Statut jusqu’au 3 juillet 2026, dans 29 jours ; aucun autre n’est prévu ensuite, ni revenu"
    )
    period.until_on = date(2026, 6, 1)
    assert said()["changement_de_statut"] == (
        "Statut terminé le 1er juin 2026 ; aucun autre n’est noté depuis, ni revenu"
    )


# ── the day before, the day, the day after, where only the weight or the presence changes ────────


@AROUND(("days", "severity"), [(1, 1), (0, 1), (-1, 1), (-10, 2)])
def test_an_announced_exit_weighs_more_past_its_day(town, finding, add, days, severity):
    town.journey.state = JourneyState.EXIT_PENDING
    add(AnnouncedExit, announced_on=town.today - timedelta(days=56),
        confirm_on=town.today + timedelta(days=days))  # fmt: skip
    found = finding(SignalCode.SORTIE_A_CONFIRMER)
    assert found.severity == severity
    assert (found.score >= 1.5) is (days <= 0)


@AROUND(("days", "raised"), [(1, False), (0, True), (-1, True)])
def test_a_demand_stands_from_the_day_it_is_asked(db, town, said, add, days, raised):
    add(Demand, person_id=town.dana.id, agency_id=town.mission.id, question="?", agencies=[],
        professional_id=town.alice.id, asked_on=town.today + timedelta(days=days))  # fmt: skip
    assert ("demande_examen" in said()) is raised


@AROUND(("days", "raised"), [(1, True), (0, True), (-1, False)])
def test_a_point_waits_for_an_agreement_until_its_meeting(db, town, said, days, raised):
    db.add(AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=1,
                      journey_id=town.sami_journey.id, state=ItemState.ACCEPTED))  # fmt: skip
    town.meeting.starts_at = datetime(2026, 6, 4, 7, 30, tzinfo=UTC) + timedelta(days=days)
    assert ("accord_a_recueillir" in said(town.sami_journey)) is raised


# ── a journey without a territory follows its agency ─────────────────────────────────────────────


def test_the_next_meeting_of_a_journey_without_a_territory_is_that_of_its_agency(db, town, said):
    town.journey.territory_id = None
    db.add(Referral(number="O-1", need_id=town.need.id, person_id=town.dana.id,
                    journey_id=town.journey.id, sender_id=town.mission.id,
                    recipient_id=town.ccas.id, destination_id=town.need.id,
                    status=Status.SENT))  # fmt: skip
    for cover in db.exec(select(ConsentCover).where(ConsentCover.purpose == Purpose.REFERRAL)):
        cover.from_at = datetime(2025, 9, 1, tzinfo=UTC)
        cover.until_at = datetime(2026, 6, 14, 22, tzinfo=UTC)
    assert said()["accord_expirant"] == (
        "Accord de la personne jusqu’au 14 juin 2026 ; prochaine séance le 18 juin 2026"
    )


# ── several pauses, open ends, a leap year, the nights when clocks change ────────────────────────


def test_every_pause_is_left_out_of_the_duration_and_counted_once(db, town, said, paused):
    entered = town.today - timedelta(days=400)
    town.journey.entered_on = entered
    lived = select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)
    db.exec(lived).one().from_on = entered
    paused(town.journey, entered + timedelta(days=10), entered + timedelta(days=40))
    paused(town.journey, entered + timedelta(days=40), entered + timedelta(days=60))
    last = paused(town.journey, entered + timedelta(days=100), entered + timedelta(days=122))
    assert "duree_excessive" not in said()  # 400 - 30 - 20 - 22 = 328
    last.ended_on -= DAY
    assert said()["duree_excessive"].startswith("En parcours depuis 10 mois et 25 jours (pauses")
    last.ended_on, town.journey.state = None, JourneyState.SUSPENDED
    last.planned_resume_on = town.today + DAY
    assert "duree_excessive" not in said()  # still open: counted to today


@AROUND(("entered", "raised"), [(date(2027, 4, 7), False), (date(2027, 4, 6), True),
                                (date(2027, 4, 5), True)])  # fmt: skip
def test_ninety_per_cent_of_a_year_that_holds_a_leap_day(
    db, town, said, stopped_clock, entered, raised
):
    stopped_clock.now = datetime(2028, 3, 1, 11, tzinfo=UTC)  # a year back: 366 days; past 329.4
    town.journey.planned_end_on = date(2031, 1, 1)
    town.journey.entered_on = entered
    lived = select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)
    db.exec(lived).one().from_on = entered
    rule = select(ProgrammeRule).where(ProgrammeRule.programme_id == town.programme.id)
    db.exec(rule).one().contact_every_days = None
    assert ("duree_excessive" in said()) is raised


@AROUND(
    ("moment", "raised"),
    [(datetime(2026, 11, 12, 22, 59, tzinfo=UTC), False),
     (datetime(2026, 11, 12, 23, 1, tzinfo=UTC), True),
     (datetime(2026, 11, 13, 23, 1, tzinfo=UTC), True)],
)  # fmt: skip
def test_working_days_of_silence_across_the_night_when_clocks_change(
    db, town, said, stopped_clock, moment, raised
):
    """From Friday 23 October: thirteen working days to Thursday 12 November, the 11th left out."""
    stopped_clock.now = moment
    assert paris_today() in (date(2026, 11, 12), date(2026, 11, 13), date(2026, 11, 14))
    town.journey.planned_end_on = date(2028, 1, 1)
    db.add(Referral(number="O-1", need_id=town.need.id, person_id=town.dana.id,
                    journey_id=town.journey.id, sender_id=town.mission.id,
                    recipient_id=town.ccas.id, destination_id=town.need.id, status=Status.SENT,
                    clock_side=Side.RECIPIENT,
                    clock_from=datetime(2026, 10, 23, 13, tzinfo=UTC)))  # fmt: skip
    assert ("orientation_sans_reponse" in said()) is raised
