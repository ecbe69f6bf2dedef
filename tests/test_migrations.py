"""The steps, run from nothing, make what the models say: constraints too, which Alembic does not
compare."""

import re
import sqlite3

from alembic import command
from alembic.config import Config
from sqlmodel import SQLModel

from coordination import assembly, db, settings


def test_the_migrations_make_every_constraint_and_index_of_the_models(tmp_path):
    config = Config(settings.ROOT / "alembic.ini")
    config.attributes["url"] = f"sqlite:///{tmp_path}/steps.db"
    command.upgrade(config, "head")
    assembly.load_models()
    engine = db.connect(f"sqlite:///{tmp_path}/models.db")
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
    engine.dispose()
    steps, models = said(tmp_path / "steps.db"), said(tmp_path / "models.db")
    assert steps == models
    assert any("CHECK" in line for line in models["referral"])


def said(base) -> dict[str, list[str]]:
    """By table or index: its constraints, or the index itself, in an order of no meaning."""
    connection = sqlite3.connect(base)
    rows = connection.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    found = {}
    for kind, name, sql in rows:
        if not name.startswith("alembic"):
            plain = re.sub(r"\s+", " ", sql.replace('"', ""))
            parts = re.split(r", (?=CONSTRAINT )", plain)[1:] if kind == "table" else [plain]
            found[name] = sorted(part.rstrip(" )") for part in parts)
    connection.close()
    return found
