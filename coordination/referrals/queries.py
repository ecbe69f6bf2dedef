"""Reading referrals: one's own as sender; as recipient what was sent and is not an error. Lists are
columns, and names come only where the rule opens the identity."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, or_
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Agency
from coordination.consent import restricted, rule
from coordination.consent.models import ReachKind
from coordination.db import beyond, columns
from coordination.errors import NotFound
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import GROUPS, Group, Side, Status, group_of

PAGE = 50

SENT_TO_IT = and_(
    col(Referral.sent_at).is_not(None), col(Referral.status) != Status.ENTERED_IN_ERROR
)


def visible_to(actor: Actor) -> SelectOfScalar[Referral]:
    """Referrals of the actor's agency, on either side; by link, the only one that it opens."""
    wanted = select(Referral)
    if actor.kind in {ActorKind.CLOCK, ActorKind.COMMAND}:
        return wanted
    received = and_(col(Referral.recipient_id) == actor.agency_id, SENT_TO_IT)
    if actor.kind is ActorKind.AGENCY_LINK:
        return wanted.where(received, Referral.id == actor.about_id)
    sent = and_(col(Referral.sender_id) == actor.agency_id, opened_to(actor))
    return wanted.where(or_(sent, received))


def one(db: Session, actor: Actor, referral_id: UUID, *, hold: bool = False) -> Referral:
    """The referral, or NotFound: a stranger cannot learn that it exists."""
    wanted = visible_to(actor).where(Referral.id == referral_id)
    wanted = wanted.with_for_update() if hold else wanted
    found = db.exec(wanted).one_or_none() or _stub(db, wanted)
    if found is None:
        raise NotFound("Cette orientation n’existe pas.")
    return found


def _stub(db: Session, wanted: SelectOfScalar[Referral]) -> Referral | None:
    """What stays to a recipient whom nothing opens any more: its own answers, never what was asked
    of it about someone. (PostgreSQL hides the whole row; elsewhere, the page leaves it out.)"""
    with beyond(db, "referrals.stub"):
        return db.exec(
            wanted.options(defer(Referral.question), defer(Referral.snapshot))  # type: ignore[arg-type]
        ).one_or_none()


def counts(db: Session, actor: Actor, side: Side) -> dict[Status, int]:
    """How many of the agency's referrals stand in each status: one pass over an index."""
    with beyond(db, "referrals.counts"):
        given = {"agency": actor.agency_id, "professional": actor.professional_id}
        rows = db.execute(_counting(side), given)
        return {row[0]: row[1] for row in rows}


def by_group(found: dict[Status, int]) -> dict[Group, int]:
    totals = dict.fromkeys(Group, 0)
    for status, total in found.items():
        totals[group_of(status)] += total
    return totals


def inbox(
    db: Session, actor: Actor, side: Side, *, statuses: frozenset[Status], page: int = 1
) -> list[Any]:
    """One page of the agency's referrals: those it must speak about first, the oldest clock before,
    then the others, the latest sent first."""
    given = {
        "agency": actor.agency_id,
        "professional": actor.professional_id,
        "skipped": (page - 1) * PAGE,
    }
    with beyond(db, "referrals.inbox"):  # number and dates: what stays to both whatever is agreed
        rows = db.execute(_listing(side, statuses), given).all()
    persons = {row[-1] for row in rows if side is Side.SENDER or row[2] not in GROUPS[Group.CLOSED]}
    known = {
        "agency": actor.agency_id,
        "professional": actor.professional_id,
        "now": clock.now(),
        "persons": list(persons),
    }
    names = {row[0]: row[1:] for row in db.execute(_names(side), known)} if persons else {}
    nobody = (None, None)
    return [
        (*row[:-1], *(names.get(row[-1], nobody) if row[-1] in persons else nobody)) for row in rows
    ]


@cache
def _counting(side: Side) -> Select[Any]:
    return (
        columns(Referral.status, func.count())
        .where(*_of_side(_READER, side))
        .group_by(col(Referral.status))
    )


@cache
def _listing(side: Side, statuses: frozenset[Status]) -> Select[Any]:
    """Built once: putting it together costs more than running it."""
    return (
        columns(*_COLUMNS, Agency.name, Agency.sensitive, col(Referral.person_id))
        .join(Agency, col(Agency.id) == _other(side))
        .where(*_of_side(_READER, side), col(Referral.status).in_(sorted(statuses)))
        .order_by(*_order(side, Referral))
        .limit(PAGE)
        .offset(bindparam("skipped", type_=Integer))
    )


@cache
def _names(side: Side) -> Select[Any]:
    """The names of the page's lines that the rule opens."""
    person = col(PersonIdentity.person_id)
    return columns(person, PersonIdentity.usual_name, PersonIdentity.given_names).where(
        person.in_(bindparam("persons", expanding=True)),
        rule.sees(_READER, person, Category.IDENTITY, now=_later("now"), kinds=_KINDS[side]),
    )


def steps(referral_id: UUID) -> SelectOfScalar[ReferralStep]:
    return (
        select(ReferralStep)
        .where(ReferralStep.referral_id == referral_id)
        .order_by(col(ReferralStep.created_at), col(ReferralStep.id))
    )


_COLUMNS: tuple[Any, ...] = (
    col(Referral.id), col(Referral.number), col(Referral.status), col(Referral.version),
    col(Referral.clock_side), col(Referral.clock_from), col(Referral.sent_at),
    col(Referral.appointment_at), col(Referral.review_on), col(Referral.started_on),
    col(Referral.ended_at),
)  # fmt: skip


def _later(name: str) -> Any:
    """A value given when the statement runs."""
    return bindparam(name)


# Whoever reads, for statements built once.
_READER = Actor(
    ActorKind.PROFESSIONAL, agency_id=_later("agency"), professional_id=_later("professional")
)

# As recipient the name stands on the referral alone; as sender, on one's own file.
_KINDS = {Side.RECIPIENT: (ReachKind.REFERRAL,), Side.SENDER: (ReachKind.OWN,)}


def _of_side(actor: Actor, side: Side) -> tuple[ColumnElement[bool], ...]:
    if side is Side.SENDER:
        return (col(Referral.sender_id) == actor.agency_id, opened_to(actor))
    return (col(Referral.recipient_id) == actor.agency_id, SENT_TO_IT)


def opened_to(actor: Actor) -> ColumnElement[bool]:
    """The referrals of a restricted file exist, in its own agency, for the people named."""
    return ~exists().where(col(Person.id) == col(Referral.person_id), ~restricted.open_to(actor))


def _other(side: Side) -> Any:
    return col(Referral.sender_id if side is Side.RECIPIENT else Referral.recipient_id)


def _order(side: Side, row: Any) -> tuple[Any, ...]:
    speaks = case((row.clock_side == side, row.clock_from))
    return speaks.is_(None), speaks, row.sent_at.desc(), row.id
