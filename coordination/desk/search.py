"""Finding a person among those one may read: by name, reference, phone, birth date, identifier.

Tokens are asked by equality (`persons.tokens`), from two sides that each have their index: one's
own agency, and the few people of other agencies whom a journey or a referral opens.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, union
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import known_as, restricted, rule
from coordination.consent.models import Reach, ReachKind
from coordination.db import columns
from coordination.desk.models import Searched
from coordination.errors import Refused
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey, JourneyState
from coordination.persons import tokens
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity, PersonToken
from coordination.programmes.models import Programme
from coordination.referrals import queries as referrals
from coordination.referrals.models import Referral

MOST = 20  # shown; past that, more words are asked for
LOOKED_AT = 200  # a name longer than its token is compared among these
A_MINUTE = 30  # searches of one professional
KINDS = (ReachKind.OWN, ReachKind.PARTY, ReachKind.REFERRAL)


class TooMany(Refused):
    """More searches in a minute than someone who works makes."""

    status = 429


class Opening(NamedTuple):
    """A page about the person: a journey, or a referral received."""

    route: str
    id: UUID
    title: str
    number: str
    state: JourneyState | None


class Found(NamedTuple):
    id: UUID
    name: str
    reference: str
    birth_on: Any
    agency: str  # "" for one's own
    openings: list[Opening]
    same: list[known_as.Other]  # files that one's agency said to be the same person's


class Answer(NamedTuple):
    people: list[Found]
    more: bool  # than are shown


def people(db: Session, actor: Actor, typed: str) -> Answer:
    """Who is found, by name; nobody when nothing that may find someone was typed."""
    asked = tokens.asked(typed)
    numbered = _numbered(db, actor, typed)
    if asked.nothing and not numbered:
        return Answer([], False)
    rows = [
        row
        for row in db.execute(_wanted(actor, asked, numbered).limit(LOOKED_AT))
        if row.id in numbered or row.said_whole or _named(row, asked)
    ]
    shown = rows[:MOST]
    keys = [row.id for row in shown]
    opened, tied = openings(db, actor, keys), known_as.of(db, actor, keys)
    found = [
        Found(
            row.id,
            f"{row.usual_name.upper()} {row.given_names}",
            row.reference,
            row.birth_on,
            "" if row.agency_id == actor.agency_id else row.agency,
            opened.get(row.id, []),
            tied.get(row.id, []),
        )
        for row in shown
    ]
    return Answer(found, len(rows) > MOST)


def within_limits(db: Session, actor: Actor) -> None:
    """Raises TooMany past `A_MINUTE` searches in a minute."""
    since = clock.now() - timedelta(minutes=1)
    made = columns(func.count()).where(
        col(Searched.professional_id) == actor.professional_id, col(Searched.created_at) > since
    )
    if db.execute(made).scalar_one() >= A_MINUTE:
        raise TooMany("Trop de recherches en une minute : attendez un instant, puis recommencez.")


def count(db: Session, professional_id: UUID) -> None:
    """One more search; those of before the last minute go."""
    before = clock.now() - timedelta(minutes=1)
    db.execute(
        delete(Searched).where(
            col(Searched.professional_id) == professional_id, col(Searched.created_at) <= before
        )
    )
    db.add(Searched(professional_id=professional_id))


def candidates(agency_id: UUID | None, asked: tokens.Asked) -> Select[Any]:
    """The persons who bear these tokens: of the agency, and of those it has business with."""
    sides: list[Select[Any]] = []
    for matching in _matching(asked):
        sides.append(columns(_TOKEN.person_id).where(col(_TOKEN.agency_id) == agency_id, *matching))
        sides.append(
            columns(_TOKEN.person_id)
            .join(Reach, col(Reach.person_id) == col(_TOKEN.person_id))
            .where(
                col(Reach.agency_id) == agency_id,
                col(Reach.kind).in_([kind for kind in KINDS if kind is not ReachKind.OWN]),
                *matching,
            )
        )
    return columns(union(*sides).subquery().c.person_id)


_TOKEN, _OTHER = aliased(PersonToken), aliased(PersonToken)


def _matching(asked: tokens.Asked) -> list[list[ColumnElement[bool]]]:
    """One clause for what is said whole, one for the words that are all borne."""
    found: list[list[ColumnElement[bool]]] = []
    if asked.whole:
        found.append([col(_TOKEN.token).in_(sorted(asked.whole))])
    if asked.every:
        first, *others = asked.every
        found.append([col(_TOKEN.token) == first, *(_borne(token) for token in others)])
    return found


def _borne(token: str) -> ColumnElement[bool]:
    return exists().where(
        col(_OTHER.person_id) == col(_TOKEN.person_id), col(_OTHER.token) == token
    )


def _wanted(actor: Actor, asked: tokens.Asked, numbered: set[UUID]) -> Select[Any]:
    person = col(PersonIdentity.person_id)
    whole = aliased(PersonToken)
    said_whole = exists().where(
        col(whole.person_id) == person, col(whole.token).in_(sorted(asked.whole))
    )
    these: ColumnElement[bool] = person.in_(sorted(numbered))
    if not asked.nothing:
        these = or_(person.in_(candidates(actor.agency_id, asked)), these)
    return (
        columns(
            person.label("id"),
            PersonIdentity.usual_name,
            PersonIdentity.given_names,
            PersonIdentity.birth_name,
            PersonIdentity.birth_on,
            PersonIdentity.agency_id,
            Person.reference,
            col(Agency.name).label("agency"),
            said_whole.label("said_whole"),
        )
        .select_from(PersonIdentity)
        .join(Person, col(Person.id) == person)
        .join(Agency, col(Agency.id) == col(PersonIdentity.agency_id))
        .where(
            these,
            rule.sees(actor, person, Category.IDENTITY, kinds=KINDS),
            restricted.open_to(actor),
        )
        .order_by(col(PersonIdentity.folded), person)
    )


def _named(row: Any, asked: tokens.Asked) -> bool:
    return bool(asked.every) and tokens.answers(
        asked, usual_name=row.usual_name, given_names=row.given_names, birth_name=row.birth_name
    )


def _numbered(db: Session, actor: Actor, typed: str) -> set[UUID]:
    """Whose journey or referral bears this number."""
    number = typed.strip().upper().replace(" ", "")
    if not number or len(number) > 24:
        return set()
    found = set()
    for visible, table in ((journeys.visible_to(actor), Journey),
                           (referrals.visible_to(actor), Referral)):  # fmt: skip
        wanted = visible.where(col(table.number) == number)
        found |= set(db.execute(wanted.with_only_columns(col(table.person_id))).scalars())
    return found


def openings(db: Session, actor: Actor, persons: Sequence[UUID]) -> dict[UUID, list[Opening]]:
    """The pages about each of these persons that the actor may open."""
    found: dict[UUID, list[Opening]] = {}
    rows = db.execute(
        journeys.visible_to(actor)
        .join(Programme, col(Programme.id) == col(Journey.programme_id))
        .where(col(Journey.person_id).in_(persons))
        .with_only_columns(
            col(Journey.person_id), col(Journey.id), col(Programme.name), col(Journey.number),
            col(Journey.state),
        )
        .order_by(col(Journey.entered_on).desc(), col(Journey.id))
    )  # fmt: skip
    for person, key, programme, number, state in rows:
        opening = Opening("journeys:show", key, programme, number, state)
        found.setdefault(person, []).append(opening)
    received = db.execute(
        referrals.visible_to(actor)
        .where(col(Referral.person_id).in_(persons), col(Referral.recipient_id) == actor.agency_id)
        .with_only_columns(col(Referral.person_id), col(Referral.id), col(Referral.number))
        .order_by(col(Referral.created_at).desc(), col(Referral.id))
    )
    for person, key, number in received:
        opening = Opening("referrals:show", key, "Orientation reçue", number, None)
        found.setdefault(person, []).append(opening)
    return found
