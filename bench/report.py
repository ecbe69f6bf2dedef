"""What a bench says: bars with their value, in a JSON file and on the screen."""

import json
import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).parent / "results"


class Bar(NamedTuple):
    """`bar` is a bound in words ("≥ 0.4"); None when the value is only told."""

    what: str
    value: float
    unit: str
    bar: str | None = None

    @property
    def holds(self) -> bool | None:
        if self.bar is None:
            return None
        sign, bound = self.bar.split()
        return self.value >= float(bound) if sign == "≥" else self.value <= float(bound)


def write(name: str, bars: list[Bar]) -> int:
    """Write bench/results/<name>.json and print it; how many bars are missed."""
    RESULTS.mkdir(exist_ok=True)
    said = {
        "name": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "bars": [
            {"what": b.what, "value": b.value, "unit": b.unit, "bar": b.bar, "holds": b.holds}
            for b in bars
        ],
    }
    text = json.dumps(said, ensure_ascii=False, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")
    for bar in bars:
        verdict = {None: "", True: "  holds", False: "  MISSED"}[bar.holds]
        print(f"{bar.value:>12g} {bar.unit:<14} {bar.what}  {bar.bar or ''}{verdict}")
    return sum(bar.holds is False for bar in bars)


def machine() -> str:
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]
