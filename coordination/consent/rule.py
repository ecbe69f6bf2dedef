"""The one rule that decides what may be read, in Python and as SQL. A test keeps them equal.

An agency reads a category of a person's information only if one row says so: a live reach that
opens it by mission, or a live reach and a valid consent for its purpose, and no refusal.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, exists, func, literal, or_, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.consent.models import ConsentCover, Effect, Purpose, Reach, ReachKind
from coordination.db import beyond
from coordination.persons.categories import Category


class Basis(NamedTuple):
    """Why a category may be read: the reach, and the consent where one is needed."""

    reach_id: UUID
    kind: ReachKind
    consent_id: UUID | None = None


Readable = dict[Category, Basis]

# Made once: an alias is a copy of every column, dearer than the rest of the clause.
_REACH, _DENIED = aliased(Reach), aliased(Reach)
_COVER, _REFUSAL = aliased(ConsentCover), aliased(ConsentCover)
_NO_SOURCE = literal(UUID(int=0), Uuid())


def readable(
    db: Session,
    *,
    agency_id: UUID | None,
    persons: Collection[UUID],
    professional_id: UUID | None = None,
    now: datetime | None = None,
    kinds: Collection[ReachKind] = tuple(ReachKind),
) -> dict[UUID, Readable]:
    """For each person: the categories this agency (and professional) may read, each with why.

    A person absent from the answer does not exist for the reader: nobody is there with nothing.
    """
    if agency_id is None or not persons:
        return {}
    moment = now or clock.now()
    with _asking_for(db, agency_id):
        reaches = list(
            db.execute(
                select(Reach)
                .where(
                    col(Reach.person_id).in_(persons),
                    col(Reach.agency_id) == agency_id,
                    or_(
                        col(Reach.professional_id).is_(None),
                        col(Reach.professional_id) == professional_id,
                    ),
                    _live(Reach, moment),
                )
                .order_by(col(Reach.created_at), col(Reach.id))
            ).scalars()
        )
        covers = list(
            db.execute(
                select(ConsentCover).where(
                    col(ConsentCover.person_id).in_(persons),
                    col(ConsentCover.agency_id) == agency_id,
                    _live(ConsentCover, moment),
                )
            ).scalars()
        )
    return _join(reaches, covers, kinds)


def _asking_for(db: Session, agency_id: UUID) -> AbstractContextManager[None]:
    """What may another agency read? Rights, and nothing of a person: asked past the walls."""
    own = db.info.get("agency") == str(agency_id)
    return nullcontext() if own else beyond(db, "consent.rule")


def for_actor(
    db: Session, actor: Actor, persons: Collection[UUID], *, now: datetime | None = None
) -> dict[UUID, Readable]:
    return readable(
        db,
        agency_id=actor.agency_id,
        professional_id=actor.professional_id,
        persons=persons,
        now=now,
    )


def sees(
    actor: Actor,
    person_id: Any,
    category: Category,
    *,
    now: datetime | None = None,
    kinds: Collection[ReachKind] = tuple(ReachKind),
) -> ColumnElement[bool]:
    """The same rule as SQL: `person_id` is a column, the answer a WHERE clause."""
    if actor.agency_id is None:
        return ~true()
    return opened(
        person_id,
        category.bit,
        agency_id=actor.agency_id,
        professional_id=actor.professional_id,
        moment=clock.now() if now is None else now,
        kinds=kinds,
    )


def opened(
    person_id: Any,
    bit: Any,
    *,
    agency_id: Any,
    professional_id: Any,
    moment: Any,
    kinds: Collection[ReachKind] = tuple(ReachKind),
) -> ColumnElement[bool]:
    """The rule itself: each of these is a value or an SQL expression. PostgreSQL's row-level
    policies are made of the same words (`walls`)."""
    reach, denied, cover, refusal = _REACH, _DENIED, _COVER, _REFUSAL

    def meant_for(side: Any) -> ColumnElement[bool]:
        return or_(
            col(side.professional_id).is_(None), col(side.professional_id) == professional_id
        )

    barred = exists().where(
        col(denied.person_id) == col(reach.person_id),
        col(denied.agency_id) == col(reach.agency_id),
        col(denied.effect) == Effect.DENY,
        col(denied.kind) == col(reach.kind),
        _source(denied) == _source(reach),
        meant_for(denied),
        _live(denied, moment),
    )

    def covered(side: Any, effect: Effect) -> ColumnElement[bool]:
        return exists().where(
            col(side.person_id) == col(reach.person_id),
            col(side.agency_id) == col(reach.agency_id),
            col(side.purpose) == col(reach.purpose),
            col(side.effect) == effect,
            col(side.categories).op("&")(bit) != 0,
            _live(side, moment),
        )

    return exists().where(
        col(reach.person_id) == person_id,
        col(reach.agency_id) == agency_id,
        col(reach.effect) == Effect.ALLOW,
        col(reach.kind).in_(kinds),
        meant_for(reach),
        _live(reach, moment),
        ~barred,
        or_(
            col(reach.opens).op("&")(bit) != 0,
            and_(covered(cover, Effect.ALLOW), ~covered(refusal, Effect.DENY)),
        ),
    )


def covered_by(
    db: Session,
    *,
    person_id: UUID,
    agency_id: UUID,
    purpose: Purpose,
    now: datetime | None = None,
) -> tuple[int, UUID | None]:
    """(categories, consent) that consents open to an agency for a purpose, whatever its reach: what
    a referral about to be sent, or an item about to be read, would show. (0, None) when nothing."""
    moment = now or clock.now()
    with _asking_for(db, agency_id):
        rows = list(
            db.execute(
                select(ConsentCover)
                .where(
                    col(ConsentCover.person_id) == person_id,
                    col(ConsentCover.agency_id) == agency_id,
                    col(ConsentCover.purpose) == purpose,
                    _live(ConsentCover, moment),
                )
                .order_by(col(ConsentCover.from_at).desc(), col(ConsentCover.id))
            ).scalars()
        )
    opened, refused, consent_id = 0, 0, None
    for cover in rows:
        if cover.effect is Effect.DENY:
            refused |= cover.categories
        else:
            opened |= cover.categories
            consent_id = consent_id or cover.consent_id
    left = opened & ~refused
    return (left, consent_id) if left else (0, None)


def standing_text(readable_now: Readable) -> str:
    """What an opening stood on, for its access line: `kind:reach[:consent]`, sorted."""
    return " ".join(
        sorted(
            {
                f"{b.kind}:{b.reach_id}" + (f":{b.consent_id}" if b.consent_id else "")
                for b in readable_now.values()
            }
        )
    )


def _join(
    reaches: list[Reach], covers: list[ConsentCover], kinds: Collection[ReachKind]
) -> dict[UUID, Readable]:
    barred = {(r.person_id, r.kind, r.source_id) for r in reaches if r.effect is Effect.DENY}
    found: dict[UUID, Readable] = {}
    for reach in reaches:
        if (
            reach.effect is Effect.DENY
            or reach.kind not in kinds
            or (reach.person_id, reach.kind, reach.source_id) in barred
        ):
            continue
        mine = found.setdefault(reach.person_id, {})
        same = [c for c in covers if c.person_id == reach.person_id and c.purpose == reach.purpose]
        refused = 0
        for cover in same:
            refused |= cover.categories if cover.effect is Effect.DENY else 0
        for category in Category:
            if reach.opens & category.bit:
                mine.setdefault(category, Basis(reach.id, reach.kind))
            elif not refused & category.bit:
                for cover in same:
                    if cover.effect is Effect.ALLOW and cover.categories & category.bit:
                        basis = Basis(reach.id, reach.kind, cover.consent_id)
                        mine.setdefault(category, basis)
                        break
    return {person_id: mine for person_id, mine in found.items() if mine}


def _source(row: Any) -> ColumnElement[UUID]:
    """What a reach stands on, or nothing: told so that no index of sources is looked through for
    the million that stand on none."""
    return func.coalesce(col(row.source_id), _NO_SOURCE)


def _live(row: Any, moment: datetime) -> ColumnElement[bool]:
    return and_(
        col(row.from_at) <= moment, or_(col(row.until_at).is_(None), col(row.until_at) > moment)
    )
