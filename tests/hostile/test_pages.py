"""Sixty hostile texts in every field, typed through the forms and planted in the base, then walked
in Chromium under the policy of the house: they are read, and nothing else."""

import csv
from collections.abc import Iterable
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser
from sqlmodel import col

from coordination import seed
from coordination.agencies.models import Professional
from coordination.db import columns, transaction
from coordination.signin import sessions
from tests import walking
from tests.hostile import texts, typing, walk, worlds
from tests.test_matrix import MATRIX

pytestmark = pytest.mark.browser
ALL = 400
WALKERS = ("own-adviser", "secretary", "chair", "partner-adviser", "admin", "dpo", "pilot",
           walking.LINK_HOLDER, walking.ANONYMOUS)  # fmt: skip
TYPISTS = ("own-adviser", "chair", "partner-adviser", "admin")
LOUD = {**texts.ELEMENTS, **texts.HTMX}
BARE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{0}</title></head><body>
<main><p>{0}</p><p title="{0}"></p><p title='{0}'></p><a href="{0}">x</a></main></body></html>"""


def statuses() -> dict[str, dict[str, str]]:
    """Route → role → what it hears, as tests/matrix.csv says."""
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return {row["route"]: row for row in csv.DictReader(file) if row["method"] == "GET"}


def once_each(town: SimpleNamespace) -> dict[str, list[str]]:
    """role → the addresses of the pages it opens, each route by the first who may."""
    said = statuses()
    found: dict[str, list[str]] = {role: [] for role in WALKERS}
    for way in walking.ways("GET"):
        if walk.NOT_PAGES.search(way.of(town).split("?")[0]):
            continue
        opens = [role for role in WALKERS if said.get(way.name, {}).get(role) == "200"]
        for role in opens if way.name == "live:chair" else opens[:1]:
            found[role].append(way.of(town, role))
    return found


class Walked(NamedTuple):
    seen: list[str]
    faults: list[str]


def walked(
    browser: Browser,
    town: SimpleNamespace,
    starts: dict[str, list[str]],
    *,
    links: bool = False,
    most: int = ALL,
    besides: Iterable[typing.Answer] = (),
) -> Walked:
    """The pages of each role in their own browser; with `links`, all that they lead to too, `most`
    for each; `besides` are answers heard already."""
    known, all_of_it = set[str](), most == ALL
    all_seen = Walked([], [])
    with worlds.served(town.engine) as home:
        for role, addresses in starts.items():
            name = walking.WHO.get(role, role)
            with walk.as_someone(browser, home, name and town.cookies[name]) as one:
                if links:
                    walk.everywhere(one, addresses, known if all_of_it else set(), most=most)
                for address in () if links else addresses:
                    one.look(address)
                for answer in besides:
                    one.shown(answer.to, answer.text, answer.status)
                besides = ()
                all_seen.seen.extend(one.seen)
                all_seen.faults.extend(f"{role} {fault}" for fault in one.faults)
    return all_seen


def every_way(town: SimpleNamespace) -> dict[str, list[str]]:
    return {role: [way.of(town, role) for way in walking.ways("GET")] for role in walking.WHO}


def opened(town: SimpleNamespace) -> dict[str, list[str]]:
    """role → the addresses that open to it. Three of four of `every_way` are refused, and a refusal
    shows nothing of what was written: walked once for all, in a normal walk."""
    said = statuses()
    return {
        role: [
            way.of(town, role)
            for way in walking.ways("GET")
            if said[way.name][role] in {"200", "303"}
        ]
        for role in walking.WHO
    }


def test_there_are_sixty_texts_and_each_is_its_own():
    assert len(set(texts.HOSTILE)) == len(texts.TEXTS) >= 60
    assert sum(len(text) <= 100 for text in texts.HOSTILE) >= 60  # what most fields take


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if number % 15 == 0 else pytest.mark.long)
        for number, name in enumerate(LOUD)
    ],
)
def test_a_text_left_as_markup_is_noticed_by_the_walk(browser, town, name):
    with worlds.served(town.engine) as home, walk.as_someone(browser, home, None) as one:
        one.shown("/nue", BARE.format(LOUD[name]))
    assert one.faults


def test_what_a_page_that_follows_asks_as_it_is_left_is_not_asked_by_the_next(browser, town):
    meeting = f"/seances/{town.meeting.id}"
    with worlds.served(town.engine) as home, walk.as_someone(browser, home, None) as one:
        one.page.add_init_script(
            f"if (location.pathname === '{meeting}/ecran')"
            f" addEventListener('beforeunload', () => fetch('{meeting}/flux'));"
        )
        one.shown(f"{meeting}/ecran", BARE.format("suit"))
        one.shown("/nue", BARE.format("ne demande rien"))
    assert one.faults == []


def test_what_is_typed_in_every_form_only_shows_and_what_is_refused_comes_back(browser, town):
    """One role, on its own pages; all of them, everywhere, with every text, in the long run."""
    typed = typing.everywhere(town, TYPISTS[0])
    assert len(typed.kept) >= 8
    refused = {walk.shape(answer.to): answer for answer in typed.refused}
    assert len(refused) >= 5
    mine = {TYPISTS[0]: once_each(town)[TYPISTS[0]]}
    found = walked(browser, town, mine, besides=list(refused.values()))
    assert found.faults == [], "\n".join(found.faults)
    assert len(found.seen) >= 15


def test_what_stands_in_every_column_only_shows(browser, town, planted):
    written = planted(several=6)
    empty = [name for name, rows in written.items() if not rows]
    assert len(written) >= 100 and len(empty) <= 12, f"rows for them in worlds.py: {empty}"
    found = walked(browser, town, once_each(town))
    assert found.faults == [], "\n".join(found.faults)
    assert len(found.seen) >= 35


def test_every_text_in_every_column_at_once_is_only_text(town, planted):
    planted(several=len(texts.HOSTILE))
    made = {}
    for role, addresses in once_each(town).items():
        visitor = walking.visitor(town, role)
        for address in addresses:
            answer = visitor.get(address)
            assert answer.status_code < 500, (role, address)
            if found := BeautifulSoup(answer.text, "html.parser").select("[data-hostile]"):
                made[role, address] = str(found[0])[:80]
    assert made == {}


@pytest.mark.long
def test_a_normal_walk_reports_nothing(browser, town):
    found = walked(browser, town, once_each(town))
    assert found.faults == [], "\n".join(found.faults)
    assert len(found.seen) >= 35


@pytest.mark.long
def test_a_walk_of_the_demonstration_reports_nothing(browser, tmp_path):
    engine = worlds.empty(tmp_path / "demo.db")
    seed.plant(engine, journeys=60, say=lambda _: None)
    with transaction(engine) as session:
        who = session.execute(
            columns(Professional.persona, Professional.id).where(col(Professional.persona) != "")
        ).all()
        cookies = {name: sessions.open_session(session, key, means="demo") for name, key in who}
    demo = SimpleNamespace(engine=engine, cookies=cookies)
    found = walked(browser, demo, {name: ["/"] for name in cookies}, links=True, most=4)
    assert found.faults == [], "\n".join(found.faults)
    assert len(cookies) == 8 and len(found.seen) >= 25
    engine.dispose()


@pytest.mark.long
def test_no_role_meets_a_page_that_reports_in_a_normal_walk(browser, town):
    assert walked(browser, town, every_way(town), links=True).faults == []


@pytest.mark.long
@pytest.mark.parametrize("shift", range(0, len(texts.HOSTILE), 9))
def test_every_text_in_every_column_only_shows(browser, town, planted, shift):
    planted(shift=shift, several=9)
    found = walked(browser, town, opened(town), links=True)
    assert found.faults == [], "\n".join(found.faults)
    assert len(found.seen) >= 60


@pytest.mark.long
@pytest.mark.parametrize("shift", range(0, len(texts.HOSTILE), 3))
def test_every_text_in_every_form_only_shows(browser, town, shift):
    for number, role in enumerate(TYPISTS):
        typing.everywhere(town, role, shift=shift + 7 * number)
    found = walked(browser, town, opened(town), links=True)
    assert found.faults == [], "\n".join(found.faults)


@pytest.mark.long
@pytest.mark.parametrize("role", walking.WHO)
def test_no_role_meets_a_page_that_does_more_than_show(browser, town, planted, role):
    planted(shift=40, several=6)
    assert walked(browser, town, {role: every_way(town)[role]}, links=True).faults == []
