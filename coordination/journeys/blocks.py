"""Journeys made of renewable blocks: an interview ends each, and says whether another begins."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.journeys import notes
from coordination.journeys.models import Journey
from coordination.journeys.models_along import Block, BlockOutcome
from coordination.programmes import rules
from coordination.programmes.catalogue import Rules


def begin(db: Session, journey: Journey, *, on: date) -> Block | None:
    """The block in course after an entry, where the programme is made of blocks. After a return the
    numbers go on."""
    asked = rules.in_force(db, journey.programme_id, on)
    last = db.exec(of(journey)).first()
    found = in_course(asked, entered_on=on, today=clock.today())
    if found is None:
        return None
    made = Block(journey_id=journey.id, **found)
    made.number += last.number if last else 0
    db.add(made)
    return made


def in_course(asked: Rules, *, entered_on: date, today: date) -> dict[str, Any] | None:
    """Number and dates of the block that holds today, for someone who entered that day: an entry
    typed late does not ask for the interviews of blocks long over. Pure."""
    if not asked.block_weeks:
        return None
    span = timedelta(weeks=asked.block_weeks)
    over = max(0, (today - entered_on) // span)
    if asked.block_renewals is not None:
        over = min(over, asked.block_renewals)
    start = entered_on + over * span
    return {"number": over + 1, "from_on": start, "ends_on": start + span}


def hold_interview(
    db: Session, journey: Journey, *, on: date, outcome: BlockOutcome, actor: Actor
) -> Block:
    """The interview at the end of the block in course. Renewed: the next block begins where this
    one ends. Stopped is not a failure: the journey then ends as any other."""
    block = db.exec(of(journey).where(col(Block.interview_on).is_(None))).first()
    if block is None:
        raise Refused("Aucun entretien n’est attendu sur ce parcours.")
    if on > clock.today():
        raise Invalid("L’entretien est dans l’avenir : notez-le quand il a eu lieu.", field="on")
    if on < block.from_on:
        raise Invalid("L’entretien vient après le début du bloc.", field="on")
    if outcome is BlockOutcome.RENEWED:
        _renew(db, journey, block, on)
    block.interview_on, block.outcome = on, outcome
    db.add(block)
    notes.act(db, journey, "journey.block_interview", actor, number=block.number,
              outcome=outcome.value)  # fmt: skip
    return block


def shift(db: Session, journey: Journey, *, paused_days: int) -> None:
    """A pause is over: the block in course ends so much later."""
    for block in db.exec(of(journey).where(col(Block.interview_on).is_(None))).all():
        block.ends_on += timedelta(days=paused_days)


def of(journey: Journey) -> SelectOfScalar[Block]:
    """The journey's blocks, the latest first."""
    return select(Block).where(Block.journey_id == journey.id).order_by(col(Block.number).desc())


def _renew(db: Session, journey: Journey, block: Block, on: date) -> None:
    asked = rules.in_force(db, journey.programme_id, on)
    most = asked.block_renewals
    if most is not None and block.number > most:
        raise Refused(
            f"Ce dispositif se renouvelle {most} fois au plus : ce bloc était le dernier."
        )
    weeks = asked.block_weeks or (block.ends_on - block.from_on).days // 7
    db.add(
        Block(
            journey_id=journey.id,
            number=block.number + 1,
            from_on=block.ends_on,
            ends_on=block.ends_on + timedelta(weeks=weeks),
        )
    )
