"""The fixtures everyone shares: a base per test (SQLite or PostgreSQL), the town, a browserless
visitor, a stopped clock."""

import os
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

import anyio.from_thread
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import Engine, event
from sqlmodel import Session
from starlette.testclient import TestClient

from coordination import app, assembly, clock, db
from coordination.agencies import actors
from tests import town
from tests.bases import ROLES, Bases, Scenes, opened

pytest_plugins = ["tests.engines", "tests.browser", "tests.rights.two_agencies"]

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


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


@pytest.fixture(scope="session", autouse=True)
def _one_loop() -> Iterator[None]:
    """One event loop answers every `TestClient` of this process, instead of one per request."""
    with anyio.from_thread.start_blocking_portal() as portal:
        TestClient.portal = portal
        yield
        TestClient.portal = None


@pytest.fixture(scope="session")
def bases(engine_name: str) -> Iterator[Bases]:
    """See tests/bases.py."""
    assembly.load_models()
    with opened(engine_name) as made:
        yield made


@pytest.fixture(scope="session")
def scenes(bases: Bases) -> Scenes:
    return Scenes(bases)


@pytest.fixture(scope="session")
def new_base(bases: Bases) -> Callable[..., str]:
    """new_base() → the address of a fresh base with every table; as the worker on PostgreSQL, who
    sees every row; `owned`, as who made the tables, eased for a load of many rows."""
    return bases.fresh


@pytest.fixture(scope="session")
def standing_engine(bases: Bases) -> Iterator[Engine]:
    """One engine for all the tests of this process: what SQLAlchemy compiled once serves again."""
    made = db.connect(bases.standing, pool_size=4)
    yield made
    made.dispose()


@pytest.fixture
def engine(standing_engine: Engine, bases: Bases) -> Engine:
    """The engine, over a base as new: every table, no row."""
    bases.empty(standing_engine)
    return standing_engine


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
def web(engine: Engine, standing_web: Engine) -> Engine:
    """The same base as the pages reach it: on PostgreSQL, behind the row-level walls."""
    return standing_web


@pytest.fixture
def again(engine: Engine, web: Engine, scenes: Scenes) -> Callable[..., SimpleNamespace]:
    """again("town", play) is what `play` writes in the base and returns, played once a process at
    the stopped hour; at home: with its engines."""

    def at_home(name: str, play: Callable[[], SimpleNamespace]) -> SimpleNamespace:
        stopped = clock.now() == datetime.fromisoformat(town.NOON)
        made = scenes.again(engine, name, play) if stopped else play()
        made.engine, made.web = engine, web

        def actor(who: str) -> actors.Actor:
            with db.reading(engine) as session:
                return actors.of_professional(session, getattr(made, who).id)

        made.actor = actor
        return made

    return at_home


@pytest.fixture(name="town")
def _town(engine: Engine, again: Callable[..., SimpleNamespace]) -> SimpleNamespace:
    """See tests/town.py."""

    def play() -> SimpleNamespace:
        with db.transaction(engine) as session:
            return town.build(session)

    return again("town", play)


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
