"""The three meetings of the full town: one planned, one in session, one held; who sits there and
the cases before them."""

from datetime import timedelta
from types import SimpleNamespace

from sqlmodel import Session

from coordination import clock
from coordination.agencies.models import Agency
from coordination.committees import situations
from coordination.committees.models import (
    AgendaItem,
    Attendance,
    Decision,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    Invitation,
    ItemState,
    Meeting,
    MeetingState,
    Presence,
    Section,
)
from coordination.consent import reach
from coordination.consent.models import ReachKind
from coordination.db import columns
from coordination.journeys.models import Journey
from coordination.persons.models import Person

MEMBERS = (("alice", "mission"), ("bruno", "greta"), ("chloe", "ccas"), ("sophie", "mde"),
           ("paul", "mde"))  # fmt: skip


def planned(db: Session, town: SimpleNamespace) -> None:
    town.proposed = _case(db, town, town.meeting, 1, town.dana, town.journey, ItemState.PROPOSED)
    town.end = _case(db, town, town.meeting, 2, town.dana, town.journey, ItemState.PROPOSED,
                     section=Section.ENDS)  # fmt: skip
    _case(db, town, town.meeting, 3, town.sami, town.sami_journey, ItemState.PROPOSED)


def meeting(
    db: Session, town: SimpleNamespace, number: int, when: timedelta, state: MeetingState
) -> Meeting:
    starts = clock.now() + when
    made = _add(
        db,
        Meeting(
            committee_id=town.committee.id, year=starts.year, number=number, state=state,
            starts_at=starts, ends_at=starts + timedelta(hours=3), place="Salle 2",
            frozen_at=starts - timedelta(days=3), opened_at=starts, agenda_version=1,
            adjourned_at=starts if state is MeetingState.ADJOURNED else None,
        ),
    )  # fmt: skip
    for name, agency in MEMBERS:
        who = getattr(town, name)
        seat = {"meeting_id": made.id, "professional_id": who.id, "name": who.name,
                "agency_id": getattr(town, agency).id}  # fmt: skip
        db.add(Attendance(presence=Presence.PRESENT, **seat))
        db.add(Invitation(**seat))
    for who in (town.dana, town.sami):
        for _, agency in MEMBERS:
            reach.open_to(db, person_id=who.id, agency_id=getattr(town, agency).id,
                          kind=ReachKind.MEETING, source_id=made.id)  # fmt: skip
    return made


def examined(
    db: Session, town: SimpleNamespace, meeting: Meeting, state: ItemState
) -> tuple[AgendaItem, Decision, FollowUp]:
    """Dana's case and Sami's, each with a decision and an action; the rows of Dana's."""
    made = []
    over = state is ItemState.EXAMINED
    for number, (who, journey) in enumerate(
        ((town.dana, town.journey), (town.sami, town.sami_journey)), start=1
    ):
        item = _case(db, town, meeting, number, who, journey, state, number=number)
        decision = Decision(
            item_id=item.id, meeting_id=meeting.id, outcome=DecisionOutcome.MAINTAIN,
            text="Le parcours se poursuit.", teller_id=town.alice.id,
            state=DecisionState.CONFIRMED if over else DecisionState.RECORDED,
            confirmed_at=clock.now() if over else None,
        )  # fmt: skip
        action = FollowUp(
            committee_id=meeting.committee_id, meeting_id=meeting.id, item_id=item.id,
            person_id=who.id, agency_id=town.ccas.id, what="Rappeler la personne",
            due_on=town.today + timedelta(days=7), confirmed=over,
        )  # fmt: skip
        made.append((item, _add(db, decision), _add(db, action)))
    return made[0]


def point(
    db: Session,
    town: SimpleNamespace,
    meeting: Meeting,
    who: Person,
    journey: Journey,
    state: ItemState,
) -> AgendaItem:
    """One more case about someone, at the end of a meeting's list."""
    rank = 10 + len(
        db.execute(columns(AgendaItem.id).where(AgendaItem.meeting_id == meeting.id)).all()
    )
    number = None if state is ItemState.PROPOSED else rank
    return _case(db, town, meeting, rank, who, journey, state, number=number)


def _case(
    db: Session,
    town: SimpleNamespace,
    meeting: Meeting,
    rank: int,
    who: Person,
    journey: Journey,
    state: ItemState,
    *,
    number: int | None = None,
    section: Section = Section.SITUATIONS,
) -> AgendaItem:
    carrier = db.get_one(Agency, journey.agency_id)
    return _add(
        db,
        AgendaItem(
            meeting_id=meeting.id, section=section, rank=rank, number=number, state=state,
            journey_id=journey.id, person_id=who.id, agency_id=journey.agency_id,
            because=["Proposé car le parcours dure depuis 7 mois."],
            snapshot=situations.snapshot(
                programme="Déclic", agency=carrier.name, sensitive=carrier.sensitive,
                sentences=["Le parcours dure depuis 7 mois."],
            ),
        ),
    )  # fmt: skip


def _add(db: Session, row):
    db.add(row)
    db.flush()
    return row
