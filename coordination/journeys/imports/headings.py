"""Which column of a file says what: guessed from French headings in any order, or as the agency
said once for files that look like this one. The social security number's column is never read."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, select

from coordination import labels
from coordination.journeys.models_imports import ImportMapping
from coordination.persons.records import fold

NAMED = {  # field → headings, folded
    "external_id": ("identifiant dans le si", "identifiant", "id", "numero de dossier",
                    "identifiant externe", "numero"),
    "given_names": ("prenom", "prenoms"),
    "usual_name": ("nom", "nom d usage", "nom usuel", "nom de famille"),
    "birth_name": ("nom de naissance",),
    "birth_on": ("date de naissance", "ne le", "nee le", "ne e le", "naissance"),
    "nir": ("nir", "numero de securite sociale", "n de securite sociale", "securite sociale",
            "numero securite sociale", "n ss", "numero ss", "num secu"),
    "phones": ("telephone", "telephones", "tel", "portable", "mobile"),
    "email": ("email", "courriel", "mail", "e mail", "adresse mail", "adresse email",
              "adresse electronique"),
    "address": ("adresse",),
    "address_more": ("adresse complement", "complement d adresse"),
    "postcode": ("code postal", "cp"),
    "commune_name": ("ville", "commune"),
    "france_travail": ("identifiant pole emploi", "identifiant france travail", "numero de de",
                       "identifiant ft", "identifiant pe"),
    "programme": ("dispositif",),
    "entered_on": ("date d entree", "entree", "date entree"),
    "planned_end_on": ("fin prevue", "date de fin prevue", "date fin prevue"),
    "referent": ("referent", "referente", "referent e", "accompagnateurs", "accompagnateur"),
    "fact:situation": ("situation",),
    "fact:caf": ("numero allocataire caf msa", "numero allocataire", "numero caf"),
    "fact:rsa": ("droits rsa", "rsa"),
    "fact:are": ("droits are", "are"),
    "fact:ass": ("droits ass", "ass"),
    "fact:prime_activite": ("prime d activite",),
    "fact:rqth": ("rqth",),
    "fact:mobility_km": ("zone de mobilite", "zone de mobilite km"),
    "fact:rome": ("emploi recherche code rome", "emploi recherche", "code rome",
                  "metier recherche"),
    "fact:training_level": ("niveau de formation", "niveau"),
    "fact:birth_place": ("lieu de naissance",),
}  # fmt: skip
_GUESSED = {heading: name for name, headings in NAMED.items() for heading in headings}
MANDATORY = {
    "usual_name": "Nom",
    "given_names": "Prénom",
    "birth_on": "Date de naissance",
}
NIR = "nir"
_GROUPS: dict[str, dict[str, str]] = {
    "Identité": {
        "external_id": "Identifiant dans votre logiciel",
        "usual_name": "Nom",
        "given_names": "Prénom",
        "birth_name": "Nom de naissance",
        "birth_on": "Date de naissance",
        "france_travail": "Identifiant France Travail",
    },
    "Coordonnées": {
        "phones": "Téléphones",
        "email": "Courriel",
        "address": "Adresse",
        "address_more": "Complément d’adresse",
        "postcode": "Code postal",
        "commune_name": "Ville",
    },
    "Parcours": {
        "programme": "Dispositif",
        "entered_on": "Date d’entrée",
        "planned_end_on": "Fin prévue",
        "referent": "Référent·e",
    },
    "Situation": {
        name: labels.FACTS[name.removeprefix("fact:")][1]
        for name in NAMED
        if name.startswith("fact:")
    },
}
FIELDS = {name: label for group in _GROUPS.values() for name, label in group.items()}
OPTIONS = [(group, list(fields.items())) for group, fields in _GROUPS.items()]


class Match(NamedTuple):
    """The field of each column, "" where none; whether the agency said so, or it is a guess."""

    fields: list[str]
    remembered: bool

    @property
    def missing(self) -> list[str]:
        return [label for name, label in MANDATORY.items() if name not in self.fields]

    @property
    def places(self) -> dict[int, str]:
        return {place: name for place, name in enumerate(self.fields) if name}


def guess(headings: Sequence[str]) -> list[str]:
    """The first column of each name; every column that bears a social security number."""
    found: list[str] = []
    for heading in headings:
        name = _GUESSED.get(fold(heading), "")
        found.append("" if name in found and name != NIR else name)
    return found


def match(db: Session, headings: Sequence[str], *, agency_id: UUID) -> Match:
    """What the agency said of a file with the same headings, else what they seem to be."""
    guessed = guess(headings)
    kept = _kept(db, headings, agency_id)
    if kept is None or len(kept.fields) != len(headings):
        return Match(guessed, remembered=False)
    said = [""] * len(headings)
    for place, name in zip(_sorted(headings), kept.fields, strict=True):
        said[place] = name if name in FIELDS else ""
    return Match(with_nir(said, guessed), remembered=True)


def remember(
    db: Session, headings: Sequence[str], fields: Sequence[str], *, agency_id: UUID, by: UUID | None
) -> None:
    """For the next file of this agency with the same headings, whatever their order."""
    kept = _kept(db, headings, agency_id) or ImportMapping(
        agency_id=agency_id, headings=_digest(headings)
    )
    kept.fields, kept.professional_id = [fields[place] for place in _sorted(headings)], by
    db.add(kept)


def with_nir(fields: Sequence[str], guessed: Sequence[str]) -> list[str]:
    """Whatever is chosen, the column of the social security number stays unread."""
    return [NIR if seen == NIR else name for name, seen in zip(fields, guessed, strict=True)]


def said(headings: Sequence[str], fields: Sequence[str]) -> list[str]:
    """What is told of the columns that are not read."""
    notes = []
    if NIR in fields:
        notes.append(
            "La colonne du numéro de sécurité sociale (NIR) n’est pas lue : Passerelles ne le "
            "garde jamais."
        )
    unused = [
        heading or f"colonne {place + 1}"
        for place, (heading, name) in enumerate(zip(headings, fields, strict=True))
        if not name
    ]
    if unused:
        notes.append(f"Colonnes laissées de côté : {', '.join(unused)}.")
    return notes


def _kept(db: Session, headings: Sequence[str], agency_id: UUID) -> ImportMapping | None:
    return db.exec(
        select(ImportMapping).where(
            ImportMapping.agency_id == agency_id, ImportMapping.headings == _digest(headings)
        )
    ).first()


def _sorted(headings: Sequence[str]) -> list[int]:
    """The places of the columns, in the order of their folded headings."""
    return sorted(range(len(headings)), key=lambda place: (fold(headings[place]), place))


def _digest(headings: Sequence[str]) -> str:
    """Headings themselves are not kept: in a file without any, the first line is a person."""
    named = "\n".join(fold(headings[place]) for place in _sorted(headings))
    return hashlib.sha256(named.encode()).hexdigest()
