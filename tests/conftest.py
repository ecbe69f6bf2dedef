"""The fixtures everyone shares: a base per test (SQLite or PostgreSQL), the town, a browserless
visitor, a stopped clock."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

os.environ["PASSERELLES_SECRET"] = "a secret of the tests, long enough to start"
os.environ["PASSERELLES_PUBLIC_URL"] = "http://testserver"
os.environ["PASSERELLES_DEMO"] = "true"
os.environ["PASSERELLES_VAR"] = tempfile.mkdtemp(prefix="passerelles-tests-")

import psycopg
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel
from starlette.testclient import TestClient

from coordination import app, assembly, clock, db
from coordination.agencies import actors
from coordination.walls import Roles, ease, make, raise_walls
from tests import postgres, town

pytest_plugins = ["tests.engines", "tests.browser", "tests.rights.two_agencies"]

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
OWNER = "passerelles_owner"
ROLES = Roles.named("passerelles")


@pytest.fixture(autouse=True)
def stopped_clock(request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    """Noon on 4 June 2026 in Paris, until a test moves it: `stopped_clock.later(days=3)`. Browser
    tests live in real time."""
    if request.node.get_closest_marker("browser"):
        yield SimpleNamespace()
        return
    moving = SimpleNamespace(now=datetime.fromisoformat(town.NOON))

    def later(**delta: float) -> datetime:
        moving.now += timedelta(**delta)
        return moving.now

    moving.later = later
    clock.set_source(lambda: moving.now)
    yield moving
    clock.set_source(None)


@pytest.fixture(scope="session")
def new_base(engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable]:
    """new_base() → the address of a fresh base with every table; as the worker on PostgreSQL, who
    sees every row; `owned`, as who made the tables, eased for a load of many rows. A name given
    twice is made anew."""
    assembly.load_models()
    number = count(1)
    if engine_name == "sqlite":
        folder = tmp_path_factory.mktemp("bases")
        template = folder / "template.db"
        _create_tables(f"sqlite:///{template}")

        def fresh(name: str = "", *, owned: bool = False) -> str:
            path = folder / f"{name or next(number)}.db"
            for leftover in folder.glob(path.name + "-*"):
                leftover.unlink()
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"

        yield fresh
        return
    with postgres.cluster() as cluster:
        create_template(cluster, "template")

        emptied: dict[str, psycopg.Connection] = {}

        def fresh(name: str = "", *, owned: bool = False) -> str:
            if name in emptied:
                _empty(emptied[name])
                return cluster.url(name, ROLES.worker)
            chosen = name or f"base{next(number)}"
            cluster.create(chosen, template="template", owner=OWNER)
            if name:
                url = cluster.url(name).replace("postgresql+psycopg", "postgresql")
                emptied[name] = psycopg.connect(url, autocommit=True)
            if owned:
                _ease(cluster.url(chosen, OWNER))
            return cluster.url(chosen, OWNER if owned else ROLES.worker)

        yield fresh
        for connection in emptied.values():
            connection.close()


def _empty(connection: psycopg.Connection) -> None:
    """Every row gone, twenty times faster than a database made anew: keys are not looked at."""
    deletes = ";".join(f'DELETE FROM "{name}"' for name in SQLModel.metadata.tables)
    connection.execute(f"SET session_replication_role = replica;{deletes};RESET ALL")


def _ease(url: str) -> None:
    engine = db.connect(url)
    with db.transaction(engine) as session:
        ease(session)
    engine.dispose()


def create_template(cluster: postgres.Cluster, name: str) -> None:
    """A base that its owner made, with the house's roles and walls."""
    cluster.role(OWNER)
    superuser = db.connect(cluster.superuser_url)
    make(superuser, ROLES)
    superuser.dispose()
    cluster.create(name, owner=OWNER)
    _create_tables(cluster.url(name, OWNER))


