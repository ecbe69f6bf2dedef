"""Look down, never up: imports, and foreign keys, which import-linter cannot see."""

import importlib
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table
from sqlmodel import SQLModel

import coordination

ROOT = Path(__file__).resolve().parent.parent


def floors() -> dict[str, int]:
    """Room → height, 0 at the bottom; from the contract of pyproject.toml, the only truth."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return {
        room.strip(" ()"): height
        for height, layer in enumerate(reversed(contract["layers"]))
        for room in layer.split("|")
    }


def keys_that_look_up(
    metadata: MetaData, rooms: dict[str, str], heights: dict[str, int]
) -> list[str]:
    """The foreign keys that leave their room without going down; a table without a room is one."""
    wrong = [f"{name} belongs to no room" for name in metadata.tables if name not in rooms]
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            target = key.target_fullname.rsplit(".", 1)[0]
            if table.name not in rooms or target not in rooms:
                continue
            here, there = rooms[table.name], rooms[target]
            if here != there and heights[there] >= heights[here]:
                wrong.append(f"{table.name}.{key.parent.name} ({here}) → {target} ({there})")
    return sorted(wrong)


def room_of_each_table() -> dict[str, str]:
    """Table → room, from the module of the class mapped to it."""
    return {
        mapper.local_table.name: mapper.class_.__module__.split(".")[1]
        for mapper in SQLModel._sa_registry.mappers
        if mapper.class_.__module__.startswith("coordination.")
    }


@pytest.fixture(scope="module")
def every_room() -> None:
    """Import every module of the product, whoever would have imported it."""
    for module in pkgutil.walk_packages(coordination.__path__, "coordination."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_every_import_looks_down() -> None:
    run = subprocess.run(
        [sys.executable, "scripts/floors.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.usefixtures("every_room")
def test_every_foreign_key_looks_down() -> None:
    product = MetaData()
    for name in room_of_each_table():
        SQLModel.metadata.tables[name].to_metadata(product)
    assert len(product.tables) > 10
    assert keys_that_look_up(product, room_of_each_table(), floors()) == []


@pytest.mark.usefixtures("every_room")
def test_no_two_tables_point_at_each_other() -> None:
    """SQLite cannot add a key later: a circle, even inside one room, cannot be created."""
    created = [table.name for table in SQLModel.metadata.sorted_tables]  # a circle warns
    assert created.index("agency") < created.index("referral")


@pytest.mark.usefixtures("every_room")
def test_the_assembly_knows_every_table() -> None:
    """In a fresh process: here, importing every module has already filled the metadata."""
    told = subprocess.run(
        [
            *(sys.executable, "-c"),
            "from coordination import assembly; assembly.load_models();"
            "from sqlmodel import SQLModel; print(*SQLModel.metadata.tables)",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(told.stdout.split()) == set(room_of_each_table())


def test_a_key_upwards_sideways_or_from_nowhere_is_found() -> None:
    metadata = MetaData()

    def table(name: str, *targets: str) -> None:
        keys = (Column(f"{t}_id", Integer, ForeignKey(f"{t}.id")) for t in targets)
        Table(name, metadata, Column("id", Integer, primary_key=True), *keys)

    table("agency")
    table("journey", "agency", "referral")
    table("referral", "journey", "agency", "referral")
    table("link", "job")
    table("job")
    table("stray")
    rooms = {
        "agency": "agencies",
        "journey": "journeys",
        "referral": "referrals",
        "link": "links",
        "job": "jobs",
    }
    assert keys_that_look_up(metadata, rooms, floors()) == [
        "journey.referral_id (journeys) → referral (referrals)",
        "link.job_id (links) → job (jobs)",
        "stray belongs to no room",
    ]


def test_the_floors_stand_in_the_order_of_the_house() -> None:
    heights = floors()
    road = ("clock", "db", "agencies", "consent", "web", "journeys", "referrals", "committees")
    assert [heights[room] for room in road] == sorted({heights[room] for room in road})
    assert heights["audit"] == heights["outbox"] == heights["files"]
