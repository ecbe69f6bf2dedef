"""A journey as a picture: a lane per sort of event, waits hatched with their words, today's line;
and the same told in one paragraph. Pure: days in, places and words out."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from coordination.desk import timeline
from coordination.desk.timeline import COURSE, STEPS, Event, Wait
from coordination.web import french

WIDTH, LEFT, RIGHT, TOP = 1000, 112, 16, 34  # units of the drawing, not pixels of a screen
ROW, BAR = 34, 22
MOST_ROWS = 5  # of steps side by side
LETTER = 8.4  # the width of one, at the size the drawing writes
SHORTEST = 84  # days: a journey of three weeks is not drawn as a year

LANES = {
    COURSE: "Parcours",
    STEPS: "Étapes",
    timeline.STATUSES: "Statuts",
    timeline.CONTACTS: "Contacts",
    timeline.COMMITTEES: "Comités",
    timeline.REFERRALS: "Orientations",
}


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    look: str
    tone: str
    words: str
    label: str  # what fits inside


class Mark(NamedTuple):
    x: float
    y: float
    look: str
    tone: str
    words: str


class Band(NamedTuple):
    """A wait, over every lane."""

    x: float
    width: float
    words: str
    label: str


class Lane(NamedTuple):
    y: float
    name: str


class Tick(NamedTuple):
    x: float
    label: str
    year: bool


class Picture(NamedTuple):
    height: float
    lanes: list[Lane]
    ticks: list[Tick]
    bars: list[Bar]
    marks: list[Mark]
    bands: list[Band]
    today_x: float | None
    told: str
    waits: list[tuple[str, str]]  # words, dates


def draw(
    events: Sequence[Event],
    waits: Sequence[Wait],
    *,
    since: date,
    until: date,
    today: date,
    ended_on: date | None = None,
) -> Picture:
    """`since`, `until`: the journey's own days, what is planned included."""
    scale = _Scale(*_span(events, since, until, today))
    last = ended_on or max(today, since)
    course = [Event(since, "Dans le parcours", until=last, lane=COURSE, look="course")]
    if until > last:
        course.append(Event(last, "Jusqu’à la fin prévue", until=until, lane=COURSE, look="ahead",
                            tone="stone"))  # fmt: skip
    drawn = [*course, *(e for e in events if e.lane in LANES)]
    rows, lanes, height = _rows(drawn)
    height += ROW if waits else 8  # the words of the waits stand under the lanes
    return Picture(
        height=height,
        lanes=lanes,
        ticks=_ticks(scale),
        bars=[_bar(e, rows[n], scale) for n, e in enumerate(drawn) if _lasts(e)],
        marks=[_mark(e, rows[n], scale) for n, e in enumerate(drawn) if not _lasts(e)],
        bands=[_band(wait, scale) for wait in waits],
        today_x=scale.x(today) if not ended_on else None,
        told=_told(events, waits, since, until, ended_on),
        waits=[(w.words, f"du {french.day(w.on)} au {french.day(w.until)}") for w in waits],
    )


class _Scale:
    def __init__(self, start: date, end: date) -> None:
        self.start, self.end = start, end
        self.unit = (WIDTH - LEFT - RIGHT) / (end - start).days

    def x(self, day: date) -> float:
        inside = min(max(day, self.start), self.end)
        return round(LEFT + (inside - self.start).days * self.unit, 1)


