"""Withdrawal: what the person takes back, and everything that follows, in one transaction.

Reading closes by itself: the cover is gone, and no page keeps a decision. What is written here is
what reading alone does not undo: referrals on their way, letters waiting, documents already sent.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, links, outbox
from coordination.agencies.actors import Actor
from coordination.consent import events, states
from coordination.consent.models import Consent, ConsentState, EventKind, Purpose, Regime
from coordination.db import beyond, past_walls
from coordination.errors import Refused
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.referrals import moves
from coordination.referrals.models import Referral
from coordination.rights import openings, recall, taking

RETRAIT = "retrait_accord"


class Withdrawn(NamedTuple):
    """What a withdrawal (or a refusal) did on the row where it was said: who records it learns
    nothing of another agency's row of the same human being. `told` are who hears of it."""

    ended: tuple[UUID, ...]  # consents ended or narrowed
    cancelled: tuple[UUID, ...]  # referrals
    recalled: tuple[UUID, ...]  # extracts of minutes
    told: tuple[UUID, ...]


@past_walls
def withdraw(
    db: Session,
    person: Person,
    *,
    consents: Collection[Consent] | None = None,
    recipient: UUID | None = None,
    category: Category | None = None,
    everything: bool = False,
    actor: Actor,
    kind: EventKind = EventKind.WITHDRAWN,
) -> Withdrawn:
    """Take back these consents (all of them when none is named), whole, for one recipient, or for
    one category. Always succeeds; what was not shared is simply not there to take back.

    A withdrawal by the person reaches every row of the same human being, whoever recorded it.
    """
    if consents is None and recipient is None and category is None and not everything:
        raise ValueError("say what is withdrawn")
    if recipient is not None and category is not None:
        raise ValueError("one recipient or one category, one after the other")
    with beyond(db, "rights.withdraw"):
        rows = _rows_of(db, person, kind)
        before = openings.opened(db, rows)
        taken = taking.saying(db, consents, recipient=recipient, category=category)
        ended = [
            consent
            for row in rows
            for consent in taking.take(db, row, taken, of=person, actor=actor, kind=kind)
        ]
        return _follow(db, person, rows, before, ended, actor=actor, verb=f"rights.{kind}")


@past_walls
def refuse(
    db: Session,
    person: Person,
    *,
    purpose: Purpose,
    recipients: Iterable[UUID],
    categories: Iterable[Category],
    actor: Actor,
    regime: Regime = Regime.AGREEMENT,
) -> Withdrawn:
    """Record that the person says no. A refusal wins over every agreement it meets, so the same
    things follow as when an agreement is withdrawn."""
    with beyond(db, "rights.refuse"):
        rows = _rows_of(db, person, EventKind.REFUSED)
        before = openings.opened(db, rows)
        refused = events.refuse(
            db,
            person,
            purpose=purpose,
            recipients=recipients,
            categories=categories,
            actor=actor,
            regime=regime,
        )
        return _follow(db, person, rows, before, [refused], actor=actor, verb="rights.refused")


@past_walls
def lift_refusal(db: Session, person: Person, refused: Consent, *, actor: Actor) -> None:
    """The person changed their mind: the refusal ends. It opens nothing by itself: what had been
    agreed before it, and that it closed, is taken back first."""
    standing = states.fold(events.of(db, refused))
    if standing.state is not ConsentState.REFUSED:
        raise Refused("Ce refus n’est plus en vigueur.")
    for agency in sorted(standing.recipients):
        taken = taking.Taken(recipient=UUID(agency), purpose=refused.purpose)
        taking.take(db, person, taken, of=person, actor=actor, kind=EventKind.WITHDRAWN)
    events.end(db, refused, person, actor=actor)


def _follow(
    db: Session,
    person: Person,
    rows: list[Person],
    before: openings.Openings,
    ended: list[Consent],
    *,
    actor: Actor,
    verb: str,
) -> Withdrawn:
    """What follows, once the agreements have changed."""
    after = openings.opened(db, rows)
    lost = openings.lost(before, after)
    standing_on_it = [
        referral
        for referral in openings.referrals_not_started(db, rows)
        if _no_longer_stands(referral, lost, after, ended)
    ]
    shared_with = recall.recipients(db, rows, lost)
    recall.drop_letters(db, rows, lost)
    for referral in standing_on_it:
        outbox.drop_about(db, referral.id)
        links.revoke_about(db, referral.id)
        moves.cancel(db, referral, reasons=[RETRAIT], actor=actor)
    for referral in openings.referrals_started(db, rows):
        if openings.stop_sharing(db, referral, lost, after):
            links.revoke_about(db, referral.id)
    recalled = recall.extracts(db, rows, lost, actor=actor)
    for row, agency_id in shared_with:
        recall.ask(db, row, agency_id, lost=lost, called_back=recalled)
    _tell_who_recorded(db, person, ended)
    for journey_id in db.exec(
        select(Journey.id).where(col(Journey.person_id).in_({row.id for row in rows}))
    ):
        touch(db, journey_id)
    audit.act(
        db,
        actor,
        verb,
        about=ended[0].id if ended else None,
        person=person.id,
        salt=person.salt,
        consents=len(ended),
        referrals=len(standing_on_it),
        extracts=len(recalled),
        told=len(shared_with),
    )
    return Withdrawn(
        tuple(consent.id for consent in ended if consent.person_id == person.id),
        tuple(referral.id for referral in standing_on_it if referral.person_id == person.id),
        tuple(extract.id for extract in recalled if str(person.id) in extract.persons),
        tuple(agency_id for row, agency_id in shared_with if row.id == person.id),
    )


def _rows_of(db: Session, person: Person, kind: EventKind) -> list[Person]:
    """The rows of this human being that the event reaches, held: a referral being sent waits."""
    same = col(Person.id) == person.id
    if person.human_hash and kind is EventKind.WITHDRAWN:
        same = same | (col(Person.human_hash) == person.human_hash)
    held = select(Person).where(same).order_by(col(Person.id)).with_for_update()
    return list(db.exec(held.execution_options(populate_existing=True)))


def _no_longer_stands(
    referral: Referral,
    lost: openings.Openings,
    after: openings.Openings,
    ended: list[Consent],
) -> bool:
    """Nothing opens it any more; or who it is about is no longer told."""
    place = (referral.person_id, referral.recipient_id, Purpose.REFERRAL)
    if not after.get(place, 0):
        return place in lost or referral.consent_id in {consent.id for consent in ended}
    return bool(lost.get(place, 0) & Category.IDENTITY.bit)


def _tell_who_recorded(db: Session, person: Person, ended: list[Consent]) -> None:
    """Another agency had recorded an agreement of the same human being: it ends there too."""
    for consent in ended:
        if consent.person_id != person.id:
            outbox.post(
                db,
                "rights.ended_elsewhere",
                agency=consent.agency_id,
                about=consent.id,
                person=consent.person_id,
                key=f"rights.ended:{consent.id}",
            )
