"""Reading agreements for their page: who may receive, what each consent is worth, its history."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Professional, Territory
from coordination.committees import queries as committees
from coordination.consent import states
from coordination.consent.models import (
    Consent,
    ConsentEvent,
    ConsentState,
    EventKind,
    Purpose,
    Regime,
)
from coordination.errors import NotFound
from coordination.journeys.models import Journey
from coordination.persons.categories import Category, from_bits
from coordination.persons.models import Person
from coordination.referrals.models import Referral
from coordination.referrals.states import Status
from coordination.rights.sentences import BY_PURPOSE, Sentence

SOON = timedelta(days=30)


class Line(NamedTuple):
    """One consent as its page shows it. `look` is a code of components/status.html."""

    id: UUID
    sentence: Sentence
    look: str
    state: str
    standing: states.Standing
    recipients: tuple[tuple[str, str], ...]  # (id, name)
    categories: tuple[Category, ...]
    waits: bool
    expressed_by: str
    expressed_name: str
    notice_version: str
    notice_sha256: str
    regime: Regime
    language: str
    format: str
    assisted_by: str
    events: tuple[ConsentEvent, ...]

    @property
    def in_force(self) -> bool:
        return self.look in {"in_force", "ending"}

    @property
    def can_end(self) -> bool:
        return self.standing.state in {ConsentState.VALID, ConsentState.COLLECTED}


def person_of(db: Session, journey: Journey, *, hold: bool = False) -> Person:
    wanted = select(Person).where(Person.id == journey.person_id)
    return db.exec(wanted.with_for_update() if hold else wanted).one()


def one(db: Session, person: Person, consent_id: UUID, *, hold: bool = False) -> Consent:
    """A consent of this person, or NotFound."""
    wanted = select(Consent).where(Consent.id == consent_id, Consent.person_id == person.id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Cet accord n’existe pas.")
    return found


def lines(db: Session, person: Person, *, only: UUID | None = None) -> list[Line]:
    """Every consent of the person: in force first, then to confirm, refused, ended."""
    wanted = select(Consent).where(Consent.person_id == person.id)
    consents = db.exec(wanted.where(Consent.id == only) if only else wanted).all()
    histories: dict[UUID, list[ConsentEvent]] = {consent.id: [] for consent in consents}
    for event in db.exec(
        select(ConsentEvent)
        .where(col(ConsentEvent.consent_id).in_(histories))
        .order_by(col(ConsentEvent.created_at), col(ConsentEvent.id))
    ):
        histories[event.consent_id].append(event)
    names = names_of(db, (r for h in histories.values() for e in h for r in e.recipients))
    made = [_line(consent, histories[consent.id], names) for consent in consents]
    return sorted(made, key=lambda line: (_ORDER[line.look], line.sentence.slug, str(line.id)))


def names_of(db: Session, agencies: Iterable[str | UUID]) -> dict[str, str]:
    wanted = {UUID(str(agency)) for agency in agencies}
    rows = db.exec(select(Agency.id, Agency.name).where(col(Agency.id).in_(wanted)))
    return {str(agency): name for agency, name in rows}


def authors(db: Session, events: Iterable[ConsentEvent]) -> dict[UUID, str]:
    """The names of the professionals who recorded these events."""
    wanted = {event.professional_id for event in events if event.professional_id}
    rows = db.exec(select(Professional).where(col(Professional.id).in_(wanted)))
    return {row.id: row.name for row in rows}


def at_the_table(db: Session, journey: Journey, *, on: date | None = None) -> list[Agency]:
    """The agencies of the committees that may examine the journey, by name, as they are that day:
    an agency that joins later is not covered. The carrying agency needs no agreement."""
    day = on or clock.today()
    carrier = db.get_one(Agency, journey.agency_id)
    sitting: set[UUID] = set()
    for committee in db.exec(committees.that_may_examine(journey, carrier, on=day)).all():
        sitting |= committees.agencies_at_table(db, committee.id, on=day)
    return list(db.exec(_open(day).where(col(Agency.id).in_(sitting - {journey.agency_id}))))


def around(db: Session, journey: Journey) -> list[Agency]:
    """The other open agencies of the journey's territory."""
    wanted = _open(clock.today()).where(
        Agency.territory_id == journey.territory_id, Agency.id != journey.agency_id
    )
    return list(db.exec(wanted)) if journey.territory_id else []


