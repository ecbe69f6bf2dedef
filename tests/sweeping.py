"""Posting every form of the house, filled in plausibly, then with each field made wrong in turn.
Nothing is kept: the transaction's last closer undoes it, so that every try meets the same town."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple
from zlib import crc32

from bs4 import BeautifulSoup, Tag
from sqlmodel import Session
from starlette.testclient import TestClient
from uuid_utils.compat import uuid7

from coordination import clock
from coordination.errors import Refused
from tests import walking

WRONG = (
    "",
    "nul\0dedans",
    "99999999999999999999",
    "-1",
    "2026-02-31",
    "12026-01-01",
    "<script>alert(1)</script>",
    "é" * 9000,
    "عائشة ’ \u202e 𝒳",
    str(uuid7()),
    "not-a-key",
    "²",
    "=1+1",
)


_WRITTEN = ", ".join(
    ["textarea[name]", "input[name]:not([type])"]
    + [f"input[name][type={kind}]" for kind in ("text", "search", "url", "tel", "email")]
)

Shape = tuple[str, tuple[str, ...]]
Change = dict[str, str | list[str] | None]


class Undone(Refused):
    """The form was taken, and then undone."""

    status = 418


class Filled(NamedTuple):
    """One form of a page, as someone would send it."""

    page: str
    to: str
    fields: tuple[tuple[str, str], ...]
    typed: tuple[str, ...] = ()  # the fields where someone writes words

    @property
    def shape(self) -> Shape:
        """The same for two pages of one sort that hold the same fields."""
        return _shape(self.to), tuple(sorted({name for name, _ in self.fields}))

    @property
    def half(self) -> int:
        """0 or 1: two processes share the forms."""
        return crc32(repr(self.shape).encode()) % 2

    def sent(self, change: Change) -> dict[str, str | list[str]]:
        given: dict[str, list[str]] = {}
        for name, value in self.fields:
            given.setdefault(name, []).append(value)
        said: dict[str, str | list[str]] = dict(given)
        for name, value in change.items():
            if value is None:
                said.pop(name, None)
            else:
                said[name] = value
        return said


def undo(db: Session) -> None:
    raise Undone("Défait.")


def forms(client: TestClient, town: SimpleNamespace, role: str) -> list[Filled]:
    """Every form that this role meets, by following the addresses of the routes and their links."""
    waiting = [way.of(town, role) for way in walking.ways("GET") if not without_forms(way.path)]
    seen: set[str] = set()
    found: dict[Shape, Filled] = {}
    while waiting:
        address = waiting.pop(0)
        if (shape := _shape(address)) in seen:
            continue
        seen.add(shape)
        answer = client.get(address)
        if answer.status_code != 200 or "html" not in answer.headers["content-type"]:
            continue
        page = BeautifulSoup(answer.text, "html.parser")
        for form in page.select("form[method=post]"):
            one = _filled(address, form)
            found.setdefault(one.shape, one)
        for link in page.select("a[href^='/'], a[href^='?']"):
            href = str(link["href"]).split("#")[0]
            href = address.split("?")[0] + href if href.startswith("?") else href
            if not without_forms(href):
                waiting.append(href)
    return list(found.values())


def at_once(form: Filled, wrong: tuple[str, ...] = WRONG) -> Iterator[Change]:
    """The form as it is, then every field wrong in the same way, then nothing but its key."""
    names = {name for name, _ in form.fields} - {"_key"}
    yield {}
    yield from (dict.fromkeys(names, value) for value in wrong)
    yield dict.fromkeys(names, None)


def one_by_one(form: Filled) -> Iterator[Change]:
    """Each field in turn wrong, missing, twice: past the first checks."""
    for name in {name for name, _ in form.fields} - {"_key"}:
        yield from ({name: value} for value in WRONG)
        yield {name: None}
        yield {name: ["un", "deux"]}


def _filled(address: str, form: Tag) -> Filled:
    fields: list[tuple[str, str]] = []
    radios: set[str] = set()
    for field in form.select("input[name], select[name], textarea[name], button[name]"):
        name, kind = str(field["name"]), str(field.get("type", "text"))
        if field.name == "select":
            options = [str(o.get("value", o.text)) for o in field.select("option")]
            chosen = [o for o in options if o]
            fields.append((name, chosen[0] if chosen else ""))
        elif kind == "radio":
            if name not in radios:
                radios.add(name)
                fields.append((name, str(field.get("value", "on"))))
        elif kind == "file":
            continue
        else:
            value = str(field.get("value", "") or field.text.strip())
            fields.append((name, value or _plausible(kind)))
    typed = tuple(dict.fromkeys(str(field["name"]) for field in form.select(_WRITTEN)))
    return Filled(address, str(form.get("action") or address), tuple(fields), typed)


def _plausible(kind: str) -> str:
    return {
        "date": clock.today().isoformat(), "time": "10:00", "number": "5", "checkbox": "1",
        "email": "quelqu-un@example.org", "tel": "0601020304",
    }.get(kind, "Un texte assez long pour passer.")  # fmt: skip


def without_forms(path: str) -> bool:
    return path.startswith("/static") or path.endswith(
        (".pdf", "/flux", "/preuve", ".ics", ".csv", ".xlsx")
    )


def _shape(address: str) -> str:
    """An address without its ids: pages of one sort hold the same forms."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", address)
