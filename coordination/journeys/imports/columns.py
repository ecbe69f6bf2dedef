"""Which column says what, and each cell as a value: French headings in any order, dates of all
kinds, several phones in a cell. The social security number is dropped, wherever it stands."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from coordination.errors import Invalid
from coordination.journeys.imports import reading
from coordination.persons.records import fold, looks_like_nir
from coordination.web.forms import read_day

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
FIELDS = {heading: name for name, headings in NAMED.items() for heading in headings}
MANDATORY = {
    "usual_name": "Nom",
    "given_names": "Prénom",
    "birth_on": "Date de naissance",
}
# Codes of tools that agencies really export, in words; anything else stays as it came.
_WORDS = {
    "recherche_emploi": "Recherche d’emploi",
    "iae": "Insertion par l’activité économique",
    "rsa_droit_ouvert_et_suspendu": "Droits ouverts et suspendus",
    "rsa_droit_ouvert_versable": "Droits ouverts et versables",
    "rsa_droit_ouvert_sans_versement": "Droits ouverts sans versement",
    "oui": "Oui",
    "non": "Non",
}
_ROME = re.compile(r"^(?P<label>.*?)\s*\((?P<code>[A-Z]\d{4})\)$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
_EXCEL_EPOCH = date(1899, 12, 30)
LONGEST_NAME, LONGEST = 100, 300


@dataclass
class Cleaned:
    """One row as values. `refused` says why it cannot be kept; `notes` what was left out."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refused: str = ""

    def day(self, name: str) -> date | None:
        value = self.values.get(name)
        return date.fromisoformat(value) if value else None


def match(headings: list[str]) -> tuple[dict[int, str], list[str]]:
    """(column → field, what is said of the columns). A mandatory heading missing is refused."""
    found: dict[int, str] = {}
    notes, unused = [], []
    for place, heading in enumerate(headings):
        name = FIELDS.get(fold(heading))
        if name is None or (name in found.values() and name != "nir"):
            unused.append(heading or f"colonne {place + 1}")
        else:
            found[place] = name
    missing = [label for name, label in MANDATORY.items() if name not in found.values()]
    if missing:
        raise Invalid(
            f"Il manque une colonne : {', '.join(missing)}. Colonnes lues : "
            f"{', '.join(h for h in headings if h)[:300]}.",
            field=reading.FIELD,
        )
    if "nir" in found.values():
        notes.append(
            "La colonne du numéro de sécurité sociale (NIR) n’est pas lue : Passerelles ne le "
            "garde jamais."
        )
    if unused:
        notes.append(f"Colonnes laissées de côté : {', '.join(unused)}.")
    return found, notes


def clean(line: int, cells: list[str], columns: dict[int, str]) -> Cleaned:
    """The row's values, by field; dates in ISO."""
    row = Cleaned(line)
    for place, name in columns.items():
        raw = cells[place] if place < len(cells) else ""
        if not raw or name == "nir":
            continue
        if looks_like_nir(raw):
            row.notes.append("une valeur qui ressemble à un numéro de sécurité sociale est effacée")
        else:
            _set(row, name, raw)
    if more := row.values.pop("address_more", ""):
        row.values["address"] = ", ".join(filter(None, (row.values.get("address"), more)))
    if not row.values.get("usual_name") or not row.values.get("given_names"):
        row.refused = row.refused or "le nom ou le prénom manque"
    if not row.refused and not row.values.get("birth_on"):
        row.notes.append("à compléter : date de naissance")
    return row


def _set(row: Cleaned, name: str, raw: str) -> None:
    if name in {"birth_on", "entered_on", "planned_end_on"}:
        _set_day(row, name, raw)
    elif name == "phones":
        _set_phones(row, raw)
    elif name == "email":
        if _EMAIL.match(raw) and len(raw) <= 254:
            row.values[name] = raw
        else:
            row.notes.append("l’adresse de courriel est illisible, laissée de côté")
    elif name in {"usual_name", "given_names", "birth_name"} and len(raw) > LONGEST_NAME:
        row.refused = f"un nom de {len(raw)} caractères ({LONGEST_NAME} au plus)"
    elif name == "postcode":
        row.values[name] = raw.zfill(5) if raw.isdigit() and len(raw) == 4 else raw[:10]
    elif name == "fact:rome":
        found = _ROME.match(raw)
        row.values[name] = f"{found['code']} {found['label']}".strip() if found else raw[:LONGEST]
    elif name.startswith("fact:"):
        row.values[name] = _WORDS.get(raw.casefold(), raw[:LONGEST])
    elif name == "france_travail":
        _set_identifier(row, raw)
    else:
        row.values[name] = raw[:LONGEST]


def _set_day(row: Cleaned, name: str, raw: str) -> None:
    day = read_day(raw.split(" ")[0].split("T")[0])
    if day is None and re.fullmatch(r"\d{5}", raw):
        day = _EXCEL_EPOCH + timedelta(days=int(raw))
    said = {"birth_on": "la date de naissance", "entered_on": "la date d’entrée"}.get(
        name, "la fin prévue"
    )
    if day is None:
        row.refused = f"{said} n’existe pas (attendu : jj/mm/aaaa)"
    elif not 1900 <= day.year <= 2100:
        row.refused = f"{said} est hors du calendrier (1900 à 2100)"
    else:
        row.values[name] = day.isoformat()


def _set_phones(row: Cleaned, raw: str) -> None:
    good: list[str] = []
    for part in re.split(r"\s*(?:[,;/|]|\bou\b|\bet\b)\s*", raw):
        digits = re.sub(r"[\s.\-()]", "", part)
        if re.fullmatch(r"0[1-9]\d{8}|\+\d{8,15}", digits):
            good.append(digits)
        elif re.fullmatch(r"(?:0033|33)[1-9]\d{8}", digits):
            good.append("0" + digits[-9:])
        elif re.fullmatch(r"[1-9]\d{8}", digits):
            good.append("0" + digits)
            row.notes.append("un numéro de téléphone avait perdu son zéro, rétabli")
        elif part:
            row.notes.append(f"un numéro de téléphone est illisible ({len(digits)} chiffres), "
                             "laissé de côté")  # fmt: skip
    if good:
        row.values["phone"] = good[0]
    if len(good) > 1:
        row.values["other_phones"] = ", ".join(dict.fromkeys(good[1:]))


def _set_identifier(row: Cleaned, raw: str) -> None:
    digits = re.sub(r"\s", "", raw)
    if re.fullmatch(r"\d{11}", digits):
        row.values["france_travail"] = digits
    else:
        row.values["france_travail_old"] = raw[:40]
        row.notes.append("identifiant France Travail d’une ancienne forme, gardé pour votre seule "
                         "structure")  # fmt: skip
