"""Everything on a journey's page, as its reader may know it today. Decided here, shown there."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.consent import known_as, rule
from coordination.consent.models import Consent, ConsentCover, Effect
from coordination.db import columns
from coordination.desk import (
    journey_alerts,
    journey_along,
    journey_awaited,
    journey_events,
    journey_picture,
    search,
    timeline,
)
from coordination.desk.journey_events import Names
from coordination.journeys import durations, states
from coordination.journeys.gestures import needed
from coordination.journeys.models import (
    Journey,
    JourneyPeriod,
    JourneyState,
    Party,
    PartyRole,
    Suspension,
)
from coordination.persons.categories import Category, from_bits
from coordination.persons.models import Person, PersonFact, PersonIdentity
from coordination.programmes.models import Programme
from coordination.referrals import opened
from coordination.referrals.models import Referral
from coordination.signals import queries as signals
from coordination.signals.models import Demand
from coordination.web import french


class Facts(NamedTuple):
    """What is known in one category, and why it may be read."""

    title: str
    because: str
    pairs: list[tuple[str, str]]


class Agreement(NamedTuple):
    purpose: str
    recipients: list[str]
    categories: list[str]
    until: str


def context(db: Session, actor: Actor, journey: Journey, readable: rule.Readable) -> dict[str, Any]:
    """The template's context; the same number of queries whatever the length of the journey."""
    own = journey.agency_id == actor.agency_id
    parties = _parties(db, journey)
    referrals = _referrals(db, journey)
    covers = _covers(db, journey) if own else []
    keys = {journey.agency_id, *(party.agency_id for party in parties)}
    keys |= {r.recipient_id for r in referrals} | {cover.agency_id for cover, _ in covers}
    names = Names(db, keys, reader=actor.agency_id, carrier=journey.agency_id)
    identity = _identity(db, journey, readable)
    is_party = any(p.agency_id == actor.agency_id and p.until_on is None for p in parties)
    open_moves = states.open_moves(journey.state) if own else []
    paid = journey_along.periods(db, journey) if Category.RESOURCES in readable else []
    events = journey_events.of(db, journey, names)
    held = journey_along.of_group(db, journey, own=own)
    return {
        "journey": journey,
        "title": identity.name if identity else _reference(db, journey),
        "others": _others(db, actor, journey) if identity else [],
        "programme": db.get_one(Programme, journey.programme_id),
        "carrier": names.of(journey.agency_id),
        "own": own,
        "awaited": journey.state is JourneyState.PRESCRIBED,
        "may_add": own or is_party,
        "verbs": [v for v in open_moves if v in SHOWN],
        "turns": journey_along.turns(journey, open_moves),
        "elapsed": _elapsed(db, journey),
        "facts": _facts(db, journey, readable, identity),
        "timeline": timeline.line(events, today=clock.today(), ended_on=journey.ended_on),
        "picture": _picture(journey, [*events, *journey_events.of_statuses(paid)]),
        "steps": journey_along.of_steps(db, journey),
        "notices": journey_awaited.notices(db, journey),
        "commitments": journey_along.of_commitments(db, journey),
        "statuses": journey_along.of_statuses(paid),
        "pay_readable": Category.RESOURCES in readable,
        "parties": [
            (p.id, names.of(p.agency_id), labels.of(p.role), p.role is not PartyRole.CARRIER)
            for p in parties
            if not p.until_on
        ],
        "referents": journey_along.of_referents(db, journey),
        "groups": held,
        "group_open": own and not held and journey_along.may_join(db, journey),
        "needs": needed.described(list(db.exec(needed.of(journey, readable)))),
        "alerts": journey_alerts.of(db, actor, journey, own=own),
        "demands": _demands(db, journey, readable),
        "referrals": [
            (r.id, r.number, names.of(r.recipient_id), r.status, _may_open(r, actor))
            for r in referrals
        ],
        "origin": opened.origin(db, actor, journey) if own else None,
        "agreements": _agreements(covers, names),
        "today": clock.today(),
    }


SHOWN = ("suspend", "resume", "extend", "end", "abandon")


def _identity(db: Session, journey: Journey, readable: rule.Readable) -> PersonIdentity | None:
    if Category.IDENTITY not in readable:
        return None
    wanted = select(PersonIdentity).where(PersonIdentity.person_id == journey.person_id)
    return db.exec(wanted).one_or_none()


def _others(
    db: Session, actor: Actor, journey: Journey
) -> list[tuple[known_as.Other, search.Opening | None]]:
    """The person's other files, each with the first page of theirs that the reader may open."""
    others = known_as.of(db, actor, [journey.person_id]).get(journey.person_id, [])
    pages = search.openings(db, actor, [other.id for other in others]) if others else {}
    return [(other, next(iter(pages.get(other.id, [])), None)) for other in others]


def _reference(db: Session, journey: Journey) -> str:
    return db.get_one(Person, journey.person_id).reference


