"""The private PostgreSQL itself."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def private() -> Iterator[postgres.Cluster]:
    with postgres.cluster() as running:
        yield running


def _rows(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_a_copy_starts_as_its_template_and_then_lives_its_own_life(
    private: postgres.Cluster,
) -> None:
    private.create("mould")
    _rows(private.url("mould"), "CREATE TABLE town AS SELECT 'Foix' AS name")
    private.create("copy", template="mould")
    _rows(private.url("copy"), "INSERT INTO town VALUES ('Pamiers')")
    assert _rows(private.url("copy"), "SELECT name FROM town ORDER BY name") == [
        ("Foix",),
        ("Pamiers",),
    ]
    assert _rows(private.url("mould"), "SELECT name FROM town") == [("Foix",)]
    private.drop("copy")
    private.drop("copy")
    with pytest.raises(psycopg.OperationalError, match="copy"):
        psycopg.connect(host=str(private.folder), user="postgres", dbname="copy")


def test_a_role_may_enter_and_is_no_superuser(private: postgres.Cluster) -> None:
    private.role("web")
    private.role("web")
    assert _rows(
        private.url("postgres", "web"),
        "SELECT current_user::text, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'web'",
    ) == [("web", False, False)]


def test_nothing_remains_after_a_failure() -> None:
    folder = Path("/")
    with pytest.raises(ZeroDivisionError), postgres.cluster() as running:
        folder = running.folder
        assert (folder / "base" / "postmaster.pid").exists()
        _ = 1 / 0
    assert not folder.exists()
    assert folder != Path("/")
