"""Writing what the rules said: alerts that begin, sentences refreshed, alerts that end. Each in a
statement or two, however many: what changes rows travels as one JSON text, which both engines read
as a table."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlmodel import Session, SQLModel
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.db import Moment
from coordination.rows import in_hex, put
from coordination.signals.models import SignalState
from coordination.signals.raising import Finding

_KINDS = {
    "id": "uuid", "agency_id": "uuid", "since_on": "date", "sentence": "text", "weight": "float",
    "score": "float", "severity": "int",
}  # fmt: skip
_TOLD = ("since_on", "sentence", "weight", "score", "severity")


def begin(db: Session, new: Sequence[Finding]) -> None:
    """Two transactions may see the same fact at once: the second one's alert is simply not made."""
    now = clock.now()
    made = [
        found._asdict()
        | {"id": uuid7(), "created_at": now, "state": SignalState.RAISED, "reason": ""}
        for found in sorted(new)
    ]
    put(db, SQLModel.metadata.tables["signal"], made, unless_there=True)


def refresh(db: Session, changed: Sequence[tuple[Any, Finding]]) -> None:
    """Rows that stand, each with what is said now. Who carries the journey rarely changes, and is
    written apart: its index would be written every night."""
    told = [(in_hex(row.id), *_told(found)) for row, found in changed]
    moved = [
        (in_hex(row.id), in_hex(found.agency_id))
        for row, found in changed
        if row.agency_id != found.agency_id
    ]
    for names, rows in ((_TOLD, told), (("agency_id",), moved)):
        sets = ", ".join(f"{name} = said.{name}" for name in names)
        update = f"UPDATE signal SET {sets} FROM {{rows}} WHERE signal.id = said.id"
        _write(db, update, ("id", *names), rows)


def end(db: Session, over: Sequence[UUID | str]) -> None:
    _write(
        db,
        "UPDATE signal SET ended_at = :now FROM {rows} WHERE signal.id = said.id",
        ("id",),
        [(in_hex(key),) for key in over],
    )


def _told(found: Finding) -> tuple[Any, ...]:
    since = found.since_on.isoformat()
    return since, found.sentence, found.weight, found.score, found.severity


def _write(db: Session, statement: str, names: Sequence[str], rows: Sequence[Any]) -> None:
    if not rows:
        return
    connection = db.connection()
    if connection.dialect.name == "sqlite":
        read = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(names))
        table, given = f"(SELECT {read} FROM json_each(:rows)) AS said", list(rows)
    else:
        kinds = ", ".join(f"{name} {_KINDS[name]}" for name in names)
        table = f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS said({kinds})"
        given = [dict(zip(names, row, strict=True)) for row in rows]
    wanted = text(statement.replace("{rows}", table))
    params: dict[str, Any] = {"rows": json.dumps(given, ensure_ascii=False)}
    if ":now" in statement:
        wanted = wanted.bindparams(bindparam("now", type_=Moment()))
        params["now"] = clock.now()
    connection.execute(wanted, params)
