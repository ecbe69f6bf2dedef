"""The rules on what is awaited along a journey: the day before, the day, the day after."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from coordination.agencies.models import Professional
from coordination.journeys.models import (
    JourneyMove,
    JourneyPeriod,
    JourneyState,
    Party,
    PartyRole,
    Presence,
    Referent,
    Step,
    StepKind,
)
from coordination.journeys.models_along import (
    AnnouncedExit,
    Block,
    BlockOutcome,
    Commitment,
    CommitmentKind,
    ExitContact,
    Followed,
    Pay,
    PersonStatus,
    ReferentAbsence,
    ReturnRequest,
    StatusPeriod,
    StepPrerequisite,
)
from coordination.programmes import models as catalogue
from coordination.programmes.models import ProgrammeRule
from coordination.signals.models import Patience, SignalCode

# The same SQL is held on both engines by three hundred random journeys (test_alone.py).
pytestmark = pytest.mark.sqlite_first

DAY = timedelta(days=1)
AROUND = pytest.mark.parametrize


@pytest.fixture(autouse=True)
def _quiet(db, town, met):
    """Dana was seen yesterday and her journey ends far away: only what a test says is raised."""
    db.add_all([town.journey, town.sami_journey, town.mission, town.need])
    met(town.journey, town.today - DAY)
    town.journey.planned_end_on = town.today + timedelta(days=400)


@pytest.fixture
def rule_of(db, town):
    found = select(ProgrammeRule).where(ProgrammeRule.programme_id == town.programme.id)
    return db.exec(found).one()


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
def enter(db, town):
    """Dana entered that day."""

    def move(on):
        town.journey.entered_on = on
        lived = select(JourneyPeriod).where(JourneyPeriod.journey_id == town.journey.id)
        db.exec(lived).one().from_on = on

    return move


def weeks(count: int, *, more: int = 0) -> timedelta:
    return timedelta(days=count * 7 + more)


# ── duree_excessive, for programmes that count in weeks or give everyone the same length ─────────


@AROUND(("days", "raised"), [(245, False), (246, True), (247, True)])
def test_a_maximum_in_weeks(town, said, rule_of, days, raised, enter):
    rule_of.max_duration_months, rule_of.max_duration_weeks = None, 39
    enter(town.today - timedelta(days=days))  # 90 % of 273 days: 245.7
    assert ("duree_excessive" in said()) is raised


def test_the_sentence_of_a_maximum_in_weeks(town, said, rule_of, enter):
    rule_of.max_duration_months, rule_of.max_duration_weeks = None, 10
    enter(date(2026, 3, 26))
    assert said()["duree_excessive"] == (
        "En parcours depuis 2 mois et 9 jours ; maximum du dispositif : 10 semaines"
    )


def test_where_the_length_is_the_same_for_everyone_a_pause_does_not_lengthen_it(
    town, said, paused, rule_of, enter
):
    enter(town.today - timedelta(days=340))
    paused(town.journey, town.today - timedelta(days=200), town.today - timedelta(days=100))
    assert "duree_excessive" not in said()
    rule_of.fixed_duration = True
    assert said()["duree_excessive"].startswith("En parcours depuis 11 mois et 6 jours ;")


# ── entree_lointaine: more than eight weeks ──────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(56, False), (57, True), (58, True)])
def test_a_next_step_more_than_eight_weeks_away(town, said, add, days, raised):
    add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=days))
    assert ("entree_lointaine" in said()) is raised


def test_the_sentences_of_a_far_step(town, said, add):
    step = add(Step, kind=StepKind.QUALIFICATION, planned_from=date(2026, 9, 14))
    assert said() == {
        "entree_lointaine": ("Prochaine étape prévue le 14 septembre 2026, dans 3 mois et 10 jours")
    }
    step.supported_meanwhile = True
    assert said()["entree_lointaine"].endswith(" et 10 jours, accompagnement maintenu")


def test_a_step_that_leads_to_the_next_one_answers_it(town, said, add):
    start = town.today + timedelta(days=100)
    add(Step, kind=StepKind.QUALIFICATION, planned_from=start)
    running = add(Step, kind=StepKind.SKILLS, from_on=town.today - DAY,
                  planned_until=start - timedelta(days=56))  # fmt: skip
    assert said() == {}
    running.planned_until = start - timedelta(days=57)
    assert list(said()) == ["entree_lointaine"]
    running.planned_until = None  # nobody knows when it ends: it may last until then
    assert said() == {}


def test_only_the_first_of_the_next_steps_counts(town, said, add):
    add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=300))
    assert list(said()) == ["entree_lointaine"]
    near = add(Step, kind=StepKind.SKILLS, planned_from=town.today + timedelta(days=20))
    assert said() == {}
    near.until_on = town.today - DAY  # given up: it no longer comes first
    assert list(said()) == ["entree_lointaine"]


# ── reprise_depassee ─────────────────────────────────────────────────────────────────────────────


def test_a_late_resumption_weighs_more_as_it_lasts(town, finding, paused):
    town.journey.state = JourneyState.SUSPENDED
    pause = paused(town.journey, date(2026, 4, 1), None, town.today - DAY)
    assert finding(SignalCode.REPRISE_DEPASSEE).severity == 2
    pause.planned_resume_on = town.today - weeks(4)
    found = finding(SignalCode.REPRISE_DEPASSEE)
    assert (found.severity, found.since_on) == (3, pause.planned_resume_on)


# ── absences_repetees: three within thirty days ──────────────────────────────────────────────────


@AROUND(("days", "raised"), [(30, False), (29, True), (28, True)])
def test_three_absences_within_thirty_days(town, said, met, days, raised):
    for day in (days, 10, 2):
        met(town.journey, town.today - timedelta(days=day), presence=Presence.ABSENT)
    assert ("absences_repetees" in said()) is raised


def test_excused_absences_do_not_count_nor_those_of_others(town, said, met):
    for day in (2, 3):
        met(town.journey, town.today - timedelta(days=day), presence=Presence.ABSENT)
    met(town.journey, town.today - timedelta(days=4), presence=Presence.EXCUSED)
    met(town.journey, town.today - timedelta(days=5), presence=Presence.ABSENT, with_person=False)
    met(town.journey, town.today + DAY, presence=Presence.ABSENT)
    assert said() == {}
    met(town.journey, town.today - timedelta(days=6), presence=Presence.ABSENT)
    assert said() == {
        "absences_repetees": ("3 absences non excusées en 30 jours, la dernière le 2 juin 2026")
    }


# ── renouvellement_a_decider: three weeks ────────────────────────────────────────────────────────


@AROUND(("left", "raised"), [(22, False), (21, True), (20, True), (-3, True)])
def test_a_block_that_ends_without_its_interview(town, said, add, left, raised):
    end = town.today + timedelta(days=left)
    add(Block, number=1, from_on=end - timedelta(days=91), ends_on=end)
    assert ("renouvellement_a_decider" in said()) is raised


def test_the_interview_settles_the_block(town, said, add):
    block = add(Block, number=2, from_on=date(2026, 3, 20), ends_on=date(2026, 6, 19))
    assert said() == {
        "renouvellement_a_decider": (
            "Bloc 2 jusqu’au 19 juin 2026, dans 15 jours ; entretien à tenir pour décider de la"
            " suite"
        )
    }
    block.interview_on, block.outcome = town.today, BlockOutcome.RENEWED
    assert said() == {}


# ── suivi_apres_sortie_du ────────────────────────────────────────────────────────────────────────


@AROUND(("left", "raised"), [(1, False), (0, True), (-1, True)])
def test_a_contact_due_after_the_exit(town, said, add, left, raised):
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, date(2026, 5, 4)
    add(ExitContact, whom=Followed.PERSON, due_on=town.today + timedelta(days=left))
    assert ("suivi_apres_sortie_du" in said()) is raised


def test_the_employer_is_called_too(town, said, add):
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, date(2025, 12, 1)
    due = add(ExitContact, whom=Followed.EMPLOYER, due_on=date(2026, 6, 1))
    assert said() == {
        "suivi_apres_sortie_du": (
            "Après la sortie : contact avec l’employeur prévu le 1er juin 2026, il y a 3 jours"
        )
    }
    due.done_on = town.today
    assert said() == {}
    due.done_on, due.dropped_on = None, town.today
    assert said() == {}


# ── sortie_a_confirmer, retour_possible ──────────────────────────────────────────────────────────


def test_an_announced_exit_waits_then_is_to_be_confirmed(town, said, finding, add):
    town.journey.state = JourneyState.EXIT_PENDING
    row = add(AnnouncedExit, announced_on=date(2026, 4, 10), confirm_on=town.today + DAY)
    assert finding(SignalCode.SORTIE_A_CONFIRMER).severity == 1
    assert said()["sortie_a_confirmer"] == (
        "Sortie annoncée le 10 avril 2026 ; à confirmer le 5 juin 2026"
    )
    row.confirm_on = town.today - weeks(2)
    assert finding(SignalCode.SORTIE_A_CONFIRMER).severity == 2
    assert said()["sortie_a_confirmer"].endswith(
        "à confirmer le 21 mai 2026, passé depuis 14 jours"
    )


def test_an_exit_announced_without_delay_is_dated_by_its_move(town, said, add):
    town.journey.state = JourneyState.EXIT_PENDING
    assert said() == {"sortie_a_confirmer": "Sortie annoncée ; à confirmer"}
    add(JourneyMove, verb="announce_exit", after=JourneyState.EXIT_PENDING,
        on_day=date(2026, 6, 2))  # fmt: skip
    assert said() == {"sortie_a_confirmer": "Sortie annoncée le 2 juin 2026 ; à confirmer"}


@AROUND(("left", "raised"), [(1, True), (0, True), (-1, False)])
def test_someone_who_asks_to_come_back_within_the_period(town, said, add, left, raised):
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, date(2026, 5, 4)
    until = town.today + timedelta(days=left)
    request = add(ReturnRequest, asked_on=date(2026, 6, 2), until_on=until)
    assert ("retour_possible" in said()) is raised
    request.answered_on, request.accepted = town.today, False
    assert said() == {}


def test_the_sentence_of_a_return(town, said, add):
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, date(2026, 5, 4)
    add(ReturnRequest, asked_on=date(2026, 6, 1), until_on=date(2026, 8, 4))
    assert said() == {
        "retour_possible": "Retour demandé le 1er juin 2026 ; possible jusqu’au 4 août 2026"
    }


# ── prerequis_manquant: the next step begins within eight weeks ──────────────────────────────────


@AROUND(("left", "raised"), [(57, False), (56, True), (55, True), (-4, True)])
def test_a_step_that_begins_soon_without_its_prerequisites(town, said, add, left, raised):
    step = add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=left))
    add(StepPrerequisite, step_id=step.id, label="CléA")
    assert ("prerequis_manquant" in said()) is raised


def test_a_step_says_how_many_are_missing_and_never_which(town, said, add):
    step = add(Step, kind=StepKind.QUALIFICATION, planned_from=date(2026, 7, 3))
    one = add(StepPrerequisite, step_id=step.id, label="CléA")
    other = add(StepPrerequisite, step_id=step.id, label="Projet validé")
    assert said() == {
        "prerequis_manquant": (
            "Prochaine étape prévue le 3 juillet 2026, dans 29 jours ; 2 prérequis manquent"
        )
    }
    one.met_on = town.today
    assert said()["prerequis_manquant"].endswith(" ; 1 prérequis manque")
    other.met_on = town.today
    assert said() == {}


# ── changement_de_statut ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def status(add, town):
    def make(from_on, pay, **more):
        return add(StatusPeriod, person_id=town.dana.id, agency_id=town.mission.id,
                   status=PersonStatus.TRAINEE, from_on=from_on, pay=pay, **more)  # fmt: skip

    return make


@AROUND(
    ("days", "pay", "raised"),
    [(1, Pay.NONE, True), (1, Pay.TO_CONFIRM, True), (1, Pay.SECURED, False),
     (0, Pay.NONE, False), (0, Pay.TO_CONFIRM, True), (-9, Pay.TO_CONFIRM, True)],
)  # fmt: skip
def test_a_change_of_status_without_pay(town, said, status, days, pay, raised):
    status(town.today + timedelta(days=days), pay)
    assert ("changement_de_statut" in said()) is raised


def test_the_sentences_of_a_change_of_status(town, said, status):
    planned = status(date(2026, 7, 1), Pay.TO_CONFIRM)
    assert said() == {
        "changement_de_statut": (
            "Changement de statut prévu le 1er juillet 2026, dans 27 jours ; revenu pas encore"
            " assuré"
        )
    }
    planned.from_on = date(2026, 6, 1)
    assert said() == {
        "changement_de_statut": (
            "Changement de statut du 1er juin 2026 ; revenu encore à confirmer"
        )
    }
    planned.until_on = town.today  # the next one has begun
    status(town.today, Pay.SECURED)
    assert said() == {}


# ── engagement_non_signe: four weeks, or what the programme says ─────────────────────────────────


@AROUND(("days", "raised"), [(27, False), (28, True), (29, True)])
def test_a_commitment_that_is_not_signed(town, said, rule_of, days, raised, enter):
    rule_of.commitment = catalogue.Commitment.SIGNED_BEFORE_ENTRY
    enter(town.today - timedelta(days=days))
    assert ("engagement_non_signe" in said()) is raised


@AROUND(("days", "raised"), [(14, False), (15, True)])
def test_a_programme_may_give_its_own_delay(town, said, rule_of, days, raised, enter):
    rule_of.commitment, rule_of.commitment_within_days = catalogue.Commitment.MORAL, 15
    enter(town.today - timedelta(days=days))
    assert ("engagement_non_signe" in said()) is raised
    assert not raised or said()["engagement_non_signe"].endswith("pas encore pris")


def test_a_signature_settles_it_while_it_binds(town, said, rule_of, add, enter):
    rule_of.commitment = catalogue.Commitment.SIGNED_BEFORE_ENTRY
    enter(date(2026, 4, 1))
    assert said() == {
        "engagement_non_signe": (
            "Dans le dispositif depuis 2 mois et 3 jours ; engagement demandé, pas encore signé"
        )
    }
    signed = add(Commitment, kind=CommitmentKind.RECIPROCAL, proposed_on=date(2026, 4, 1))
    assert list(said()) == ["engagement_non_signe"]
    signed.signed_on = town.today
    assert said() == {}
    signed.until_on = town.today
    assert list(said()) == ["engagement_non_signe"]


def test_a_programme_that_asks_for_none_is_silent(town, said, rule_of):
    rule_of.commitment = catalogue.Commitment.NONE
    assert said() == {}


# ── referent_absent ──────────────────────────────────────────────────────────────────────────────


def referent(db, town):
    return db.exec(select(Referent).where(Referent.journey_id == town.journey.id)).one()


@AROUND(("left", "raised"), [(1, False), (0, True), (-1, True)])
def test_a_referent_who_left(db, town, said, left, raised):
    referent(db, town).until_on = town.today + timedelta(days=left)
    assert ("referent_absent" in said()) is raised


def test_the_sentences_of_an_empty_post(db, town, said):
    referent(db, town).until_on = date(2026, 6, 1)
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 1er juin 2026"}
    referent(db, town).until_on = None
    who = db.get_one(Professional, town.alice.id)
    who.disabled = True
    assert said() == {"referent_absent": "Sans référent·e en poste"}


@AROUND(
    ("start", "end", "raised"), [(1, 9, False), (0, 0, True), (-9, None, True), (-9, -1, False)]
)
def test_an_absence_without_a_replacement(db, town, said, add, start, end, raised):
    add(ReferentAbsence, referent_id=referent(db, town).id,
        from_on=town.today + timedelta(days=start),
        until_on=None if end is None else town.today + timedelta(days=end))  # fmt: skip
    assert ("referent_absent" in said()) is raised


def test_a_replacement_holds_the_thread(db, town, said, add):
    away = add(ReferentAbsence, referent_id=referent(db, town).id, from_on=date(2026, 6, 2))
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 2 juin 2026"}
    away.replacement_id = town.bruno.id
    add(Party, agency_id=town.greta.id, role=PartyRole.PARTNER, from_on=date(2026, 6, 1))
    assert said() == {}


# ── the territory's own patience ─────────────────────────────────────────────────────────────────


@AROUND(("days", "raised"), [(14, False), (15, True)])
def test_a_territory_waits_as_long_as_it_says(db, town, said, add, days, raised):
    db.add(Patience(territory_id=town.territory.id, from_on=town.today, entry_weeks=2))
    add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=days))
    assert ("entree_lointaine" in said()) is raised


def test_a_patience_of_tomorrow_changes_nothing_today(db, town, said, add, stopped_clock):
    db.add(Patience(territory_id=town.territory.id, from_on=town.today + DAY, entry_weeks=2))
    add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=30))
    assert said() == {}
    stopped_clock.later(days=1)
    assert list(said()) == ["entree_lointaine"]


def test_a_journey_without_a_territory_follows_its_agency(db, town, said, add):
    town.journey.territory_id = None
    db.add(Patience(territory_id=town.territory.id, from_on=town.today, entry_weeks=2))
    add(Step, kind=StepKind.QUALIFICATION, planned_from=town.today + timedelta(days=30))
    assert list(said()) == ["entree_lointaine"]


# ── days are days in Paris ───────────────────────────────────────────────────────────────────────


@AROUND(
    ("moment", "raised"),
    [(datetime(2026, 10, 24, 21, 59, tzinfo=UTC), False),
     (datetime(2026, 10, 24, 22, 1, tzinfo=UTC), True),
     (datetime(2026, 10, 25, 23, 30, tzinfo=UTC), True)],
)  # fmt: skip
def test_the_night_when_clocks_change_counts_as_one_day(town, said, add, stopped_clock, moment,
                                                        raised):  # fmt: skip
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, date(2026, 5, 4)
    add(ExitContact, whom=Followed.PERSON, due_on=date(2026, 10, 25))
    stopped_clock.now = moment
    assert ("suivi_apres_sortie_du" in said()) is raised


def test_a_leap_day_is_a_day(town, said, add, stopped_clock):
    stopped_clock.now = datetime(2028, 2, 29, 11, tzinfo=UTC)
    end = date(2028, 3, 21)
    add(Block, number=1, from_on=end - timedelta(days=91), ends_on=end)
    assert "dans 21 jours" in said()["renouvellement_a_decider"]
