"""A journey as a line of what happened, newest first, with the waiting gaps in evidence. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from coordination.web import french

GAP_DAYS = 28  # four weeks without a step or a contact are a gap to see

# Where an event stands on the picture.
COURSE, STEPS, STATUSES, CONTACTS, COMMITTEES, REFERRALS = (
    "course", "steps", "statuses", "contacts", "committees", "referrals",
)  # fmt: skip


class Event(NamedTuple):
    """Something dated. It covers the days to `until`: none of them is a gap. `lane` and `look` are
    its place and its shape on the picture; without a lane it is only told."""

    on: date
    title: str
    text: str = ""
    tone: str = "river"
    until: date | None = None
    url: str = ""
    planned: bool = False
    lane: str = ""
    look: str = ""


class Item(NamedTuple):
    """What the template's timeline takes."""

    when: str
    title: str
    text: str
    tone: str
    url: str
    gap: str


class Wait(NamedTuple):
    """Days without a step (and without a contact, where no step is written at all)."""

    on: date
    until: date
    words: str


def line(events: Iterable[Event], *, today: date, ended_on: date | None = None) -> list[Item]:
    """The items, newest first; a gap stands above what came before it."""
    order = sorted(events, key=lambda e: (e.on, e.until or e.on))
    gaps = _gaps(order, ended_on or today)
    return [_item(event, gap) for event, gap in zip(reversed(order), reversed(gaps), strict=True)]


def waits(
    events: Sequence[Event], *, since: date, today: date, ended_on: date | None = None
) -> list[Wait]:
    """When nothing goes on: between two steps, before the next one, since the last one. A pause is
    not a wait: it is told as a pause."""
    steps = [e for e in events if e.lane == STEPS]
    pauses = [e for e in events if e.look == "pause"]
    kept = [e for e in events if e.look == "interstitial"]
    known = steps or [e for e in events if e.lane]
    now = ended_on or today
    covers = [(e.on, min(e.until or e.on, now)) for e in [*known, *pauses] if _is_real(e, now)]
    ahead = [e.on for e in steps if e.planned and e.on > now and not ended_on]
    covers += [(day, day) for day in ahead]
    found, free = [], since
    for start, end in sorted(covers) + ([] if ahead else [(now, now)]):
        if (start - free).days > GAP_DAYS:
            words = _words(free, start, bool(steps), kept, now=None if ended_on else today)
            found.append(Wait(free, start, words))
        free = max(free, end)
    return found


def _is_real(event: Event, now: date) -> bool:
    return not event.planned and event.on <= now


def _words(start: date, end: date, has_steps: bool, kept: list[Event], *, now: date | None) -> str:
    said = french.count((end - start).days // 7, "semaine")
    said += " sans étape" if has_steps else " sans étape ni contact"
    if any(e.on <= start + timedelta(days=7) and (e.until or end) >= end for e in kept):
        said += ", accompagnement maintenu"
    if now and end > now:
        return f"{said}, avant la prochaine"
    return f"{said}, jusqu’à aujourd’hui" if end == now else said


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
