"""The base itself refuses that a written line changes: to its owner too."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from coordination import audit, clock, db
from coordination.agencies.actors import CLOCK
from coordination.audit import AccessLine, AccessSeal

CHANGES = {
    "audit_entry": ("SET entry = '{}'", "seq"),
    "access_line": ("SET route = ''", "id"),
    "access_seal": ("SET since_at = until_at", "until_at"),
}


@pytest.fixture
def written(owner):
    """A line of each kind, written by the owner of the tables."""
    with db.transaction(owner, (audit.chain,)) as session:
        audit.act(session, CLOCK, "test.one")
        session.add(AccessLine(route="desk:today"))
        session.flush()
        hour = clock.now().replace(minute=0)
        session.add(AccessSeal(since_at=hour, until_at=hour))
    return owner


@pytest.mark.parametrize("table", CHANGES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_a_written_line_is_neither_changed_nor_deleted(written, table, verb):
    statement = (
        f"UPDATE {table} {CHANGES[table][0]}" if verb == "UPDATE" else f"DELETE FROM {table}"
    )
    with pytest.raises(IntegrityError, match="never changed"), db.transaction(written) as session:
        session.execute(text(statement))
    with db.reading(written) as session:
        assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1


@pytest.mark.parametrize("table", CHANGES)
def test_a_table_of_lines_is_not_emptied_either(written, table):
    if written.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(IntegrityError, match="never changed"), db.transaction(written) as session:
        session.execute(text(f"TRUNCATE {table}"))


def test_replacing_a_line_is_a_change(written):
    again = {
        "sqlite": "INSERT OR REPLACE INTO audit_entry SELECT seq, at, '{}', previous, hash"
        " FROM audit_entry",
        "postgresql": "INSERT INTO audit_entry SELECT seq, at, '{}', previous, hash"
        " FROM audit_entry ON CONFLICT (seq) DO UPDATE SET entry = EXCLUDED.entry",
    }[written.dialect.name]
    with pytest.raises(IntegrityError, match="never changed"), db.transaction(written) as session:
        session.execute(text(again))


def test_the_statements_said_again_change_nothing_and_taken_down_let_through(written):
    for statements in (
        audit.triggers.triggers(written.dialect.name),
        audit.triggers.drops(written.dialect.name),
    ):
        with db.transaction(written) as session:
            for statement in statements:
                session.execute(text(statement))
    with db.transaction(written) as session:
        session.execute(text("UPDATE audit_entry SET entry = '{}'"))
        session.execute(text("DELETE FROM access_line"))
    with db.reading(written) as session:
        assert audit.verify(session).line == 1
