"""Taking back what an import wrote, while everything is still as it left it. A digest of the rows
of each person and journey it made, keyed with the person's salt, says whether they are."""

import hmac
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, Uuid, delete, select
from sqlmodel import Session, SQLModel, col

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.db import columns, past_walls
from coordination.journeys.imports.known import SYSTEMS
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons import same, tokens
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.rows import among, ranges

Made = dict[str, Any]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # by table
Owned = dict[UUID, dict[str, list[Any]]]  # by person or journey, by table
# What an import writes of a person and of a journey.
_OF_PERSON = ("person", "person_identity", "person_identifier", "person_fact", "reach")
_OF_JOURNEY = ("journey", "journey_period", "journey_move", "party", "referent", "block")
# What the house itself adds, which goes with them.
_FOLLOW_JOURNEY = ("journey_due", "signal")
_FOLLOW_PERSON = ("person_token",)
_OF_THE_HOUSE = ("access_line", "notice")  # the journal, and what was sent: they stay
# What another agency said of the file: nobody here learns that it was. It could say so by an
# agreement, or a referral, that holds the import by itself.
_SAID_ELSEWHERE = ("compared", "other_id")
_DIGITS = 24
WORDS = {
    "contact": "un contact a été noté",
    "step": "une étape a été ajoutée",
    "need": "un besoin a été noté",
    "demand": "un examen en comité a été demandé",
    "referral": "une orientation a été préparée",
    "agenda_item": "la situation est à un ordre du jour",
    "follow_up": "une suite de comité la concerne",
    "consent": "un accord a été recueilli",
    "suspension": "le parcours a été mis en pause",
    "commitment": "un engagement a été préparé",
    "person_note": "une note a été écrite",
    "status_period": "un statut a été noté",
    "appointment": "un rendez-vous a été pris",
    "file": "un document a été joint",
    "compared": "le dossier a été comparé à celui d’une autre structure",
    "signal": "une alerte a été traitée",
    "person": "la fiche de la personne a changé depuis",
    "journey": "le parcours a changé depuis",
    "filled": "ce qui avait été complété a changé depuis",
}


def seal_new(made: Sequence[Made], written: Rows) -> None:
    """Write in each that made a person what its rows are now: those just `written`, by table."""
    new = [one for one in made if one["new_person"]]
    _seal(
        new,
        _told(
            new,
            _by_owner(written, _OF_PERSON, "person"),
            _by_owner(written, _OF_JOURNEY, "journey"),
        ),
    )


def seal_known(db: Session, made: Sequence[Made]) -> None:
    """Write in each, about people already known, what their rows are now: those that stand."""
    if made:
        _seal(made, _digests(db, made))


def _seal(made: Sequence[Made], now: Mapping[int, dict[str, str]]) -> None:
    for one in made:
        one["seal"] = now[one["line"]]


@past_walls
def built_on(db: Session, made: Sequence[Made]) -> dict[int, str]:
    """Line → why it can no longer be taken back. Other agencies' rows count: they are not shown."""
    now = _digests(db, made)
    reasons: dict[int, str] = {}
    for one in made:
        for part in ("person", "journey", "filled"):
            if now[one["line"]].get(part) != one["seal"].get(part):
                reasons.setdefault(one["line"], WORDS[part])
    persons = {UUID(one["person"]): one["line"] for one in made if one["new_person"]}
    journeys = {UUID(one["journey"]): one["line"] for one in made if one["new_journey"]}
    for table, column, keys in _leading_to(persons, journeys):
        for some in ranges(list(keys)):
            wanted = select(column).where(among(db, column, some)).distinct()
            if table.name == "signal":
                quiet = (table.c.state == "raised") & table.c.dismissed_until.is_(None)
                wanted = wanted.where(~quiet)
            for key in db.execute(wanted).scalars():
                reasons[keys[key]] = WORDS.get(table.name, "quelque chose y a été ajouté")
    return reasons


