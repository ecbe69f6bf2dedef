"""Who may do what, as a file: tests/matrix.csv says what each role hears at each route, and these
tests walk them all. GET: the status (`connexion`: sent to sign in). POST, with a form key and an
otherwise empty form: the door's answer, or `allowed` when it let the form in."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import Engine, event
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from coordination import app, assembly
from coordination.access import Permission
from coordination.web.visit import Door
from tests import walking
from tests.conftest import soup

MATRIX = Path(__file__).with_name("matrix.csv")
CLOSED = {401, 403, 404}
# The meeting is theirs: it is the frozen agenda, or the line, that is not.
THEIRS = {("partner-adviser", "agenda:pdf", "id"), ("partner-adviser", "agenda:review", "id")}


@pytest.fixture(name="full")
def _full(engine, town, again):
    return again("full", lambda: walking.full(engine, town))


def lines() -> dict[tuple[str, str], dict[str, str]]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row.pop("route"), row.pop("method")): row for row in rows}


def heard(way: walking.Way, answer: Response) -> str:
    if way.method == "POST":
        refused = answer.status_code in CLOSED or answer.status_code >= 500
        return str(answer.status_code) if refused else "allowed"
    to_sign_in = answer.headers.get("location", "").startswith("/connexion?")
    return "connexion" if answer.status_code == 303 and to_sign_in else str(answer.status_code)


def test_the_file_has_one_line_for_each_route_and_method_and_each_role():
    known = {(way.name, way.method) for way in walking.ways()}
    written = lines()
    assert known - set(written) == set(), "say in tests/matrix.csv who may use these routes"
    assert set(written) - known == set(), "these routes exist no more"
    assert all(list(said) == list(walking.WHO) and all(said.values()) for said in written.values())
    with MATRIX.open(encoding="utf-8") as file:
        assert sum(1 for _ in file) == len(known) + 1, "a route stands twice"


@pytest.mark.sqlite_first
@pytest.mark.parametrize("role", walking.WHO)
def test_what_each_role_hears_is_what_the_file_says(full: SimpleNamespace, role: str):
    expected, visitor, keys = lines(), walking.visitor(full, role), walking.keys()
    differ = []
    for way in [*walking.ways("GET"), *walking.ways("POST")]:
        address = way.of(full, role)
        answer = (
            visitor.get(address)
            if way.method == "GET"
            else visitor.post(address, data={"_key": next(keys)} | walking.least(way, full))
        )
        said = expected[way.name, way.method][role]
        if heard(way, answer) != said:
            differ.append(f"{way.method} {way.name}: {heard(way, answer)}, the file says {said}")
    assert differ == []


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    "role",
    [
        "stranger-adviser",
        pytest.param("partner-adviser", marks=pytest.mark.long),
        "other-secretary",
    ],
)
def test_what_is_not_yours_and_what_does_not_exist_look_the_same(full: SimpleNamespace, role: str):
    """Same status, same words, the same statements to the base, so the same time: whoever tries
    addresses learns nothing."""
    visitor, keys = walking.visitor(full, role), walking.keys()
    visitor.get("/aujourdhui")  # what is written once a minute is written
    tried, told = 0, []
    for way in walking.ways():
        for name in re.findall(r"{(\w+):uuid}", way.path):
            if (role, way.name, name) in THEIRS:
                continue
            unknown = uuid7()
            with _listening(full.web) as foreign:
                answers = [_ask(visitor, way, full, next(keys), role)]
            with _listening(full.web) as nothing:
                answers += [_ask(visitor, way, full, next(keys), role, **{name: unknown})]
            if answers[0].status_code == 404:
                tried += 1
                if _plain(answers[0]) != _plain(answers[1]):
                    told.append(f"{way.name} {name}: {_said(answers)}")
                if foreign != nothing:
                    told.append(f"{way.name} {name}: {_first_other(foreign, nothing)}")
    assert told == []
    assert tried > 15


@contextmanager
def _listening(engine: Engine) -> Iterator[list[str]]:
    """The shape of each statement: as many values as one may ask for look the same."""
    heard: list[str] = []

    def note(_: object, __: object, sql: str, *more: object) -> None:
        heard.append(re.sub(r"\s+", " ", re.sub(r"IN \([?,% ()a-z0-9_:]*\)", "IN (…)", sql)))

    event.listen(engine, "before_cursor_execute", note)
    yield heard
    event.remove(engine, "before_cursor_execute", note)


def _first_other(foreign: list[str], nothing: list[str]) -> str:
    pairs = zip_longest(foreign, nothing, fillvalue="—")
    one, other = next((a, b) for a, b in pairs if a != b)
    return f"{len(foreign)} statements and {len(nothing)}: {one[-300:]} / {other[-300:]}"


def _ask(visitor, way, town, key, role, **other: UUID):
    address = way.of(town, role, **other)
    if way.method == "GET":
        return visitor.get(address)
    return visitor.post(address, data={"_key": key} | walking.least(way, town))


def _said(answers) -> str:
    return " / ".join(
        soup(answer).select_one("main").get_text(" ", strip=True) for answer in answers
    )


def _plain(answer) -> str:
    """The body without what is drawn anew for each page, nor the address that was asked."""
    text = re.sub(r'name="_key" value="[^"]*"', "", f"{answer.status_code} {answer.text}")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", text)


def test_a_route_without_a_door_does_not_start(standing_engine, monkeypatch):
    async def ajar(request):
        return Response("come in")

    monkeypatch.setattr(assembly, "routes", lambda: [Route("/entrouverte", ajar, name="ajar")])
    with pytest.raises(RuntimeError, match="/entrouverte"):
        app.build(standing_engine)


@pytest.mark.parametrize(
    ("door", "methods"),
    [
        (Door("not a permission", writes=False, kind="page"), None),
        (Door(Permission.PUBLIC, writes=False, kind="page"), ["POST"]),
        (Door(Permission.PUBLIC, writes=False, kind="page"), ["GET", "PUT"]),
        (Door(Permission.PUBLIC, writes=True, kind="action"), None),
        (Door(Permission.PUBLIC, writes=True, kind="action"), ["POST", "DELETE"]),
    ],
)
def test_a_door_without_a_permission_or_with_another_method_does_not_start(
    standing_engine, monkeypatch, door, methods
):
    async def ajar(request):
        return Response("come in")

    ajar.door = door
    route = Route("/entrouverte", ajar, name="ajar", methods=methods)
    monkeypatch.setattr(assembly, "routes", lambda: [route])
    with pytest.raises(RuntimeError, match="/entrouverte"):
        app.build(standing_engine)
