"""The house rules that a machine can check."""

import re
from enum import StrEnum
from types import SimpleNamespace

import pytest
from sqlmodel import SQLModel, col, select
from starlette.routing import Mount, Route

from coordination import access, assembly, db, labels, settings
from coordination.access import Permission
from coordination.agencies.models import Role
from coordination.audit import AccessLine
from coordination.journeys.models import Journey
from coordination.persons.categories import TABLES
from coordination.web import doors
from coordination.web.forms import Form
from coordination.web.visit import Visit


def rooms_routes():
    return [r for r in assembly.routes() if not isinstance(r, Mount)]


def test_every_route_came_in_through_a_door():
    for route in rooms_routes():
        assert isinstance(route, Route)
        door = getattr(route.endpoint, "door", None)
        assert door, f"{route.path} has no door"
        assert door.writes == ("POST" in route.methods), route.path


def test_names_and_paths_of_routes_are_unique():
    named = [r.name for r in rooms_routes()]
    assert len(named) == len(set(named))
    paths = [(r.path, tuple(sorted(r.methods))) for r in rooms_routes()]
    assert len(paths) == len(set(paths))


def test_every_permission_opens_a_door_and_is_held_by_someone():
    used = {r.endpoint.door.may for r in rooms_routes()}
    held = set().union(
        *(p for r, p in access.GRANTS.items() if r not in {Role.CLOCK, Role.COMMAND})
    )
    assert used == set(Permission)
    assert held == set(Permission)


def test_every_word_of_every_enum_has_its_label():
    assembly.load_models()
    for kind in enums():
        assert set(labels.LABELS[labels.key(kind)]) == {m.value for m in kind}, kind


def enums():
    for mapper in SQLModel._sa_registry.mappers:
        for column in mapper.columns:
            kind = getattr(column.type, "enum_class", None)
            if kind is not None and issubclass(kind, StrEnum):
                yield kind


def test_every_table_that_points_to_a_person_has_its_category():
    assembly.load_models()
    about = {
        name for name, table in SQLModel.metadata.tables.items() if "person_id" in table.columns
    }
    assert about - set(TABLES) == set(), "say their category in persons/categories.py"


def test_a_page_that_writes_is_caught(engine, town):
    with pytest.raises(RuntimeError), db.reading(engine) as session:
        session.get(Journey, town.journey.id).review = "written by a page"


def test_a_quarter_hour_line_written_meanwhile_does_not_lose_the_line_of_a_person(
    engine, town, visit, db
):
    """Two requests find no list line, both write: the second still leaves its own lines."""
    alice = visit("alice")
    alice.get("/parcours")
    taken = db.exec(select(AccessLine.list_key).where(col(AccessLine.list_key).is_not(None))).one()
    db.commit()
    unseen = AccessLine(route="x", list_key=taken), AccessLine(route="x", person_id=town.dana.id)
    request = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(engine=engine)))
    caller = Visit(request, db, town.actor("alice"), Form())
    doors._write_after(request, caller, list(unseen))
    kept = db.exec(select(AccessLine.person_id).where(AccessLine.route == "x")).all()
    assert kept == [town.dana.id]


def partials():
    rooms = (p for p in (settings.ROOT / "templates").iterdir() if p.is_dir())
    apart = {"components", "documents", "mails"}
    return sorted(p for room in rooms if room.name not in apart for p in room.glob("_*.html"))


@pytest.mark.parametrize("partial", partials(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_partial_says_what_it_takes_and_its_root_has_the_id_that_it_replaces(partial):
    text = partial.read_text()
    assert text.startswith("{# takes"), "its first line says what it takes"
    drawn = re.sub(r"{% macro.*?{% endmacro %}", "", text, flags=re.DOTALL)
    root = re.search(r"<(\w+)([^>]*)>", drawn)
    assert root is not None
    assert " id=" in root.group(2)


def test_the_plan_of_the_house_names_every_room():
    plan = (settings.ROOT / "docs" / "rooms.md").read_text()
    house = settings.ROOT / "coordination"
    rooms = {p.name for p in house.iterdir() if p.is_dir() and (p / "__init__.py").exists()}
    rooms |= {p.name for p in house.glob("*.py")} - {"__init__.py"}
    assert {room for room in rooms if f"`{room}" not in plan} == set()
