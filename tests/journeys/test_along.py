"""What is agreed, awaited and held along a journey: what is refused, what closes by itself, what
the borders of a day are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import (
    appointments,
    blocks,
    commitments,
    contacts,
    exits,
    follow_up,
    interstitial,
    moves,
    needs,
    parties,
    referents,
    statuses,
    steps,
)
from coordination.journeys.models import (
    Channel,
    JourneyState,
    Outcome,
    PartyRole,
    Presence,
    ReferentRole,
    StepKind,
    SuspensionCause,
)
from coordination.journeys.models_along import (
    AnnouncedExit,
    Block,
    BlockOutcome,
    CommitmentKind,
    ExitContact,
    Followed,
    Interstitial,
    Pay,
    PersonStatus,
    ReturnRequest,
    Signer,
    StatusPeriod,
    StepPrerequisite,
)
from coordination.programmes import rules as programme_rules
from coordination.programmes.catalogue import Rules
from coordination.programmes.models import ProgrammeRule

pytestmark = pytest.mark.sqlite_first

DAY = timedelta(days=1)


@pytest.fixture
def asks(db, town):
    """asks(block_weeks=13): what Dana’s programme asks, from the first day."""

    def say(**said):
        row = db.exec(select(ProgrammeRule)).one()
        for name, value in programme_rules.as_row(Rules(**said)).items():
            setattr(row, name, value)
        db.flush()

    db.add_all([town.journey, town.sami_journey])
    return say


@pytest.fixture
def alice(town):
    return town.actor("alice")


# ── commitments ──────────────────────────────────────────────────────────────────────────────────


def both(town):
    return {Signer.PERSON: None, Signer.CARRIER: town.mission.id}


def test_a_contract_between_three_needs_its_three_signers(db, town, asks, alice):
    with pytest.raises(Invalid, match="signataire"):
        commitments.propose(db, town.journey, kind=CommitmentKind.TRIPARTITE,
                            signers=both(town), actor=alice)  # fmt: skip


def test_a_commitment_is_signed_with_its_last_signature_and_signing_twice_changes_nothing(
    db, town, asks, alice, stopped_clock
):
    made = commitments.propose(db, town.journey, kind=CommitmentKind.RECIPROCAL,
                               signers=both(town), actor=alice)  # fmt: skip
    commitments.sign(db, made, signer=Signer.CARRIER, actor=alice)
    assert made.signed_on is None
    stopped_clock.later(days=3)
    commitments.sign(db, made, signer=Signer.CARRIER, actor=alice)
    commitments.sign(db, made, signer=Signer.PERSON, actor=alice)
    assert made.signed_on == town.today + 3 * DAY
    first = {s.signer: s.signed_on for s in db.exec(commitments.signatures(made))}
    assert first == {Signer.CARRIER: town.today, Signer.PERSON: town.today + 3 * DAY}


def test_nobody_signs_who_was_not_asked_nor_tomorrow(db, town, asks, alice):
    made = commitments.propose(db, town.journey, kind=CommitmentKind.MORAL,
                               signers={Signer.PERSON: None}, actor=alice)  # fmt: skip
    with pytest.raises(NotFound):
        commitments.sign(db, made, signer=Signer.EMPLOYER, actor=alice)
    with pytest.raises(Invalid, match="avenir"):
        commitments.sign(db, made, signer=Signer.PERSON, on=town.today + DAY, actor=alice)


def test_a_commitment_is_due_so_many_days_after_the_entry(db, town, asks, alice):
    asks(commitment_within_days=10)
    made = commitments.propose(db, town.journey, kind=CommitmentKind.MORAL,
                               signers={Signer.PERSON: None}, actor=alice)  # fmt: skip
    assert made.due_on == town.journey.entered_on + 10 * DAY


# ── between two steps ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("leave", ["suspend", "end", "begin_step"])
def test_the_wait_between_two_steps_ends_with_its_state(db, town, asks, alice, leave):
    asks(interstitial_max_months=6)
    waited = interstitial.begin(db, town.journey, actor=alice)
    assert waited.until_on == date(2026, 12, 4)
    if leave == "suspend":
        moves.suspend(db, town.journey, cause=SuspensionCause.OTHER,
                      planned_resume_on=town.today + DAY, actor=alice)  # fmt: skip
    elif leave == "end":
        moves.end(db, town.journey, on=town.today, outcome=Outcome.TRAINING, actor=alice)
    else:
        interstitial.end(db, town.journey, actor=alice)
    assert waited.ended_on == town.today


def test_a_wait_without_a_limit_asks_for_one_and_nothing_is_kept(db, town, asks, alice):
    asks()
    with pytest.raises(Invalid, match="jusqu’à quand"):
        interstitial.begin(db, town.journey, actor=alice)
    with pytest.raises(Invalid, match="passée"):
        interstitial.begin(db, town.journey, until_on=town.today - DAY, actor=alice)
    assert db.exec(select(Interstitial)).all() == []
    assert town.journey.state is JourneyState.ENTERED


# ── blocks ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("days", "number", "starts"), [(0, 1, 0), (90, 1, 0), (91, 2, 13), (181, 2, 13), (400, 3, 26)]
)
def test_an_entry_typed_late_is_in_the_block_that_holds_today(days, number, starts):
    entered = date(2026, 1, 5)
    asked = Rules(block_weeks=13, block_renewals=2)
    found = blocks.in_course(asked, entered_on=entered, today=entered + days * DAY)
    start = entered + timedelta(weeks=starts)
    assert found == {"number": number, "from_on": start, "ends_on": start + timedelta(weeks=13)}


def test_a_programme_without_blocks_has_none(db, town, asks, alice):
    asks()
    assert blocks.begin(db, town.journey, on=town.today) is None
    with pytest.raises(Refused, match="Aucun entretien"):
        blocks.hold_interview(db, town.journey, on=town.today, outcome=BlockOutcome.REACHED,
                              actor=alice)  # fmt: skip


def test_an_interview_is_held_when_it_is_held(db, town, asks, alice):
    asks(block_weeks=13, block_renewals=2)
    blocks.begin(db, town.journey, on=town.today)
    for on, why in ((town.today + DAY, "avenir"), (town.today - DAY, "après le début")):
        with pytest.raises(Invalid, match=why):
            blocks.hold_interview(db, town.journey, on=on, outcome=BlockOutcome.RENEWED,
                                  actor=alice)  # fmt: skip
    assert db.exec(select(Block)).one().interview_on is None


def test_after_a_return_the_numbers_of_blocks_go_on(db, town, asks, alice):
    asks(block_weeks=13, block_renewals=2)
    blocks.begin(db, town.journey, on=town.today)
    moves.end(db, town.journey, on=town.today, outcome=Outcome.UNKNOWN, actor=alice)
    moves.re_enter(db, town.journey, on=town.today, actor=alice)
    assert sorted(b.number for b in db.exec(blocks.of(town.journey))) == [1, 2]


# ── exits and what is due after ──────────────────────────────────────────────────────────────────


def test_the_last_day_of_a_short_month_stands_for_a_missing_one():
    asked = Rules(follow_up_months=(1, 3, 6))
    assert follow_up.due_days(asked, date(2027, 8, 31)) == [
        date(2027, 9, 30), date(2027, 11, 30), date(2028, 2, 29),
    ]  # fmt: skip


def test_a_contact_answers_the_oldest_one_due_fifteen_days_before_it_at_the_earliest(
    db, town, asks, alice, stopped_clock
):
    asks(follow_up_months=(1, 2))
    moves.end(db, town.journey, on=town.today, outcome=Outcome.TRAINING, actor=alice)
    first, second = db.exec(select(ExitContact).order_by(ExitContact.due_on)).all()

    def met(on, **said):
        return contacts.record(db, town.journey, on_day=on, channel=Channel.PHONE, actor=alice,
                               **said)  # fmt: skip

    stopped_clock.later(days=14)
    met(first.due_on - 16 * DAY)
    assert first.done_on is None
    stopped_clock.later(days=60)
    met(first.due_on - 15 * DAY, presence=Presence.ABSENT)
    met(first.due_on - 15 * DAY, with_person=False)
    assert first.done_on is None
    met(first.due_on - 15 * DAY)
    assert first.done_on == first.due_on - 15 * DAY
    assert second.done_on is None
    met(second.due_on)
    assert second.done_on == second.due_on


def test_someone_who_leaves_without_an_end_is_not_followed(db, town, asks, alice):
    asks(follow_up_months=(1, 2))
    moves.abandon(db, town.journey, reason="Déménage", actor=alice)
    assert db.exec(select(ExitContact)).all() == []


def test_coming_back_drops_what_was_due_and_answers_who_asked(db, town, asks, alice):
    asks(follow_up_months=(1,), follow_up_employer=True, reentry_months=3)
    moves.end(db, town.journey, on=town.today, outcome=Outcome.EMPLOYMENT, actor=alice)
    exits.ask_return(db, town.journey, actor=alice)
    moves.re_enter(db, town.journey, on=town.today, actor=alice)
    due = db.exec(select(ExitContact)).all()
    assert {d.whom for d in due} == set(Followed)
    assert all(d.dropped_on == town.today for d in due)
    asked = db.exec(select(ReturnRequest)).one()
    assert (asked.answered_on, asked.accepted) == (town.today, True)


def test_a_return_is_asked_for_until_its_last_day(db, town, asks, alice, stopped_clock):
    asks(reentry_months=1)
    with pytest.raises(Refused, match="pas terminé"):
        exits.ask_return(db, town.journey, actor=alice)
    moves.end(db, town.journey, on=town.today, outcome=Outcome.UNKNOWN, actor=alice)
    stopped_clock.later(days=30)  # 4 July
    made = exits.ask_return(db, town.journey, actor=alice)
    with pytest.raises(Refused, match="pourquoi"):
        exits.decline_return(db, made, actor=alice, reason=" ")
    exits.decline_return(db, made, actor=alice, reason="Le groupe est complet")
    assert made.accepted is False
    stopped_clock.later(days=1)
    with pytest.raises(Refused, match="juillet 2026"):
        exits.ask_return(db, town.journey, actor=alice)


def test_an_announced_exit_is_not_declared_early_by_another_way(
    db, town, asks, alice, stopped_clock
):
    asks(deferred_exit_weeks=2)
    exits.announce(db, town.journey, actor=alice)
    stopped_clock.later(days=13)
    with pytest.raises(Refused, match="peut encore revenir"):
        moves.end(db, town.journey, on=town.today, outcome=Outcome.UNKNOWN, actor=alice)
    stopped_clock.later(days=1)
    exits.confirm(db, town.journey, on=town.today, outcome=Outcome.UNKNOWN, actor=alice)
    assert town.journey.ended_on == town.today
    said = db.exec(select(AnnouncedExit)).one()
    assert (said.settled_on, said.confirmed) == (town.today, True)


def test_an_exit_that_nobody_announced_is_not_confirmed(db, town, asks, alice):
    with pytest.raises(Refused, match="annoncée"):
        exits.confirm(db, town.journey, outcome=Outcome.UNKNOWN, actor=alice)


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────


def test_a_status_written_late_takes_its_place_between_two(db, town, asks, alice):
    def record(status, days, pay=Pay.SECURED):
        return statuses.record(db, town.journey, status=status, pay=pay,
                               from_on=town.today + days * DAY, actor=alice)  # fmt: skip

    record(PersonStatus.JOB_SEEKER, 0)
    record(PersonStatus.EMPLOYEE, 100)
    record(PersonStatus.TRAINEE, 30)
    lived = db.exec(statuses.of(town.journey)).all()
    assert [(p.from_on - town.today).days for p in lived] == [0, 30, 100]
    assert [p.until_on and (p.until_on - town.today).days for p in lived] == [30, 100, None]
    assert all(p.agency_id == town.mission.id for p in lived)
    with pytest.raises(Invalid, match="déjà"):
        record(PersonStatus.RSA, 30)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 10), st.sampled_from(list(Pay)))))
def test_a_break_is_each_day_without_certain_pay_and_no_other(spans):
    start = day = date(2026, 1, 1)
    periods, paid = [], set()
    for length, gap, pay in spans:
        end = day + length * DAY
        periods.append(StatusPeriod.model_construct(from_on=day, until_on=end, pay=pay))
        if pay is Pay.SECURED:
            paid |= {day + n * DAY for n in range(length)}
        day = end + gap * DAY
    last = periods[-1].until_on if periods else start
    found = statuses.breaks(periods)
    unpaid = {
        day
        for begin, end in found
        for day in (begin + n * DAY for n in range(((end or last) - begin).days))
    }
    lived = {start + n * DAY for n in range((last - start).days)}
    assert unpaid == lived - paid
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert bool(found and found[-1][1] is None) == bool(periods)  # nothing is known after the last


# ── steps ────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_next_programme_asks_first_is_awaited(db, town, asks, alice):
    asks(prerequisites=("CléA", "niveau B1"))
    step = steps.plan(db, town.journey, kind=StepKind.QUALIFICATION,
                      programme_id=town.programme.id, prerequisites=("CléA", "permis"),
                      planned_from=town.today + DAY, actor=alice)  # fmt: skip
    needed = db.exec(steps.awaited(step)).all()
    assert [n.label for n in needed] == ["CléA", "niveau B1", "permis"]
    steps.meet(db, needed[0], actor=alice)
    steps.meet(db, needed[0], on=town.today - DAY, actor=alice)
    assert needed[0].met_on == town.today
    steps.drop(db, step, actor=alice)
    db.flush()
    assert db.exec(select(StepPrerequisite)).all() == []


def test_a_step_begins_once_and_ends_after_it_began(db, town, asks, alice):
    step = steps.plan(db, town.journey, kind=StepKind.JOB, planned_from=town.today, actor=alice)
    with pytest.raises(Invalid, match="après son début"):
        steps.finish(db, step, actor=alice)
    with pytest.raises(Invalid, match="avenir"):
        steps.begin(db, step, on=town.today + DAY, actor=alice)
    steps.begin(db, step, actor=alice)
    with pytest.raises(Refused, match="déjà commencé"):
        steps.begin(db, step, actor=alice)
    with pytest.raises(Refused, match="a commencé"):
        steps.drop(db, step, actor=alice)
    with pytest.raises(Invalid, match="après son début"):
        steps.plan(db, town.journey, kind=StepKind.JOB, planned_from=town.today,
                   planned_until=town.today - DAY, actor=alice)  # fmt: skip


# ── référents, parties, appointments, needs ──────────────────────────────────────────────────────


def test_an_absence_gives_way_to_the_one_who_replaces_from_its_first_day_to_its_last(
    db, town, asks, alice
):
    held = db.exec(referents.of(town.journey)).one()
    referents.away(db, held, from_on=town.today + DAY, until_on=town.today + 3 * DAY,
                   replacement_id=town.bruno.id, actor=alice)  # fmt: skip
    post = [referents.in_post(db, town.journey, on=town.today + n * DAY) for n in range(5)]
    assert post == [[town.alice.id], *[[town.bruno.id]] * 3, [town.alice.id]]
    with pytest.raises(Invalid, match="soi-même"):
        referents.away(db, held, from_on=town.today, replacement_id=town.alice.id, actor=alice)
    with pytest.raises(Invalid, match="après le départ"):
        referents.away(db, held, from_on=town.today, until_on=town.today - DAY, actor=alice)


def test_who_left_holds_the_thread_no_more(db, town, asks, alice):
    second = referents.appoint(db, town.journey, professional_id=town.bruno.id,
                               role=ReferentRole.TRAINER, actor=alice)  # fmt: skip
    assert referents.in_post(db, town.journey) == [town.alice.id, town.bruno.id]
    referents.leave(db, second, actor=alice)
    assert referents.in_post(db, town.journey) == [town.alice.id]


def test_two_strands_of_one_journey_count_once_in_a_caseload(db, town, asks, alice):
    before = referents.caseload(db, town.alice.id)
    referents.appoint(db, town.journey, professional_id=town.alice.id, role=ReferentRole.SOCIAL,
                      actor=alice)  # fmt: skip
    assert referents.caseload(db, town.alice.id) == before
    moves.end(db, town.journey, on=town.today, outcome=Outcome.UNKNOWN, actor=alice)
    after = referents.caseload(db, town.alice.id)
    assert (before.active - after.active, before.total - after.total) == (1, 1)


def test_an_employer_who_reads_nothing_reads_nothing_after_a_return_either(db, town, asks, alice):
    from coordination.consent.models import Reach

    parties.join(db, town.journey, agency_id=town.elsewhere.id, role=PartyRole.EMPLOYER)
    moves.end(db, town.journey, on=town.today, outcome=Outcome.EMPLOYMENT, actor=alice)
    moves.re_enter(db, town.journey, on=town.today, actor=alice)
    db.flush()
    assert db.exec(select(Reach).where(Reach.agency_id == town.elsewhere.id)).all() == []


@pytest.mark.parametrize(
    ("asked", "latest"),
    [
        (date(2026, 6, 4), date(2026, 6, 5)),  # Thursday → Friday
        (date(2026, 6, 5), date(2026, 6, 8)),  # Friday → Monday
        (date(2026, 7, 13), date(2026, 7, 15)),  # the day before a public holiday
    ],
)
def test_the_next_day_is_a_working_day(db, town, asks, alice, asked, latest):
    asks(appointment_delay_days=1)
    assert appointments.latest_day(db, town.journey, asked_on=asked) == latest


def test_an_appointment_before_it_was_asked_for_is_refused(db, town, asks, alice):
    with pytest.raises(Invalid, match="après la demande"):
        appointments.give(db, town.journey, on_day=town.today - DAY, actor=alice)


def test_a_need_says_which_service_was_mobilised_and_when(db, town, asks, alice):
    with pytest.raises(Invalid, match="quel service"):
        needs.mobilise(db, town.need, service=" ", actor=alice)
    needs.mobilise(db, town.need, service="Garage solidaire", actor=alice)
    assert (town.need.service, town.need.mobilised_on) == ("Garage solidaire", town.today)
