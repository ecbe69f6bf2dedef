"""Communes, EPCI, départements and régions of France: facts read once, no database.

Codes are INSEE's, always text ("09001"): a leading zero is part of the code. An EPCI may lie
across two régions; it belongs here to each région where it has a commune.
"""

import csv
import gzip
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

DECOUPAGE = Path(__file__).parent / "decoupage"


class Region(NamedTuple):
    code: str
    nom: str
    liaison: int


class Departement(NamedTuple):
    code: str
    nom: str
    liaison: int
    region: str


class Epci(NamedTuple):
    code: str
    nom: str
    nature: str  # CC, CA, CU, METRO, MET69


class Commune(NamedTuple):
    code: str
    nom: str
    liaison: int  # the article its name takes, see `grammar`
    departement: str
    region: str
    epci: str | None
    population: int
    codes_postaux: tuple[str, ...]


@cache
def regions() -> tuple[Region, ...]:
    return tuple(Region(r["code"], r["nom"], int(r["liaison"])) for r in _rows("regions"))


@cache
def departements(region: str | None = None) -> tuple[Departement, ...]:
    return tuple(
        Departement(row["code"], row["nom"], int(row["liaison"]), row["region"])
        for row in _rows("departements")
        if region in (None, row["region"])
    )


@cache
def epcis(region: str | None = None) -> tuple[Epci, ...]:
    """EPCI with a commune in this région, or all of them; by code."""
    present = {c.epci for c in communes(region)}
    return tuple(e for e in _epci_by_code().values() if region is None or e.code in present)


@cache
def communes(region: str | None = None, departement: str | None = None) -> tuple[Commune, ...]:
    """Today's communes (neither former ones nor arrondissements), by code."""
    return tuple(
        c
        for c in _commune_by_code().values()
        if region in (None, c.region) and departement in (None, c.departement)
    )


def commune(code: str) -> Commune | None:
    return _commune_by_code().get(code)


def epci(code: str) -> Epci | None:
    return _epci_by_code().get(code)


def departement(code: str) -> Departement | None:
    return next((d for d in departements() if d.code == code), None)


def region(code: str) -> Region | None:
    return next((r for r in regions() if r.code == code), None)


def communes_of_epci(code: str, region: str | None = None) -> tuple[Commune, ...]:
    return tuple(c for c in _communes_by_epci().get(code, ()) if region in (None, c.region))


def search_commune(text: str, limit: int = 10, region: str | None = None) -> list[Commune]:
    """Communes by name (accents, hyphens, "St" folded), postcode or code; the likeliest first.

    The order is total: exact name, then beginning of the name, then beginning of a word of it;
    inside each, the largest population first, then the code.
    """
    asked = fold(text)
    if not asked or limit < 1:
        return []
    found = []
    for rank, candidate in _ranked(asked):
        if region in (None, candidate.region):
            found.append((rank, -candidate.population, candidate.code, candidate))
    return [row[-1] for row in sorted(found)[:limit]]


def fold(text: str) -> str:
    """ "Saint-Gély-du-Fesc", "ST GELY DU FESC" → "saint gely du fesc"."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe"))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    words = re.findall(r"[a-z0-9]+", plain)
    return " ".join({"st": "saint", "ste": "sainte"}.get(word, word) for word in words)


def _ranked(asked: str) -> Iterator[tuple[int, Commune]]:
    if asked[:1].isdigit():
        for c in _commune_by_code().values():
            if c.code.casefold() == asked:
                yield 0, c
            elif any(postcode.startswith(asked) for postcode in c.codes_postaux):
                yield 1, c
        return
    inside = " " + asked
    for name, c in _folded():
        if name == asked:
            yield 0, c
        elif name.startswith(asked):
            yield 1, c
        elif inside in name:
            yield 2, c


@cache
def _folded() -> tuple[tuple[str, Commune], ...]:
    return tuple((fold(c.nom), c) for c in _commune_by_code().values())


@cache
def _commune_by_code() -> dict[str, Commune]:
    return {
        row["code"]: Commune(
            row["code"],
            row["nom"],
            int(row["liaison"]),
            row["departement"],
            row["region"],
            row["epci"] or None,
            int(row["population"]),
            tuple(row["codes_postaux"].split()),
        )
        for row in _rows("communes")
    }


@cache
def _communes_by_epci() -> dict[str, tuple[Commune, ...]]:
    groups: dict[str, list[Commune]] = {}
    for c in _commune_by_code().values():
        if c.epci:
            groups.setdefault(c.epci, []).append(c)
    return {code: tuple(members) for code, members in groups.items()}


@cache
def _epci_by_code() -> dict[str, Epci]:
    return {row["code"]: Epci(**row) for row in _rows("epcis")}


def _rows(table: str) -> Iterator[dict[str, str]]:
    with gzip.open(DECOUPAGE / f"{table}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=";")
