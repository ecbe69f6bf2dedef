"""Spans of days as SQL that reads the same on both engines. Cut-off dates are computed in Python;
what is left to the base is the number of days between two dates and the later of two dates."""

from calendar import monthrange
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class DaysBetween(FunctionElement[int]):
    """Whole days from one date to another; NULL when one is missing."""

    type = Integer()
    inherit_cache = True


class Latest(FunctionElement[date]):
    """The later of two dates, neither missing: the engines differ on NULL."""

    type = Date()
    inherit_cache = True


class Earliest(FunctionElement[date]):
    """The earlier of two dates, neither missing."""

    type = Date()
    inherit_cache = True


class DayAfter(FunctionElement[date]):
    """The next day; NULL when the date is missing."""

    type = Date()
    inherit_cache = True


def days_between(start: Any, end: Any) -> DaysBetween:
    return DaysBetween(_dated(start), _dated(end))


def latest(one: Any, other: Any) -> Latest:
    return Latest(_dated(one), _dated(other))


def earliest(one: Any, other: Any) -> Earliest:
    return Earliest(_dated(one), _dated(other))


def day_after(day: Any) -> DayAfter:
    return DayAfter(_dated(day))


def until(column: Any, today: date) -> ColumnElement[date]:
    """An end that is open, or still to come, counts as today."""
    day = literal(today, Date())
    return case((column.is_(None), day), (column > day, day), else_=column)


def months_back(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _dated(value: Any) -> Any:
    return literal(value, Date()) if isinstance(value, date) else value


@compiles(DaysBetween, "sqlite")
def _days_sqlite(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = (compiler.process(part, **kw) for part in element.clauses)
    return f"CAST(julianday({end}) - julianday({start}) AS INTEGER)"


@compiles(DaysBetween, "postgresql")
def _days_postgresql(element: DaysBetween, compiler: SQLCompiler, **kw: Any) -> str:
    start, end = (compiler.process(part, **kw) for part in element.clauses)
    return f"(CAST({end} AS DATE) - CAST({start} AS DATE))"


@compiles(Latest, "sqlite")
def _latest_sqlite(element: Latest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"max({compiler.process(element.clauses, **kw)})"


@compiles(Latest, "postgresql")
def _latest_postgresql(element: Latest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"greatest({compiler.process(element.clauses, **kw)})"


@compiles(Earliest, "sqlite")
def _earliest_sqlite(element: Earliest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"min({compiler.process(element.clauses, **kw)})"


@compiles(Earliest, "postgresql")
def _earliest_postgresql(element: Earliest, compiler: SQLCompiler, **kw: Any) -> str:
    return f"least({compiler.process(element.clauses, **kw)})"


@compiles(DayAfter, "sqlite")
def _day_after_sqlite(element: DayAfter, compiler: SQLCompiler, **kw: Any) -> str:
    return f"date({compiler.process(element.clauses, **kw)}, '+1 day')"


@compiles(DayAfter, "postgresql")
def _day_after_postgresql(element: DayAfter, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **kw)} AS DATE) + 1)"
