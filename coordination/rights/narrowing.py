"""Narrowing an agreement: what was unticked is taken back, with all that follows a withdrawal.
(Widening is a new agreement.)"""

from uuid import UUID

from sqlmodel import Session

from coordination.agencies.actors import Actor
from coordination.consent import events, states
from coordination.consent.models import Consent
from coordination.persons.categories import Category, bits, from_bits
from coordination.persons.models import Person
from coordination.rights import withdrawal
from coordination.rights.withdrawal import Withdrawn


def keep_only(
    db: Session,
    person: Person,
    consent: Consent,
    *,
    recipients: frozenset[UUID],
    categories: frozenset[Category],
    actor: Actor,
) -> Withdrawn:
    """Keep only these: the rest is withdrawn, one recipient or one category after the other; with
    nobody or nothing left, the agreement ends."""
    standing = states.fold(events.of(db, consent))
    done = [
        withdrawal.withdraw(db, person, consents=[consent], recipient=UUID(key), actor=actor)
        for key in sorted(standing.recipients - {str(r) for r in recipients})
    ] + [
        withdrawal.withdraw(db, person, consents=[consent], category=category, actor=actor)
        for category in from_bits(standing.categories & ~bits(categories))
    ]
    return together(done)


def together(done: list[Withdrawn]) -> Withdrawn:
    """Several withdrawals said as one: each thing once."""
    columns = zip(*done, strict=True) if done else ((),) * len(Withdrawn._fields)
    return Withdrawn(*(tuple(dict.fromkeys(sum(column, ()))) for column in columns))
