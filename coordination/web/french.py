"""Dates, hours and numbers as French people read them. Used by pages, documents and mails."""

import re
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from coordination import clock

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
NARROW = "\u202f"
HARD = "\u00a0"
_SPACES = re.compile(r"(?<=\S) (?=[;:?!»](?:\s|$))|(?<=«) (?=\S)")


def day(value: date | None) -> str:
    """4 juin 2026"""
    if value is None:
        return "—"
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first}{HARD}{MONTHS[value.month - 1]} {value.year}"


def weekday(value: date | None) -> str:
    """jeudi 4 juin 2026"""
    return "—" if value is None else f"{DAYS[value.weekday()]} {day(value)}"


def short(value: date | None) -> str:
    """04/06/2026"""
    return "—" if value is None else f"{value.day:02}/{value.month:02}/{value.year}"


def moment(value: datetime | None) -> str:
    """jeudi 4 juin 2026 à 14 h 30"""
    if value is None:
        return "—"
    local = clock.local(value)
    return f"{weekday(local.date())} à {_hour(local)}"


def hour(value: datetime | None) -> str:
    """14 h 30"""
    return "—" if value is None else _hour(clock.local(value))


def stamp(value: datetime | None) -> str:
    """04/06/2026 14:30, for tables"""
    return "—" if value is None else f"{clock.local(value):%d/%m/%Y %H:%M}"


def number(value: int | float | None) -> str:
    """12 345 with thin spaces; decimals with a comma"""
    if value is None:
        return "—"
    text = f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"
    return text.replace(",", NARROW).replace(".", ",")


def minutes(total: int) -> str:
    """1 h 40, or 40 min"""
    hours, left = divmod(total, 60)
    if not hours:
        return f"{left}{HARD}min"
    return f"{hours}{HARD}h" + (f"{HARD}{left:02}" if left else "")


def fine(text: Any) -> Any:
    """The spaces French print puts before ; : ? ! and inside « », which never end a line."""
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    return _SPACES.sub(NARROW, text)


def months_days(start: date, end: date) -> str:
    """5 mois et 12 jours"""
    months = (end.year - start.year) * 12 + end.month - start.month
    if end.day < start.day:
        months -= 1
    anchor = _add_months(start, months)
    days = (end - anchor).days
    parts = [f"{months}{HARD}mois"] if months else []
    if days or not parts:
        parts.append(f"{days}{HARD}jour{'s' if days > 1 else ''}")
    return " et ".join(parts)


def count(total: int, one: str, many: str = "") -> str:
    """3 parcours, 1 orientation: the number with its word"""
    return f"{number(total)}{HARD}{one if total < 2 else many or one + 's'}"


def _hour(local: datetime) -> str:
    return f"{local.hour}{HARD}h" + (f"{HARD}{local.minute:02}" if local.minute else "")


def _add_months(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    last = (date(start.year + year + (month == 11), (month + 1) % 12 + 1, 1).toordinal()) - 1
    first = date(start.year + year, month + 1, 1)
    return date.fromordinal(min(first.toordinal() + start.day - 1, last))
