"""`--engine`: the base under the tests. A test that asks for `engine_name` runs once for each.

pytest                          SQLite, fast
pytest --engine postgresql      PostgreSQL
pytest --engine both            one after the other; what needs no base still runs once

A test marked `sqlite_first` walks much: with both, PostgreSQL takes its turn only in the long run.
"""

import pytest

ENGINES = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=(*ENGINES, "both"), default="sqlite", help="the base under the tests"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine_name" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--engine")
        names = ENGINES if chosen == "both" else (chosen,)
        quick = "not long" in metafunc.config.getoption("-m")
        if chosen == "both" and quick and metafunc.definition.get_closest_marker("sqlite_first"):
            names = ENGINES[:1]
        metafunc.parametrize("engine_name", names, scope="session")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens Chromium comes first, and in one process: the longest of all last a minute and a
    half, which nobody should be left to wait for at the end."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
