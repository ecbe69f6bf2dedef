"""How fast the demonstration grows: 100,000 journeys, and 1,000,000 when BENCH_MILLION is set: it
takes minutes and gigabytes. Counted: filling and indexing; not the empty tables, not the alerts."""

import os
import tempfile
import time

from bench.report import Bar, write


def run() -> int:
    os.environ.setdefault("PASSERELLES_SECRET", "a secret of the benches, long enough to start")
    took, rows = fill(100_000)
    bars = [
        Bar("100,000 journeys", round(100_000 / took), "journeys/s", "≥ 3000"),
        Bar("rows of 100,000 journeys", rows, "rows"),
    ]
    missed = write("seed", bars)
    if os.environ.get("BENCH_MILLION"):
        took, rows = fill(1_000_000)
        million = [
            Bar("1,000,000 journeys", round(took / 60, 1), "min", "≤ 10"),
            Bar("rows of 1,000,000 journeys", rows, "rows"),
        ]
        missed += write("seed-million", million)
    return missed


def fill(journeys: int) -> tuple[float, int]:
    """Seconds and rows."""
    from sqlmodel import SQLModel

    from coordination import assembly, db, seed

    assembly.load_models()
    with tempfile.TemporaryDirectory(prefix="passerelles-bench-") as folder:
        engine = db.connect(f"sqlite:///{folder}/base.db")
        with db.transaction(engine) as session:
            SQLModel.metadata.create_all(session.connection())
        began = time.perf_counter()
        rows = seed.plant(engine, journeys=journeys, after=())
        took = time.perf_counter() - began
        engine.dispose()
    return took, rows
