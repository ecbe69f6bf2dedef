"""How Alembic reaches the base: the owner's address, every room's tables, one transaction a step.

The command gives another address with `config.attributes["url"]`, or an open connection, which
it then commits itself, with `config.attributes["connection"]`.
"""

from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from coordination import assembly, db, settings

assembly.load_models()


def plain_words(kind: str, what: Any, _: AutogenContext) -> str | bool:
    """In a migration, our own types are SQLAlchemy's: an old step must not follow the code."""
    if kind == "type" and isinstance(what, AutoString):
        return f"sa.String(length={what.length})" if what.length else "sa.String()"
    if kind == "type" and isinstance(what, db.Moment):
        return "sa.DateTime(timezone=True)"
    return False


def engine(url: str) -> Engine:
    """Not the application's: SQLite rebuilds a table to alter it, with foreign keys off."""
    made = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if made.dialect.name == "sqlite":
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return made


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in ("foreign_keys=OFF", "busy_timeout=30000", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}").close()


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_item=plain_words,
        render_as_batch=True,  # written once, right for both engines
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,  # SQLite's as well, since BEGIN is ours: a killed step left nothing
        transaction_per_migration=True,
        on_version_apply=_keys_hold,
    )
    with context.begin_transaction():
        context.run_migrations()


def _keys_hold(ctx: MigrationContext, **_: Any) -> None:
    """Before each step is committed: foreign keys were off on SQLite, did they stay true?"""
    connection = ctx.connection
    if connection is not None and connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"a migration left rows pointing at nothing: {broken[:5]}")


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with engine(context.config.attributes.get("url") or settings.load().owner_url).connect() as own:
        migrate(own)
