"""What the seeded generator of the demonstration is made of: names, kinds of agency, sentences.

All of it is fictional. Nothing is drawn here: whoever draws brings its own seeded `Random`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from coordination.agencies.models import AgencyKind
from coordination.directory.reference.geography import Commune, Departement
from coordination.directory.reference.grammar import a, de
from coordination.persons.categories import Category

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ServiceModel:
    name: str
    type: str  # data·inclusion: accompagnement, atelier, formation, information, aide-…
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgencyModel:
    """An ordinary kind of participant, finer than `AgencyKind`: a GRETA, a CFA, a school…"""

    code: str
    kind: AgencyKind
    label: str
    side: str  # prescriber, training, authority, social, insertion, mobility, housing, health…
    scale: str  # commune, territory, departement: there is one per…
    weight: int  # how many of them, relatively to the others
    sensitive: str | None  # what its name alone would tell: "justice", "addiction", "asylum"…
    patterns: tuple[str, ...]
    roles: tuple[str, ...]  # functions of those who work there
    services: tuple[ServiceModel, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text with slots; `about` is the category it belongs to when it speaks of a person."""

    text: str
    about: Category
    use: str | None = None  # question: the signal it goes with; decision: outcome; reason: of what

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(name for _, name, _, _ in Formatter().parse(self.text) if name)

    def fill(self, **values: str) -> str:
        """The text without slots. A value nobody gave raises KeyError; more values do no harm."""
        return self.text.format_map(values)


def given_names() -> tuple[str, ...]:
    return feminine_names() + masculine_names()


def feminine_names() -> tuple[str, ...]:
    return tuple(_file("names")["given_feminine"])


def masculine_names() -> tuple[str, ...]:
    return tuple(_file("names")["given_masculine"])


def family_names() -> tuple[str, ...]:
    return tuple(_file("names")["family"])


@cache
def agency_models() -> tuple[AgencyModel, ...]:
    return tuple(
        AgencyModel(
            code=row["code"],
            kind=AgencyKind(row["kind"]),
            label=row["label"],
            side=row["side"],
            scale=row["scale"],
            weight=row["weight"],
            sensitive=row.get("sensitive"),
            patterns=tuple(row["patterns"]),
            roles=tuple(row["roles"]),
            services=tuple(
                ServiceModel(s["name"], s["type"], tuple(s["themes"])) for s in row["services"]
            ),
        )
        for row in _file("agency_kinds")["kinds"]
    )


def agency_model(code: str) -> AgencyModel | None:
    return next((model for model in agency_models() if model.code == code), None)


def agency_name(pattern: str, *, commune: Commune, departement: Departement, territory: str) -> str:
    """ "CCAS {de_commune}" in Agde → "CCAS d’Agde"."""
    return pattern.format(
        commune=commune.nom,
        de_commune=de(commune),
        departement=departement.nom,
        de_departement=de(departement),
        territoire=territory,
    )


def place_slots(commune: Commune) -> dict[str, str]:
    """The slots of a sentence that speak of a place."""
    return {"commune": commune.nom, "a_commune": a(commune), "de_commune": de(commune)}


def questions() -> tuple[Sentence, ...]:
    """To the committee; `use` is the code of the signal it answers, or None."""
    return _sentences("questions")


def tried() -> tuple[Sentence, ...]:
    return _sentences("tried")


def wants() -> tuple[Sentence, ...]:
    """What the person wants, in the first person."""
    return _sentences("wants")


def decisions() -> tuple[Sentence, ...]:
    """`use` is the outcome of the decision, or a finer word where the committees have none yet."""
    return _sentences("decisions")


def actions() -> tuple[Sentence, ...]:
    return _sentences("actions")


def reasons(of: str) -> tuple[Sentence, ...]:
    """`of`: suspension, carry_over, late_item, dismissal, absence, postponement, refusal."""
    return tuple(s for s in _sentences("reasons") if s.use == of)


def values(slot: str) -> tuple[str, ...]:
    """Plausible values of the slots "formation", "metier", "montant", "mois", "semaines"."""
    return tuple(_file("sentences")["values"].get(slot, ()))


@cache
def _sentences(which: str) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(
            row["text"],
            Category(row["about"]),
            row.get("signal") or row.get("outcome") or row.get("use"),
        )
        for row in _file("sentences")[which]
    )


@cache
def _file(name: str) -> dict[str, Any]:
    written: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return written
