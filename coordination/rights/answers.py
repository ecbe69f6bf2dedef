"""What an agency answers once an agreement was taken back: destroyed, or kept and why."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import audit, clock
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Agency
from coordination.committees.models import Committee, Extract, Meeting, Minutes
from coordination.db import beyond, columns
from coordination.errors import Invalid, NotFound
from coordination.persons.models import Person
from coordination.rights.models import KeptBecause, Recall, RecallAnswer

LATE_AFTER = timedelta(days=30)


class Asked(NamedTuple):
    """One line, as both sides read it. It names nobody: the reference is the one that was given."""

    recall: Recall
    reference: str
    agency: str
    owner: str
    annexes: tuple[tuple[str, object], ...]  # (committee, moment of the meeting)

    @property
    def late(self) -> bool:
        return late(self.recall)


def answer(
    db: Session,
    asked: Recall,
    *,
    said: RecallAnswer,
    because: KeptBecause | None = None,
    note: str = "",
    actor: Actor,
) -> None:
    """Record the answer; a later one replaces it (kept, then destroyed). What is kept says why."""
    if said is RecallAnswer.KEPT:
        if because is None:
            raise Invalid("Dites pourquoi vous gardez quelque chose.", field="because")
        if because is KeptBecause.OTHER and len(note.strip()) < 10:
            raise Invalid("Dites en quelques mots ce qui est gardé, et pourquoi.", field="note")
    asked.answer, asked.answered_at = said, clock.now()
    asked.because = because if said is RecallAnswer.KEPT else None
    asked.note = note.strip()
    asked.professional_id = actor.professional_id
    asked.by_link = actor.link_id is not None
    asked.version += 1
    with beyond(db, "rights.answer"):
        person = db.get_one(Person, asked.person_id)
        audit.act(
            db,
            actor,
            "rights.answered",
            about=asked.id,
            person=person.id,
            salt=person.salt,
            answer=said.value,
            because=asked.because.value if asked.because else None,
        )


def one(db: Session, actor: Actor, recall_id: UUID, *, hold: bool = False) -> Recall:
    """The line that the actor's agency must answer; by link, the only one that it opens."""
    wanted = select(Recall).where(Recall.id == recall_id, Recall.agency_id == actor.agency_id)
    if actor.kind is ActorKind.AGENCY_LINK and actor.about_id != recall_id:
        raise NotFound("Ce retrait n’existe pas.")
    with beyond(db, "rights.answer"):
        found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce retrait n’existe pas.")
    return found


def for_agency(agency_id: UUID | None) -> SelectOfScalar[Recall]:
    """What this agency is asked, unanswered first, the oldest first among them."""
    return (
        select(Recall)
        .where(Recall.agency_id == agency_id)
        .order_by(
            col(Recall.answered_at).is_not(None),
            col(Recall.told_at),
            col(Recall.id),
        )
        .limit(200)
    )


def about(person_id: UUID) -> SelectOfScalar[Recall]:
    """Who was asked what about this person, the latest withdrawal first."""
    return (
        select(Recall)
        .where(Recall.person_id == person_id)
        .order_by(col(Recall.told_at).desc(), col(Recall.agency_id), col(Recall.id))
    )


def shown(db: Session, wanted: SelectOfScalar[Recall]) -> list[Asked]:
    """The lines with what they say of themselves. The agency that must answer reads no more of the
    person: the reference and the numbers are those it was given."""
    with beyond(db, "rights.answer"):
        rows = list(db.exec(wanted))
        references = {
            person.id: person.reference
            for person in db.exec(select(Person).where(col(Person.id).in_(_persons(rows))))
        }
        keys = {row.agency_id for row in rows} | {row.owner_id for row in rows}
        names = {a.id: a for a in db.exec(select(Agency).where(col(Agency.id).in_(keys)))}
        sheets = _annexes(db, rows)
    return [
        Asked(
            row,
            references[row.person_id],
            names[row.agency_id].name,
            "Une structure partenaire"
            if names[row.owner_id].sensitive
            else names[row.owner_id].name,
            tuple(sheets[key] for key in row.annexes if key in sheets),
        )
        for row in rows
    ]


def late(asked: Recall) -> bool:
    return asked.answer is None and asked.told_at <= clock.now() - LATE_AFTER


def waiting_late() -> tuple[ColumnElement[bool], ...]:
    """No answer after thirty days."""
    return (col(Recall.answer).is_(None), col(Recall.told_at) <= clock.now() - LATE_AFTER)


def counts(db: Session) -> tuple[int, int]:
    """(answers expected, of which for more than thirty days), over all agencies: numbers only."""
    with beyond(db, "rights.counts"):
        waiting = db.execute(
            columns(func.count()).select_from(Recall).where(col(Recall.answer).is_(None))
        ).scalar_one()
        too_long = db.execute(
            columns(func.count()).select_from(Recall).where(*waiting_late())
        ).scalar_one()
    return waiting, too_long


def _persons(rows: list[Recall]) -> set[UUID]:
    return {row.person_id for row in rows}


def _annexes(db: Session, rows: list[Recall]) -> dict[str, tuple[str, object]]:
    """(committee, moment of the meeting) of the annexes called back, by id."""
    keys = {UUID(key) for row in rows for key in row.annexes}
    found = db.exec(
        select(Extract.id, Committee.name, Meeting.starts_at)
        .join(Minutes, col(Minutes.id) == Extract.minutes_id)
        .join(Meeting, col(Meeting.id) == Minutes.meeting_id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(col(Extract.id).in_(keys))
    )
    return {str(key): (name, at) for key, name, at in found}
