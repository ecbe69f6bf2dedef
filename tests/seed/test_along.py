"""What the demonstration writes along its journeys: only what the product could have left."""

from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from starlette.testclient import TestClient

from coordination import app, clock, db, seed
from coordination.directory.reference import needs as catalogue
from coordination.directory.reference.needs import Constraint
from coordination.journeys import follow_up
from coordination.journeys.models import (
    Contact,
    Journey,
    JourneyPeriod,
    JourneyState,
    Need,
    Party,
    PartyRole,
    Presence,
    Referent,
    Step,
)
from coordination.journeys.models_along import (
    AnnouncedExit,
    Appointment,
    Block,
    Cohort,
    CohortMember,
    Commitment,
    ExitContact,
    Interstitial,
    Pay,
    ReferentAbsence,
    ReturnRequest,
    Signature,
    StatusPeriod,
    StepPrerequisite,
)
from coordination.journeys.states import OVER
from coordination.programmes import rules
from coordination.programmes.models import Programme
from tests import town
from tests.conftest import soup

SIZE = 400


@pytest.fixture(scope="module")
def planted(new_base) -> Engine:
    """One small Région for every test that only looks."""
    engine = db.connect(new_base(owned=True), pool_size=4)
    clock.set_source(lambda: datetime.fromisoformat(town.NOON))
    seed.plant(engine, journeys=SIZE, say=lambda _: None)
    yield engine
    engine.dispose()


@pytest.fixture
def look(planted: Engine) -> Session:
    with db.reading(planted) as session:
        yield session


@pytest.fixture
def all_of(look):
    return lambda kind: list(look.exec(select(kind)).all())


@pytest.fixture
def journeys(all_of):
    return {one.id: one for one in all_of(Journey)}


def by_journey(rows):
    found = defaultdict(list)
    for row in rows:
        found[row.journey_id].append(row)
    return found


@pytest.mark.parametrize(
    "kind",
    [Commitment, Signature, Interstitial, AnnouncedExit, ReturnRequest, ExitContact, Block,
     StatusPeriod, StepPrerequisite, ReferentAbsence, Appointment, Cohort, CohortMember],
)  # fmt: skip
def test_each_fact_of_a_journey_is_met(all_of, kind):
    assert all_of(kind)


def test_a_commitment_is_concluded_by_its_last_signature(all_of):
    signed = defaultdict(list)
    for row in all_of(Signature):
        signed[row.commitment_id].append(row.signed_on)
    for one in all_of(Commitment):
        days = signed[one.id]
        assert one.signed_on == (max(days) if all(days) else None)
        assert all(day is None or day >= one.proposed_on for day in days)
    assert {bool(one.signed_on) for one in all_of(Commitment)} == {True, False}


def test_who_waits_between_two_steps_has_one_wait_open_and_nobody_else(all_of, journeys):
    waiting = {key for key, j in journeys.items() if j.state is JourneyState.INTERSTITIAL}
    assert {one.journey_id for one in all_of(Interstitial) if one.ended_on is None} == waiting
    steps = {one.id: one for one in all_of(Step)}
    for one in all_of(Interstitial):
        if one.next_step_id:
            assert steps[one.next_step_id].journey_id == one.journey_id
            assert steps[one.next_step_id].from_on is None


def test_who_is_about_to_leave_has_one_exit_announced_and_nobody_else(all_of, journeys):
    leaving = {key for key, j in journeys.items() if j.state is JourneyState.EXIT_PENDING}
    assert {one.journey_id for one in all_of(AnnouncedExit)} == leaving


def test_contacts_after_an_exit_are_those_of_the_programme(look, all_of, journeys):
    due = by_journey(all_of(ExitContact))
    contacts = {one.id: one for one in all_of(Contact)}
    for key, journey in journeys.items():
        expected = []
        if journey.state is JourneyState.ENDED:
            asked = rules.in_force(look, journey.programme_id, journey.ended_on)
            expected = follow_up.due_days(asked, journey.ended_on)
        assert sorted(one.due_on for one in due[key]) == expected
        for one in due[key]:
            assert (one.done_on is None) == (one.contact_id is None)
            if one.contact_id:
                assert contacts[one.contact_id].on_day == one.done_on <= clock.today()


def test_only_who_left_asks_to_come_back(all_of, journeys):
    for one in all_of(ReturnRequest):
        journey = journeys[one.journey_id]
        assert journey.state in OVER
        assert journey.ended_on <= one.asked_on <= (one.until_on or clock.today())


