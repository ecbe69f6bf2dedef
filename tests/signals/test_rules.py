"""Each rule the day before, the day, the day after; with suspensions, open ends, a leap year."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.journeys.models import (
    Contact,
    JourneyPeriod,
    JourneyState,
    Presence,
    Step,
    StepKind,
)
from coordination.programmes.models import ProgrammeRule
from coordination.signals import demands
from coordination.signals.models import SignalCode

DAY = timedelta(days=1)


def enter(db, journey, on):
    journey.entered_on = on
    period = db.exec(select(JourneyPeriod).where(JourneyPeriod.journey_id == journey.id)).one()
    period.from_on = on


def rule_of(db, town):
    return db.exec(
        select(ProgrammeRule).where(ProgrammeRule.programme_id == town.programme.id)
    ).one()


@pytest.fixture
def _quiet(db, town, met):
    """Dana was seen yesterday and her journey ends far away: only what a test says is raised."""
    db.add_all([town.journey, town.sami_journey, town.mission])
    met(town.journey, town.today - DAY)
    town.journey.planned_end_on = town.today + timedelta(days=400)


# The same SQL is held on both engines by three hundred random journeys (test_alone.py).
pytestmark = [pytest.mark.usefixtures("_quiet"), pytest.mark.sqlite_first]


def test_an_ordinary_journey_raises_nothing(said):
    assert said() == {}


# ── duree_excessive: twelve months at most, said past 90 % (328.5 days of 365) ──────────────────


@pytest.mark.parametrize(("days", "raised"), [(328, False), (329, True), (330, True)])
def test_a_journey_near_its_maximum(db, town, said, days, raised):
    enter(db, town.journey, town.today - timedelta(days=days))
    assert ("duree_excessive" in said()) is raised


def test_the_sentence_of_a_long_journey_is_exact(db, town, said, finding):
    enter(db, town.journey, date(2025, 2, 20))
    assert said()["duree_excessive"] == (
        "En parcours depuis 15 mois et 15 jours ; maximum du dispositif : 12 mois"
    )
    assert finding(SignalCode.DUREE_EXCESSIVE).since_on == date(2025, 2, 20)


def test_at_its_maximum_a_journey_is_to_be_examined(db, town, finding):
    enter(db, town.journey, town.today - timedelta(days=364))
    assert finding(SignalCode.DUREE_EXCESSIVE).severity == 1
    enter(db, town.journey, town.today - timedelta(days=365))
    assert finding(SignalCode.DUREE_EXCESSIVE).severity == 2


def test_suspensions_are_left_out_of_the_duration(db, town, said, paused):
    enter(db, town.journey, town.today - timedelta(days=380))
    start = town.today - timedelta(days=200)
    pause = paused(town.journey, start, start + timedelta(days=53))
    assert "duree_excessive" not in said()
    pause.ended_on = start + timedelta(days=51)
    assert said()["duree_excessive"].startswith("En parcours depuis 10 mois et ")
    assert "(pauses déduites)" in said()["duree_excessive"]


def test_an_open_suspension_counts_to_today(db, town, said, paused):
    enter(db, town.journey, town.today - timedelta(days=340))
    paused(town.journey, town.today - timedelta(days=13), None, town.today + DAY)
    town.journey.state = JourneyState.SUSPENDED
    assert "duree_excessive" not in said()


def test_the_time_between_an_exit_and_a_new_entry_is_left_out(db, town, said):
    enter(db, town.journey, town.today - timedelta(days=400))
    first = db.exec(select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)).one()
    first.until_on = town.today - timedelta(days=300)
    again = JourneyPeriod(journey_id=town.journey.id, from_on=town.today - timedelta(days=200))
    db.add(again)
    assert "duree_excessive" not in said()
    again.from_on = town.today - timedelta(days=229)
    assert "duree_excessive" in said()


def test_a_maximum_in_a_leap_year(db, town, stopped_clock, finding):
    stopped_clock.now = datetime(2028, 2, 29, 11, tzinfo=UTC)
    town.journey.planned_end_on = date(2030, 1, 1)
    enter(db, town.journey, date(2027, 3, 1))
    assert finding(SignalCode.DUREE_EXCESSIVE).severity == 1
    enter(db, town.journey, date(2027, 2, 28))
    assert finding(SignalCode.DUREE_EXCESSIVE).severity == 2


def test_a_rule_changed_in_march_does_not_rewrite_february(db, town, said):
    enter(db, town.journey, town.today - timedelta(days=340))
    old = rule_of(db, town)
    db.add(
        ProgrammeRule(programme_id=town.programme.id, from_on=town.today, max_duration_months=24)
    )
    assert "duree_excessive" not in said()  # the newer rule holds, even where the old stays open
    old.until_on = town.today - DAY
    assert "duree_excessive" not in said()


def test_a_programme_without_a_maximum_is_never_too_long(db, town, said):
    enter(db, town.journey, date(2015, 1, 1))
    rule_of(db, town).max_duration_months = None
    assert "duree_excessive" not in said()


@pytest.mark.parametrize(
    "state", [JourneyState.PRESCRIBED, JourneyState.EXIT_PENDING, JourneyState.ABANDONED]
)
def test_who_is_not_in_the_programme_is_not_counted(db, town, said, state):
    enter(db, town.journey, date(2024, 1, 1))
    town.journey.state = state
    town.journey.ended_on = town.today if state is JourneyState.ABANDONED else None
    assert "duree_excessive" not in said()


# ── fin_sans_suite: eight weeks ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("left", "raised"), [(57, False), (56, True), (55, True), (-3, True)])
def test_an_end_in_sight_with_nothing_after(town, said, left, raised):
    town.journey.planned_end_on = town.today + timedelta(days=left)
    assert ("fin_sans_suite" in said()) is raised


def test_the_sentences_of_an_end(town, said):
    for day, expected in (
        (date(2026, 7, 3), "Fin prévue le 3 juillet 2026, dans 29 jours"),
        (date(2026, 6, 4), "Fin prévue le 4 juin 2026"),
        (date(2026, 6, 1), "Fin prévue le 1er juin 2026, passée depuis 3 jours"),
    ):
        town.journey.planned_end_on = day
        assert said()["fin_sans_suite"] == f"{expected} ; ni étape ni orientation ensuite"


def test_an_end_is_said_since_the_day_it_came_in_sight(town, finding):
    town.journey.planned_end_on = town.today + timedelta(days=50)
    assert finding(SignalCode.FIN_SANS_SUITE).since_on == town.today - timedelta(days=6)


def test_a_later_step_answers_it(db, town, said):
    end = town.journey.planned_end_on = town.today + timedelta(days=30)
    step = Step(journey_id=town.journey.id, kind=StepKind.QUALIFICATION, planned_from=end - DAY,
                planned_until=end)  # fmt: skip
    db.add(step)
    assert "fin_sans_suite" in said()
    step.planned_from, step.planned_until = end, None
    assert "fin_sans_suite" not in said()


def test_without_a_planned_end_nothing_is_said(town, said):
    town.journey.planned_end_on = None
    assert said() == {}


# ── suspension_longue: six months at most ─────────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "raised"), [(162, False), (163, True), (164, True)])
def test_a_suspension_near_its_maximum(town, said, paused, days, raised):
    town.journey.state = JourneyState.SUSPENDED  # six months back from 4 June: 182 days
    paused(town.journey, town.today - timedelta(days=days))
    assert ("suspension_longue" in said()) is raised


def test_the_sentence_of_a_suspension_is_exact(town, said, paused):
    town.journey.state = JourneyState.SUSPENDED
    pause = paused(town.journey, date(2025, 12, 23))
    assert said() == {
        "suspension_longue": "En pause depuis 5 mois et 12 jours ; maximum du dispositif : 6 mois"
    }
    pause.planned_resume_on = date(2026, 6, 3)
    assert said()["reprise_depassee"] == (
        "En pause ; reprise prévue le 3 juin 2026, dépassée de 1 jour"
    )


@pytest.mark.parametrize(("days", "raised"), [(1, False), (0, False), (-1, True)])
def test_a_planned_resumption_that_has_passed(town, said, paused, days, raised):
    town.journey.state = JourneyState.SUSPENDED
    paused(town.journey, town.today - timedelta(days=20), None, town.today + days * DAY)
    assert ("reprise_depassee" in said()) is raised


def test_a_suspension_without_rule_nor_date_is_silent(db, town, said, paused):
    rule_of(db, town).suspension_max_months = None
    town.journey.state = JourneyState.SUSPENDED
    paused(town.journey, town.today - timedelta(days=700))
    assert said() == {}


def test_a_suspension_that_ended_is_silent(town, said, paused, met):
    paused(town.journey, town.today - timedelta(days=190), town.today)
    assert said() == {}


# ── sans_contact: fifteen days, twice ─────────────────────────────────────────────────────────


@pytest.fixture
def last_seen(db, town):
    """Moves yesterday's contact."""

    def move(on):
        db.flush()
        contact = db.exec(select(Contact).where(Contact.journey_id == town.journey.id)).one()
        contact.on_day = on
        return contact

    return move