@past_walls
def take_back(db: Session, made: Sequence[Made], *, actor: Actor) -> None:
    """Everything these lines wrote goes, and what was empty is empty again."""
    salts: dict[UUID, str] = {}
    for some in ranges(_persons(made)):
        rows = db.execute(columns(Person.id, Person.salt).where(among(db, col(Person.id), some)))
        salts.update((key, salt) for key, salt in rows)
    for one in made:
        key = UUID(one["person"])
        audit.act(db, actor, "person.import_undone", about=one["journey"] and UUID(one["journey"]),
                  person=key, salt=salts[key])  # fmt: skip
    _empty_again(db, [one for one in made if one["filled"] or one["systems"]])
    journeys = [UUID(one["journey"]) for one in made if one["new_journey"]]
    persons = [UUID(one["person"]) for one in made if one["new_person"]]
    _remove(db, (*_FOLLOW_JOURNEY, *reversed(_OF_JOURNEY)), "journey", journeys)
    _remove(db, (*_FOLLOW_PERSON, *reversed(_OF_PERSON)), "person", persons)
    tokens.rewrite(db, [key for key in salts if key not in set(persons)])
    db.expire_all()


def _remove(db: Session, tables: Iterable[str], about: str, keys: Sequence[UUID]) -> None:
    db.flush()
    for name in tables:
        table = SQLModel.metadata.tables[name]
        column = table.c.id if name == about else table.c[f"{about}_id"]
        for some in ranges(keys):
            db.execute(delete(table).where(among(db, column, some)))


def _empty_again(db: Session, made: Sequence[Made]) -> None:
    for one in made:
        person_id = UUID(one["person"])
        identity = db.execute(
            select(PersonIdentity).where(col(PersonIdentity.person_id) == person_id)
        ).scalar_one()
        for name in one["filled"]:
            if name == "planned_end_on":
                if not one["new_journey"]:
                    journey = db.get_one(Journey, UUID(one["journey"]))
                    journey.planned_end_on, journey.version = None, journey.version + 1
                    touch(db, journey.id)
            elif name.startswith("fact:"):
                code = name.removeprefix("fact:")
                db.execute(delete(PersonFact).where(col(PersonFact.person_id) == person_id,
                                                    col(PersonFact.code) == code))  # fmt: skip
            else:
                setattr(identity, name, None if name == "birth_on" else "")
        if one["systems"]:
            db.execute(delete(PersonIdentifier).where(
                col(PersonIdentifier.person_id) == person_id,
                col(PersonIdentifier.system).in_(one["systems"]),
            ))  # fmt: skip


def _leading_to(
    persons: dict[UUID, int], journeys: dict[UUID, int]
) -> Iterable[tuple[Table, Column[Any], dict[UUID, int]]]:
    """Every column of the house that names one of these people or journeys, but what the import
    itself wrote: its digest looks at that."""
    for table in SQLModel.metadata.sorted_tables:
        if table.name in (
            *_OF_PERSON,
            *_OF_JOURNEY,
            *_FOLLOW_PERSON,
            *_OF_THE_HOUSE,
            "journey_due",
        ):
            continue
        for column in table.c:
            if (table.name, column.name) == _SAID_ELSEWHERE:
                continue
            targets = {key.column.table.name for key in column.foreign_keys}
            if "journey" in targets or (column.name == "journey_id" and not targets):
                yield table, column, journeys
            elif "person" in targets or (column.name == "person_id" and not targets):
                yield table, column, persons


def _digests(db: Session, made: Sequence[Made]) -> dict[int, dict[str, str]]:
    """line → part → digest of the rows as they stand."""
    keys = [UUID(one["journey"]) for one in made if one["journey"]]
    return _told(
        made,
        _by_owner(_read(db, _OF_PERSON, "person", _persons(made)), _OF_PERSON, "person"),
        _by_owner(_read(db, _OF_JOURNEY, "journey", keys), _OF_JOURNEY, "journey"),
    )


