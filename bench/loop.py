"""The loop: the list a partner opens most, the documents of a meeting, decisions written at once.

(a) `/orientations?sens=recues`, 50 rows, an agency of 1,000 referrals among 100,000, two workers,
    against a bare Starlette + sqlite3 route with the same compiled template and rows;
(b) the document of a 16-case meeting against bare WeasyPrint of the same page, and the list page
    meanwhile;
(c) 8 threads in each of 2 processes recording decisions on SQLite.
"""

import os
import shutil
import statistics
import tempfile
import threading
from pathlib import Path

from bench import base, servers
from bench.load import Load, drive
from bench.report import Bar, percentile, write

PATH = "/orientations?sens=recues"
ROUNDS, SECONDS = 5, 3.0


def run() -> int:
    folder = Path(tempfile.mkdtemp(prefix="passerelles-bench-"))
    os.environ["PASSERELLES_VAR"] = str(folder)
    os.environ["PASSERELLES_SECRET"] = "a secret of the benches, long enough to start"
    try:
        print("a base of 100,000 referrals…")
        made = base.of_referrals(folder / "loop.db", referrals=100_000, mine=1_000)
        bars = [*_list_page(made), *_documents(made), *_decisions(folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return write("loop", bars)


def _list_page(made: base.Made) -> list[Bar]:
    """Both servers stand side by side and are asked in turn: the ratio is taken pair by pair."""
    environment = {"PASSERELLES_DATABASE_URL": made.url, "BENCH_COOKIE": made.cookie}
    ratios, ours, bare = [], [], []
    with (
        servers.granian(
            "coordination.app:from_environment", environment=environment, ready="/sante"
        ) as real,
        servers.granian("bench.bare:app", environment=environment, ready="/orientations") as plain,
    ):
        _drive(real, made), drive(plain, PATH, seconds=1)
        for _ in range(ROUNDS):
            ours.append(_drive(real, made))
            bare.append(drive(plain, PATH, seconds=SECONDS))
            ratios.append(ours[-1].rate / bare[-1].rate)
    latencies = [x for load in ours for x in load.latencies]
    return [
        Bar("list page against bare Starlette + sqlite3", _3(statistics.median(ratios)),
            "ratio", "≥ 0.4"),
        Bar("list page", _3(statistics.median(load.rate for load in ours)), "requests/s"),
        Bar("bare page", _3(statistics.median(load.rate for load in bare)), "requests/s"),
        Bar("list page, p99", _3(percentile(latencies, 0.99) * 1000), "ms"),
    ]  # fmt: skip


def _documents(made: base.Made) -> list[Bar]:
    html = base.page_of_a_meeting(cases=16)
    from coordination import pdf

    pdf.render(html, title="Chauffe")
    ours, bare = [], []
    child = base.BarePress()
    child.render(html), pdf.render(html, title="Chauffe")
    for _ in range(ROUNDS):
        ours.append(base.timed(lambda: pdf.render(html, title="Relevé")))
        bare.append(base.timed(lambda: child.render(html)))
    child.close()
    ratios = [mine / theirs for mine, theirs in zip(ours, bare, strict=True)]
    idle, busy = _meanwhile(made, html)
    return [
        Bar("document of a 16-case meeting against bare WeasyPrint",
            _3(statistics.median(ratios)), "ratio", "≤ 1.15"),
        Bar("document of a 16-case meeting", _3(statistics.median(ours) * 1000), "ms"),
        Bar("list page's p99 while documents print, against idle", _3(busy / idle), "ratio",
            "≤ 2.5"),
        Bar("list page's p99 while documents print", _3(busy * 1000), "ms"),
    ]  # fmt: skip


def _meanwhile(made: base.Made, html: str) -> tuple[float, float]:
    """p99 of the list page in seconds, alone, then while one document after another prints."""
    from coordination import pdf

    environment = {"PASSERELLES_DATABASE_URL": made.url}
    stop = threading.Event()

    def print_on() -> None:
        while not stop.is_set():
            pdf.render(html, title="Relevé")

    with servers.granian(
        "coordination.app:from_environment", environment=environment, ready="/sante"
    ) as port:
        _drive(port, made)
        idle = _drive(port, made, connections=1).latencies
        printing = threading.Thread(target=print_on)
        printing.start()
        busy = _drive(port, made, connections=1).latencies
        stop.set()
        printing.join()
    return percentile(idle, 0.99), percentile(busy, 0.99)


def _decisions(folder: Path) -> list[Bar]:
    told = base.write_decisions(folder / "decisions.db", processes=2, threads=8, each=50)
    return [
        Bar("decisions lost, 2 processes × 8 threads on SQLite", told.lost, "decisions", "≤ 0"),
        Bar("«locked» errors meanwhile", told.locked, "errors", "≤ 0"),
        Bar("decisions recorded meanwhile", _3(told.written / told.seconds), "acts/s"),
        Bar("longest wait meanwhile", _3(told.longest * 1000), "ms"),
    ]


def _drive(port: int, made: base.Made, *, connections: int = 4) -> Load:
    load = drive(port, PATH, cookie=made.cookie, connections=connections, seconds=SECONDS)
    if load.failures:
        raise RuntimeError(f"{load.failures} answers were not 200")
    return load


def _3(value: float) -> float:
    return float(f"{value:.3g}")
