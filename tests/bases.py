"""The bases under the tests. One stands for all the tests of a process: it is emptied in its place,
so that what its connections know (a plan, a statement prepared) serves the next test too; and what
many tests begin with, the town first of all, is played once, kept as rows and put back.
"""

import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine
from sqlmodel import SQLModel

from coordination import db
from coordination.walls import Roles, ease, make, raise_walls
from tests import postgres

OWNER = "passerelles_owner"
ROLES = Roles.named("passerelles")
AT_HOME = ("engine", "web", "actor")  # what a scene has that is of one test


class Bases(Protocol):
    """`standing` is the address of the base that stands; `fresh`, that of another, new."""

    standing: str

    def fresh(self, *, owned: bool = False) -> str: ...

    def empty(self, engine: Engine) -> None:
        """Every row of the standing base gone."""

    def keep(self, engine: Engine, name: str) -> None:
        """Remember every row of it."""

    def put_back(self, engine: Engine, name: str) -> None:
        """Exactly the rows that were remembered under this name."""


class Sqlite:
    """Files in memory, copied from one that has every table and no row."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.number, self.kept = folder, count(1), {}
        self.template = folder / "template.db"
        create_tables(f"sqlite:///{self.template}")
        self.path = folder / "standing.db"
        shutil.copyfile(self.template, self.path)
        self.standing = f"sqlite:///{self.path}"

    def fresh(self, *, owned: bool = False) -> str:
        path = self.folder / f"{next(self.number)}.db"
        shutil.copyfile(self.template, path)
        return f"sqlite:///{path}"

    def empty(self, engine: Engine) -> None:
        self._replace(engine, self.template)

    def keep(self, engine: Engine, name: str) -> None:
        kept = self.folder / f"kept-{name}.db"
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, kept)

    def put_back(self, engine: Engine, name: str) -> None:
        self._replace(engine, self.folder / f"kept-{name}.db")

    def _replace(self, engine: Engine, other: Path) -> None:
        engine.dispose()
        for leftover in self.folder.glob(self.path.name + "-*"):
            leftover.unlink()
        shutil.copyfile(other, self.path)


class PostgreSql:
    """Databases of a private PostgreSQL. A superuser empties and puts back: no key is looked at,
    no trigger fires, and the plans of its functions are kept."""

    def __init__(self, cluster: postgres.Cluster) -> None:
        self.cluster, self.number = cluster, count(1)
        create_template(cluster, "template")
        cluster.create("standing", template="template", owner=OWNER)
        self.standing = cluster.url("standing", ROLES.worker)
        url = cluster.url("standing").replace("postgresql+psycopg", "postgresql")
        self.above = psycopg.connect(url, autocommit=True)
        self.above.execute("CREATE SCHEMA kept")
        self._function("empty", [f'DELETE FROM "{name}"' for name in SQLModel.metadata.tables])

    def fresh(self, *, owned: bool = False) -> str:
        name = f"base{next(self.number)}"
        self.cluster.create(name, template="template", owner=OWNER)
        if owned:
            _ease(self.cluster.url(name, OWNER))
        return self.cluster.url(name, OWNER if owned else ROLES.worker)

    def empty(self, engine: Engine) -> None:
        self.above.execute("SELECT kept.empty()")

    def keep(self, engine: Engine, name: str) -> None:
        said = []
        for table in SQLModel.metadata.tables:
            copy = f'kept."{name} {table}"'
            made = self.above.execute(f'CREATE TABLE {copy} AS SELECT * FROM "{table}"')
            if made.rowcount:
                said.append(f'INSERT INTO "{table}" SELECT * FROM {copy}')
        self._function(name, ["PERFORM kept.empty()", *said])

    def put_back(self, engine: Engine, name: str) -> None:
        self.above.execute(f'SELECT kept."{name}"()')

    def _function(self, name: str, statements: list[str]) -> None:
        self.above.execute(
            f'CREATE FUNCTION kept."{name}"() RETURNS void LANGUAGE plpgsql'
            " SET session_replication_role = replica"
            f" AS $$ BEGIN {'; '.join(statements)}; END $$"
        )


@contextmanager
def opened(engine_name: str) -> Iterator[Bases]:
    if engine_name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="passerelles-bases-", dir=postgres.memory()) as at:
            yield Sqlite(Path(at))
        return
    with postgres.cluster(postgres.memory()) as cluster:
        made = PostgreSql(cluster)
        yield made
        made.above.close()


class Scenes:
    """What many tests begin with: `scenes.again("town", play)` plays it the first time, puts its
    rows back the others, and gives what `play` returned, never the same object twice."""

    def __init__(self, bases: Bases) -> None:
        self.bases, self.said = bases, {}

    def again(
        self, engine: Engine, name: str, play: Callable[[], SimpleNamespace]
    ) -> SimpleNamespace:
        if name in self.said:
            self.bases.put_back(engine, name)
        else:
            played: dict[str, Any] = vars(play())
            self.said[name] = pickle.dumps({k: v for k, v in played.items() if k not in AT_HOME})
            self.bases.keep(engine, name)
        return SimpleNamespace(**pickle.loads(self.said[name]))


def create_template(cluster: postgres.Cluster, name: str) -> None:
    """A base that its owner made, with the house's roles and walls."""
    cluster.role(OWNER)
    superuser = db.connect(cluster.superuser_url)
    make(superuser, ROLES)
    superuser.dispose()
    cluster.create(name, owner=OWNER)
    create_tables(cluster.url(name, OWNER))


def create_tables(url: str) -> None:
    engine = db.connect(url)
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
        raise_walls(session, ROLES)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _ease(url: str) -> None:
    engine = db.connect(url)
    with db.transaction(engine) as session:
        ease(session)
    engine.dispose()
