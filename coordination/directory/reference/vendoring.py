"""Reduces a release of `@etalab/decoupage-administratif` to what the product needs, once a year.

npm pack @etalab/decoupage-administratif && tar xzf *.tgz
python -m coordination.directory.reference.vendoring package/
"""

import csv
import gzip
import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DECOUPAGE = Path(__file__).parent / "decoupage"


def reduce(package: Path, into: Path = DECOUPAGE) -> None:
    """Writes the four tables of `into`; the same release gives the same bytes."""
    epcis = _read(package, "epci")
    epci_of = {member["code"]: epci["code"] for epci in epcis for member in epci["membres"]}
    communes = [c for c in _read(package, "communes") if c["type"] == "commune-actuelle"]
    _write(
        into / "communes.csv.gz",
        ("code", "nom", "liaison", "departement", "region", "epci", "population", "codes_postaux"),
        (
            (
                c["code"],
                c["nom"],
                c.get("typeLiaison", 0),
                c["departement"],
                c["region"],
                epci_of.get(c["code"], ""),
                c.get("population", 0),
                " ".join(c.get("codesPostaux", ())),
            )
            for c in communes
        ),
    )
    _write(
        into / "epcis.csv.gz",
        ("code", "nom", "nature"),
        ((e["code"], e["nom"], e["type"]) for e in epcis),
    )
    _write(
        into / "departements.csv.gz",
        ("code", "nom", "liaison", "region"),
        (
            (d["code"], d["nom"], d.get("typeLiaison", 0), d["region"])
            for d in _read(package, "departements")
        ),
    )
    _write(
        into / "regions.csv.gz",
        ("code", "nom", "liaison"),
        ((r["code"], r["nom"], r.get("typeLiaison", 0)) for r in _read(package, "regions")),
    )
    (into / "LICENSE").write_bytes((package / "LICENSE").read_bytes())


def _read(package: Path, table: str) -> list[dict[str, Any]]:
    rows = json.loads((package / "data" / f"{table}.json").read_text(encoding="utf-8"))
    return sorted(rows, key=lambda row: row["code"])


def _write(path: Path, heading: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    reduce(Path(sys.argv[1]))
