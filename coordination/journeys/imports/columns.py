"""Each cell as a value: dates of all kinds, several phones in a cell, zeros that were lost. The
social security number is dropped, wherever it stands."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from coordination.journeys.imports.headings import NIR
from coordination.persons.records import holds_nir, looks_like_nir
from coordination.web.forms import read_day

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
_IN_ERROR = {"#N/A", "#REF!", "#VALUE!", "#VALEUR!", "#DIV/0!", "#NAME?", "#NOM?", "#NULL!",
             "#NUM!", "#NOMBRE!"}  # fmt: skip
_ROUNDED = re.compile(r"\d[.,]\d+[eE]\+?\d+|\d[eE]\+\d+")  # 4,23012E+10
ERASED = "\N{SUBSTITUTE}"  # stands where a social security number stood; no other cell holds it
LONGEST_NAME, LONGEST = 100, 300


@dataclass(slots=True)
class Cleaned:
    """One row as values. `refused` says why it cannot be kept; `notes` what was left out."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refused: str = ""

    def day(self, name: str) -> date | None:
        value = self.values.get(name)
        return date.fromisoformat(value) if value else None


def without_nir(rows: list[tuple[int, list[str]]], unread: set[int]) -> None:
    """Blot out every social security number, before anything is kept of the file."""
    for _, cells in rows:
        for place, cell in enumerate(cells):
            if place in unread:
                cells[place] = ""
            elif len(cell) > 12 and (
                holds_nir(cell) or (cell[:1].isdigit() and looks_like_nir(cell))
            ):
                cells[place] = ERASED


def clean(line: int, cells: list[str], columns: dict[int, str]) -> Cleaned:
    """The row's values, by field; dates in ISO."""
    row = Cleaned(line)
    for place, name in columns.items():
        raw = cells[place] if place < len(cells) else ""
        if not raw or name == NIR:
            continue
        if raw == ERASED:
            row.notes.append("une valeur qui ressemble à un numéro de sécurité sociale est effacée")
        elif raw in _IN_ERROR:
            row.notes.append(f"une cellule est en erreur dans le tableur ({raw}), laissée de côté")
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
    elif name in {"france_travail", "external_id"} and _ROUNDED.fullmatch(raw):
        row.notes.append("un identifiant est arrondi par le tableur (notation scientifique), "
                         "laissé de côté : mettez la colonne au format texte")  # fmt: skip
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
    elif re.fullmatch(r"\d{9,10}", digits):
        row.values["france_travail"] = digits.zfill(11)
        row.notes.append("l’identifiant France Travail avait perdu ses zéros, rétablis")
    else:
        row.values["france_travail_old"] = raw[:40]
        row.notes.append("identifiant France Travail d’une ancienne forme, gardé pour votre seule "
                         "structure")  # fmt: skip
