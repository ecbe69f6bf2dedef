"""Nothing typed twice: what an agency copied into its own software, when, under which reference."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.errors import Invalid
from coordination.journeys import notes
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Copied, Transcription

# Software that follow-up structures commonly work in; agencies of the territory add their own.
KNOWN = ("i-MILO", "Outil de France Travail", "Outil du conseil départemental")


def note(
    db: Session,
    journey: Journey,
    *,
    about: Copied,
    about_id: UUID,
    tool: str,
    done_on: date,
    reference: str = "",
    actor: Actor,
) -> Transcription:
    """It is done in this software. Noted again for the same thing and the same tool: the date and
    the reference are the new ones."""
    if done_on > clock.today():
        raise Invalid("Cette date est dans l’avenir.", field="done_on")
    made = db.exec(
        of(actor, about_id).where(Transcription.about == about, Transcription.tool == tool)
    ).first() or Transcription(
        journey_id=journey.id,
        agency_id=actor.agency_id or journey.agency_id,
        about=about,
        about_id=about_id,
        tool=tool,
        done_on=done_on,
    )
    made.done_on, made.reference, made.professional_id = done_on, reference, actor.professional_id
    db.add(made)
    db.flush()
    notes.act(db, journey, "journey.copied", actor, about=about_id, what=about.value)
    return made


def of(actor: Actor, about_id: UUID) -> SelectOfScalar[Transcription]:
    """What one's own agency noted, the latest first."""
    return (
        select(Transcription)
        .where(Transcription.about_id == about_id, Transcription.agency_id == actor.agency_id)
        .order_by(col(Transcription.done_on).desc(), col(Transcription.id))
    )


def tools(db: Session, actor: Actor) -> list[str]:
    """The software of one's agency first, then those of the territory, then the usual ones."""
    own = db.get(Agency, actor.agency_id) if actor.agency_id else None
    if own is None:
        return list(KNOWN)
    around = select(Agency.tool).where(
        Agency.territory_id == own.territory_id,
        col(Agency.territory_id).is_not(None),
        Agency.tool != "",
        col(Agency.sensitive).is_(False),
    )
    found = db.exec(around.distinct().order_by(Agency.tool).limit(50)).all()
    return list(dict.fromkeys(t for t in (own.tool, *found, *KNOWN) if t))
