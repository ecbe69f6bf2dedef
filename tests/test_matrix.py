"""Who may do what, as a file: tests/matrix.csv says what each role hears at each route, and these
tests walk them all. GET: the status (`connexion`: sent to sign in). POST, with a form key and an
otherwise empty form: the door's answer, or `allowed` when it let the form in."""

import csv
import re
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from starlette.responses import Response
from starlette.routing import Route
from uuid_utils.compat import uuid7

from coordination import app, assembly
from tests import walking
from tests.conftest import soup

MATRIX = Path(__file__).with_name("matrix.csv")
CLOSED = {401, 403, 404}
# The meeting is theirs: it is the frozen agenda, or the line, that is not.
THEIRS = {("partner-adviser", "agenda:pdf", "id"), ("partner-adviser", "agenda:review", "id")}


@pytest.fixture(name="full")
def _full(engine, town):
    return walking.full(engine, town)


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
@pytest.mark.parametrize("role", ["stranger-adviser", "partner-adviser", "other-secretary"])
def test_what_is_not_yours_and_what_does_not_exist_look_the_same(full: SimpleNamespace, role: str):
    """Same status, same words: whoever tries addresses learns nothing."""
    visitor, keys = walking.visitor(full, role), walking.keys()
    tried, told = 0, []
    for way in walking.ways():
        for name in re.findall(r"{(\w+):uuid}", way.path):
            if (role, way.name, name) in THEIRS:
                continue
            unknown = uuid7()
            answers = [
                _ask(visitor, way, full, next(keys), role),
                _ask(visitor, way, full, next(keys), role, **{name: unknown}),
            ]
            if answers[0].status_code == 404:
                tried += 1
                if _plain(answers[0]) != _plain(answers[1]):
                    told.append(f"{way.name} {name}: {_said(answers)}")
    assert told == []
    assert tried > 15


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


def test_a_route_without_a_door_does_not_start(full: SimpleNamespace, monkeypatch):
    async def ajar(request):
        return Response("come in")

    monkeypatch.setattr(assembly, "routes", lambda: [Route("/entrouverte", ajar, name="ajar")])
    with pytest.raises(RuntimeError, match="/entrouverte"):
        app.build(full.engine)