def test_blocks_follow_each_other_and_an_interview_ends_each(look, all_of, journeys):
    for key, rows in by_journey(all_of(Block)).items():
        rows.sort(key=lambda one: one.number)
        asked = rules.in_force(look, journeys[key].programme_id, clock.today())
        assert [one.number for one in rows] == list(range(1, len(rows) + 1))
        assert len(rows) <= 1 + asked.block_renewals
        for before, after in pairwise(rows):
            assert before.ends_on == after.from_on
            assert before.outcome == "renewed"
        for one in rows:
            assert (one.interview_on is None) == (one.outcome is None)
            assert one.interview_on is None or one.from_on <= one.interview_on <= clock.today()


def test_no_group_passes_the_programmes_number(look, all_of, journeys):
    groups = {one.id: one for one in all_of(Cohort)}
    there = Counter()
    for one in all_of(CohortMember):
        group, journey = groups[one.cohort_id], journeys[one.journey_id]
        assert (group.agency_id, group.programme_id) == (journey.agency_id, journey.programme_id)
        assert one.from_on >= group.from_on
        assert (one.until_on is None) == (journey.ended_on is None)
        there[group.id] += 1
    for key, number in there.items():
        most = rules.in_force(look, groups[key].programme_id, clock.today()).group_size_max
        assert most is None or number <= most
    assert max(there.values()) == 15  # one group of the stage is full


def test_a_status_begins_when_the_one_before_ends(all_of, journeys):
    for key, rows in by_journey(all_of(StatusPeriod)).items():
        rows.sort(key=lambda one: one.from_on)
        assert {one.person_id for one in rows} == {journeys[key].person_id}
        assert all(before.until_on == after.from_on for before, after in pairwise(rows))
    assert {one.pay for one in all_of(StatusPeriod)} >= {Pay.SECURED, Pay.TO_CONFIRM}


def test_a_step_towards_a_programme_waits_for_its_prerequisites(look, all_of):
    needed = defaultdict(set)
    for one in all_of(StepPrerequisite):
        needed[one.step_id].add(one.label)
    for step in all_of(Step):
        asked = ()
        if step.programme_id:
            asked = rules.in_force(look, step.programme_id, clock.today()).prerequisites
        assert needed[step.id] == set(asked)


def test_a_need_says_only_what_the_diagnosis_proposes(all_of):
    for need in all_of(Need):
        assert bool(need.service) == bool(need.mobilised_on)
        found = catalogue.find(need.code)
        if not isinstance(found, Constraint) or need.origin == "decision":
            assert (need.situation, need.objective) == ("", "")
            continue
        situation = next(s for s in found.situations if s.code == need.situation)
        objective = next(o for o in found.objectives if o.code == need.objective)
        assert situation.withheld is None
        assert objective.withheld is None
        others = {situation.category, objective.category} - {found.category}
        assert need.category == (others.pop() if others else found.category)


def test_an_entry_that_is_awaited_has_no_period(all_of, journeys):
    awaited = {key for key, j in journeys.items() if j.state is JourneyState.PRESCRIBED}
    assert awaited
    assert not awaited & {one.journey_id for one in all_of(JourneyPeriod)}
    assert all(journeys[key].prescribed_on and not journeys[key].entered_on for key in awaited)


def test_every_presence_is_met(all_of):
    assert {one.presence for one in all_of(Contact)} == set(Presence)


def test_a_journey_of_the_referent_shows_all_that_a_page_can_show(planted, all_of, look):
    mentored = next(one for one in all_of(Referent) if one.chosen_by_person)
    journey = look.get_one(Journey, mentored.journey_id)
    assert look.get_one(Programme, journey.programme_id).slug == "parcours-experience-3d"
    roles = {one.role for one in all_of(Party) if one.journey_id == journey.id}
    assert {PartyRole.CARRIER, PartyRole.PARTNER} <= roles
    browser = TestClient(app.build(planted), headers={"Origin": "http://testserver"})
    browser.post("/connexion/demo", data={"persona": "referent"})
    page = soup(browser.get(f"/parcours/{journey.id}"))
    for part in ("attendu", "etapes", "besoins", "engagements", "statuts", "autour", "groupe",
                 "orientations"):  # fmt: skip
        shown = page.select_one(f"#{part}") or page.select_one(f"#{part}-title")
        assert shown is not None, part
        assert shown.select_one(".row") is not None or part == "orientations", part
    for words in ("remplacé·e par", "choisi·e par la personne", "Rendez-vous le", "Rupture",
                  "À signer", "à acquérir avant"):  # fmt: skip
        assert words in page.main.text, words


def test_the_personas_find_a_full_group(planted, all_of):
    counts = Counter(one.cohort_id for one in all_of(CohortMember) if one.until_on is None)
    full = next(key for key, number in counts.items() if number == 15)
    browser = TestClient(app.build(planted), headers={"Origin": "http://testserver"})
    browser.post("/connexion/demo", data={"persona": "formation"})
    page = soup(browser.get(f"/parcours/groupes/{full}"))
    assert "15 sur 15" in page.main.text
    assert len(page.select("#presents .row")) == 15
