"""Writing the lines of a plan: a few statements for thousands of rows."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select

from coordination import audit, clock, labels
from coordination.agencies.actors import Actor
from coordination.consent.models import Reach, ReachKind
from coordination.journeys import blocks
from coordination.journeys.imports import undoing
from coordination.journeys.imports.gathered import Gathered, name_of
from coordination.journeys.imports.known import KEPT, ranges
from coordination.journeys.imports.lines import Line, Verdict
from coordination.journeys.models import (
    Journey,
    JourneyDue,
    JourneyMove,
    JourneyPeriod,
    JourneyState,
    Party,
    PartyRole,
    Referent,
)
from coordination.journeys.models_along import Block
from coordination.journeys.touch import touch
from coordination.persons import same, tokens
from coordination.persons.categories import ALL, Category
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.persons.records import fold, human_hash, new_reference
from coordination.programmes import rules
from coordination.rows import put, sent_ahead


def write(
    db: Session, lines: Sequence[Line], *, agency_id: UUID, actor: Actor
) -> list[dict[str, Any]]:
    """Write these lines; each then bears the person and the journey it made. What comes back says
    what was made, for `undoing`."""
    writing = Gathered(db, agency_id, actor)
    _load(writing, lines)
    made = []
    for line in lines:
        new_person, new_journey = False, False
        if line.verdict is Verdict.CREATED:
            if line.person_id is None:
                _new_person(writing, line)
                new_person = True
            else:
                _complete(writing, line)
            if line.opens_journey:
                _new_journey(writing, line)
                new_journey = True
        elif line.verdict is Verdict.COMPLETED:
            _complete(writing, line)
        elif line.same_as:
            line.person_id, line.journey_id = line.same_as.person_id, line.same_as.journey_id
        if line.person_id is None or line.verdict is Verdict.REFUSED:
            continue
        for system, value in line.identifiers.items():
            writing.add(PersonIdentifier, person_id=line.person_id, agency_id=agency_id,
                        system=system, value=value)  # fmt: skip
        if new_person or new_journey or line.adds or line.identifiers:
            made.append(_made(line, new_person=new_person, new_journey=new_journey))
    db.flush()
    with sent_ahead(db):
        writing.insert()
        _find_by(writing)
        undoing.seal_new(made, {name_of(table): rows for table, rows in writing.rows.items()})
    known = [one for one in made if not one["new_person"]]
    tokens.rewrite(db, {UUID(one["person"]) for one in known})
    undoing.seal_known(db, known)
    return made


def _find_by(writing: Gathered) -> None:
    """The words that the people just made are found by, without reading them again."""
    references = {row["id"]: row["reference"] for row in writing.rows[Person]}
    known: dict[UUID, list[Any]] = defaultdict(list)
    for row in writing.rows[PersonIdentifier]:
        known[row["person_id"]].append(SimpleNamespace(**row))
    rows = [
        {"agency_id": writing.agency_id, "token": token, "person_id": row["person_id"]}
        for row in writing.rows[PersonIdentity]
        for token in tokens.of(
            reference=references[row["person_id"]],
            identity=cast(PersonIdentity, SimpleNamespace(**row)),
            identifiers=known[row["person_id"]],
        )
    ]
    put(writing.db, SQLModel.metadata.tables["person_token"], rows)


def _made(line: Line, *, new_person: bool, new_journey: bool) -> dict[str, Any]:
    return {
        "line": line.row.line,
        "person": str(line.person_id),
        "journey": str(line.journey_id) if line.journey_id else None,
        "new_person": new_person,
        "new_journey": new_journey,
        "filled": [] if new_person else sorted(line.adds),
        "systems": [] if new_person else sorted(line.identifiers),
    }


def _new_person(writing: Gathered, line: Line) -> None:
    values = line.row.values
    salt = secrets.token_hex(16)
    own = _hash(values, line.row.day("birth_on"))
    line.person_id = person_id = writing.add(
        Person,
        agency_id=writing.agency_id,
        reference=new_reference(),
        salt=salt,
        **same.hashes(own, writing.shared.get(own or "")),
    )
    writing.salts[person_id] = salt
    contact = {name: values[name] for name in KEPT if name in values and name != "birth_on"}
    writing.add(
        PersonIdentity,
        person_id=person_id,
        agency_id=writing.agency_id,
        usual_name=values["usual_name"],
        given_names=values["given_names"],
        birth_on=line.row.day("birth_on"),
        folded=fold(f"{values['usual_name']} {values['given_names']}"),
        **contact,
    )
    _facts(writing, line)
    writing.add(Reach, person_id=person_id, agency_id=writing.agency_id, kind=ReachKind.OWN,
                opens=ALL, from_at=writing.now)  # fmt: skip


def _new_journey(writing: Gathered, line: Line) -> None:
    assert line.person_id is not None
    assert line.entered_on is not None
    assert line.programme_id is not None
    asked = writing.rules(line.programme_id)
    line.journey_id = journey_id = writing.add(
        Journey,
        number=writing.number(line.entered_on.year),
        person_id=line.person_id,
        agency_id=writing.agency_id,
        programme_id=line.programme_id,
        territory_id=writing.territory_id,
        state=JourneyState.ENTERED,
        entered_on=line.entered_on,
        planned_end_on=line.planned_end_on or rules.fixed_end(asked, line.entered_on),
        import_key=line.row.values.get("external_id"),
    )
    since = line.entered_on
    writing.add(JourneyPeriod, journey_id=journey_id, from_on=since)
    if block := blocks.in_course(asked, entered_on=since, today=clock.today()):
        writing.add(Block, journey_id=journey_id, **block)
    writing.add(Party, journey_id=journey_id, agency_id=writing.agency_id, role=PartyRole.CARRIER,
                from_on=since)  # fmt: skip
    holds = line.referent_id or writing.actor.professional_id  # who imports, where none is named
    if holds:
        writing.add(Referent, journey_id=journey_id, professional_id=holds,
                    from_on=since)  # fmt: skip
    writing.add(JourneyMove, journey_id=journey_id, verb="open", after=JourneyState.ENTERED,
                professional_id=writing.actor.professional_id, on_day=since,
                details={"import": True})  # fmt: skip
    writing.add(JourneyDue, journey_id=journey_id)
    audit.act(writing.db, writing.actor, "journey.open", about=journey_id, person=line.person_id,
              salt=writing.salts[line.person_id], on=since.isoformat(), by_import=True)  # fmt: skip


def _complete(writing: Gathered, line: Line) -> None:
    """Fill in what was empty of a person already known, and of their journey."""
    db = writing.db
    if not line.adds:
        return
    assert line.person_id is not None
    identity = writing.identities[line.person_id]
    for name, value in line.adds.items():
        if name == "planned_end_on":
            assert line.journey_id is not None
            journey = writing.journeys[line.journey_id]
            journey.planned_end_on, journey.version = date.fromisoformat(value), journey.version + 1
        elif name == "birth_on":
            identity.birth_on = date.fromisoformat(value)
            person = writing.persons[line.person_id]
            if same.own(person) is None:
                _now_bears(writing, person, _hash(line.row.values, identity.birth_on))
        elif not name.startswith("fact:"):
            setattr(identity, name, value)
    _facts(writing, line)
    if line.journey_id:
        touch(db, line.journey_id)
    audit.act(db, writing.actor, "person.complete", person=line.person_id,
                  salt=writing.salts[line.person_id],
                  columns=" ".join(sorted(line.adds)))  # fmt: skip


def _now_bears(writing: Gathered, person: Person, own: str | None) -> None:
    if person.own_hash is None and own not in writing.shared:
        person.human_hash = own
        return
    same.give(person, own)
    same.settle(writing.db, [person])


def _facts(writing: Gathered, line: Line) -> None:
    for name, value in line.adds.items():
        if name.startswith("fact:"):
            code = name.removeprefix("fact:")
            writing.add(
                PersonFact,
                person_id=line.person_id,
                agency_id=writing.agency_id,
                category=Category(labels.FACTS[code][0]),
                code=code,
                value=value,
            )


def _load(writing: Gathered, lines: Sequence[Line]) -> None:
    """The rows of people already known that will be filled in, by ranges."""
    persons = {line.person_id for line in lines if line.person_id}
    filled = {line.person_id for line in lines if line.person_id and line.adds}
    ended = {line.journey_id for line in lines if "planned_end_on" in line.adds}
    db = writing.db
    for some in ranges(persons):
        salts = select(Person.id, Person.salt).where(col(Person.id).in_(some))
        writing.salts.update(dict(db.exec(salts).all()))
    for some in ranges(filled):
        for row in db.exec(select(PersonIdentity).where(col(PersonIdentity.person_id).in_(some))):
            writing.identities[row.person_id] = row
        for person in db.exec(select(Person).where(col(Person.id).in_(some))):
            writing.persons[person.id] = person
    for some in ranges([key for key in ended if key]):
        for journey in db.exec(select(Journey).where(col(Journey.id).in_(some))):
            writing.journeys[journey.id] = journey


def _hash(values: dict[str, str], born: date | None) -> str | None:
    return human_hash(
        given_names=values["given_names"],
        usual_name=values["usual_name"],
        birth_on=born,
        france_travail_id=values.get("france_travail", ""),
    )
