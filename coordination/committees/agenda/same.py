"""The same human being known to two agencies: one item where an agreement covers both, otherwise
two anonymous situations that nothing links."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.consent import rule
from coordination.consent.models import ConsentCover, Effect, Purpose
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.signals.queries import Candidate


def together(
    db: Session, candidates: Sequence[Candidate], *, first: Collection[UUID] = ()
) -> list[list[Candidate]]:
    """The candidates in groups of one, or of those that are one point; in their order. The journeys
    of `first` lead their group, so that a point already made stays the same."""
    groups: list[list[Candidate]] = []
    by_human: dict[str, list[list[Candidate]]] = {}
    hashes = _hashes(db, candidates)
    for candidate in candidates:
        human = hashes.get(candidate.person_id)
        joined = False
        for group in by_human.get(human, ()) if human else ():
            others = {c.agency_id for c in group}
            if candidate.agency_id not in others and _may_join(db, group, candidate):
                group.append(candidate)
                joined = True
                break
        if not joined:
            groups.append([candidate])
            if human:
                by_human.setdefault(human, []).append(groups[-1])
    return [sorted(group, key=lambda c: c.journey_id not in first) for group in groups]


def _hashes(db: Session, candidates: Sequence[Candidate]) -> dict[UUID, str]:
    rows = db.exec(
        select(Person.id, Person.human_hash).where(
            col(Person.id).in_({c.person_id for c in candidates}),
            col(Person.human_hash).is_not(None),
        )
    )
    return {person: human for person, human in rows if human}


def _may_join(db: Session, group: Sequence[Candidate], other: Candidate) -> bool:
    """One agreement (of either row) covers every agency by name, and no row refuses one of them."""
    persons = [c.person_id for c in (*group, other)]
    agencies = [c.agency_id for c in (*group, other)]
    if _refused(db, persons, agencies):
        return False
    return any(all(_covered(db, person, agency) for agency in agencies) for person in persons)


def _covered(db: Session, person_id: UUID, agency_id: UUID) -> bool:
    opened, _ = rule.covered_by(
        db, person_id=person_id, agency_id=agency_id, purpose=Purpose.COMMITTEE
    )
    return bool(opened & Category.IDENTITY.bit)


def _refused(db: Session, persons: Collection[UUID], agencies: Collection[UUID]) -> bool:
    now = clock.now()
    refusal = select(ConsentCover.id).where(
        col(ConsentCover.person_id).in_(persons),
        col(ConsentCover.agency_id).in_(agencies),
        ConsentCover.purpose == Purpose.COMMITTEE,
        ConsentCover.effect == Effect.DENY,
        ConsentCover.from_at <= now,
        ConsentCover.until_at > now,
    )
    return db.exec(refusal.limit(1)).first() is not None
