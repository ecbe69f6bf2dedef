"""What the person took back, or refused, after the day a form was signed: the latest word holds, so
an older form does not open again what they closed since."""

from datetime import date

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.models import Agency
from coordination.consent import events, states
from coordination.consent.models import Consent, ConsentEvent, ConsentState, EventKind, Purpose
from coordination.errors import Invalid
from coordination.persons.categories import bits
from coordination.persons.models import Person
from coordination.rights.forms import Choice
from coordination.web import french

_BY_THE_PERSON = {EventKind.WITHDRAWN, EventKind.NARROWED, EventKind.REFUSED}
_OPEN = {ConsentState.VALID, ConsentState.COLLECTED}


def nothing_taken_back(db: Session, person: Person, choice: Choice, *, since: date) -> None:
    """Refuse what was said that day when the person closed some of it on a later one."""
    wanted = bits(choice.categories)
    closed = taken_back(db, person, choice.sentence.purpose, since=since)
    hit = [agency for agency in choice.recipients if closed.get(str(agency), 0) & wanted]
    if hit:
        names = db.exec(select(Agency.name).where(col(Agency.id).in_(hit)).order_by(Agency.name))
        raise Invalid(
            f"Depuis le {french.day(since)}, la personne est revenue sur ce partage avec : "
            + ", ".join(names)
            + ". Ce qui a été dit avant ne le rouvre pas : recueillez un nouvel accord.",
            field="on",
        )


def taken_back(db: Session, person: Person, purpose: Purpose, *, since: date) -> dict[str, int]:
    """agency → the categories that the person closed to it on a later day."""
    found: dict[str, int] = {}
    for consent in db.exec(
        select(Consent).where(Consent.person_id == person.id, Consent.purpose == purpose)
    ).all():
        history = events.of(db, consent)
        for rank, event in enumerate(history):
            if not _theirs(event) or clock.local(event.created_at).date() <= since:
                continue
            for agency, categories in _closed(history[:rank], event):
                found[agency] = found.get(agency, 0) | categories
    return found


def _theirs(event: ConsentEvent) -> bool:
    """Said by the person; two files made one narrow agreements too, and nobody said it."""
    return event.kind in _BY_THE_PERSON and "merge" not in event.details


def _closed(before: list[ConsentEvent], event: ConsentEvent) -> list[tuple[str, int]]:
    """(agency, categories) that this event took away from what stood before it."""
    if event.kind is EventKind.REFUSED:
        return [(agency, event.categories) for agency in event.recipients]
    stood = states.fold(before)
    if stood.state not in _OPEN:
        return []
    left = set(event.recipients) if event.kind is EventKind.NARROWED else set()
    return [
        (agency, stood.categories & ~(event.categories if agency in left else 0))
        for agency in sorted(stood.recipients)
    ]
