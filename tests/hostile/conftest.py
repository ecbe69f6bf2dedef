"""The town of the hostile walks, in real time, in a base of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlmodel import Session

from tests.hostile import planting, worlds


@pytest.fixture
def town(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """One of everything, and nothing hostile yet."""
    made = worlds.furnished(tmp_path / "town.db")
    yield made
    made.engine.dispose()


@pytest.fixture
def planted(town: SimpleNamespace) -> Callable[..., dict[str, int]]:
    """planted(shift=…, several=…) writes hostile texts in every column of the town."""

    def plant(**how: int) -> dict[str, int]:
        with Session(town.engine) as session:
            written = planting.plant(session, **how)
            session.commit()
        return written

    return plant
