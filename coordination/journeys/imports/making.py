"""The rows of new people and journeys, as the lines of a plan say them. Nothing is asked of the
base: the rows of a range are made while it still writes those of the range before."""

import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from coordination import clock, labels
from coordination.consent.models import Reach, ReachKind
from coordination.journeys import blocks
from coordination.journeys.imports import undoing
from coordination.journeys.imports.gathered import Foreseen, Gathered, name_of
from coordination.journeys.imports.known import KEPT
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
from coordination.persons import same, tokens
from coordination.persons.categories import ALL, Category
from coordination.persons.models import (
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
    PersonToken,
)
from coordination.persons.records import fold, human_hash, new_reference
from coordination.programmes import rules


def gather(foreseen: Foreseen, lines: Sequence[Line]) -> Gathered:
    """What these lines will write; each then bears the person and the journey it makes."""
    made = Gathered(foreseen)
    for line in lines:
        _make(made, line)
    _find_by(made)
    undoing.seal_new(made.made, {name_of(table): rows for table, rows in made.rows.items()})
    return made


def facts(gathered: Gathered, line: Line) -> None:
    """What the line adds to what is known of its person."""
    for name, value in line.adds.items():
        if name.startswith("fact:"):
            code = name.removeprefix("fact:")
            gathered.add(
                PersonFact,
                person_id=line.person_id,
                agency_id=gathered.agency_id,
                category=Category(labels.FACTS[code][0]),
                code=code,
                value=value,
            )


def own_hash(values: dict[str, str], born: date | None) -> str | None:
    """The hash that tells one human being from another, where it can."""
    return human_hash(
        given_names=values["given_names"],
        usual_name=values["usual_name"],
        birth_on=born,
        france_travail_id=values.get("france_travail", ""),
    )


def _make(gathered: Gathered, line: Line) -> None:
    new_person = line.verdict is Verdict.CREATED and line.person_id is None
    if new_person:
        _new_person(gathered, line)
    if line.opens_journey:
        _new_journey(gathered, line)
        gathered.opened.append(line)
    if line.same_as:
        line.person_id, line.journey_id = line.same_as.person_id, line.same_as.journey_id
    if line.person_id is None or line.verdict is Verdict.REFUSED:
        return
    for system, value in line.identifiers.items():
        gathered.add(PersonIdentifier, person_id=line.person_id, agency_id=gathered.agency_id,
                     system=system, value=value)  # fmt: skip
    if new_person or line.opens_journey or line.adds or line.identifiers:
        gathered.made.append(_said(line, new_person=new_person))


def _said(line: Line, *, new_person: bool) -> dict[str, Any]:
    return {
        "line": line.row.line,
        "person": str(line.person_id),
        "journey": str(line.journey_id) if line.journey_id else None,
        "new_person": new_person,
        "new_journey": line.opens_journey,
        "filled": [] if new_person else sorted(line.adds),
        "systems": [] if new_person else sorted(line.identifiers),
    }


def _new_person(gathered: Gathered, line: Line) -> None:
    values = line.row.values
    salt = secrets.token_hex(16)
    line.person_id = person_id = gathered.add(
        Person,
        agency_id=gathered.agency_id,
        reference=new_reference(),
        salt=salt,
        **same.hashes(own_hash(values, line.row.day("birth_on")), None),
    )
    gathered.salts[person_id] = salt
    contact = {name: values[name] for name in KEPT if name in values and name != "birth_on"}
    gathered.add(
        PersonIdentity,
        person_id=person_id,
        agency_id=gathered.agency_id,
        usual_name=values["usual_name"],
        given_names=values["given_names"],
        birth_on=line.row.day("birth_on"),
        folded=fold(f"{values['usual_name']} {values['given_names']}"),
        **contact,
    )
    facts(gathered, line)
    gathered.add(Reach, person_id=person_id, agency_id=gathered.agency_id, kind=ReachKind.OWN,
                 opens=ALL, from_at=gathered.now)  # fmt: skip


def _new_journey(gathered: Gathered, line: Line) -> None:
    assert line.entered_on is not None
    assert line.programme_id is not None
    foreseen, since = gathered.foreseen, line.entered_on
    asked = foreseen.rules[line.programme_id]
    line.journey_id = journey_id = gathered.add(
        Journey,
        number=foreseen.numbers[since.year].pop(),
        person_id=line.person_id,
        agency_id=gathered.agency_id,
        programme_id=line.programme_id,
        territory_id=foreseen.territory_id,
        state=JourneyState.ENTERED,
        entered_on=since,
        planned_end_on=line.planned_end_on or rules.fixed_end(asked, since),
        import_key=line.row.values.get("external_id"),
    )
    gathered.add(JourneyPeriod, journey_id=journey_id, from_on=since)
    if block := blocks.in_course(asked, entered_on=since, today=clock.today()):
        gathered.add(Block, journey_id=journey_id, **block)
    gathered.add(Party, journey_id=journey_id, agency_id=gathered.agency_id,
                 role=PartyRole.CARRIER, from_on=since)  # fmt: skip
    holds = line.referent_id or foreseen.by  # who imports, where none is named
    if holds:
        gathered.add(Referent, journey_id=journey_id, professional_id=holds, from_on=since)
    gathered.add(JourneyMove, journey_id=journey_id, verb="open", after=JourneyState.ENTERED,
                 professional_id=foreseen.by, on_day=since, details={"import": True})  # fmt: skip
    gathered.add(JourneyDue, journey_id=journey_id)


def _find_by(gathered: Gathered) -> None:
    """The words that the people just made are found by, without reading them again."""
    references = {row["id"]: row["reference"] for row in gathered.rows[Person]}
    known: dict[UUID, list[Any]] = defaultdict(list)
    for row in gathered.rows[PersonIdentifier]:
        known[row["person_id"]].append(SimpleNamespace(**row))
    gathered.rows[PersonToken] = sorted(
        (
            {"agency_id": gathered.agency_id, "token": token, "person_id": row["person_id"]}
            for row in gathered.rows[PersonIdentity]
            for token in tokens.of(
                reference=references[row["person_id"]],
                identity=cast(PersonIdentity, SimpleNamespace(**row)),
                identifiers=known[row["person_id"]],
            )
        ),
        key=itemgetter("token"),  # as they stand in the index
    )
