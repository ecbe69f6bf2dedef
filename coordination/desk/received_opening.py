"""Opening one's own journey from a referral received: the journey, and that both files are the same
person's, in one transaction. What the sender holds stays as it is."""

from sqlmodel import Session

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.journeys import moves
from coordination.journeys.forms import Answers
from coordination.journeys.models import Journey
from coordination.persons import same
from coordination.persons.models import Person
from coordination.referrals import opened
from coordination.referrals.models import Referral
from coordination.rights.merging import across, elsewhere
from coordination.web import french


def open_here(
    db: Session, referral: Referral, person: Person, asked: Answers, *, actor: Actor
) -> Journey:
    """A journey of the agency's own, in its own file. No prescriber is written on it: a prescriber
    is a party, and would read this file by its mission, which the person was not asked."""
    journey = _begin(db, person, asked, actor=actor)
    db.flush()
    tied = same.others(db, actor.agency_id, [person.id])[person.id]
    if referral.person_id not in tied and elsewhere.reads(db, actor, referral.person_id):
        across.link(db, person.id, referral.person_id, actor=actor)
    opened.note(db, referral, journey, actor=actor)
    return journey


def _begin(db: Session, person: Person, asked: Answers, *, actor: Actor) -> Journey:
    """Entered; or, while the day is to come, awaited, with that day said."""
    moves.check_dates(asked.entered_on, asked.planned_end_on)
    agency = db.get_one(Agency, person.agency_id)
    if asked.entered_on > clock.today():
        return moves.prescribe(
            db,
            person=person,
            programme_id=asked.programme_id,
            agency_id=agency.id,
            territory_id=agency.territory_id,
            referent_id=actor.professional_id,
            actor=actor,
            reason=_awaited(asked),
        )
    return moves.open_journey(
        db,
        person=person,
        programme_id=asked.programme_id,
        agency_id=agency.id,
        entered_on=asked.entered_on,
        planned_end_on=asked.planned_end_on,
        territory_id=agency.territory_id,
        referent_id=actor.professional_id,
        actor=actor,
    )


def _awaited(asked: Answers) -> str:
    end = f", fin prévue le {french.day(asked.planned_end_on)}" if asked.planned_end_on else ""
    return f"Entrée attendue le {french.day(asked.entered_on)}{end}."
