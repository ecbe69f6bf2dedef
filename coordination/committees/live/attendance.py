"""Who came, for which agency, from when to when. One row per person at the table, observers too."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries
from coordination.committees.live.pulse import beat
from coordination.committees.meetings import states
from coordination.committees.models import (
    IN_THE_ROOM,
    AgendaItem,
    Attendance,
    Invitation,
    Meeting,
    Presence,
)
from coordination.db import past_walls
from coordination.errors import Invalid, NotFound, Refused

OBSERVER = "Observateur·rice"


class Seat(NamedTuple):
    """Someone expected at the table, and what is known of their coming."""

    professional_id: UUID
    agency_id: UUID | None
    name: str
    function: str
    agency: str
    came: Attendance | None


class Tick(NamedTuple):
    """What was ticked for one seat."""

    presence: Presence
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    represented_by_id: UUID | None = None


def seats(db: Session, meeting: Meeting) -> list[Seat]:
    """Who was invited, who sits that day, who came: by agency, then by name."""
    came = {row.professional_id: row for row in rows(db, meeting.id) if row.professional_id}
    expected: dict[UUID, tuple[UUID | None, str, str]] = {}
    for who, row in came.items():
        expected[who] = row.agency_id, row.name, row.function
    for guest in _invited(db, meeting):
        said = guest.agency_id, guest.name, guest.function
        expected.setdefault(guest.professional_id, said)
    mandates = list(db.exec(queries.mandates(meeting.committee_id, on=queries.sitting_on(meeting))))
    sitting = {mandate.professional_id: mandate.agency_id for mandate in mandates}
    people = select(Professional).where(col(Professional.id).in_(sitting))
    for one in db.exec(people):
        expected.setdefault(one.id, (sitting[one.id], one.name, one.function))
    agencies = names(db, {agency for agency, _, _ in expected.values() if agency})
    found = [
        Seat(who, agency, name, function, agencies[agency] if agency else "", came.get(who))
        for who, (agency, name, function) in expected.items()
    ]
    return sorted(found, key=lambda seat: (seat.agency, seat.name, seat.professional_id))


def observers(db: Session, meeting_id: UUID) -> list[Attendance]:
    return [row for row in rows(db, meeting_id) if row.observer]


def rows(db: Session, meeting_id: UUID) -> list[Attendance]:
    wanted = select(Attendance).where(Attendance.meeting_id == meeting_id)
    return list(db.exec(wanted.order_by(Attendance.name, col(Attendance.id))))


def names(db: Session, agencies: Collection[UUID]) -> dict[UUID, str]:
    wanted = select(Agency.id, Agency.name).where(col(Agency.id).in_(agencies))
    return dict(db.exec(wanted).all())


@past_walls
def take(db: Session, meeting: Meeting, ticks: Mapping[UUID, Tick], *, actor: Actor) -> None:
    """Keep what was ticked, all seats at once. Who is not ticked is left as they were."""
    _must_not_be_over(meeting)
    before = queries.agencies_in_the_room(db, meeting.id)
    for seat in seats(db, meeting):
        tick = ticks.get(seat.professional_id)
        if tick is None:
            continue
        row = seat.came or Attendance(
            meeting_id=meeting.id,
            professional_id=seat.professional_id,
            agency_id=seat.agency_id,
            name=seat.name,
            function=seat.function,
            presence=tick.presence,
        )
        _write(row, tick)
        db.add(row)
    db.flush()
    _changed(db, meeting, before, "attendance.take", actor, len(ticks))


@past_walls
def observe(
    db: Session, meeting: Meeting, *, name: str, function: str, agency_id: UUID | None, actor: Actor
) -> Attendance:
    """Someone listens, after the confidentiality reminder. Without agency, no consent covers them:
    nothing with a name is projected while they stay."""
    _must_not_be_over(meeting)
    before = queries.agencies_in_the_room(db, meeting.id)
    row = Attendance(
        meeting_id=meeting.id,
        agency_id=agency_id,
        name=name,
        function=function or OBSERVER,
        observer=True,
        presence=Presence.PRESENT,
        arrived_at=clock.now(),
    )
    db.add(row)
    db.flush()
    _changed(db, meeting, before, "attendance.observer", actor, 1)
    return row


@past_walls
def pass_door(db: Session, meeting: Meeting, row_id: UUID, *, inside: bool, actor: Actor) -> None:
    """Someone leaves the room now, or comes in."""
    _must_not_be_over(meeting)
    row = db.get(Attendance, row_id)
    if row is None or row.meeting_id != meeting.id:
        raise NotFound("Cette personne n’est pas sur la feuille de présence.")
    before = queries.agencies_in_the_room(db, meeting.id)
    if inside:
        if row.presence not in IN_THE_ROOM:
            row.presence = Presence.PRESENT
        row.arrived_at = row.arrived_at if row.arrived_at and not row.left_at else clock.now()
        row.left_at = None
    elif row.presence in IN_THE_ROOM:
        row.left_at = clock.now()
    else:
        raise Refused("Cette personne n’est pas dans la salle.")
    db.add(row)
    db.flush()
    _changed(db, meeting, before, "attendance.door", actor, 1)


def stranger_in_the_room(db: Session, meeting_id: UUID) -> bool:
    """Whether someone listens for no agency: no consent can cover them."""
    wanted = select(Attendance.id).where(
        Attendance.meeting_id == meeting_id,
        col(Attendance.agency_id).is_(None),
        col(Attendance.presence).in_(IN_THE_ROOM),
        col(Attendance.left_at).is_(None),
    )
    return db.exec(wanted.limit(1)).first() is not None


def in_the_room(row: Attendance) -> bool:
    return row.presence in IN_THE_ROOM and row.left_at is None


def _write(row: Attendance, tick: Tick) -> None:
    row.presence = tick.presence
    inside = tick.presence in IN_THE_ROOM
    row.arrived_at = tick.arrived_at if inside else None
    row.left_at = tick.left_at if inside else None
    represented = tick.presence is Presence.REPRESENTED
    row.represented_by_id = tick.represented_by_id if represented else None
    if represented and tick.represented_by_id is None:
        raise Invalid(f"Dites qui représente {row.name}.", field=f"by-{row.professional_id}")
    if represented and tick.represented_by_id == row.professional_id:
        raise Invalid(f"{row.name} ne peut pas se représenter.", field=f"by-{row.professional_id}")
    if row.arrived_at and row.left_at and row.left_at < row.arrived_at:
        raise Invalid(f"{row.name} : le départ vient après l’arrivée.",
                      field=f"left-{row.professional_id}")  # fmt: skip


def _changed(
    db: Session, meeting: Meeting, before: set[UUID], verb: str, actor: Actor, count: int
) -> None:
    """An agency that enters was not asked to leave: what the chair chose for the points to come
    must be chosen again."""
    entered = queries.agencies_in_the_room(db, meeting.id) - before
    if entered or stranger_in_the_room(db, meeting.id):
        spoken = select(AgendaItem).where(
            AgendaItem.meeting_id == meeting.id,
            AgendaItem.spoken != "",
            col(AgendaItem.ended_at).is_(None),
        )
        for item in db.exec(spoken):
            item.spoken = ""
    audit.act(db, actor, verb, about=meeting.id, rows=count)
    db.flush()
    beat(db, meeting.id)


def _invited(db: Session, meeting: Meeting) -> list[Invitation]:
    wanted = select(Invitation).where(
        Invitation.meeting_id == meeting.id, col(Invitation.cancelled_at).is_(None)
    )
    return list(db.exec(wanted))


def _must_not_be_over(meeting: Meeting) -> None:
    if meeting.state in states.OVER:
        raise Refused("La séance est levée : la feuille de présence ne change plus.")
