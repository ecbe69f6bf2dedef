"""What a referral received says of who the person is, and the agency's own files that look like it.
Only what the person's agreement opens today is asked of the base."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.consent import rule
from coordination.directory.models import Service
from coordination.journeys import queries as journeys
from coordination.persons import likeness, records, same, tokens
from coordination.persons.categories import Category
from coordination.persons.likeness import Known, Like
from coordination.persons.models import PersonIdentifier, PersonIdentity, PersonToken
from coordination.persons.tokens import phone_key
from coordination.programmes.models import Programme
from coordination.referrals import card
from coordination.referrals.models import Referral
from coordination.referrals.states import By
from coordination.rights.merging import proposals
from coordination.rights.merging.proposals import Side
from coordination.web.forms import read_day

FRANCE_TRAVAIL = "france_travail"
TAKEN = ("usual_name", "given_names", "phone", "email", "address", "postcode", "commune_name",
         "language")  # fmt: skip


class Alike(NamedTuple):
    """One of the agency's own files that may be the same person's; `like` None: it said so."""

    file: Side
    like: Like | None
    journey_id: UUID | None  # the latest, to open it


def readable(db: Session, actor: Actor, referral: Referral) -> rule.Readable:
    return card.may_read(db, actor, referral, By.RECIPIENT)


def shared(db: Session, referral: Referral, opened: rule.Readable) -> dict[str, str]:
    """Identity and contact, by the names of the form's fields."""
    if Category.IDENTITY not in opened:
        return {}
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == referral.person_id)
    ).one()
    found = {name: getattr(identity, name) for name in TAKEN}
    found["birth_on"] = identity.birth_on.isoformat() if identity.birth_on else ""
    number = select(PersonIdentifier.value).where(
        PersonIdentifier.person_id == referral.person_id, PersonIdentifier.system == FRANCE_TRAVAIL
    )
    found[FRANCE_TRAVAIL] = db.exec(number.order_by(PersonIdentifier.value)).first() or ""
    return found


def commune_code(db: Session, referral: Referral) -> str | None:
    wanted = select(PersonIdentity.commune_code)
    return db.exec(wanted.where(PersonIdentity.person_id == referral.person_id)).one()


def asked_programme(db: Session, referral: Referral) -> str:
    """The programme of the service that was asked; "" when none was."""
    wanted = (
        select(Programme.id)
        .join(Service, col(Service.programme_id) == col(Programme.id))
        .where(Service.id == referral.service_id, col(Programme.active))
    )
    return str(db.exec(wanted).first() or "")


def alike(db: Session, actor: Actor, referral: Referral, *said: Known) -> list[Alike]:
    """The agency's own files that look like one of these, the surest first: those it said to be
    the same person's, then by likeness; never one that it said to be someone else's."""
    assert actor.agency_id is not None
    tied = same.others(db, actor.agency_id, [referral.person_id])[referral.person_id]
    mine = {key: pair for one in said for key, pair in _near(db, actor, one, tied).items()}
    found: dict[UUID, Like | None] = {key: None for key in mine if key in tied}
    for pair in likeness.across((known for known, _ in mine.values()), said):
        found.setdefault(pair.one, pair.like)
    apart = same.standing(db, actor.agency_id) if found else set()
    kept = [key for key in found if key in tied or (key, referral.person_id) not in apart]
    latest = journeys.latest_of(db, actor, kept)
    return [Alike(mine[key][1], found[key], latest.get(key)) for key in kept]


def compared(referral: Referral, said: Mapping[str, str]) -> Known:
    """As much of what was read, or typed, as is compared."""
    number = said.get(FRANCE_TRAVAIL, "")
    return Known(
        referral.person_id, said.get("usual_name", ""), said.get("given_names", ""),
        read_day(said.get("birth_on", "")), said.get("email", ""), (said.get("phone", ""),),
        (number,) if number else (),
    )  # fmt: skip


def held(db: Session, agency_id: UUID, number: str) -> UUID | None:
    """Whose file of the agency bears this France Travail number already."""
    return db.exec(
        select(PersonIdentifier.person_id).where(
            PersonIdentifier.agency_id == agency_id,
            PersonIdentifier.system == FRANCE_TRAVAIL,
            PersonIdentifier.value == number,
        )
    ).first()


def _near(
    db: Session, actor: Actor, said: Known, tied: set[UUID]
) -> dict[UUID, tuple[Known, Side]]:
    """Those worth comparing, found by indexes: a name and a birth date, a number, a contact."""
    person, agency = col(PersonIdentity.person_id), actor.agency_id
    assert agency is not None
    namesakes = records.namesakes(agency, usual_name=said.usual_name, birth_on=said.birth_on)
    called = {tokens.sealed(f"tel:{key}") for phone in said.phones if (key := phone_key(phone))}
    found = proposals.readable(actor).where(
        or_(
            person.in_(tied),
            person.in_(namesakes.with_only_columns(person).order_by(None)),
            person.in_(
                select(PersonIdentifier.person_id).where(
                    PersonIdentifier.agency_id == agency,
                    col(PersonIdentifier.value).in_(said.france_travail),
                )
            ),
            person.in_(
                select(PersonToken.person_id).where(
                    PersonToken.agency_id == agency, col(PersonToken.token).in_(called)
                )
            ),
            func.lower(PersonIdentity.email) == (said.email.strip().lower() or None),
        )
    )
    rows = db.execute(found).all()
    mine = select(PersonIdentifier.person_id, PersonIdentifier.value).where(
        PersonIdentifier.agency_id == agency,
        col(PersonIdentifier.person_id).in_([row.id for row in rows]),
    )
    return proposals.described(rows, proposals.numbers(db, mine))
