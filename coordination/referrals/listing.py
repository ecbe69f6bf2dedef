"""The list of referrals as a page shows it: filters from the address, lines as plain tuples. This
page is the most opened of the house: everything is put in words here, the template only prints."""

from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from coordination import clock, labels
from coordination.journeys import working_days
from coordination.referrals import queries
from coordination.referrals.states import GROUPS, Group, Side, Status
from coordination.web import french
from coordination.web.visit import Visit

WAYS = {"recues": Side.RECIPIENT, "envoyees": Side.SENDER}
SLUGS: dict[Group, str] = {
    Group.TO_PREPARE: "a-preparer",
    Group.AT_THE_AGENCY: "chez-la-structure",
    Group.ACCEPTED: "acceptees",
    Group.UNDER_WAY: "en-cours",
    Group.CLOSED: "closes",
}
LATE_AFTER = 7  # working days: the second reminder
_OPEN_GROUPS = frozenset(Status) - GROUPS[Group.CLOSED]


class Line(NamedTuple):
    """One row: everything already in words."""

    href: str
    title: str
    agency: str
    code: str
    label: str
    when: str
    since: str
    late: bool
    tick: str  # id:version of one that may be acknowledged from here, or nothing


class Asked(NamedTuple):
    """What the address asks for."""

    side: Side
    group: Group | None
    status: Status | None
    page: int

    @property
    def statuses(self) -> frozenset[Status]:
        if self.status:
            return frozenset({self.status})
        return GROUPS[self.group] if self.group else _OPEN_GROUPS

    def address(self, **other: Any) -> str:
        """The list's address with something changed, without what is usual."""
        said = self._replace(**other)
        words = {"sens": "envoyees" if said.side is Side.SENDER else "recues"}
        if said.group:
            words["groupe"] = SLUGS[said.group]
        if said.status:
            words["etat"] = said.status.value
        if said.page > 1:
            words["page"] = str(said.page)
        return "/orientations?" + urlencode(words)

    def page_address(self, page: int) -> str:
        return self.address(page=page)


def asked(query: dict[str, str]) -> Asked:
    """An unknown word is read as nothing: a bookmark never breaks."""
    groups = {slug: group for group, slug in SLUGS.items()}
    status, page = query.get("etat", ""), query.get("page", "1")
    return Asked(
        WAYS.get(query.get("sens", ""), Side.RECIPIENT),
        groups.get(query.get("groupe", "")),
        Status(status) if status in set(Status) else None,
        int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 10_000 else 1,
    )


def context(visit: Visit, wish: Asked) -> dict[str, Any]:
    found = queries.counts(visit.db, visit.actor, wish.side)
    groups = queries.by_group(found)
    total = sum(found.get(status, 0) for status in wish.statuses)
    rows = queries.inbox(visit.db, visit.actor, wish.side, statuses=wish.statuses, page=wish.page)
    today = clock.today()
    late = working_days.before(today, LATE_AFTER)
    lines = [_line(row, wish.side, today, late) for row in rows]
    shown = [g for g in Group if wish.side is Side.SENDER or g is not Group.TO_PREPARE]
    return {
        "wish": wish,
        "lines": lines,
        "total": total,
        "pages": max(1, -(-total // queries.PAGE)),
        "groups": [
            (labels.of(group), groups[group], wish.address(group=group, status=None, page=1),
             wish.group is group)
            for group in shown
        ],
        "everything": sum(groups[g] for g in shown if g is not Group.CLOSED),
        "statuses": [
            (status.value, labels.of(status), found[status]) for status in Status if status in found
        ],
        "ticks": any(line.tick for line in lines),
    }  # fmt: skip


def _line(row: Any, side: Side, today: date, late: date) -> Line:
    (key, number, status, version, clock_side, clock_from, sent_at, appointment_at, review_on,
     started_on, ended_at, agency, sensitive, usual, given) = row  # fmt: skip
    since, is_late = "", False
    if clock_from is not None and clock_side == side:
        turned = clock.local(clock_from).date()
        days = (today - turned).days
        is_late = turned <= late
        since = _days(days, is_late)
    hidden = side is Side.RECIPIENT and sensitive and usual is None
    return Line(
        f"/orientations/{key}",
        f"{usual.upper()} {given}" if usual else f"Orientation {number}",
        "Une structure partenaire" if hidden else agency,
        status.value,
        _LABELS[status.value],
        _when(status, sent_at, appointment_at, review_on, started_on, ended_at),
        since,
        is_late,
        f"{key}:{version}" if side is Side.RECIPIENT and status is Status.SENT else "",
    )


def _days(days: int, late: bool) -> str:
    if days == 0:
        return "aujourd’hui"
    words = f"{days}\u00a0jour" if days == 1 else f"{days}\u00a0jours"
    return f"attend depuis {words}" if late else f"depuis {words}"


def _when(
    status: Status,
    sent_at: Any,
    appointment_at: Any,
    review_on: date | None,
    started_on: date | None,
    ended_at: Any,
) -> str:
    if ended_at is not None:
        return f"close le {french.short(clock.local(ended_at).date())}"
    if status is Status.STARTED:
        return f"démarrée le {french.short(started_on)}"
    if status is Status.ACCEPTED and appointment_at is not None:
        return f"rendez-vous le {french.stamp(appointment_at)}"
    if status is Status.WAITLISTED:
        return f"à revoir avant le {french.short(review_on)}"
    if sent_at is not None:
        return f"envoyée le {french.short(clock.local(sent_at).date())}"
    return "pas encore partie"


_LABELS = labels.LABELS["referrals.Status"]