def _create_tables(url: str) -> None:
    engine = db.connect(url)
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
        raise_walls(session, ROLES)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture(scope="session")
def standing_engine(new_base: Callable[..., str]) -> Iterator[Engine]:
    """One engine for all the tests of this process: what SQLAlchemy compiled once serves again."""
    made = db.connect(new_base("standing"), pool_size=4)
    yield made
    made.dispose()


@pytest.fixture
def engine(standing_engine: Engine, new_base: Callable[..., str]) -> Iterator[Engine]:
    """The engine, over a base as new: every table, no row."""
    standing_engine.dispose()
    new_base("standing")
    yield standing_engine
    standing_engine.dispose()


@pytest.fixture(scope="session")
def standing_web(standing_engine: Engine) -> Iterator[Engine]:
    if standing_engine.dialect.name == "sqlite":
        yield standing_engine
        return
    made = db.connect(as_web(standing_engine), pool_size=4)
    yield made
    made.dispose()


def as_web(engine: Engine) -> str:
    """The address of the same base as the web role, behind the walls."""
    return str(engine.url).replace(f"//{ROLES.worker}@", f"//{ROLES.web}@")


@pytest.fixture
def web(engine: Engine, standing_web: Engine) -> Iterator[Engine]:
    """The same base as the pages reach it: on PostgreSQL, behind the row-level walls."""
    standing_web.dispose()
    yield standing_web
    standing_web.dispose()


@pytest.fixture(name="town")
def _town(engine: Engine, web: Engine) -> SimpleNamespace:
    """See tests/town.py."""
    with db.transaction(engine) as session:
        built = town.build(session)
    built.engine, built.web = engine, web

    def actor(name: str) -> actors.Actor:
        with db.reading(engine) as session:
            return actors.of_professional(session, getattr(built, name).id)

    built.actor = actor
    return built


@pytest.fixture(name="db")
def _db(engine: Engine, town: SimpleNamespace) -> Iterator[Session]:
    """A session of one’s own, to set a scene or look; `db.commit()` runs no closer. Commit before
    asking a page to write, and again before looking at what it wrote."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def act(engine: Engine) -> Callable:
    """`with act() as db:` is one write of the house: closers run, then it is committed."""
    return lambda: db.transaction(engine, assembly.CLOSERS)


@pytest.fixture
def visit(web: Engine, town: SimpleNamespace) -> Callable[..., TestClient]:
    """visit("chloe") is a browser where Chloé has signed in; visit(None) one where nobody has."""

    def as_(name: str | None) -> TestClient:
        def identify(request, session, later):
            who = getattr(town, name).id if name else None
            found = actors.of_professional(session, who) if who else None
            return found or actors.ANONYMOUS

        return TestClient(
            app.build(web, identify=identify), headers={"Origin": "http://testserver"}
        )

    return as_


@pytest.fixture
def counting(engine: Engine, web: Engine) -> Iterator[list[str]]:
    """Every statement sent to the base from here on."""
    seen: list[str] = []

    def note(_: object, __: object, sql: str, *more: object) -> None:
        seen.append(sql)

    listened = {engine, web}
    for one in listened:
        event.listen(one, "before_cursor_execute", note)
    yield seen
    for one in listened:
        event.remove(one, "before_cursor_execute", note)


@pytest.fixture
def key() -> Callable[[], str]:
    """A new form key each time."""
    number = count(1)
    return lambda: f"test-key-{next(number):04}"


def soup(response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def swapped(page: BeautifulSoup, partial: BeautifulSoup) -> BeautifulSoup:
    """The page after htmx put the partial in the place that bears its id."""
    new = next(iter(partial.select("[id]")))
    page.select_one(f"#{new['id']}").replace_with(new)
    return page


def same(page: BeautifulSoup) -> str:
    """The page as text to compare: without the form keys, new each time."""
    for field in page.select("input[name=_key]"):
        field["value"] = ""
    return page.select_one("main").prettify()


DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
