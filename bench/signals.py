"""Alerts at scale: every rule over a planted base, on SQLite and on PostgreSQL.

`python -m bench signals` measures 10,000 and 100,000 journeys; with BENCH_MILLION, 100,000 and
1,000,000. BENCH_SIZES=2000,20000 gives other sizes, BENCH_ENGINES=sqlite one engine only (and a
result of its own). BENCH_KEEP=folder keeps the planted SQLite bases there, and takes them again;
BENCH_SERVER=postgresql+psycopg://… (a superuser's) does the same on a server of one's own.

(a) the whole night against the rules' own SELECTs, each run as `SELECT count(*) FROM (…)`;
(b) how that grows with the base; the memory of the process; the longest transaction;
(c) one journey looked at again after a change;
(d) the list page of the agency whose share of the journeys is nearest to 1 %, with its filters.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bench.report import Bar, write

GROWTH = 11
# What a server of 4 GB is given for a base of this size, where the tests' own has next to nothing.
_A_SERVER = {
    "shared_buffers": "1GB",
    "effective_cache_size": "3GB",
    "maintenance_work_mem": "512MB",
    "work_mem": "32MB",
    "max_wal_size": "8GB",
    "random_page_cost": "1.1",
    "autovacuum": "on",
}


def run() -> int:
    os.environ.setdefault("PASSERELLES_SECRET", "a secret of the benches, long enough to start")
    default = "100000,1000000" if os.environ.get("BENCH_MILLION") else "10000,100000"
    sizes = [int(size) for size in os.environ.get("BENCH_SIZES", default).split(",")]
    engines = os.environ.get("BENCH_ENGINES", "sqlite,postgresql").split(",")
    bars: list[Bar] = []
    for engine in engines:
        told = [_measure(engine, size) for size in sizes]
        for size, said in zip(sizes, told, strict=True):
            bars += _bars(engine, size, said)
        if len(told) > 1:
            grown = told[-1]["next_night"] / told[0]["next_night"]
            steps = sizes[-1] / sizes[0]
            bars.append(Bar(f"{engine}: growth of a night, ×{steps:g} journeys", round(grown, 2),
                            "ratio", f"≤ {GROWTH * steps / 10:g}"))  # fmt: skip
    name = "signals-million" if max(sizes) >= 1_000_000 else "signals"
    return write(name if len(engines) > 1 else f"{name}-{engines[0]}", bars)


def _bars(engine: str, size: int, said: dict[str, Any]) -> list[Bar]:
    where = f"{engine}, {size:,} journeys"
    alone = said["alone"]
    bars = [
        Bar(f"{where}: the first night against its SELECTs", round(said["first_night"] / alone, 2),
            "ratio", "≤ 2"),
        Bar(f"{where}: an ordinary night against its SELECTs",
            round(said["next_night"] / alone, 2), "ratio", "≤ 2"),
        Bar(f"{where}: the SELECTs alone", round(alone, 2), "s"),
        Bar(f"{where}: an ordinary night", round(said["next_night"], 2), "s"),
        Bar(f"{where}: alerts that stand", said["standing"], "alerts"),
        Bar(f"{where}: memory of the night", said["memory"], "MB", "≤ 500"),
        Bar(f"{where}: one journey after a change, p95", said["one"], "ms", "≤ 20"),
        Bar(f"{where}: share of the agency whose list is read", said["share"], "%"),
    ]  # fmt: skip
    longest = "≤ 1000" if engine == "sqlite" else None
    bars.append(Bar(f"{where}: longest transaction", said["longest"], "ms", longest))
    for name, p95 in said["pages"].items():
        bars.append(Bar(f"{where}: list page, {name}, p95", p95, "ms", "≤ 150"))
    return bars


def _measure(engine: str, size: int) -> dict[str, Any]:
    """In a process of its own, so that its memory is the night's."""
    print(f"{engine}, {size:,} journeys…", flush=True)
    with tempfile.TemporaryDirectory(prefix="passerelles-bench-") as folder:
        os.chmod(folder, 0o755)
        if engine == "sqlite":
            where = Path(os.environ.get("BENCH_KEEP", folder)) / f"sqlite-{size}"
            where.mkdir(parents=True, exist_ok=True)
            base = where / "base.db"
            return _in_child(f"sqlite:///{base}", 0 if base.exists() else size, folder)
        if server := os.environ.get("BENCH_SERVER"):
            url, made = _kept_there(server, f"passerelles_bench_{size}")
            return _in_child(url, 0 if made else size, folder)
        from tests import postgres

        with postgres.cluster(**_A_SERVER) as cluster:
            cluster.create("bench")
            return _in_child(cluster.url("bench"), size, folder)


def _kept_there(server: str, name: str) -> tuple[str, bool]:
    """The address of a base of that server, and whether it was planted before."""
    place = make_url(server)
    plain = place.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        made = known.fetchone() is not None
        if not made:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return place.set(database=name).render_as_string(hide_password=False), made


def _in_child(url: str, journeys: int, folder: str) -> dict[str, Any]:
    """Planted with so many journeys, or taken as it was."""
    told = Path(folder) / "told.json"
    _child("bench.signals_plant", url, str(journeys))
    _child("bench.signals_night", url, str(told))
    said: dict[str, Any] = json.loads(told.read_text())
    said["pages"] = _pages(url, said.pop("cookie"), said.pop("filters"))
    return said


def _child(module: str, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", module, *arguments], check=True)


def _pages(url: str, cookie: str, filters: dict[str, str]) -> dict[str, float]:
    """p95 in milliseconds, by the filters asked for."""
    from bench import servers
    from bench.load import drive
    from bench.report import percentile

    said: dict[str, float] = {}
    with servers.granian(
        "coordination.app:from_environment",
        environment={"PASSERELLES_DATABASE_URL": url},
        ready="/sante",
    ) as port:
        for name, path in filters.items():
            drive(port, path, cookie=cookie, connections=1, seconds=1)
            load = drive(port, path, cookie=cookie, connections=1, seconds=4)
            if load.failures:
                raise RuntimeError(f"{path}: {load.failures} answers were not 200")
            said[name] = round(percentile(load.latencies, 0.95) * 1000, 1)
            print(f"{name}: median {statistics.median(load.latencies) * 1000:.0f} ms", flush=True)
    return said
