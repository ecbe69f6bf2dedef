"""The 24 territories of Occitanie that the demonstration starts from: employment basins."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from coordination.directory.reference import geography
from coordination.directory.reference.geography import Commune

FILE = Path(__file__).parent / "territories.json"


class Basin(NamedTuple):
    """A territory before anyone recorded it; `seat` is the code of its largest commune."""

    slug: str
    name: str
    seat: str
    zones_emploi: tuple[str, ...]
    epcis: tuple[str, ...]


@cache
def basins() -> tuple[Basin, ...]:
    return tuple(
        Basin(t["slug"], t["name"], t["seat"], tuple(t["zones_emploi"]), tuple(t["epcis"]))
        for t in _file()["territories"]
    )


def basin(slug: str) -> Basin | None:
    return next((b for b in basins() if b.slug == slug), None)


def communes(basin: Basin) -> tuple[Commune, ...]:
    """Its communes; those of an EPCI that lie in a neighbouring région are left out."""
    region = _file()["region"]
    return tuple(c for e in basin.epcis for c in geography.communes_of_epci(e, region))


@cache
def _file() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))
