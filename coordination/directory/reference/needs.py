"""Constraints and needs of a diagnosis, and the services that answer them.

France Travail's seven constraints (23 to 29) with their situations and objectives, digital
autonomy, twenty needs of employment; each with the category it falls under and its themes of
data·inclusion. What the diagnosis knows and the product never keeps is marked `withheld`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from coordination.persons.categories import Category

FILE = Path(__file__).parent / "needs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A situation, an objective or a need: what a professional ticks. Codes repeat across kinds."""

    code: str
    label: str
    category: Category
    themes: tuple[str, ...] = ()  # data·inclusion, the likeliest first
    withheld: str | None = None  # why it is never proposed nor kept: "justice", "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    code: str
    label: str
    category: Category
    themes: tuple[str, ...]
    situations: tuple[Line, ...]
    objectives: tuple[Line, ...]


@cache
def constraints() -> tuple[Constraint, ...]:
    """The seven of France Travail, in their order, then digital autonomy ("numerique")."""
    return tuple(
        Constraint(
            code=row["code"],
            label=row["label"],
            category=Category(row["category"]),
            themes=tuple(row["themes"]),
            situations=_lines(row["situations"]),
            objectives=_lines(row["objectives"]),
        )
        for row in _file()["constraints"]
    )


@cache
def employment_needs() -> tuple[Line, ...]:
    return _lines(_file()["needs"])


def constraint(code: str) -> Constraint | None:
    return next((c for c in constraints() if c.code == code), None)


def employment_need(code: str) -> Line | None:
    return next((n for n in employment_needs() if n.code == code), None)


def find(code: str) -> Constraint | Line | None:
    """What the code of a recorded `Need` stands for; constraints and needs share no code."""
    return constraint(code) or employment_need(code)


def themes() -> dict[str, str]:
    """Label of each theme of data·inclusion, in its order."""
    return dict(_file()["themes"])


def proposed(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Those a screen may offer: without what is withheld."""
    return tuple(line for line in lines if line.withheld is None)


def _lines(rows: list[dict[str, Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(
            code=row["code"],
            label=row["label"],
            category=Category(row["category"]),
            themes=tuple(row["themes"]),
            withheld=row.get("withheld"),
        )
        for row in rows
    )


@cache
def _file() -> dict[str, Any]:
    written: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return written