@pytest.mark.parametrize(("days", "raised"), [(29, False), (30, True), (31, True)])
def test_no_contact_for_twice_the_cadence(town, said, last_seen, days, raised):
    last_seen(town.today - timedelta(days=days))
    assert ("sans_contact" in said()) is raised


def test_the_sentences_of_no_contact(db, town, said, last_seen):
    contact = last_seen(town.today - timedelta(days=34))
    rhythm = "rythme du dispositif : un contact tous les 15 jours"
    assert said()["sans_contact"] == f"Sans contact depuis 34 jours ; {rhythm}"
    db.delete(contact)
    enter(db, town.journey, town.today - timedelta(days=40))
    assert said()["sans_contact"] == (f"Aucun contact depuis l’entrée, il y a 40 jours ; {rhythm}")


def test_a_missed_appointment_or_a_call_to_someone_else_is_no_contact(town, said, last_seen, met):
    last_seen(town.today - timedelta(days=40))
    met(town.journey, town.today - DAY, presence=Presence.ABSENT)
    met(town.journey, town.today - DAY, with_person=False)
    met(town.journey, town.today + DAY)
    assert "40 jours" in said()["sans_contact"]


def test_an_agency_that_records_no_contacts_is_left_alone(town, said, last_seen, db):
    last_seen(town.today - timedelta(days=40))
    town.mission.records_contacts = False
    assert said() == {}


