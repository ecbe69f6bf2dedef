"""What an import says of each row: its verdict, why, and what it would write."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from coordination import labels
from coordination.journeys.imports import known as knowing
from coordination.journeys.imports.columns import Cleaned
from coordination.persons.records import fold

_CONTACT_WORDS = {
    "birth_name": "nom de naissance",
    "birth_on": "date de naissance",
    "phone": "téléphone",
    "other_phones": "autres téléphones",
    "email": "courriel",
    "address": "adresse",
    "postcode": "code postal",
    "commune_name": "commune",
}


class Verdict(StrEnum):
    CREATED = "created"
    COMPLETED = "completed"
    UNCHANGED = "unchanged"
    LEFT = "left"
    REFUSED = "refused"


class Answers(NamedTuple):
    """Asked once for the file; a column of the file wins over them. Without a programme and an
    entry from either, a person waits without a journey."""

    programme_id: UUID | None = None
    entered_on: date | None = None
    planned_end_on: date | None = None


@dataclass(slots=True)
class Line:
    """One row's fate. `person_id` is a person already known; a new one has none yet."""

    row: Cleaned
    verdict: Verdict
    reasons: list[str] = field(default_factory=list)
    person_id: UUID | None = None
    journey_id: UUID | None = None  # already there
    programme_id: UUID | None = None
    entered_on: date | None = None
    planned_end_on: date | None = None
    referent_id: UUID | None = None
    opens_journey: bool = False
    same_as: "Line | None" = None
    adds: dict[str, str] = field(default_factory=dict)  # contact columns and fact:… to fill in
    identifiers: dict[str, str] = field(default_factory=dict)  # to add


@dataclass
class Plan:
    agency_id: UUID
    lines: list[Line]
    notes: list[str]

    @property
    def writes(self) -> bool:
        return any(
            line.verdict in {Verdict.CREATED, Verdict.COMPLETED} or line.identifiers
            for line in self.lines
        )

    def counts(self) -> dict[str, int]:
        found = Counter(line.verdict for line in self.lines)
        return {verdict.value: found[verdict] for verdict in Verdict}

    def rows(self) -> list[dict[str, Any]]:
        """What is shown of each line: verdict and reasons; no name, no value of a cell."""
        return [
            {
                "line": line.row.line,
                "verdict": line.verdict.value,
                "reasons": line.reasons,
                "journey": str(line.journey_id) if line.journey_id else None,
            }
            for line in self.lines
        ]

    def report(self) -> dict[str, Any]:
        """What is kept with the run; its rows stand apart."""
        waiting = sum(
            not line.opens_journey and line.journey_id is None and line.verdict is Verdict.CREATED
            for line in self.lines
        )
        return {
            "counts": self.counts(),
            "notes": self.notes,
            "writes": self.writes,
            "waiting": waiting,
        }


def identifiers(row: Cleaned) -> dict[str, str]:
    """system → value, the agency's own first."""
    named = {"agency": "external_id", "france_travail": "france_travail",
             "france_travail_old": "france_travail_old"}  # fmt: skip
    return {system: row.values[name] for system, name in named.items() if name in row.values}


def folded(row: Cleaned) -> str:
    return _fold(f"{row.values.get('usual_name', '')} {row.values.get('given_names', '')}")


class Who(NamedTuple):
    """By what a row is told from the others, worked out once."""

    folded: str
    born: date | None
    birth: tuple[date, str] | None  # and name: those whose given names are compared
    identifiers: dict[str, str]

    @property
    def name(self) -> tuple[str, date | None]:
        return self.folded, self.born


def who(row: Cleaned) -> Who:
    """Of a row that has its names."""
    said, born = folded(row), row.day("birth_on")
    birth = (born, _fold(row.values["usual_name"])) if born else None
    return Who(said, born, birth, identifiers(row))


def kept(name: str) -> bool:
    return name in knowing.KEPT or name.startswith("fact:")


def word(name: str) -> str:
    if name.startswith("fact:"):
        label = labels.FACTS[name.removeprefix("fact:")][1]
        return label if label[:2].isupper() else label[0].lower() + label[1:]
    return _CONTACT_WORDS.get(name, "fin prévue")


_fold = lru_cache(maxsize=20_000)(fold)  # each name is looked at several times
