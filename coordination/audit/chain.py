"""Numbering and linking acts: no gap, last in the transaction, a lock held for one insert."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, select

from coordination.audit.acts import canonical
from coordination.audit.lines import AuditEntry

GENESIS = "0" * 64
LOCK = 7_204_115  # the advisory lock of the chain on PostgreSQL

_LAST = select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
# One trip, two statements: the second sees what was committed while the first waited.
_HOLD_THEN_LAST = (
    f"SELECT pg_advisory_xact_lock({LOCK});"
    " SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1"
)
_WRITE = insert(AuditEntry.__table__)  # type: ignore[attr-defined]


class Head(NamedTuple):
    """The last act. Written `12:ab34…`, as a document prints it."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> "Head | None":
        """What `str` wrote; None for anything else."""
        number, colon, digits = text.partition(":")
        return cls(int(number), digits) if colon and number.isdecimal() else None

    @property
    def short(self) -> str:
        """Enough of the hash for a printed line: nobody can make another act that begins so."""
        return self.hash[:16]


def chain(db: Session) -> None:
    """Number and link the acts of this transaction. A closer, always the last one."""
    acts = db.info.pop("acts", [])
    if not acts:
        return
    seq, previous = _held_head(db)
    rows = []
    for entry in acts:
        seq += 1
        line = canonical(entry | {"seq": seq})
        current = link(previous, line)
        at = datetime.fromisoformat(entry["at"])
        rows.append({"seq": seq, "at": at, "entry": line, "previous": previous, "hash": current})
        previous = current
    db.connection().execute(_WRITE, rows)


def head(db: Session) -> Head:
    """Where the chain ends now."""
    last = db.connection().execute(_LAST).first()
    return Head(last[0], last[1]) if last else Head(0, GENESIS)


def _held_head(db: Session) -> Head:
    """The same, and nobody adds to it until this transaction ends."""
    connection = db.connection()
    if connection.dialect.name != "postgresql":
        return head(db)  # one writer at a time
    cursor: Any = connection.connection.cursor()
    try:
        cursor.execute(_HOLD_THEN_LAST, prepare=False)
        cursor.nextset()
        last = cursor.fetchone()
    finally:
        cursor.close()
    return Head(*last) if last else Head(0, GENESIS)


def link(previous: str, line: str) -> str:
    return hashlib.sha256(previous.encode() + line.encode()).hexdigest()
