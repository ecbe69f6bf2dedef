"""What the person reads on their own page: what was decided for them and what comes next, who
follows them, what is shared with whom and until when, what is not, and who looked.

Of the row that their link stands on only: a same name elsewhere is never enough to show something.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.models import Agency, Professional
from coordination.committees.models import (
    AgendaItem,
    Committee,
    Decision,
    DecisionState,
    ItemState,
    Meeting,
    MeetingState,
)
from coordination.consent.models import ConsentCover, Effect, Purpose, Reach, ReachKind
from coordination.db import beyond
from coordination.errors import Gone
from coordination.journeys.models import LIVE_STATES, Journey, Referent
from coordination.persons.categories import Category, from_bits
from coordination.persons.models import Person, PersonIdentity
from coordination.programmes.models import Programme
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE
from coordination.rights import looks
from coordination.rights.models import Recall
from coordination.rights.sentences import IN_PLAIN_WORDS

INSTANT = timedelta(microseconds=1)  # a cover ends with the first moment that it leaves out
COMING = (MeetingState.CONVENED, MeetingState.OPEN)


class Decided(NamedTuple):
    when: datetime
    committee: str
    outcome: str
    text: str


class Next(NamedTuple):
    what: str
    when: str | datetime | date | None
    lines: tuple[str, ...] = ()


class Follows(NamedTuple):
    """Who holds the thread, and how to reach them."""

    name: str
    role: str
    agency: str
    phone: str
    email: str


class Shared(NamedTuple):
    """What one agency may read today."""

    agency_id: UUID
    agency: str
    purposes: tuple[tuple[str, date], ...]  # why, until when
    categories: tuple[str, ...]


class Mine(NamedTuple):
    name: str
    reference: str
    carrier: str  # recorded them, and reads its own file
    parties: tuple[str, ...]  # take part in the journey by their mission
    decided: list[Decided]
    coming: list[Next]
    follows: list[Follows]
    shared: list[Shared]
    kept: tuple[str, ...]  # categories that nobody else reads
    refused: tuple[str, ...]  # agencies
    answered: list[tuple[str, str, datetime | None]]  # agency, what became of it, when
    looked: list[looks.Look]


def of(db: Session, person_id: UUID) -> Mine:
    """Everything of the page. Gone when the person was erased meanwhile."""
    with beyond(db, "rights.holder"):
        person = db.get(Person, person_id)
        if person is None or person.erased_at is not None:
            raise Gone("Il n’y a plus rien ici : vos informations ont été effacées.")
        identity = db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == person.id)
        ).one_or_none()
        shared, kept, refused = _shared(db, person)
        return Mine(
            identity.name if identity else person.reference,
            person.reference,
            db.get_one(Agency, person.agency_id).name,
            _parties(db, person),
            _decided(db, person),
            _coming(db, person),
            _follows(db, person),
            shared,
            kept,
            refused,
            _answered(db, person),
            looks.at(db, person),
        )


def _parties(db: Session, person: Person) -> tuple[str, ...]:
    moment = clock.now()
    rows = db.exec(
        select(Agency.name)
        .join(Reach, col(Reach.agency_id) == Agency.id)
        .where(
            Reach.person_id == person.id,
            Reach.kind == ReachKind.PARTY,
            Reach.effect == Effect.ALLOW,
            Reach.from_at <= moment,
            col(Reach.until_at).is_(None) | (col(Reach.until_at) > moment),
        )
        .order_by(Agency.name)
        .distinct()
    )
    return tuple(rows)


def _decided(db: Session, person: Person) -> list[Decided]:
    rows = db.exec(
        select(Decision, Meeting.starts_at, Committee.name)
        .join(AgendaItem, col(AgendaItem.id) == Decision.item_id)
        .join(Meeting, col(Meeting.id) == Decision.meeting_id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(AgendaItem.person_id == person.id, Decision.state == DecisionState.CONFIRMED)
        .order_by(col(Meeting.starts_at).desc(), col(Decision.id))
        .limit(20)
    )
    return [
        Decided(at, committee, labels.of(decision.outcome), decision.wording or decision.text)
        for decision, at, committee in rows
    ]


def _coming(db: Session, person: Person) -> list[Next]:
    return [*_meetings(db, person), *_referrals(db, person), *_ends(db, person)]


def _meetings(db: Session, person: Person) -> list[Next]:
    rows = db.exec(
        select(Meeting.starts_at, Committee.name)
        .join(AgendaItem, col(AgendaItem.meeting_id) == Meeting.id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            AgendaItem.person_id == person.id,
            AgendaItem.state == ItemState.ACCEPTED,
            col(Meeting.state).in_(COMING),
        )
        .order_by(col(Meeting.starts_at), Committee.name)
        .distinct()
    )
    return [Next(f"Ma situation est vue en comité : {name}", at) for at, name in rows]


def _referrals(db: Session, person: Person) -> list[Next]:
    rows = db.exec(
        select(Referral, Agency.name)
        .join(Agency, col(Agency.id) == Referral.recipient_id)
        .where(Referral.person_id == person.id, col(Referral.status).in_(LIVE))
        .order_by(col(Referral.sent_at), col(Referral.id))
    )
    return [
        Next(
            f"Orientation vers {agency} : {labels.of(referral.status).lower()}",
            referral.appointment_at,
            tuple(
                f"{label} : {said}"
                for label, said in (
                    ("Lieu", referral.appointment_place),
                    ("Demander", referral.ask_for),
                    ("Apporter", referral.bring),
                )
                if said
            ),
        )
        for referral, agency in rows
    ]


def _ends(db: Session, person: Person) -> list[Next]:
    rows = db.exec(
        select(Programme.name, Journey)
        .join(Journey, col(Journey.programme_id) == Programme.id)
        .where(Journey.person_id == person.id, col(Journey.state).in_(LIVE_STATES))
        .order_by(col(Journey.created_at), col(Journey.id))
    )
    return [
        Next(f"Fin prévue de mon parcours : {name}", journey.planned_end_on)
        for name, journey in rows
        if journey.planned_end_on
    ]


def _follows(db: Session, person: Person) -> list[Follows]:
    rows = db.exec(
        select(Professional, Referent, Agency)
        .join(Referent, col(Referent.professional_id) == Professional.id)
        .join(Journey, col(Journey.id) == Referent.journey_id)
        .join(Agency, col(Agency.id) == Journey.agency_id)
        .where(
            Journey.person_id == person.id,
            col(Journey.state).in_(LIVE_STATES),
            col(Referent.until_on).is_(None),
        )
        .order_by(col(Referent.from_on).desc(), col(Referent.id))
    ).all()
    found = [
        Follows(
            who.name,
            referent.label or labels.of(referent.role),
            agency.name,
            who.phone or agency.phone,
            who.email,
        )
        for who, referent, agency in rows
    ]
    if found:
        return list(dict.fromkeys(found))
    carrier = db.get_one(Agency, person.agency_id)
    return [Follows(carrier.name, "structure qui me suit", "", carrier.phone, carrier.email)]


def _shared(db: Session, person: Person) -> tuple[list[Shared], tuple[str, ...], tuple[str, ...]]:
    """(what each agency may read, what nobody else reads, the agencies refused)."""
    moment = clock.now()
    covers = db.exec(
        select(ConsentCover)
        .where(
            ConsentCover.person_id == person.id,
            ConsentCover.agency_id != person.agency_id,
            ConsentCover.from_at <= moment,
            ConsentCover.until_at > moment,
        )
        .order_by(col(ConsentCover.until_at), col(ConsentCover.id))
    ).all()
    denied: dict[tuple[UUID, Purpose], int] = {}
    for cover in covers:
        if cover.effect is Effect.DENY:
            place = (cover.agency_id, cover.purpose)
            denied[place] = denied.get(place, 0) | cover.categories
    bits: dict[UUID, int] = {}
    ends: dict[tuple[UUID, Purpose], date] = {}
    for cover in covers:
        left = cover.categories & ~denied.get((cover.agency_id, cover.purpose), 0)
        if cover.effect is Effect.DENY or not left:
            continue
        bits[cover.agency_id] = bits.get(cover.agency_id, 0) | left
        ends[cover.agency_id, cover.purpose] = clock.local(cover.until_at - INSTANT).date()
    keys = {*bits, *(agency for agency, _ in denied)}
    names = {a.id: a.name for a in db.exec(select(Agency).where(col(Agency.id).in_(keys)))}
    shared = [
        Shared(
            key,
            names[key],
            tuple((labels.of(p), ends[key, p]) for p in Purpose if (key, p) in ends),
            tuple(IN_PLAIN_WORDS[category] for category in from_bits(bits[key])),
        )
        for key in sorted(bits, key=lambda key: names[key])
    ]
    opened = 0
    for value in bits.values():
        opened |= value
    kept = tuple(IN_PLAIN_WORDS[c] for c in Category if not opened & c.bit)
    return shared, kept, tuple(sorted({names[agency] for agency, _ in denied}))


def _answered(db: Session, person: Person) -> list[tuple[str, str, datetime | None]]:
    """After what was taken back: what each agency said of what it had received."""
    rows = db.exec(
        select(Recall, Agency.name)
        .join(Agency, col(Agency.id) == Recall.agency_id)
        .where(Recall.person_id == person.id)
        .order_by(col(Recall.told_at).desc(), Agency.name, col(Recall.id))
        .limit(50)
    )
    return [
        (
            name,
            labels.of(recall.answer) if recall.answer else "Réponse attendue",
            recall.answered_at or recall.told_at,
        )
        for recall, name in rows
    ]
