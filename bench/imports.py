"""A long list that comes in, on SQLite and on PostgreSQL: `python -m bench imports`.

20,000 rows of 25 columns, as a CSV and as a workbook: read, cleaned, looked at, shown, confirmed
and written with their alerts and acts by the worker's own functions, each in a process of its own,
whose time and memory are told, the middle one of three; then the same list again, which changes
nothing, and the first one undone.

BENCH_ROWS makes the list shorter, BENCH_ENGINES=sqlite keeps one engine only.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from bench.report import Bar, write

ROWS = int(os.environ.get("BENCH_ROWS", "20_000"))
HEADINGS = (
    "Identifiant dans le SI*", "Prénom*", "Nom*", "Date de naissance*", "NIR", "Lieu de naissance",
    "Téléphone", "Email", "Adresse", "Adresse (complément)", "Code postal", "Ville", "Situation",
    "Numéro allocataire CAF/MSA", "Identifiant Pôle emploi", "Droits RSA", "Droits ARE",
    "Droits ASS", "Prime d'activité", "RQTH", "Zone de mobilité", "Emploi recherché (code ROME)",
    "Niveau de formation", "Date d’entrée", "Fin prévue",
)  # fmt: skip


def run() -> int:
    os.environ.setdefault("PASSERELLES_SECRET", "a secret of the benches, long enough to start")
    bars: list[Bar] = []
    for engine in os.environ.get("BENCH_ENGINES", "sqlite,postgresql").split(","):
        for kind in ("csv", "xlsx"):
            print(f"{engine}, {ROWS:,} rows, {kind}…", flush=True)
            bars += _bars(f"{engine}, {ROWS:,} rows, {kind}", engine, _measure(engine, kind))
    return write("imports", bars)


def _bars(where: str, engine: str, said: dict[str, Any]) -> list[Bar]:
    came, again, undone = said["came"], said["again"], said["undone"]
    longest = "≤ 1000" if engine == "sqlite" else None
    return [
        Bar(f"{where}: from the file to the last row written", came["seconds"], "s", "≤ 30"),
        Bar(f"{where}: the slowest of three", said["slowest"], "s"),
        Bar(f"{where}: of which this process worked", came["processor"], "s"),
        Bar(f"{where}: memory of the process", came["memory"], "MB", "≤ 300"),
        Bar(f"{where}: memory of the child that unfolds", came["child"], "MB"),
        Bar(f"{where}: longest transaction", came["longest"], "ms", longest),
        Bar(f"{where}: journeys written", came["journeys"], "journeys"),
        *(Bar(f"{where}: {step}", took, "s") for step, took in came["steps"].items()),
        Bar(f"{where}: the same list again", again["seconds"], "s", "≤ 30"),
        Bar(f"{where}: memory of the same list again", again["memory"], "MB", "≤ 300"),
        Bar(f"{where}: undone", undone["seconds"], "s"),
        Bar(f"{where}: memory of undoing", undone["memory"], "MB", "≤ 300"),
        Bar(f"{where}: longest transaction of undoing", undone["longest"], "ms", longest),
    ]


def _measure(engine: str, kind: str) -> dict[str, Any]:
    """Brought in three times, each into an empty base, since one time differs from the next by a
    tenth: what the middle one took; the last one is then sent again and undone."""
    with tempfile.TemporaryDirectory(prefix="passerelles-bench-") as folder:
        os.chmod(folder, 0o755)
        path = Path(folder) / f"list.{kind}"
        _write_csv(path) if kind == "csv" else _write_xlsx(path)
        said = [_in_a_base(engine, path, "came", *then) for then in ((), (), ("again", "undone"))]
    came = sorted((one["came"] for one in said), key=itemgetter("seconds"))
    return said[-1] | {"came": came[1], "slowest": came[2]["seconds"]}


def _in_a_base(engine: str, path: Path, *what: str) -> dict[str, Any]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="passerelles-bench-") as folder:
            return _children(f"sqlite:///{folder}/base.db", path, what)
    from tests import postgres

    with postgres.cluster() as cluster:
        cluster.create("bench")
        return _children(cluster.url("bench"), path, what)


def _children(url: str, path: Path, what: Iterable[str]) -> dict[str, Any]:
    said = {}
    for step in what:
        told = path.with_suffix(f".{step}.json")
        subprocess.run(
            [sys.executable, "-m", "bench.imports_work", step, url, str(path), str(told)],
            check=True,
        )
        said[step] = json.loads(told.read_text())
    return said


def _write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(_row(n) for n in range(ROWS))


def _write_xlsx(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Bénéficiaires")
        sheet.write_row(0, 0, HEADINGS)
        for n in range(ROWS):
            sheet.write_row(n + 1, 0, _row(n))


def _row(n: int) -> list[str]:
    """Nobody real; names as many as a département's list has."""
    born = date(1960, 1, 1) + timedelta(days=n * 37 % 16_000)
    entered = date.today() - timedelta(days=n % 300)
    name = "".join(chr(97 + (n * 7919 >> shift) % 26) for shift in (0, 4, 8, 12, 16))
    return [
        f"{n:06}", f"{('Inès', 'Noé', 'Lan', 'Marc')[n % 4]}-{chr(97 + n % 26)}", name.capitalize(),
        f"{born:%d/%m/%Y}", "", "Loriol", f"06{n:08}", f"{name}{n}@exemple.fr",
        f"{n % 90} rue du Fromage", "Bâtiment B", f"{11000 + n % 900:05}", "Carcassonne",
        "recherche_emploi", f"{n + 2_000_000}", f"{n + 10_000_000_000}",
        "rsa_droit_ouvert_versable", "", "Oui", "Non", "", "30",
        "Pontier élingueur (N1104)", "NV4", f"{entered:%d/%m/%Y}",
        f"{entered + timedelta(days=400):%d/%m/%Y}",
    ]  # fmt: skip