def elsewhere(
    db: Session, actor: Actor, journey: Journey
) -> list[tuple[str, list[tuple[str, str]]]]:
    """(territory, [(id, name)]): the region's other agencies, to choose one more from."""
    rows = db.exec(
        select(Agency.id, Agency.name, Territory.name)
        .outerjoin(Territory, col(Territory.id) == Agency.territory_id)
        .where(
            or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > clock.today()),
            Agency.region_id == actor.region_id,
            Agency.id != journey.agency_id,
            or_(
                col(Agency.territory_id).is_(None),
                col(Agency.territory_id) != journey.territory_id,
            ),
        )
        .order_by(Territory.name, Agency.name, col(Agency.id))
    )
    groups: dict[str, list[tuple[str, str]]] = {}
    for agency_id, name, territory in rows:
        groups.setdefault(territory or "Sans territoire", []).append((str(agency_id), name))
    return list(groups.items())


def waiting_referrals(journey: Journey) -> SelectOfScalar[Referral]:
    """Referrals of the journey that wait for an agreement."""
    return (
        select(Referral)
        .where(Referral.journey_id == journey.id, Referral.status == Status.AWAITING_CONSENT)
        .order_by(col(Referral.created_at), col(Referral.id))
    )


def _open(day: date) -> SelectOfScalar[Agency]:
    return (
        select(Agency)
        .where(or_(col(Agency.closed_on).is_(None), col(Agency.closed_on) > day))
        .order_by(Agency.name, col(Agency.id))
    )


_ORDER = {
    look: rank
    for rank, look in enumerate(
        ("ending", "in_force", "to_collect", "refused", "expired", "withdrawn", "asked")
    )
}


def _line(consent: Consent, events: list[ConsentEvent], names: dict[str, str]) -> Line:
    standing = states.fold(events)
    look, state = _state(standing, informed=consent.regime is Regime.INFORMATION)
    return Line(
        consent.id,
        BY_PURPOSE[Purpose(consent.purpose)],
        look,
        state,
        standing,
        tuple(sorted(((r, names.get(r, "—")) for r in standing.recipients), key=lambda r: r[1])),
        tuple(from_bits(standing.categories)),
        states.waiting(events),
        consent.expressed_by,
        consent.expressed_name,
        consent.notice_version,
        consent.notice_sha256,
        consent.regime,
        consent.language,
        consent.format,
        consent.assisted_by,
        tuple(events),
    )


def _state(standing: states.Standing, *, informed: bool = False) -> tuple[str, str]:
    """(look, words) today."""
    today = clock.today()
    match standing.state:
        case ConsentState.REFUSED:
            return "refused", "Opposition" if informed else "Refusé"
        case ConsentState.ENDED:
            ended = {EventKind.WITHDRAWN: "Retiré par la personne", EventKind.EXPIRED: "Échu"}
            by = standing.ended_by
            return "withdrawn", ended.get(by, "Terminé") if by else "Terminé"
        case ConsentState.ASKED:
            return "asked", "À recueillir"
        case ConsentState.COLLECTED:
            return "to_collect", "Recueilli, à confirmer"
    until = standing.valid_until
    if until and until < today:
        return "expired", "Échu"
    if standing.oral:
        return "ending", "Oral, signature attendue"
    if until and until <= today + SOON:
        return "ending", "Bientôt échu"
    return "in_force", "Informé·e, sans opposition" if informed else "En vigueur"
