"""What happened, and who looked.

Acts are chained (each line's hash covers the one before) and numbered without gaps, last, just
before the commit. Access lines are insert-only and not chained: one lock for all reads would stop
the house. Neither holds personal text: a person appears as a keyed digest with a salt of their own.
"""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.db import Moment, Row

GENESIS = "0" * 64
_LOCK = 7_204_115  # the advisory lock of the chain on PostgreSQL


class AuditEntry(SQLModel, table=True):
    """One act. Inserted once by `chain`, never changed."""

    __tablename__ = "audit_entry"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_type=Moment)
    entry: str  # canonical JSON (RFC 8785 for the types used here)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


class AccessLine(Row, table=True):
    """One opening of a person's file, or of a list, by one actor."""

    __table_args__ = (Index("ix_access_line_person_created", "person_id", "created_at"),)

    professional_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    link_id: UUID | None = None
    person_id: UUID | None = None
    categories: int = 0  # bits of consent.Category
    standing_on: str = ""  # the reach and the consent it stood on
    route: str = ""  # the route's name, not its address
    list_key: str | None = Field(default=None, unique=True)  # one line per list and quarter hour


def act(
    db: Session,
    actor: Actor,
    verb: str,
    *,
    about: UUID | None = None,
    person: UUID | None = None,
    salt: str = "",
    **facts: str | int | bool | None,
) -> None:
    """Remember that this was done; `chain` writes it at the end of the transaction.

    `facts` carry codes, numbers and identifiers, never text that someone typed.
    """
    entry: dict[str, Any] = {
        "at": clock.now().isoformat(timespec="microseconds"),
        "verb": verb,
        "by": actor.kind.value,
        "professional": str(actor.professional_id) if actor.professional_id else None,
        "agency": str(actor.agency_id) if actor.agency_id else None,
        "about": str(about) if about else None,
    }
    if person:
        entry["person"] = digest_of(person, salt)
    if facts:
        entry["facts"] = facts
    db.info.setdefault("acts", []).append(entry)


def digest_of(person_id: UUID, salt: str) -> str:
    """The person in the chain: without the salt, nobody can say who it was."""
    return hmac.new(salt.encode(), person_id.bytes, hashlib.sha256).hexdigest()


def chain(db: Session) -> None:
    """Number and link the acts of this transaction. A closer, always the last one."""
    acts = db.info.pop("acts", [])
    if not acts:
        return
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = db.exec(
        select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
    ).first()
    seq, previous = (last[0], last[1]) if last else (0, GENESIS)
    rows = []
    for entry in acts:
        seq += 1
        line = canonical(entry | {"seq": seq})
        current = link(previous, line)
        rows.append(
            {"seq": seq, "at": clock.now(), "entry": line, "previous": previous, "hash": current}
        )
        previous = current
    db.execute(AuditEntry.__table__.insert(), rows)  # type: ignore[attr-defined]


def canonical(entry: dict[str, Any]) -> str:
    """Canonical JSON: keys sorted, no spaces. Values are strings, integers, booleans or null, for
    which this equals RFC 8785."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def link(previous: str, line: str) -> str:
    return hashlib.sha256(previous.encode() + line.encode()).hexdigest()


def verify(db: Session) -> int | None:
    """The number of the first wrong line, or None when the chain is whole."""
    expected, previous = 1, GENESIS
    lines = select(AuditEntry.seq, AuditEntry.entry, AuditEntry.previous, AuditEntry.hash)
    for seq, entry, before, found in db.exec(lines.order_by(col(AuditEntry.seq))):
        if (
            seq != expected
            or before != previous
            or found != link(previous, entry)
            or json.loads(entry).get("seq") != seq
        ):
            return expected
        expected, previous = seq + 1, found
    return None
