"""One unique word in every column of text of every table that tells something of a person, for four
persons of three agencies, so that a walk of every page tells which of them reached whom.

A table joins by itself: its rows about a person are found through its foreign keys. What is not
planted is named here, with why; a column of text that is in neither place fails a test."""

import hashlib
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import JSON, Column, Enum, String, Table, Uuid, select, update
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from coordination.referrals.models import Referral
from tests import biography, crossing
from tests.biography import OF_NO_ONE, rows_about

# Codes, hashes, keys and numbers of the house: no one writes anything there.
CODES = {
    "journey.number", "journey.review", "journey.import_key", "need.code", "need.origin",
    "person_fact.code", "person_identifier.system", "person_identity.language",
    "referral.number", "referral.outcome", "referral.snapshot_sha256", "referral.reasons",
    "referral_step.verb", "referral_step.reasons", "journey_move.verb", "decision.need_code",
    "demand.agencies", "agenda_item.signals", "file.media_type", "file.sha256", "file.category",
    "consent.expressed_by", "consent.notice_version", "consent.notice_sha256", "consent.language",
    "consent.format", "recall.referrals", "recall.annexes", "consent_event.recipients",
    "consent_event.proof_sha256", "person_merge.hash_before",
}  # fmt: skip
# Tables about a person that hold nothing but keys, rights, dates and moments of the house.
MUTE = {
    "person", "person_token", "merge_move", "set_apart", "compared", "restriction",
    "reach", "consent_cover",
    "access_line", "notice", "transition_fact",
    "transition_outcome", "journey_due", "journey_period", "party", "referent",
    "decision_destination",
}  # fmt: skip
# What a table tells, whoever asks the house: the category of all its rows.
CATEGORY = {
    "person_identity": "identity", "person_identifier": "identity", "person_note": "notes",
    "journey": "steps", "journey_move": "steps", "contact": "steps", "suspension": "steps",
    "step": "steps", "step_prerequisite": "steps", "commitment": "steps",
    "status_period": "resources", "demand": "steps", "signal": "steps", "referral": "steps",
    "referral_step": "steps", "follow_up": "steps",
}  # fmt: skip
# Said to everyone around the table, by design: what is anonymous, or veiled of the names.
AT_THE_TABLE = {"agenda_item", "decision", "follow_up"}
# Tables whose texts only the agency that wrote them reads (proofs, words used, who expressed).
OF_ITS_AGENCY = {"consent", "consent_event", "file"}

ROOM = len("zq0000canari")  # a shorter column holds a code


class Word(NamedTuple):
    """Where one word was planted, and of whom."""

    person: str
    table: str
    column: str
    row: UUID
    category: str  # "" where the table's rows have none
    agencies: frozenset[str]  # that wrote the row, or that it was sent to

    @property
    def what(self) -> str:
        return f"{self.person} {self.table}.{self.column}"


def may_hear(agency: str, word: Word, purposes: frozenset[str]) -> bool:
    """What the scene says, never the house: see tests/crossing.py."""
    if agency in word.agencies or crossing.OWNERS[word.person] == agency:
        return True
    if word.table in AT_THE_TABLE and agency in crossing.SEATED:
        return True
    if word.table in OF_ITS_AGENCY or not word.category:
        return False
    return crossing.may_read(agency, word.person, word.category, purposes)


def plant(db: Session, town: SimpleNamespace) -> dict[str, Word]:
    """word → where it stands, for each of the four in every table about a person."""
    biography.furnish(db, town, but=OF_NO_ONE | MUTE)
    found: dict[str, Word] = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in OF_NO_ONE | MUTE:
            continue
        for person in crossing.OWNERS:
            for row in rows_about(db, table, getattr(town, person).id):
                _mark(db, town, table, row, person, found)
    return found


def texts(table: Table) -> Iterator[Column]:
    """The columns where someone may write, or the house may keep what someone wrote."""
    for column in table.c:
        if free_text(column) or isinstance(column.type, JSON):
            yield column


def renamed(db: Session, planted: dict[str, Word], hidden: set[str]) -> None:
    """Writes other words where these stand, so that each two of them change their order."""
    for word in hidden:
        where = planted[word]
        table = SQLModel.metadata.tables[where.table]
        column = table.c[where.column]
        kept = db.execute(select(column).where(table.c.id == where.row)).scalar_one()
        other = f"zq{9999 - int(word[2:6])}canari"
        said = json.loads(json.dumps(kept).replace(word, other))
        db.execute(update(table).where(table.c.id == where.row).values({column.name: said}))


def _mark(
    db: Session, town: SimpleNamespace, table: Table, key: UUID, person: str, found: dict[str, Word]
) -> None:
    row = db.execute(select(table).where(table.c.id == key)).mappings().one()
    changes: dict[str, Any] = {}
    for column in texts(table):
        if f"{table.name}.{column.name}" in CODES:
            continue
        word = f"zq{len(found):04}canari"
        said = _with(word, row[column.name], column)
        if said is None:
            continue
        changes[column.name] = said
        found[word] = Word(
            person, table.name, column.name, key,
            str(row.get("category") or CATEGORY.get(table.name, "")), _agencies(db, town, row),
        )  # fmt: skip
    if table.name == "file":
        word = changes["name"]
        changes["name"] = f"{word}.pdf"
        changes["content"] = f"%PDF-1.7 {word}".encode()
        changes["sha256"] = hashlib.sha256(changes["content"]).hexdigest()
        changes["size"] = len(changes["content"])
    if changes:
        db.execute(update(table).where(table.c.id == key).values(changes))


def _with(word: str, kept: Any, column: Column) -> Any:
    if not isinstance(column.type, JSON):
        return word
    if isinstance(kept, list):
        return [word for _ in kept] or None
    said = {name: _leaf(word, value) for name, value in (kept or {}).items()}
    return said if word in json.dumps(said) else said | {"note": word}


def _leaf(word: str, value: Any) -> Any:
    if isinstance(value, list):
        return [word if isinstance(said, str) else said for said in value]
    return f"{word} {value}" if isinstance(value, str) else value


def _agencies(db: Session, town: SimpleNamespace, row: Any) -> frozenset[str]:
    """Those that wrote the row, and those to whom it was sent."""
    keys = {row.get("agency_id"), row.get("sender_id")}
    if "referral_id" in row and row.get("referral_id") and "verb" in row:
        row = db.execute(select(Referral.__table__).where(
            Referral.__table__.c.id == row["referral_id"])).mappings().one()  # fmt: skip
    if row.get("sent_at"):
        keys.add(row.get("recipient_id"))
    names = ("mission", "greta", "ccas", "mde", "elsewhere", "refuge")
    return frozenset(name for name in names if getattr(town, name).id in keys)


def free_text(column: Column) -> bool:
    kind = column.type
    if column.foreign_keys or isinstance(kind, Uuid | Enum):
        return False
    return isinstance(kind, AutoString | String) and (kind.length or ROOM) >= ROOM
