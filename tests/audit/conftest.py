"""The base as its owner sees it: who is not stopped by grants."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from coordination import db


@pytest.fixture
def owner(engine: Engine) -> Iterator[Engine]:
    """The engine of the test; on PostgreSQL, as the owner of its tables."""
    if engine.dialect.name == "sqlite":
        yield engine
        return
    url = engine.url.set(username="postgres").render_as_string(hide_password=False)
    made = db.connect(url, pool_size=2)
    yield made
    made.dispose()