def _elapsed(db: Session, journey: Journey) -> str:
    """How long it has lasted, pauses left out, in months and days."""
    key = journey.id
    periods = db.execute(
        columns(JourneyPeriod.from_on, JourneyPeriod.until_on).where(
            col(JourneyPeriod.journey_id) == key
        )
    )
    lived = [(start, end) for start, end in periods]
    paused_rows = db.execute(
        columns(Suspension.from_on, Suspension.ended_on).where(col(Suspension.journey_id) == key)
    )
    pauses = [(start, end) for start, end in paused_rows]
    today = clock.today()
    days = durations.elapsed_days(lived, pauses, on=today)
    paused = durations.paused_days(pauses, on=today)
    words = french.count(days, "jour")
    return f"{words}, hors {french.count(paused, 'jour')} de pause" if paused else words


def _facts(
    db: Session, journey: Journey, readable: rule.Readable, identity: PersonIdentity | None
) -> list[Facts]:
    """By category, in their order; only what may be read is asked of the base."""
    found: dict[Category, list[tuple[str, str]]] = {}
    if identity:
        found[Category.IDENTITY] = _contact(identity)
    rows = db.execute(
        columns(PersonFact.category, PersonFact.code, PersonFact.value)
        .where(
            col(PersonFact.person_id) == journey.person_id,
            col(PersonFact.category).in_(list(readable)),
        )
        .order_by(PersonFact.code, col(PersonFact.id))
    )
    for category, code, value in rows:
        label = labels.FACTS.get(code, ("", code))[1]
        found.setdefault(category, []).append((label, value))
    given = _dates_of_consents(db, readable)
    return [
        Facts(labels.of(c), _because(readable[c], given), found[c])
        for c in Category
        if found.get(c) and c in readable
    ]


def _contact(identity: PersonIdentity) -> list[tuple[str, str]]:
    place = " ".join(w for w in (identity.postcode, identity.commune_name) if w)
    phones = ", ".join(p for p in (identity.phone, identity.other_phones) if p)
    pairs = [
        ("Nom de naissance", identity.birth_name),
        ("Date de naissance", french.day(identity.birth_on) if identity.birth_on else ""),
        ("Téléphone", phones),
        ("Courriel", identity.email),
        ("Adresse", ", ".join(w for w in (identity.address, place) if w)),
    ]
    return [(term, value) for term, value in pairs if value]


def _because(basis: rule.Basis, given: dict[UUID, str]) -> str:
    words = f"Vu au titre de{french.HARD}: {labels.of(basis.kind)}"
    return f"{words}, {given[basis.consent_id]}" if basis.consent_id in given else words


def _dates_of_consents(db: Session, readable: rule.Readable) -> dict[UUID, str]:
    keys = {basis.consent_id for basis in readable.values() if basis.consent_id}
    rows = db.exec(select(Consent.id, Consent.created_at).where(col(Consent.id).in_(keys)))
    return {key: f"accord du {french.day(clock.local(moment).date())}" for key, moment in rows}


def _parties(db: Session, journey: Journey) -> list[Party]:
    wanted = select(Party).where(Party.journey_id == journey.id)
    return list(db.exec(wanted.order_by(col(Party.from_on), col(Party.id))))


def _picture(journey: Journey, events: list[timeline.Event]) -> journey_picture.Picture | None:
    """From the entry; a journey that is only prescribed has no picture yet."""
    since, today = journey.entered_on, clock.today()
    if since is None or since > today:
        return None
    until = journey.ended_on or max(journey.planned_end_on or today, today)
    waits = timeline.waits(events, since=since, today=today, ended_on=journey.ended_on)
    return journey_picture.draw(events, waits, since=since, until=max(until, since), today=today,
                                ended_on=journey.ended_on)  # fmt: skip


def _demands(db: Session, journey: Journey, readable: rule.Readable) -> list[Demand]:
    if Category.STEPS not in readable:
        return []
    return list(db.exec(signals.demands(journey.id)))


def _referrals(db: Session, journey: Journey) -> list[Any]:
    return list(
        db.execute(
            columns(Referral.id, Referral.number, Referral.recipient_id, Referral.sender_id,
                    Referral.status)
            .where(col(Referral.journey_id) == journey.id)
            .order_by(col(Referral.created_at).desc(), col(Referral.id))
        )
    )  # fmt: skip


def _may_open(referral: Any, actor: Actor) -> bool:
    return actor.agency_id in (referral.sender_id, referral.recipient_id)


def _covers(db: Session, journey: Journey) -> list[tuple[ConsentCover, Consent]]:
    """What the person agreed to, in force today."""
    now = clock.now()
    return list(
        db.exec(
            select(ConsentCover, Consent)
            .join(Consent, col(Consent.id) == ConsentCover.consent_id)
            .where(
                ConsentCover.person_id == journey.person_id,
                ConsentCover.effect == Effect.ALLOW,
                col(ConsentCover.from_at) <= now,
                col(ConsentCover.until_at) > now,
            )
            .order_by(col(Consent.created_at).desc(), col(Consent.id), col(ConsentCover.id))
        )
    )


def _agreements(covers: list[tuple[ConsentCover, Consent]], names: Names) -> list[Agreement]:
    grouped: dict[UUID, list[ConsentCover]] = {}
    for cover, _ in covers:
        grouped.setdefault(cover.consent_id, []).append(cover)
    return [
        Agreement(
            labels.of(rows[0].purpose),
            sorted(names.of(row.agency_id) for row in rows),
            [labels.of(c) for c in from_bits(rows[0].categories)],
            french.day(clock.local(rows[0].until_at - timedelta(seconds=1)).date()),
        )
        for rows in grouped.values()
    ]