def _span(events: Sequence[Event], since: date, until: date, today: date) -> tuple[date, date]:
    first = min([since, *(e.on for e in events if e.lane)])
    first = max(first, since - timedelta(days=400))  # a date typed wrong does not flatten the rest
    last = max([until, *(e.until or e.on for e in events if e.lane), min(today, until)])
    last = min(last, until + timedelta(days=400))
    last = max(last, first + timedelta(days=SHORTEST))
    return first, last + timedelta(days=max(3, (last - first).days // 60))


def _lasts(event: Event) -> bool:
    return event.until is not None and event.until > event.on


def _rows(drawn: list[Event]) -> tuple[list[float], list[Lane], float]:
    """For each event the height of its middle; the lanes in use; the height of all. What overlaps
    in the lane of steps goes one row down."""
    places, lanes, y = [0.0] * len(drawn), [], float(TOP)
    for lane, name in LANES.items():
        inside = [n for n, e in enumerate(drawn) if e.lane == lane]
        if not inside:
            continue
        ends: list[date] = []
        for n in sorted(inside, key=lambda n: drawn[n].on):
            row = 0
            if lane == STEPS:
                free = (k for k, end in enumerate(ends) if end <= drawn[n].on)
                row = next(free, min(len(ends), MOST_ROWS - 1))
            until = drawn[n].until or drawn[n].on
            if row == len(ends):
                ends.append(until)
            else:
                ends[row] = max(ends[row], until)
            places[n] = y + ROW * (row + 0.5)
        lanes.append(Lane(y, name))
        y += ROW * (len(ends) if lane == STEPS else 1)
    return places, lanes, y


def _bar(event: Event, y: float, scale: _Scale) -> Bar:
    x = scale.x(event.on)
    width = max(4.0, round(scale.x(event.until or event.on) - x, 1))
    look = "planned" if event.planned else event.look or "bar"
    return Bar(x, y - BAR / 2, width, look, event.tone, _said(event), _fitting(event, width))


def _fitting(event: Event, width: float) -> str:
    if event.look in {"course", "ahead"}:
        return ""
    words = [event.text, event.title]
    if event.lane == timeline.STATUSES:
        words = [f"{event.title}, {event.text}", event.title]
    return next((w for w in words if w and len(w) * LETTER < width), "")


def _mark(event: Event, y: float, scale: _Scale) -> Mark:
    return Mark(scale.x(event.on), y, event.look or "dot", event.tone, _said(event))


def _said(event: Event) -> str:
    title = f"{event.title} (prévu)" if event.planned else event.title
    when = french.day(event.on)
    if _lasts(event):
        when = f"du {when} au {french.day(event.until)}"
    return f"{title}, {when}"


def _band(wait: Wait, scale: _Scale) -> Band:
    x = scale.x(wait.on)
    width = round(scale.x(wait.until) - x, 1)
    weeks = (wait.until - wait.on).days // 7
    whole = wait.words.partition(",")[0]
    fits = [w for w in (whole, f"{weeks}{french.HARD}sem.") if len(w) * LETTER < width]
    return Band(x, width, wait.words, fits[0] if fits else "")


def _ticks(scale: _Scale) -> list[Tick]:
    months = (scale.end - scale.start).days / 30.4
    every = 1 if months <= 16 else 3 if months <= 40 else 12
    day = scale.start.replace(day=1)
    found = []
    while day <= scale.end:
        if day >= scale.start and (day.month - 1) % every == 0:
            label = str(day.year) if day.month == 1 else _SHORT[day.month - 1]
            found.append(Tick(scale.x(day), label, day.month == 1))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


_SHORT = ("janv.", "févr.", "mars", "avril", "mai", "juin",
          "juil.", "août", "sept.", "oct.", "nov.", "déc.")  # fmt: skip


def _told(
    events: Sequence[Event], waits: Sequence[Wait], since: date, until: date, ended: date | None
) -> str:
    """The picture for who hears it."""
    word = "terminé" if ended else "fin prévue"
    said = [f"Entrée le {french.day(since)}, {word} le {french.day(until)}"]
    steps = sorted((e for e in events if e.lane == STEPS), key=lambda e: e.on)
    said += [_said(e) for e in steps]
    said += [_said(e) for e in events if e.look in {"pause", "interstitial"}]
    said += [f"{w.words}, du {french.day(w.on)} au {french.day(w.until)}" for w in waits]
    said += [_said(e) for e in events if e.look == "unpaid"]
    contacts = [e for e in events if e.lane == timeline.CONTACTS]
    if contacts:
        missed = sum(e.look == "missed" for e in contacts)
        absences = f", dont {french.count(missed, 'absence')}" if missed else ""
        said.append(f"{french.count(len(contacts), 'contact')}{absences}")
    for lane, one in ((timeline.COMMITTEES, "décision de comité"),
                      (timeline.REFERRALS, "mouvement d’orientation")):  # fmt: skip
        number = sum(e.lane == lane for e in events)
        many = one.replace(" ", "s ", 1)
        said += [french.count(number, one, many)] if number else []
    return ". ".join(said) + "."
