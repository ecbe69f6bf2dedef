"""Reach equals what the facts imply, whatever the house does, in whatever order."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, select

from coordination import clock
from coordination.agencies.actors import CLOCK, of_professional
from coordination.agencies.models import Agency
from coordination.committees import decisions, members
from coordination.committees.agenda import dossiers, edit
from coordination.committees.meetings import calendar
from coordination.committees.minutes import sending
from coordination.committees.models import (
    AgendaItem,
    Committee,
    Mandate,
    MandateRole,
    Meeting,
    Section,
)
from coordination.consent import rule as reading
from coordination.consent.models import Purpose
from coordination.errors import Refused
from coordination.journeys import moves, needs, parties
from coordination.journeys.models import Journey, Outcome, Party, PartyRole
from coordination.persons.models import Person
from coordination.referrals import moves as referrals
from coordination.referrals import states
from coordination.referrals.models import Referral
from coordination.referrals.reasons import OF_VERB
from coordination.referrals.reasons import Outcome as Met
from coordination.referrals.states import By, Status, Verb
from coordination.rights import withdrawal
from tests import town as towns
from tests.consent.implied import Conflict, implied, said
from tests.referrals import scene

PICK = st.integers(0, 60)
AGENCIES = ("mission", "greta", "ccas", "mde", "elsewhere")
MEETING_VERBS = ("freeze", "postpone", "replan", "cancel", "open", "adjourn", "inquorate", "send")


class House(RuleBasedStateMachine):
    """Verbs of the house in any order. What a verb refuses leaves nothing."""

    engine: Any
    town: SimpleNamespace
    tell_time: Callable[[datetime], None]
    done: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.fromisoformat(towns.NOON)
        self.tell_time(self.now)
        self.connection = self.engine.connect()
        self.undone = self.connection.begin()
        self.db = Session(
            self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        self.conflicts: set[Conflict] = set()
        self.stopped: set[tuple[UUID, Purpose]] = set()

    def teardown(self) -> None:
        self.db.close()
        self.undone.rollback()
        self.connection.close()

    @invariant()
    def reach_says_what_the_facts_imply(self) -> None:
        self.db.flush()
        assert said(self.db) == implied(self.db, self.conflicts, self.stopped)

    def tries(self, name: str, verb: Callable[[], Any]) -> Any:
        try:
            with self.db.begin_nested():
                made = verb()
                self.db.flush()
        except Refused:
            self.db.expire_all()
            return None
        self.done[name] += 1
        return made

    def who(self, name: str) -> Any:
        return of_professional(self.db, getattr(self.town, name).id)

    def agency(self, pick: int) -> Any:
        return getattr(self.town, AGENCIES[pick % len(AGENCIES)]).id

    def one(self, table: Any, pick: int, *where: Any) -> Any:
        found = self.db.exec(select(table).where(*where).order_by(table.id)).all()
        return found[pick % len(found)] if found else None

    @rule(hours=st.sampled_from([0, 1, 24, 15 * 24, 60 * 24, 184 * 24]))
    def time_passes(self, hours: int) -> None:
        """And the night looks again at the agendas."""
        self.now += timedelta(hours=hours)
        self.tell_time(self.now)
        dossiers.follow(self.db, self.town.committee.id)

    @rule(pick=PICK, carrier=PICK, prescriber=PICK, days=st.integers(-20, 300))
    def a_journey_opens(self, pick: int, carrier: int, prescriber: int, days: int) -> None:
        self.tries("open a journey", lambda: moves.open_journey(
            self.db, person=self.one(Person, pick), programme_id=self.town.programme.id,
            agency_id=self.agency(carrier), prescriber_id=self.agency(prescriber),
            entered_on=clock.today() - timedelta(days=days), actor=self.who("alice")))  # fmt: skip

    @rule(pick=PICK, agency=PICK, role=st.sampled_from(PartyRole))
    def an_agency_joins(self, pick: int, agency: int, role: PartyRole) -> None:
        journey = self.one(Journey, pick)
        self.tries("join", lambda: parties.join(
            self.db, journey, agency_id=self.agency(agency), role=role))  # fmt: skip

    @rule(pick=PICK)
    def a_party_leaves(self, pick: int) -> None:
        party = self.one(Party, pick, Party.until_on.is_(None))
        if party:
            journey = self.db.get_one(Journey, party.journey_id)
            self.tries("leave", lambda: parties.leave(self.db, journey, party))

    @rule(pick=PICK, days=st.sampled_from([0, 10, 200]), abandoned=st.booleans())
    def a_journey_ends(self, pick: int, days: int, abandoned: bool) -> None:
        journey, on = self.one(Journey, pick), clock.today() - timedelta(days=days)
        if abandoned:
            self.tries("abandon", lambda: moves.abandon(
                self.db, journey, on=on, actor=self.who("alice"), reason="Départ"))  # fmt: skip
        else:
            self.tries("end", lambda: moves.end(
                self.db, journey, on=on, outcome=Outcome.OTHER_POSITIVE,
                actor=self.who("alice")))  # fmt: skip

    @rule(pick=PICK)
    def the_person_comes_back(self, pick: int) -> None:
        journey = self.one(Journey, pick)
        self.tries("come back", lambda: moves.re_enter(
            self.db, journey, on=clock.today(), actor=self.who("alice")))  # fmt: skip

    @rule(pick=PICK, to=PICK)
    def a_referral_is_prepared(self, pick: int, to: int) -> None:
        journey = self.one(Journey, pick)

        def prepare() -> Any:
            need = needs.open_need(
                self.db, journey, code="mobilite", label="Mobilité",
                category=towns.Category.MOBILITY, actor=self.who("alice"))  # fmt: skip
            made = referrals.prepare(
                self.db, need=need, journey=journey, recipient_id=self.agency(to),
                question="Un vélo ?", actor=CLOCK)  # fmt: skip
            return referrals.send_or_wait(self.db, made, actor=CLOCK)

        self.tries("refer", prepare)

    @rule(pick=PICK, move=PICK)
    def a_referral_moves(self, pick: int, move: int) -> None:
        referral = self.one(Referral, pick)
        if referral is None:
            return
        allowed = [
            (one.verb, by) for by in By
            for one in states.open_moves(referral.status, by, manager=True)
            if one.verb is not Verb.PREPARE
        ]  # fmt: skip
        if not allowed:
            return
        verb, by = allowed[move % len(allowed)]
        before = referral.status
        agency = {By.SENDER: referral.sender_id, By.RECIPIENT: referral.recipient_id}.get(by)
        self.tries(f"referral {verb}", lambda: referrals.move(
            self.db, referral, verb, side=by, actor=self.acting(by, agency), note="Un mot.",
            reasons=OF_VERB.get(verb, ())[:1], previewed=True, ask_for="Accueil",
            review_on=clock.today() + timedelta(days=20), meanwhile="Un appel",
            on_day=clock.today(), outcome=Met.COVERED, recipient_id=self.agency(move)))  # fmt: skip
        if before is not Status.STARTED:  # begun, or begun again: what was stopped before is past
            self.stopped -= {(referral.id, purpose) for purpose in Purpose}

    def acting(self, by: By, agency: Any) -> Any:
        if by is By.CLOCK:
            return CLOCK
        if by is By.COMMITTEE:
            return self.who("paul")
        names = {"mission": "alice", "greta": "bruno", "ccas": "chloe", "mde": "paul",
                 "elsewhere": "eva"}  # fmt: skip
        home = next(a for a in AGENCIES if getattr(self.town, a).id == agency)
        return scene.manager(self.db, getattr(self.town, names[home]), getattr(self.town, home))

    @rule(pick=PICK, to=PICK, purpose=st.sampled_from(Purpose))
    def the_person_agrees(self, pick: int, to: int, purpose: Purpose) -> None:
        person = self.one(Person, pick)
        to_whom = AGENCIES[to % len(AGENCIES)]
        self.tries("agree", lambda: towns.agree(self.db, self.town, person, purpose, to_whom))

    @rule(pick=PICK, from_whom=st.none() | PICK)
    def the_person_takes_it_back(self, pick: int, from_whom: int | None) -> None:
        person = self.one(Person, pick)
        recipient = None if from_whom is None else self.agency(from_whom)
        before = self.covered()
        self.tries("withdraw", lambda: withdrawal.withdraw(
            self.db, person, recipient=recipient, everything=recipient is None,
            actor=self.who("alice")))  # fmt: skip
        after = self.covered()
        for referral_id in {referral_id for referral_id, _ in before - after}:
            left = {purpose for one, purpose in after if one == referral_id}
            self.stopped |= {(referral_id, p) for one, p in before - after if one == referral_id}
            if not left:  # nothing is agreed any more: neither side reads the other
                self.stopped |= {(referral_id, p) for p in (Purpose.REFERRAL, Purpose.FOLLOW_UP)}

    def covered(self) -> set[tuple[UUID, Purpose]]:
        """What agreements open for each referral under way."""
        self.db.flush()
        started = select(Referral).where(Referral.status == Status.STARTED)
        return {
            (r.id, purpose)
            for r in self.db.exec(started).all()
            for purpose in (Purpose.REFERRAL, Purpose.FOLLOW_UP)
            if reading.covered_by(
                self.db, person_id=r.person_id, agency_id=r.recipient_id, purpose=purpose)[0]
        }  # fmt: skip

    @rule(days=st.integers(1, 40))
    def a_meeting_is_planned(self, days: int) -> None:
        committee = self.db.get_one(Committee, self.town.committee.id)
        starts = clock.at(clock.today() + timedelta(days=days), 9)
        self.tries("plan", lambda: calendar.plan(
            self.db, committee, starts_at=starts, ends_at=starts + timedelta(hours=2),
            actor=self.who("sophie")))  # fmt: skip

    @rule(pick=PICK, of=PICK)
    def a_point_is_kept(self, pick: int, of: int) -> None:
        meeting, journey = self.one(Meeting, pick), self.one(Journey, of)

        def keep() -> Any:
            item = AgendaItem(
                meeting_id=meeting.id, section=Section.SITUATIONS, rank=1, journey_id=journey.id,
                person_id=journey.person_id, agency_id=journey.agency_id)  # fmt: skip
            self.db.add(item)
            self.db.flush()
            return edit.accept(self.db, item, reason="Utile", actor=self.who("sophie"))

        self.tries("keep a point", keep)

    @rule(pick=PICK, verb=st.sampled_from(["accept", "refuse", "withdraw", "carry_over"]))
    def a_point_changes(self, pick: int, verb: str) -> None:
        item = self.one(AgendaItem, pick)
        more = {"review_on": clock.today() + timedelta(days=9)} if verb == "carry_over" else {}
        if item:
            self.tries(f"point {verb}", lambda: getattr(edit, verb)(
                self.db, item, reason="Vu", actor=self.who("sophie"), **more))  # fmt: skip

    @rule(pick=PICK, verb=st.sampled_from(MEETING_VERBS), days=st.integers(1, 40))
    def a_meeting_moves(self, pick: int, verb: str, days: int) -> None:
        meeting, sophie = self.one(Meeting, pick), self.who("sophie")
        starts = clock.at(clock.today() + timedelta(days=days), 14)
        do: dict[str, Callable[[], Any]] = {
            "freeze": lambda: edit.freeze(self.db, meeting, actor=sophie),
            "postpone": lambda: calendar.postpone(self.db, meeting, reason="X", actor=sophie),
            "replan": lambda: calendar.change(
                self.db, meeting, starts_at=starts, ends_at=starts + timedelta(hours=2),
                place="Salle 2", reason="X", actor=sophie),
            "cancel": lambda: calendar.cancel(self.db, meeting, reason="X", actor=sophie),
            "open": lambda: calendar.open_meeting(self.db, meeting, actor=sophie),
            "adjourn": lambda: calendar.adjourn(self.db, meeting, actor=sophie),
            "inquorate": lambda: calendar.inquorate(self.db, meeting, reason="X", actor=sophie),
            "send": lambda: sending.send(self.db, meeting, actor=sophie),
        }  # fmt: skip
        self.tries(verb, do[verb])

    @rule(pick=PICK, name=st.sampled_from(["alice", "bruno", "chloe", "paul"]))
    def a_conflict_is_declared(self, pick: int, name: str) -> None:
        item = self.one(AgendaItem, pick)
        if item is None:
            return
        meeting = self.db.get_one(Meeting, item.meeting_id)
        who = getattr(self.town, name).id
        made = self.tries("conflict", lambda: decisions.conflict(
            self.db, meeting, item, who, actor=self.who("paul")))  # fmt: skip
        if made:
            self.conflicts.add(Conflict(meeting.id, made.person_id, made.agency_id, who))

    @rule(pick=PICK, joins=st.booleans())
    def an_agency_sits_or_no_longer(self, pick: int, joins: bool) -> None:
        committee = self.db.get_one(Committee, self.town.committee.id)
        agency = self.db.get_one(Agency, self.agency(pick))
        self.tries("sit" if joins else "no longer sit", lambda: (
            members.add_agency(self.db, committee, agency, actor=self.who("sophie")) if joins else
            members.remove_agency(self.db, committee, agency.id, actor=self.who("sophie"))
        ))  # fmt: skip

    @rule(pick=PICK, role=st.sampled_from(MandateRole), ends=st.booleans())
    def a_mandate_is_given_or_ends(self, pick: int, role: MandateRole, ends: bool) -> None:
        committee = self.db.get_one(Committee, self.town.committee.id)
        if ends:
            mandate = self.one(Mandate, pick, Mandate.until_on.is_(None))
            if mandate:
                self.tries("end a mandate", lambda: members.end(
                    self.db, committee, mandate, actor=self.who("sophie")))  # fmt: skip
            return
        self.tries("give a mandate", lambda: members.give(
            self.db, committee, self.town.eva, role=role, agency_id=self.town.elsewhere.id,
            actor=self.who("sophie")))  # fmt: skip


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    ("runs", "steps"), [(12, 30), pytest.param(400, 60, marks=pytest.mark.long)]
)
def test_reach_is_what_the_facts_imply(engine, town, stopped_clock, runs, steps):
    class Here(House):
        pass

    Here.engine, Here.town, Here.done = engine, town, Counter()
    Here.tell_time = staticmethod(lambda now: setattr(stopped_clock, "now", now))
    run_state_machine_as_test(
        Here,
        settings=settings(report_multiple_bugs=False,
            max_examples=runs, stateful_step_count=steps, deadline=None, database=None,
            derandomize=runs < 100, phases=(Phase.generate, Phase.shrink),
        ),
    )  # fmt: skip
    assert len(Here.done) >= 20, Here.done  # a machine whose verbs are all refused proves little
