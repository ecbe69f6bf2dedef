"""The rules of a programme on a day: rows to values, and back."""

from calendar import monthrange
from dataclasses import fields
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination.programmes.catalogue import Rules, read
from coordination.programmes.models import ProgrammeRule

# Rules that a query reads have a column; the others stand in `more`.
COLUMNS = tuple(f.name for f in fields(Rules) if f.name in ProgrammeRule.model_fields)


def holds_on(day: date) -> ColumnElement[bool]:
    """The rows in force on a day: at most one per programme."""
    return and_(
        col(ProgrammeRule.from_on) <= day,
        or_(col(ProgrammeRule.until_on).is_(None), col(ProgrammeRule.until_on) >= day),
    )


def row_on(programme_id: UUID, on: date) -> SelectOfScalar[ProgrammeRule]:
    return (
        select(ProgrammeRule)
        .where(ProgrammeRule.programme_id == programme_id, holds_on(on))
        .order_by(col(ProgrammeRule.from_on).desc())
        .limit(1)
    )


def in_force(db: Session, programme_id: UUID, on: date) -> Rules:
    """What the programme asks and allows that day; nothing when no rule holds yet."""
    row = db.exec(row_on(programme_id, on)).first()
    return of_row(row) if row else Rules()


def history(programme_id: UUID) -> SelectOfScalar[ProgrammeRule]:
    """Every row, the latest first."""
    return (
        select(ProgrammeRule)
        .where(ProgrammeRule.programme_id == programme_id)
        .order_by(col(ProgrammeRule.from_on).desc(), col(ProgrammeRule.id))
    )


def fixed_end(asked: Rules, entered_on: date) -> date | None:
    """Where the programme lasts the same for everyone, the day it ends."""
    if not asked.fixed_duration:
        return None
    if asked.max_duration_months:
        return months_after(entered_on, asked.max_duration_months)
    weeks = asked.max_duration_weeks
    return entered_on + timedelta(weeks=weeks) if weeks else None


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where it does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def of_row(row: ProgrammeRule) -> Rules:
    said = {name: getattr(row, name) for name in COLUMNS if getattr(row, name) is not None}
    return read(**row.more, **said)


def as_row(rules: Rules) -> dict[str, Any]:
    """The columns of a `ProgrammeRule` that say these rules, `more` included."""
    given = rules.given()
    row: dict[str, Any] = {name: given.get(name) for name in COLUMNS}
    more = {name: value for name, value in given.items() if name not in COLUMNS}
    return row | {"more": {k: list(v) if isinstance(v, tuple) else v for k, v in more.items()}}
