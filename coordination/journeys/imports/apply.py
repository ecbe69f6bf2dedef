"""Writing what lines of a plan make: a few statements for thousands of rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.journeys.imports import making, undoing
from coordination.journeys.imports.gathered import Gathered
from coordination.journeys.imports.lines import Line, Verdict
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons import same, tokens
from coordination.persons.models import Person, PersonIdentity
from coordination.rows import among, ranges, sent_ahead


@contextmanager
def written(
    db: Session, lines: Sequence[Line], gathered: Gathered, *, actor: Actor
) -> Iterator[None]:
    """Write these lines, whose rows were `gathered`. While the base works, the block makes those of
    the next lines: it asks nothing of the base."""
    shared = same.all_shared(db)  # own hash → hash borne, where they differ or meet
    if shared:
        for row in gathered.rows[Person]:
            own = row["human_hash"]
            row.update(same.hashes(own, shared.get(own or "")))
    _Filling(db, gathered, lines, shared, actor).fill()
    db.flush()
    with sent_ahead(db):
        gathered.insert(db)
        for line in gathered.opened:
            assert line.person_id is not None
            assert line.entered_on is not None
            audit.act(db, actor, "journey.open", about=line.journey_id, person=line.person_id,
                      salt=gathered.salts[line.person_id], on=line.entered_on.isoformat(),
                      by_import=True)  # fmt: skip
        yield
    known = [one for one in gathered.made if not one["new_person"]]
    tokens.rewrite(db, {UUID(one["person"]) for one in known})
    undoing.seal_known(db, known)


class _Filling:
    """What was empty of people already known, and of their journeys, filled in."""

    def __init__(
        self,
        db: Session,
        gathered: Gathered,
        lines: Sequence[Line],
        shared: dict[str, str],
        actor: Actor,
    ) -> None:
        self.db, self.gathered, self.shared, self.actor = db, gathered, shared, actor
        new = gathered.salts.keys()
        self.lines = [
            line
            for line in lines
            if line.person_id
            and line.person_id not in new
            and line.verdict in {Verdict.CREATED, Verdict.COMPLETED}
        ]
        self.identities: dict[UUID, PersonIdentity] = {}
        self.persons: dict[UUID, Person] = {}
        self.journeys: dict[UUID, Journey] = {}

    def fill(self) -> None:
        self._load()
        for line in self.lines:
            if line.adds:
                self._complete(line)

    def _load(self) -> None:
        db = self.db
        for some in ranges({line.person_id for line in self.lines}):
            for person in db.exec(select(Person).where(among(db, col(Person.id), some))):
                self.persons[person.id] = person
                self.gathered.salts[person.id] = person.salt
            for row in db.exec(
                select(PersonIdentity).where(among(db, col(PersonIdentity.person_id), some))
            ):
                self.identities[row.person_id] = row
        for some in ranges({x.journey_id for x in self.lines if "planned_end_on" in x.adds}):
            for journey in db.exec(select(Journey).where(among(db, col(Journey.id), some))):
                self.journeys[journey.id] = journey

    def _complete(self, line: Line) -> None:
        assert line.person_id is not None
        identity = self.identities[line.person_id]
        for name, value in line.adds.items():
            if name == "planned_end_on":
                assert line.journey_id is not None
                journey = self.journeys[line.journey_id]
                journey.planned_end_on = date.fromisoformat(value)
                journey.version += 1
            elif name == "birth_on":
                identity.birth_on = date.fromisoformat(value)
                person = self.persons[line.person_id]
                if same.own(person) is None:
                    self._now_bears(person, making.own_hash(line.row.values, identity.birth_on))
            elif not name.startswith("fact:"):
                setattr(identity, name, value)
        making.facts(self.gathered, line)
        if line.journey_id and not line.opens_journey:
            touch(self.db, line.journey_id)
        audit.act(self.db, self.actor, "person.complete", person=line.person_id,
                  salt=self.gathered.salts[line.person_id],
                  columns=" ".join(sorted(line.adds)))  # fmt: skip

    def _now_bears(self, person: Person, own: str | None) -> None:
        if person.own_hash is None and own not in self.shared:
            person.human_hash = own
            return
        same.give(person, own)
        same.settle(self.db, [person])
