"""Telling the story of one person in one programme of the catalogue: the verbs of the house, a
clock that moves, the rules of the night. Nothing else."""

from collections.abc import Callable
from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from coordination import assembly, clock, db
from coordination.journeys import contacts, groups, moves
from coordination.journeys.models import Channel, Journey, Step
from coordination.journeys.models_along import Cohort
from coordination.programmes import planting
from coordination.programmes import rules as programme_rules
from coordination.programmes.catalogue import Rules
from coordination.programmes.models import Programme
from coordination.signals import runner
from coordination.signals.models import Signal
from tests import town as scenes

NIGHT = ZoneInfo("Europe/Paris")


class Story:
    """Noor in a programme. `told.do(verb, …)` is one write of the house, by Alice unless said."""

    def __init__(self, engine: Engine, town: SimpleNamespace, moving: Any, slug: str) -> None:
        self.engine, self.town, self.moving = engine, town, moving
        with db.reading(engine) as session:
            found = session.exec(select(Programme).where(Programme.slug == slug)).one()
            self.programme_id = found.id
        self.journey_id: Any = None

    @property
    def today(self) -> date:
        return clock.today()

    @property
    def rules(self) -> Rules:
        with db.reading(self.engine) as session:
            return programme_rules.in_force(session, self.programme_id, self.today)

    def someone(self, given: str = "Noor", agency: str = "mission") -> Any:
        with db.transaction(self.engine) as session:
            return scenes.person(session, self.town, given, "Haddad", date(2001, 2, 3), agency)

    def opens(self, given: str = "Noor", *, agency: str = "mission", by: str = "alice",
              **said: Any) -> Journey:  # fmt: skip
        """Noor enters today."""
        return self._begins(moves.open_journey, given, agency, by, entered_on=self.today, **said)

    def is_prescribed(self, *, agency: str = "mission", by: str = "alice", **said: Any) -> Journey:
        return self._begins(moves.prescribe, "Noor", agency, by, **said)

    def _begins(self, verb: Callable, given: str, agency: str, by: str, **said: Any) -> Journey:
        who = self.someone(given, agency)
        with db.transaction(self.engine, assembly.CLOSERS) as session:
            made = verb(
                session,
                person=who,
                programme_id=self.programme_id,
                agency_id=who.agency_id,
                referent_id=getattr(self.town, by).id,
                actor=self.town.actor(by),
                **said,
            )
        self.journey_id = self.journey_id or made.id
        return made

    def do(self, verb: Callable, *about: Any, by: str = "alice", **said: Any) -> Any:
        """One verb, about the journey, or about the row given."""
        with db.transaction(self.engine, assembly.CLOSERS) as session:
            rows = [session.get_one(type(row), row.id) for row in about]
            rows = rows or [session.get_one(Journey, self.journey_id)]
            return verb(session, *rows, actor=self.town.actor(by), **said)

    def ask(self, question: Callable, *more: Any, **said: Any) -> Any:
        """What a query or a figure says of the journey, or of the row given."""
        with db.reading(self.engine) as session:
            about = more or (session.get_one(Journey, self.journey_id),)
            return question(session, *about, **said)

    def rows(self, wanted: Any) -> list[Any]:
        with db.reading(self.engine) as session:
            return list(session.exec(wanted).all())

    @property
    def journey(self) -> Journey:
        with db.reading(self.engine) as session:
            return session.get_one(Journey, self.journey_id)

    def meets(self, channel: Channel = Channel.MEETING, by: str = "alice", **said: Any) -> Any:
        return self.do(contacts.record, by=by, on_day=self.today, channel=channel, **said)

    def step(self, label: str) -> Step:
        return next(s for s in self.rows(select(Step)) if s.label == label)

    def group(self, label: str) -> Cohort:
        """A group opened today by the carrying agency."""
        with db.transaction(self.engine) as session:
            return groups.open_group(
                session,
                agency_id=self.town.mission.id,
                programme_id=self.programme_id,
                label=label,
                from_on=self.today,
                actor=self.town.actor("alice"),
            )

    def later(self, *, months: int = 0, weeks: int = 0, days: int = 0) -> date:
        """The same hour of Paris, so much later."""
        day = date.fromordinal(
            programme_rules.months_after(self.today, months).toordinal() + weeks * 7 + days
        )
        self.moving.now = datetime.combine(day, time(12), tzinfo=NIGHT)
        return day

    def alerts(self) -> dict[str, str]:
        """The night passes: what the rules leave standing on the journey, code → sentence."""
        runner.run(self.engine, assembly.RULES)
        live = select(Signal).where(
            Signal.journey_id == self.journey_id,
            Signal.ended_at.is_(None),  # type: ignore[union-attr]
        )
        return {s.code.value: s.sentence.replace("\u00a0", " ") for s in self.rows(live)}


@pytest.fixture
def story(
    engine: Engine, town: SimpleNamespace, again: Callable, stopped_clock: SimpleNamespace
) -> Callable[[str], Story]:
    """story("adventus") → Noor’s story in that programme; see Story."""

    def plant() -> SimpleNamespace:
        with db.transaction(engine) as session:
            planting.plant(session)
        return town

    planted = again("catalogue", plant)
    return lambda slug: Story(engine, planted, stopped_clock, slug)
