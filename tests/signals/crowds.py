"""Random journeys by the thousand: every table that a rule reads, with dates around the thresholds
of the day, written in bulk. The same seed draws the same crowd."""

import random
from collections import defaultdict
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import Session, SQLModel
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.agencies.models import Agency
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    FollowUpState,
    ItemState,
    Section,
)
from coordination.consent.models import ConsentCover, Effect, Purpose
from coordination.journeys import models as journeys
from coordination.journeys import models_along as along
from coordination.journeys.models import Journey, JourneyState
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.programmes.models import Commitment, Programme, ProgrammeKind, ProgrammeRule
from coordination.referrals.models import Referral
from coordination.referrals.states import Side, Status
from coordination.signals.models import Demand, DemandState, Patience

RULES: tuple[dict[str, Any], ...] = (
    {"max_duration_months": 24, "suspension_max_months": 6, "contact_every_days": 7},
    {"max_duration_months": 10, "commitment": Commitment.SIGNED_BEFORE_ENTRY},
    {"suspension_max_months": 3, "contact_every_days": 15, "commitment": Commitment.MORAL,
     "commitment_within_days": 10},
    {"max_duration_weeks": 39, "block_weeks": 13, "block_renewals": 2},
    {"max_duration_months": 15, "fixed_duration": True},
)  # fmt: skip
GONE = (JourneyState.ENDED, JourneyState.ABANDONED)


def programmes(session: Session, town: SimpleNamespace) -> list[UUID]:
    """Some that ask for everything and some for nothing; a territory that waits less, an agency
    that records no contact."""
    made = []
    for n, rules in enumerate(RULES):
        programme = Programme(slug=f"p{n}", name=f"P{n}", kind=ProgrammeKind.INSERTION)
        session.add(programme)
        session.flush()
        since = town.today - timedelta(days=3000)
        session.add(ProgrammeRule(programme_id=programme.id, from_on=since, **rules))
        made.append(programme.id)
    session.add(
        Patience(territory_id=town.territory.id, from_on=town.today, wait_weeks=2, need_weeks=12)
    )
    session.get_one(Agency, town.greta.id).records_contacts = False
    session.flush()
    return [town.programme.id, *made]


