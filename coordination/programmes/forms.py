"""What is typed about a programme and its rules, as values; and rules as what would be typed."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from coordination.programmes import catalogue, checks, fields
from coordination.programmes.catalogue import Rules
from coordination.programmes.fields import RuleField, Typed
from coordination.programmes.models import ProgrammeKind
from coordination.web.forms import Form

MOST_LINES, LONGEST_LINE = 30, 120


@dataclass(frozen=True)
class Description:
    name: str
    kind: ProgrammeKind
    carrier: str
    summary: str


@dataclass(frozen=True)
class Change:
    rules: Rules
    from_on: date
    note: str


def description(form: Form) -> Description:
    name = form.text("name", most=160, least=3)
    kind = form.choice("kind", ProgrammeKind)
    carrier = form.text("carrier", required=False, most=200)
    summary = form.text("summary", required=False, most=1000)
    form.check()
    assert kind is not None
    return Description(name, kind, carrier, summary)


def change(form: Form, *, earliest: date) -> Change:
    given = {field.name: _read(form, field) for field in fields.every()}
    from_on = form.day("from_on", earliest=earliest)
    note = form.text("note", required=False, most=500)
    said = catalogue.read(**{name: v for name, v in given.items() if v not in (None, "", False)}
                          | _said_no(given))  # fmt: skip
    for name, why in checks.contradictions(said).items():
        form.wrong(name, why)
    form.check()
    assert from_on is not None
    return Change(said, from_on, note)


def written(rules: Rules) -> dict[str, str]:
    """By rule, as its field shows it."""
    return {field.name: _shown(getattr(rules, field.name)) for field in fields.every()}


def _read(form: Form, field: RuleField) -> Any:
    name = field.name
    match field.typed:
        case Typed.NUMBER:
            return form.number(name, required=False, least=field.least, most=field.most)
        case Typed.YES:
            return form.ticked(name)
        case Typed.YES_OR_NO:
            return _yes_or_no(form, name)
        case Typed.CHOICE:
            assert field.choices is not None
            return form.choice(name, field.choices, required=False)
        case Typed.NUMBERS:
            return _numbers(form, field)
        case Typed.LINES:
            return _lines(form, name)
        case Typed.TEXT:
            return form.text(name, required=False, most=LONGEST_LINE)


def _said_no(given: dict[str, Any]) -> dict[str, bool]:
    """A "no" that was chosen is a rule; a box left empty says nothing."""
    asked = (f.name for f in fields.every() if f.typed is Typed.YES_OR_NO)
    return {name: False for name in asked if given[name] is False}


def _yes_or_no(form: Form, name: str) -> bool | None:
    value = form.get(name)
    if value not in {"", "1", "0"}:
        form.wrong(name, "Choisissez une réponse de la liste.")
    return None if value not in {"1", "0"} else value == "1"


def _numbers(form: Form, field: RuleField) -> tuple[int, ...] | None:
    value = form.text(field.name, required=False, most=100)
    if not value:
        return None
    found = re.split(r"[\s,;]+", value.strip(" ,;"))
    if not all(re.fullmatch(r"\d{1,3}", part) for part in found):
        form.wrong(field.name, "Écrivez des nombres séparés par des virgules, par exemple 1, 2, 3.")
        return None
    numbers = tuple(int(part) for part in found)
    if not all(1 <= number <= field.most for number in numbers):
        form.wrong(field.name, f"Des nombres entre 1 et {field.most} sont attendus.")
    return numbers


def _lines(form: Form, name: str) -> tuple[str, ...] | None:
    value = form.text(name, required=False, most=MOST_LINES * LONGEST_LINE)
    lines = tuple(line.strip() for line in value.splitlines() if line.strip())
    if len(lines) > MOST_LINES:
        form.wrong(name, f"{MOST_LINES} lignes au plus (ici {len(lines)}).")
    if any(len(line) > LONGEST_LINE for line in lines):
        form.wrong(name, f"{LONGEST_LINE} caractères au plus par ligne.")
    return lines or None


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        numbers = all(isinstance(part, int) for part in value)
        return (", " if numbers else "\n").join(str(part) for part in value)
    return str(getattr(value, "value", value))
