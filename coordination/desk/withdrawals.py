"""What Aujourd’hui says of withdrawals: those that this agency must answer, and the answers that it
has been waiting for too long."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.db import beyond, columns
from coordination.desk.lines import Line, Panel
from coordination.journeys.models import Journey
from coordination.persons.models import Person
from coordination.rights import answers
from coordination.rights.models import Recall
from coordination.web import french

SHOWN = 8


def to_answer(db: Session, actor: Actor) -> Panel:
    """The reference is the one this agency was given: it reads no more of the person."""
    where = (col(Recall.agency_id) == actor.agency_id, col(Recall.answer).is_(None))
    with beyond(db, "rights.answer"):
        rows, total = _of(db, Person.reference, where)
    lines = [
        Line(
            f"Dossier {reference} : accord retiré",
            "Dites si ce que vous aviez reçu est détruit · "
            f"retrait du {french.day(clock.local(told_at).date())}",
            f"/retraits/{key}",
            due=clock.local(told_at + answers.LATE_AFTER).date(),
        )
        for key, _, told_at, reference in rows
    ]
    return Panel("retraits", "Retraits à confirmer", lines, total, "", "/retraits")


def unanswered(db: Session, actor: Actor) -> Panel:
    """Thirty days without an answer from who had received something."""
    where = (col(Recall.owner_id) == actor.agency_id, *answers.waiting_late())
    rows, total = _of(db, Agency.name, where)
    lines = []
    for _, person_id, told_at, agency in rows:
        journey = db.execute(
            columns(Journey.id)
            .where(col(Journey.person_id) == person_id)
            .order_by(col(Journey.created_at).desc(), col(Journey.id))
            .limit(1)
        ).scalar()
        lines.append(
            Line(
                f"{agency} n’a pas répondu",
                f"Retrait du {french.day(clock.local(told_at).date())} : "
                "ce qu’elle avait reçu est-il détruit ?",
                f"/parcours/{journey}/accords#retraits",
                due=clock.local(told_at + answers.LATE_AFTER).date(),
            )
        )
    return Panel("sans-reponse", "Retraits sans réponse depuis 30 jours", lines, total, "")


def _of(db: Session, word: Any, where: tuple[Any, ...]) -> tuple[list[Any], int]:
    """(id, person, moment told, word) of the oldest, and how many there are."""
    total = db.execute(columns(func.count()).select_from(Recall).where(*where)).scalar_one()
    rows = db.execute(
        columns(Recall.id, Recall.person_id, Recall.told_at, word)
        .join(Person, col(Person.id) == Recall.person_id)
        .join(Agency, col(Agency.id) == Recall.agency_id)
        .where(*where)
        .order_by(col(Recall.told_at), col(Recall.id))
        .limit(SHOWN)
    )
    return [tuple(row) for row in rows], total