class Crowd:
    def __init__(self, town: SimpleNamespace, programmes: list[UUID], seed: int) -> None:
        self.town, self.programmes = town, programmes
        self.draw = random.Random(seed)
        self.rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)

    def grow(self, session: Session, count: int) -> list[UUID]:
        """So many journeys; their keys."""
        keys = [self._journey(n) for n in range(count)]
        for kind in (m for m in SQLModel.metadata.sorted_tables):
            for model, rows in self.rows.items():
                if model.__tablename__ == kind.name and rows:
                    session.execute(insert(model), rows)
        session.flush()
        self.rows.clear()
        return keys

    def _put(self, kind: type[SQLModel], /, **columns: Any) -> UUID:
        row = kind(**columns).model_dump() | {"id": uuid7(), "created_at": clock.now()}
        self.rows[kind].append(row)
        return UUID(str(row["id"]))

    def _ago(self, most: int = 500, least: int = 0) -> date:
        return self.town.today - timedelta(days=self.draw.randrange(least, most))

    def _around(self, days: int) -> date:
        return self.town.today + timedelta(days=self.draw.randint(-days, days))

    def _often(self, share: float) -> bool:
        return self.draw.random() < share

    def _journey(self, n: int) -> UUID:
        draw, town = self.draw, self.town
        entered = self._ago(900)
        state = draw.choice([*JourneyState, JourneyState.ENTERED, JourneyState.ENTERED])
        agency = draw.choice([town.mission, town.greta]).id
        person = self._put(Person, agency_id=agency, reference=f"W-{n:06}", salt="s",
                           restricted=False)  # fmt: skip
        key = self._put(
            Journey, number=f"W-{n:06}", person_id=person, agency_id=agency,
            programme_id=draw.choice(self.programmes), state=state, entered_on=entered,
            territory_id=draw.choice([town.territory.id, None]),
            planned_end_on=draw.choice([None, self._around(90)]),
            ended_on=self._ago(200) if state in GONE else None,
        )  # fmt: skip
        if state in GONE:
            self.rows[Journey][-1]["ended_on"] = max(entered, self.rows[Journey][-1]["ended_on"])
        self._periods(key, entered, state)
        self._people(key, entered)
        steps = self._steps(key)
        self._contacts(key, agency)
        self._along(key, person, agency, entered, steps)
        if self._often(0.6):
            self._need(key, person, agency)
        if self._often(0.2):
            self._put(Demand, journey_id=key, person_id=person, agency_id=agency,
                      professional_id=town.alice.id, asked_on=self._ago(90), question="?",
                      agencies=[], state=draw.choice(list(DemandState)))  # fmt: skip
        if self._often(0.3):
            self._point(key, person, agency, n)
        for _ in range(draw.randrange(3)):
            self._cover(person, draw.choice([Purpose.COMMITTEE, Purpose.REFERRAL]))
        return key

    def _periods(self, key: UUID, entered: date, state: JourneyState) -> None:
        draw, today = self.draw, self.town.today
        lived = (today - entered).days
        if lived > 60 and self._often(0.2):  # came back
            out = entered + timedelta(days=draw.randrange(10, lived - 20))
            self._put(journeys.JourneyPeriod, journey_id=key, from_on=entered, until_on=out)
            entered = out + timedelta(days=draw.randrange(15))
        self._put(journeys.JourneyPeriod, journey_id=key, from_on=entered,
                  until_on=self._around(5) if state in GONE else None)  # fmt: skip
        # Pauses never overlap: `moves.suspend` refuses it, and the sum would count a day twice.
        cause, free = journeys.SuspensionCause.OTHER, entered
        for _ in range(draw.randrange(3)):
            left = (today - free).days
            if left > 30:
                start = free + timedelta(days=draw.randrange(left - 20))
                free = min(today, start + timedelta(days=draw.randrange(90)))
                self._put(journeys.Suspension, journey_id=key, from_on=start, cause=cause,
                          ended_on=free)  # fmt: skip
        if state is JourneyState.SUSPENDED:
            self._put(journeys.Suspension, journey_id=key, cause=cause,
                      from_on=max(free, self._ago(250)),
                      planned_resume_on=draw.choice([None, self._around(40)]))  # fmt: skip

    def _people(self, key: UUID, entered: date) -> None:
        draw, town = self.draw, self.town
        for _ in range(draw.choice([0, 1, 1, 1, 2])):
            held = self._put(
                journeys.Referent, journey_id=key, from_on=entered,
                professional_id=draw.choice([town.alice, town.bruno, town.chloe]).id,
                until_on=draw.choice([None, None, None, self._around(3)]),
            )  # fmt: skip
            if self._often(0.3):
                self._put(
                    along.ReferentAbsence, referent_id=held, journey_id=key, from_on=self._ago(9),
                    until_on=draw.choice([None, town.today + timedelta(days=draw.randrange(4))]),
                    replacement_id=draw.choice([None, town.bruno.id]),
                )  # fmt: skip

    def _steps(self, key: UUID) -> list[UUID]:
        draw, made = self.draw, []
        for _ in range(draw.randrange(4)):
            start, begun = self._around(100), self._often(0.5)
            made.append(self._put(
                journeys.Step, journey_id=key, kind=draw.choice(list(journeys.StepKind)),
                planned_from=start, from_on=start if begun else None,
                planned_until=draw.choice([None, start + timedelta(days=draw.randrange(60))]),
                until_on=draw.choice([None, start + timedelta(days=draw.randrange(60))]),
                supported_meanwhile=self._often(0.3),
            ))  # fmt: skip
        return made

    def _contacts(self, key: UUID, agency: UUID) -> None:
        draw = self.draw
        for _ in range(draw.randrange(6)):
            self._put(
                journeys.Contact, journey_id=key, agency_id=agency, on_day=self._ago(45),
                channel=journeys.Channel.PHONE, with_person=self._often(0.85),
                presence=draw.choice([*journeys.Presence, journeys.Presence.ABSENT]),
            )  # fmt: skip

    def _along(
        self, key: UUID, person: UUID, agency: UUID, entered: date, steps: list[UUID]
    ) -> None:
        draw, today = self.draw, self.town.today
        maybe = [None, None, self._ago(20)]
        for step in steps:
            for label in ("CléA", "Projet")[: draw.randrange(3)]:
                self._put(along.StepPrerequisite, step_id=step, journey_id=key, label=label,
                          met_on=draw.choice(maybe))  # fmt: skip
        if self._often(0.3):
            end = self._around(30)
            self._put(along.Block, journey_id=key, number=1, from_on=end - timedelta(days=91),
                      ends_on=end, interview_on=draw.choice(maybe))  # fmt: skip
        if self._often(0.4):
            self._put(along.Commitment, journey_id=key, proposed_on=entered,
                      kind=along.CommitmentKind.RECIPROCAL, signed_on=draw.choice(maybe),
                      until_on=draw.choice([None, self._around(3)]))  # fmt: skip
        if self._often(0.4):
            self._put(along.AnnouncedExit, journey_id=key, announced_on=self._ago(40),
                      confirm_on=self._around(30), settled_on=draw.choice(maybe))  # fmt: skip
        if self._often(0.3):
            self._put(along.ReturnRequest, journey_id=key, asked_on=self._ago(20),
                      until_on=draw.choice([None, self._around(3)]),
                      answered_on=draw.choice(maybe))  # fmt: skip
        for whom in along.Followed:
            if self._often(0.3):
                self._put(along.ExitContact, journey_id=key, whom=whom, due_on=self._around(20),
                          done_on=draw.choice(maybe))  # fmt: skip
        if self._often(0.3):
            start = today + timedelta(days=draw.randint(-40, 40))
            self._put(
                along.StatusPeriod, person_id=person, journey_id=key, agency_id=agency,
                status=draw.choice(list(along.PersonStatus)), from_on=start,
                until_on=draw.choice([None, start + timedelta(days=draw.randrange(1, 60))]),
                pay=draw.choice(list(along.Pay)),
            )  # fmt: skip
        if self._often(0.3):
            self._put(journeys.JourneyMove, journey_id=key, verb="announce_exit",
                      after=JourneyState.EXIT_PENDING, on_day=self._ago(40))  # fmt: skip

    def _need(self, key: UUID, person: UUID, agency: UUID) -> None:
        draw, town = self.draw, self.town
        need = self._put(
            journeys.Need, person_id=person, journey_id=key, agency_id=agency,
            category=Category.MOBILITY, code="mobilite", label="Mobilité", since_on=self._ago(120),
            service=draw.choice(["", "", "Auto-école"]),
            settled_on=draw.choice([None, None, town.today]),
        )  # fmt: skip
        for _ in range(draw.randrange(3)):
            on = clock.at(self._ago(60), 11)
            self._put(
                Referral, number=uuid7().hex[-12:], need_id=need, person_id=person, journey_id=key,
                sender_id=agency, recipient_id=town.ccas.id, destination_id=uuid7(),
                status=draw.choice(list(Status)), sent_at=on, accepted_at=on,
                started_on=on.date(), ended_at=on, clock_side=draw.choice(list(Side)),
                clock_from=on,
            )  # fmt: skip
            self._cover(person, Purpose.REFERRAL)

    def _cover(self, person: UUID, purpose: Purpose) -> None:
        """Around the evening of its last day, and the next meeting's."""
        last = clock.at(self._around(40))
        self._put(ConsentCover, consent_id=self.town.consent, person_id=person,
                  agency_id=self.town.ccas.id, purpose=purpose, categories=1,
                  effect=self.draw.choice(list(Effect)),
                  from_at=last - timedelta(days=300), until_at=last)  # fmt: skip

    def _point(self, key: UUID, person: UUID, agency: UUID, n: int) -> None:
        draw, town = self.draw, self.town
        item = self._put(
            AgendaItem, meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=n,
            journey_id=key, person_id=person, agency_id=agency,
            state=draw.choice(list(ItemState)),
        )  # fmt: skip
        if self._often(0.4):
            self._put(
                FollowUp, committee_id=town.committee.id, meeting_id=town.meeting.id,
                item_id=item, agency_id=agency, what="Appeler", confirmed=self._often(0.8),
                due_on=draw.choice([None, self._around(9)]),
                state=draw.choice([FollowUpState.OPEN, *FollowUpState]),
            )  # fmt: skip
        if self._often(0.3):
            self._put(
                Decision, item_id=item, meeting_id=town.meeting.id,
                outcome=draw.choice(list(DecisionOutcome)), state=draw.choice(list(DecisionState)),
                confirmed_at=clock.at(self._ago(60), 12),
            )  # fmt: skip
