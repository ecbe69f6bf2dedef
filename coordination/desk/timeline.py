"""A journey as a line of what happened, newest first, with the waiting gaps in evidence. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from coordination.web import french

GAP_DAYS = 28  # four weeks without a step or a contact are a gap to see


class Event(NamedTuple):
    """Something dated. It covers the days to `until`: none of them is a gap."""

    on: date
    title: str
    text: str = ""
    tone: str = "river"
    until: date | None = None
    url: str = ""
    planned: bool = False


class Item(NamedTuple):
    """What the template's timeline takes."""

    when: str
    title: str
    text: str
    tone: str
    url: str
    gap: str


def line(events: Iterable[Event], *, today: date, ended_on: date | None = None) -> list[Item]:
    """The items, newest first; a gap stands above what came before it."""
    order = sorted(events, key=lambda e: (e.on, e.until or e.on))
    gaps = _gaps(order, ended_on or today)
    return [_item(event, gap) for event, gap in zip(reversed(order), reversed(gaps), strict=True)]


def _gaps(order: list[Event], end: date) -> list[str]:
    """For each event, the gap between it and what follows, up to `end`."""
    gaps = [""] * len(order)
    covered: date | None = None
    for rank, event in enumerate(order):
        if event.planned or event.on > end:
            break
        covered = max(covered or event.on, event.until or event.on)
        after = next((e.on for e in order[rank + 1 :] if not e.planned), None)
        until = min(after or end, end)
        if (until - covered).days > GAP_DAYS:
            words = french.count((until - covered).days, "jour")
            now = after is None or after > end
            gaps[rank] = f"{words} sans étape ni contact" + (", jusqu’à aujourd’hui" if now else "")
    return gaps


def _item(event: Event, gap: str) -> Item:
    when = french.day(event.on)
    if event.until and event.until - event.on > timedelta(days=1):
        when = f"{when} – {french.day(event.until)}"
    title = f"{event.title} (prévu)" if event.planned else event.title
    return Item(when, title, event.text, "stone" if event.planned else event.tone, event.url, gap)
