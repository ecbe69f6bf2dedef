"""Taking back agreements: which consents end, which are narrowed, on each row of a human being."""

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.consent import events, states
from coordination.consent.models import Consent, ConsentState, EventKind, Purpose
from coordination.persons.categories import Category, from_bits
from coordination.persons.models import Person

TAKEN_BACK_FROM = {ConsentState.VALID, ConsentState.COLLECTED}


class Taken(NamedTuple):
    """What is taken back: these consents or all; whole, for one recipient or for one category."""

    named: frozenset[UUID] | None = None
    opened: frozenset[tuple[Purpose, str]] = frozenset()  # by the named consents, to whom
    recipient: UUID | None = None
    category: Category | None = None
    purpose: Purpose | None = None  # of these agreements only


def saying(
    db: Session,
    consents: Collection[Consent] | None,
    *,
    recipient: UUID | None = None,
    category: Category | None = None,
) -> Taken:
    """What is taken back, said before anything changes."""
    if consents is None:
        return Taken(recipient=recipient, category=category)
    opened = {
        (consent.purpose, agency)
        for consent in consents
        for agency in states.fold(events.of(db, consent)).recipients
    }
    named = frozenset(consent.id for consent in consents)
    return Taken(named, frozenset(opened), recipient, category)


def take(
    db: Session, row: Person, taken: Taken, *, of: Person, actor: Actor, kind: EventKind
) -> list[Consent]:
    """End or narrow the consents of one row; those that changed come back."""
    changed = []
    for consent in db.exec(
        select(Consent).where(Consent.person_id == row.id).order_by(col(Consent.id))
    ).all():
        standing = states.fold(events.of(db, consent))
        if standing.state not in TAKEN_BACK_FROM:
            continue
        recipients, categories = _left(consent, standing, taken, own=row.id == of.id)
        if (recipients, categories) == (standing.recipients, standing.categories):
            continue
        if recipients and categories:
            events.narrow(
                db,
                consent,
                row,
                recipients=[UUID(recipient) for recipient in recipients],
                categories=from_bits(categories),
                actor=actor,
            )
        else:
            events.end(db, consent, row, actor=actor, kind=kind)
        changed.append(consent)
    return changed


def _left(
    consent: Consent, standing: states.Standing, taken: Taken, *, own: bool
) -> tuple[frozenset[str], int]:
    """(recipients, categories) that stay."""
    touched = _touched(consent, standing, taken, own=own)
    if not touched:
        return standing.recipients, standing.categories
    if taken.category is not None:
        return standing.recipients, standing.categories & ~taken.category.bit
    return standing.recipients - touched, standing.categories


def _touched(
    consent: Consent, standing: states.Standing, taken: Taken, *, own: bool
) -> frozenset[str]:
    """The recipients of this consent that the withdrawal is about.

    On another row of the same human being, it is about what the named consents opened: their
    purposes, to their recipients. There it may close a category more than was said, never one less.
    """
    about = standing.recipients
    if taken.purpose not in (None, consent.purpose):
        return frozenset()
    if taken.recipient is not None:
        about &= {str(taken.recipient)}
    if taken.named is None:
        return about
    if own:
        return about if consent.id in taken.named else frozenset()
    return about & {agency for purpose, agency in taken.opened if purpose == consent.purpose}
