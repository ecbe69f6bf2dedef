"""A meeting in session in the town: Dana's case (point 1), Sami's (point 2), a free point (3).
Sophie (mde) keeps the secretariat, Paul (mde) presides, Alice (mission), Bruno (greta) and Chloé
(ccas) sit. Dana agreed that the mission and the ccas may discuss her."""

from datetime import timedelta
from types import SimpleNamespace

from sqlmodel import Session

from coordination import clock
from coordination.committees import situations
from coordination.committees.models import (
    AgendaItem,
    Attendance,
    ItemState,
    MeetingState,
    Presence,
    Section,
)
from coordination.consent import reach
from coordination.consent.models import ReachKind
from coordination.signals.models import Demand, DemandState

QUESTION = "Quelle suite après la remobilisation ?"


def begin(db: Session, town: SimpleNamespace, *present: str, opened: bool = True):
    """Writes the scene, those present (by default Alice and Chloé) sitting in the room."""
    meeting = town.meeting
    meeting.starts_at, meeting.ends_at = clock.now(), clock.now() + timedelta(hours=3)
    meeting.state = MeetingState.OPEN if opened else MeetingState.CONVENED
    meeting.frozen_at = clock.now() - timedelta(days=3)
    meeting.opened_at = clock.now() if opened else None
    db.add(meeting)
    town.demand = Demand(
        journey_id=town.journey.id, person_id=town.dana.id, agency_id=town.mission.id,
        professional_id=town.alice.id, asked_on=clock.today(), question=QUESTION,
        state=DemandState.ON_AGENDA,
    )  # fmt: skip
    db.add(town.demand)
    db.flush()
    town.item = _case(db, town, 1, town.dana, town.journey, demand_id=town.demand.id)
    town.other = _case(db, town, 2, town.sami, town.sami_journey)
    town.free = AgendaItem(
        meeting_id=meeting.id, section=Section.PARTNERSHIP, rank=1, number=3,
        state=ItemState.ACCEPTED, title="Places en formation cet été",
    )  # fmt: skip
    db.add(town.free)
    for who in (town.dana, town.sami):
        for agency in (town.mission, town.greta, town.ccas, town.mde):
            reach.open_to(db, person_id=who.id, agency_id=agency.id, kind=ReachKind.MEETING,
                          source_id=meeting.id)  # fmt: skip
    town.rows = {name: _sit(db, town, name) for name in present or ("alice", "chloe")}
    db.commit()
    return town


def point_at(db: Session, town: SimpleNamespace, item: AgendaItem) -> None:
    town.meeting.current_item_id, item.started_at = item.id, clock.now()
    db.add_all([town.meeting, item])
    db.commit()


def _case(db, town, number, who, journey, **given):
    item = AgendaItem(
        meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=number, number=number,
        state=ItemState.ACCEPTED, journey_id=journey.id, person_id=who.id,
        agency_id=town.mission.id, because=["Proposé car le parcours dure depuis 7 mois."],
        snapshot=situations.snapshot(
            programme="Déclic", agency=town.mission.name, sensitive=False,
            sentences=["Le parcours dure depuis 7 mois."],
        ),
        **given,
    )  # fmt: skip
    db.add(item)
    db.flush()
    return item


def _sit(db, town, name):
    who = getattr(town, name)
    agency = {"alice": town.mission, "bruno": town.greta, "chloe": town.ccas}.get(name, town.mde)
    row = Attendance(
        meeting_id=town.meeting.id, professional_id=who.id, agency_id=agency.id, name=who.name,
        presence=Presence.PRESENT,
    )  # fmt: skip
    db.add(row)
    return row
