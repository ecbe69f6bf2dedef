"""The libraries with known holes are locked and installed above their floors."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

LOCKS = Path(__file__).resolve().parent.parent / "requirements"
FLOORS = {
    "starlette": "1.3.1",
    "python-multipart": "0.0.30",
    "authlib": "1.9",
    "weasyprint": "69",
    "jinja2": "3.1.6",
    "lxml": "6.1",
}
NOT_YET_LOCKED = {"lxml"}


def locked(name: str) -> dict[str, str]:
    """Name and version of every line of a lock."""
    text = (LOCKS / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("library", FLOORS)
def test_a_library_with_a_known_hole_is_locked_above_its_floor(library: str) -> None:
    pinned = locked("run.lock").get(library)
    if library in NOT_YET_LOCKED:
        assert pinned is None, f"{library} is locked now: take it out of NOT_YET_LOCKED"
        return
    assert pinned is not None
    assert Version(pinned) >= Version(FLOORS[library])
    assert Version(version(library)) >= Version(FLOORS[library])


def test_the_test_lock_contains_the_run_lock() -> None:
    run, test = locked("run.lock"), locked("test.lock")
    assert run.items() <= test.items()
    assert len(run) > 40


def test_every_pinned_line_has_a_hash_and_no_address() -> None:
    for name in ("run.lock", "test.lock"):
        text = (LOCKS / name).read_text(encoding="utf-8")
        pins = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert [pin.split("\n")[0] for pin in pins if "--hash=sha256:" not in pin] == []
        assert "--index-url" not in text
        assert "--find-links" not in text
        assert "://" not in text
