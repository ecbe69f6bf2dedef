"""Numbering and linking acts: no gap, last in the transaction, a lock held for one insert."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, text
from sqlmodel import Session, col, select

from coordination.audit.acts import canonical
from coordination.audit.lines import AuditEntry

GENESIS = "0" * 64
LOCK = 7_204_115  # the advisory lock of the chain on PostgreSQL

_HOLD = text(f"SELECT pg_advisory_xact_lock({LOCK})")
_LAST = select(AuditEntry.seq, AuditEntry.hash).order_by(col(AuditEntry.seq).desc()).limit(1)
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
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD)
    seq, previous = head(db)
    rows = []
    for entry in acts:
        seq += 1
        line = canonical(entry | {"seq": seq})
        current = link(previous, line)
        at = datetime.fromisoformat(entry["at"])
        rows.append({"seq": seq, "at": at, "entry": line, "previous": previous, "hash": current})
        previous = current
    connection.execute(_WRITE, rows)


def head(db: Session) -> Head:
    """Where the chain ends now."""
    last = db.connection().execute(_LAST).first()
    return Head(last[0], last[1]) if last else Head(0, GENESIS)


def link(previous: str, line: str) -> str:
    return hashlib.sha256(previous.encode() + line.encode()).hexdigest()
