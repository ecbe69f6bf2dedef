"""Reading committees and meetings: through the actor's grants. Every function that returns a Select
leaves running it to the caller; `one_…` and `meeting` run it and raise."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import and_, case, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Agency, Role
from coordination.committees.models import (
    IN_THE_ROOM,
    AgendaItem,
    Attendance,
    Committee,
    CommitteeAgency,
    Mandate,
    MandateRole,
    Meeting,
    Section,
)
from coordination.errors import NotAllowed, NotFound
from coordination.journeys.models import Journey

SITS = (Role.MEMBER, Role.SECRETARY, Role.CHAIR)
RUNS = (Role.SECRETARY, Role.CHAIR)

_SECTIONS = case({section: rank for rank, section in enumerate(Section)}, value=AgendaItem.section)


def visible_to(actor: Actor) -> SelectOfScalar[Committee]:
    """Committees on which the actor sits, or that they run."""
    wanted = select(Committee)
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return wanted
    return wanted.where(col(Committee.id).in_(actor.scopes(*SITS)))


def meetings_of(actor: Actor) -> SelectOfScalar[UUID]:
    """The keys of the meetings of these committees: what hangs on a meeting is found within them in
    one question, so that what is another's and what does not exist take the same time."""
    seen = visible_to(actor).with_only_columns(col(Committee.id))
    return select(Meeting.id).where(col(Meeting.committee_id).in_(seen))


def that_may_examine(
    journey: Journey, carrier: Agency, *, on: date | None = None
) -> SelectOfScalar[Committee]:
    """The open committees that a journey may come before: those of its territory, else of its
    carrier's; and those without a territory of which its carrier is a member."""
    day = on or clock.today()
    mine = select(CommitteeAgency.committee_id).where(
        CommitteeAgency.agency_id == journey.agency_id,
        CommitteeAgency.from_on <= day,
        or_(col(CommitteeAgency.until_on).is_(None), col(CommitteeAgency.until_on) >= day),
    )
    anywhere = and_(col(Committee.territory_id).is_(None), col(Committee.id).in_(mine))
    territory = journey.territory_id or carrier.territory_id
    here = col(Committee.territory_id) == territory
    return select(Committee).where(
        or_(here, anywhere) if territory else anywhere,
        or_(col(Committee.closed_on).is_(None), col(Committee.closed_on) > day),
    )


def one_committee(
    db: Session, actor: Actor, committee_id: UUID, *, hold: bool = False, running: bool = False
) -> Committee:
    """The committee; `running` asks for its secretary or chair."""
    wanted = visible_to(actor).where(Committee.id == committee_id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce comité n’existe pas.")
    if running:
        _must_hold(actor, RUNS, found.id)
    return found


def meeting(
    db: Session,
    actor: Actor,
    meeting_id: UUID,
    *,
    hold: bool = False,
    running: bool = False,
    presiding: bool = False,
    absent: str = "Cette séance n’existe pas.",
) -> Meeting:
    """The meeting of a committee on which the actor sits. `running`: secretary or chair.
    `presiding`: the chair; the secretary too where nobody presides today. `absent` is what whoever
    may not see it hears: the words for the thing of it that they asked, as if it did not exist."""
    wanted = select(Meeting).where(
        Meeting.id == meeting_id, col(Meeting.id).in_(meetings_of(actor))
    )
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound(absent)
    if running:
        _must_hold(actor, RUNS, found.committee_id)
    if presiding and not actor.holds(Role.CHAIR, found.committee_id):
        if has_chair(db, found.committee_id):
            raise NotAllowed("Seule la présidence du comité peut faire ce geste.")
        _must_hold(actor, RUNS, found.committee_id)
    return found


def item(
    db: Session,
    actor: Actor,
    item_id: UUID,
    *,
    hold: bool = False,
    running: bool = False,
    absent: str = "Ce point n’existe pas.",
) -> tuple[AgendaItem, Meeting]:
    """An item and its meeting, found through the actor."""
    wanted = select(AgendaItem).where(
        AgendaItem.id == item_id, col(AgendaItem.meeting_id).in_(meetings_of(actor))
    )
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound(absent)
    return found, meeting(db, actor, found.meeting_id, running=running, absent=absent)


def sitting_on(meeting: Meeting) -> date:
    """The day that says who sits: when it opened; until then, when it is planned."""
    return clock.local(meeting.opened_at or meeting.starts_at).date()


def items(meeting_id: UUID) -> SelectOfScalar[AgendaItem]:
    """Every item of a meeting in the order of its agenda (sections first)."""
    return (
        select(AgendaItem)
        .where(AgendaItem.meeting_id == meeting_id)
        .order_by(_SECTIONS, col(AgendaItem.rank), col(AgendaItem.id))
    )


def mandates(committee_id: UUID, *, on: date | None = None) -> SelectOfScalar[Mandate]:
    """The mandates in force on a day (today by default)."""
    day = on or clock.today()
    return (
        select(Mandate)
        .where(
            Mandate.committee_id == committee_id,
            Mandate.from_on <= day,
            or_(col(Mandate.until_on).is_(None), col(Mandate.until_on) >= day),
        )
        .order_by(col(Mandate.role), col(Mandate.id))
    )


def has_chair(db: Session, committee_id: UUID) -> bool:
    presiding = mandates(committee_id).where(Mandate.role == MandateRole.CHAIR)
    return db.exec(presiding.limit(1)).first() is not None


def member_agencies(committee_id: UUID, *, on: date | None = None) -> SelectOfScalar[Agency]:
    """The member agencies on a day, by name."""
    day = on or clock.today()
    return (
        select(Agency)
        .join(CommitteeAgency, col(CommitteeAgency.agency_id) == Agency.id)
        .where(
            CommitteeAgency.committee_id == committee_id,
            CommitteeAgency.from_on <= day,
            or_(col(CommitteeAgency.until_on).is_(None), col(CommitteeAgency.until_on) >= day),
        )
        .order_by(Agency.name, col(Agency.id))
    )


def agencies_at_table(db: Session, committee_id: UUID, *, on: date | None = None) -> set[UUID]:
    """Every agency that reads the committee's items: members, and those of whoever runs it."""
    members = {agency.id for agency in db.exec(member_agencies(committee_id, on=on))}
    running = {
        mandate.agency_id for mandate in db.exec(mandates(committee_id, on=on)) if mandate.agency_id
    }
    return members | running


def agencies_in_the_room(db: Session, meeting_id: UUID) -> set[UUID]:
    """Agencies of those present or remote, and not gone."""
    present = select(Attendance.agency_id).where(
        Attendance.meeting_id == meeting_id,
        col(Attendance.presence).in_(IN_THE_ROOM),
        col(Attendance.left_at).is_(None),
        col(Attendance.agency_id).is_not(None),
    )
    return {agency for agency in db.exec(present) if agency}


def runs(actor: Actor, committee_id: UUID) -> bool:
    """Whether the actor is the committee's secretary or chair."""
    return any(actor.holds(role, committee_id) for role in RUNS)


def _must_hold(actor: Actor, roles: Iterable[Role], committee_id: UUID) -> None:
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return
    if not any(actor.holds(role, committee_id) for role in roles):
        raise NotAllowed("Ce geste revient au secrétariat ou à la présidence du comité.")
