"""After the exit: the contacts that the programme asks for, with the person and with the employer.
They are written at the exit from the rules of that day; a contact that was held settles the oldest
one it answers."""

from datetime import date, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination.journeys.models import Contact, Journey, Presence
from coordination.journeys.models_along import ExitContact, Followed
from coordination.programmes import rules
from coordination.programmes.catalogue import Rules

EARLY_DAYS = 15  # a contact held so long before its day counts for it


def open_contacts(db: Session, journey: Journey, *, exit_on: date) -> list[ExitContact]:
    """What is due after an exit, by the rules of that day."""
    asked = rules.in_force(db, journey.programme_id, exit_on)
    made = [
        ExitContact(journey_id=journey.id, whom=whom, due_on=day)
        for whom in (Followed.PERSON, *((Followed.EMPLOYER,) if asked.follow_up_employer else ()))
        for day in due_days(asked, exit_on)
    ]
    db.add_all(made)
    return made


def due_days(asked: Rules, exit_on: date) -> list[date]:
    """The days on which a contact is due after an exit on that day."""
    return [rules.months_after(exit_on, months) for months in asked.follow_up_months]


def drop(db: Session, journey: Journey, *, on: date) -> None:
    """The person came back: nothing is due any more."""
    for due in db.exec(awaited(journey)).all():
        due.dropped_on = on


def settle(db: Session, journey: Journey, contact: Contact) -> None:
    """The contact answers the oldest one due, of the person and of the employer."""
    wanted: list[Followed] = []
    if contact.with_person and contact.presence is Presence.PRESENT:
        wanted.append(Followed.PERSON)
    if contact.with_employer:
        wanted.append(Followed.EMPLOYER)
    for whom in wanted:
        due = db.exec(
            awaited(journey).where(
                ExitContact.whom == whom,
                ExitContact.due_on <= contact.on_day + timedelta(days=EARLY_DAYS),
            )
        ).first()
        if due is not None:
            due.done_on, due.contact_id = contact.on_day, contact.id


def awaited(journey: Journey) -> SelectOfScalar[ExitContact]:
    """Contacts still due, the oldest first."""
    return (
        select(ExitContact)
        .where(
            ExitContact.journey_id == journey.id,
            col(ExitContact.done_on).is_(None),
            col(ExitContact.dropped_on).is_(None),
        )
        .order_by(col(ExitContact.due_on), col(ExitContact.id))
    )
