"""What the base itself refuses: an act or an access line changed or deleted, and a line that comes
after its hour was sealed. As the owner of the tables too: dropping a trigger takes a migration.
"""

from typing import Any

from sqlalchemy import DDL, event
from sqlmodel import SQLModel

from coordination.audit.lines import AccessLine, AccessSeal, AuditEntry
from coordination.audit.seals import LOCK

# Each table, and what a line of it is alone to have.
UNCHANGEABLE = {
    "audit_entry": ("seq",),
    "access_line": ("id", "list_key"),
    "access_seal": ("until_at",),
}
_CHANGED = "a written line is never changed"
_LATE = "the hour of this line is sealed"


def triggers(dialect: str, table: str | None = None) -> list[str]:
    """The statements that put them up, on every table or on one; said again, they change
    nothing. To be run by the owner, after the tables are made."""
    statements = _postgresql if dialect == "postgresql" else _sqlite
    return [
        statement
        for name in UNCHANGEABLE
        if table in (None, name)
        for statement in statements(name)
    ]


def drops(dialect: str) -> list[str]:
    """The statements that take them down: for a migration that must rewrite a table."""
    names = [("access_line", "access_line_late")]
    for table in UNCHANGEABLE:
        verbs = ("change",) if dialect == "postgresql" else ("update", "delete", "replace")
        names += [(table, f"{table}_no_{verb}") for verb in verbs]
    if dialect == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name in names]
    return [f"DROP TRIGGER IF EXISTS {name}" for _, name in names]


def _sqlite(table: str) -> list[str]:
    found = [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: {_CHANGED}'); END"
        for verb in ("UPDATE", "DELETE")
    ]
    # INSERT OR REPLACE deletes without a word.
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE {column} = NEW.{column})"
        for column in UNCHANGEABLE[table]
    )
    found.append(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_replace BEFORE INSERT ON {table} WHEN {there}"
        f" BEGIN SELECT RAISE(ABORT, '{table}: {_CHANGED}'); END"
    )
    if table == "access_line":
        found.append(
            "CREATE TRIGGER IF NOT EXISTS access_line_late BEFORE INSERT ON access_line"
            " WHEN NEW.created_at < (SELECT max(until_at) FROM access_seal)"
            f" BEGIN SELECT RAISE(ABORT, 'access_line: {_LATE}'); END"
        )
    return found


def _postgresql(table: str) -> list[str]:
    found = [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': {_CHANGED}',"
        " ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE OR REPLACE TRIGGER {table}_no_change"
        f" BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]
    if table == "access_line":
        found += [
            # Shared by writers, held alone by a seal: a line is counted, or refused.
            "CREATE OR REPLACE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$"
            f" BEGIN PERFORM pg_advisory_xact_lock_shared({LOCK});"
            " IF NEW.created_at < (SELECT max(until_at) FROM access_seal) THEN"
            f" RAISE EXCEPTION 'access_line: {_LATE}'"
            " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            " RETURN NEW; END $$",
            "CREATE OR REPLACE TRIGGER access_line_late BEFORE INSERT ON access_line"
            " FOR EACH ROW EXECUTE FUNCTION refuse_late()",
        ]
    return found


def _put_up(target: Any, connection: Any, **_: Any) -> None:
    for statement in triggers(connection.dialect.name, target.name):
        connection.execute(DDL(statement))


for _table in (AuditEntry, AccessLine, AccessSeal):
    event.listen(SQLModel.metadata.tables[str(_table.__tablename__)], "after_create", _put_up)