def test_who_is_suspended_is_not_without_contact(town, said, last_seen, paused):
    last_seen(town.today - timedelta(days=40))
    town.journey.state = JourneyState.SUSPENDED
    paused(town.journey, town.today - timedelta(days=35), None, town.today + DAY)
    assert said() == {}


def test_after_a_suspension_contacts_count_from_the_resumption(town, said, last_seen, paused):
    last_seen(town.today - timedelta(days=90))
    pause = paused(town.journey, town.today - timedelta(days=80), town.today - timedelta(days=29))
    assert said() == {}
    pause.ended_on = town.today - timedelta(days=30)
    assert said()["sans_contact"].startswith("Aucun contact depuis la reprise, il y a 30 jours")


# ── attente_entre_etapes: more than four weeks ────────────────────────────────────────────────


@pytest.mark.parametrize(("days", "raised"), [(28, False), (29, True), (30, True)])
def test_more_than_four_weeks_between_two_steps(db, town, said, days, raised):
    ended = town.today - timedelta(days=days)
    db.add(
        Step(
            journey_id=town.journey.id,
            kind=StepKind.SKILLS,
            from_on=ended - timedelta(days=40),
            until_on=ended,
        )
    )
    assert ("attente_entre_etapes" in said()) is raised


def test_the_sentences_of_waiting(db, town, said):
    db.add(
        Step(
            journey_id=town.journey.id,
            kind=StepKind.SKILLS,
            from_on=date(2026, 3, 1),
            until_on=date(2026, 4, 24),
        )
    )
    start = "Entre deux étapes depuis 1 mois et 11 jours ; "
    assert said()["attente_entre_etapes"] == start + "aucune étape prévue ensuite"
    coming = Step(journey_id=town.journey.id, kind=StepKind.JOB, planned_from=date(2026, 7, 3))
    db.add(coming)
    assert said()["attente_entre_etapes"] == start + "prochaine étape prévue le 3 juillet 2026"
    coming.planned_from = date(2026, 6, 1)
    assert said()["attente_entre_etapes"].endswith("le 1er juin 2026, pas encore commencée")
    coming.from_on = date(2026, 6, 1)
    assert said() == {}


def test_who_has_had_no_step_yet_does_not_wait_between_two(said):
    assert "attente_entre_etapes" not in said()


# ── demande_examen, and the agreement that it waits for ───────────────────────────────────────


def test_a_demand_raises_its_alert_until_it_is_withdrawn(db, town, said):
    actor = town.actor("alice")
    asked = demands.ask(
        db,
        town.journey,
        question="Quelle suite après la remobilisation ?",
        tried="Deux immersions.",
        wish="« Travailler dehors. »",
        told=True,
        agencies=[],
        actor=actor,
    )
    assert said() == {"demande_examen": "Demande d’examen déposée le 4 juin 2026"}
    demands.withdraw(db, asked, actor=actor)
    assert said() == {}


def test_a_demand_about_someone_who_was_not_asked_waits_for_their_agreement(db, town, said, met):
    met(town.sami_journey, town.today)
    demands.ask(
        db,
        town.sami_journey,
        question="Quelle suite ?",
        tried="Un bilan.",
        wish="Un métier.",
        told=False,
        agencies=[],
        actor=town.actor("alice"),
    )
    assert said(town.sami_journey) == {
        "demande_examen": "Demande d’examen déposée le 4 juin 2026",
        "accord_a_recueillir": (
            "Accord de la personne à recueillir pour la demande d’examen du 4 juin 2026"
        ),
    }


def test_noon_is_noon():
    assert clock.today() == date(2026, 6, 4)