def _told(made: Sequence[Made], persons: Owned, journeys: Owned) -> dict[int, dict[str, str]]:
    told: dict[int, dict[str, str]] = {}
    for one in made:
        about = persons.get(UUID(one["person"]), {})
        salt = str(_one(about, "person").get("salt", ""))
        said = told[one["line"]] = {}
        if one["new_person"]:
            said["person"] = _digest(salt, _but_identifiers(about))
        along = journeys.get(UUID(one["journey"]), {}) if one["journey"] else {}
        if one["new_journey"]:
            said["journey"] = _digest(salt, along)
        if one["filled"] or one["systems"]:
            said["filled"] = _digest(salt, {"filled": [{"values": _filled(one, about, along)}]})
    return told


def _but_identifiers(about: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """A line further down the file may have brought one more: it tells of it itself."""
    kept = [row for row in about.get("person_identifier", ()) if row["system"] not in SYSTEMS]
    return {**about, "person_identifier": kept}


def _filled(one: Made, about: dict[str, list[Any]], along: dict[str, list[Any]]) -> list[Any]:
    """The values that stand in what was filled in."""
    identity = _one(about, "person_identity")
    values: dict[str, Any] = {name: identity.get(name) for name in one["filled"]}
    for fact in about.get("person_fact", []):
        if f"fact:{fact['code']}" in values:
            values[f"fact:{fact['code']}"] = fact["value"]
    if "planned_end_on" in values:
        values["planned_end_on"] = _one(along, "journey").get("planned_end_on")
    for row in about.get("person_identifier", []):
        if row["system"] in one["systems"]:
            values[f"system:{row['system']} {row['value']}"] = ""
    return [f"{name} {value}" for name, value in sorted(values.items())]


def _read(db: Session, tables: Sequence[str], about: str, keys: Collection[UUID]) -> Rows:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for name in tables:
        table = SQLModel.metadata.tables[name]
        column = table.c.id if name == about else table.c[f"{about}_id"]
        for some in ranges(list(dict.fromkeys(keys))):
            names = [
                column.name,
                *_told_of(name),
                *(["salt", "own_hash"] if name == "person" else []),
            ]
            rows = db.execute(
                select(*(table.c[name] for name in names)).where(among(db, column, some))
            )
            found[name] += [dict(zip(names, row, strict=True)) for row in rows]
    return found


def _by_owner(rows: Rows, tables: Sequence[str], about: str) -> Owned:
    owned: Owned = defaultdict(lambda: defaultdict(list))
    for name in tables:
        column = "id" if name == about else f"{about}_id"
        for row in rows.get(name, ()):
            owned[row[column]][name].append(row)
    return owned


def _one(rows: dict[str, list[Any]], table: str) -> dict[str, Any]:
    found: dict[str, Any] = next(iter(rows.get(table, [])), {})
    return found


def _digest(salt: str, said: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The same for a row just made and for the same row read again, whatever their order."""
    lines = [line for table, rows in said.items() for line in _lines(table, rows)]
    return hmac.digest(salt.encode(), "\n".join(sorted(lines)).encode(), "sha256").hex()[:_DIGITS]


def _lines(table: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if table == "person":  # the hash that a file shares by another agency's word changes nothing
        rows = [
            {**row, "human_hash": same.own_of(row.get("own_hash"), row.get("human_hash"))}
            for row in rows
        ]
    names = _told_of(table)
    if len(names) == 1:
        return [f"{table} {row[names[0]]}" for row in rows]
    told = itemgetter(*names)
    return [f"{table} " + "\x1f".join(map(str, told(row))) for row in rows]


@cache
def _told_of(table: str) -> tuple[str, ...]:
    """The columns that say something: not the keys, which do not change, nor when it was made."""
    if table == "filled":
        return ("values",)
    return tuple(
        column.name
        for column in SQLModel.metadata.tables[table].c
        if not isinstance(column.type, Uuid)
        and column.name not in {"created_at", "salt", "own_hash"}
    )


def _persons(made: Sequence[Made]) -> list[UUID]:
    return list(dict.fromkeys(UUID(one["person"]) for one in made))
