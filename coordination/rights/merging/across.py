"""Saying that one's own file and another agency's are the same person's, or two people's, and
undoing it. Each file, its agreements and who reads it stay what they were: the two share a hash."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.db import past_walls
from coordination.errors import NotFound, Refused
from coordination.persons import same
from coordination.persons.models import Compared, Finding, Person
from coordination.rights.merging import elsewhere
from coordination.rights.merging.verbs import UNDOABLE


@past_walls
def link(db: Session, own_id: UUID, other_id: UUID, *, actor: Actor) -> Compared:
    """From now on both files bear one hash: figures, agendas and what the person takes back know
    one human being. Raises NotFound when the actor does not read who both are about, now."""
    mine, theirs = elsewhere.both(db, actor, own_id, other_id, hold=True)
    if _tied(db, actor, mine, theirs):
        raise Refused("Ces deux dossiers sont déjà dits d’une même personne.")
    for known in _standing(db, mine, theirs):
        known.undone_at = clock.now()  # they had been said to be two people
    db.flush()
    done = _say(db, mine, theirs, Finding.SAME, actor=actor, until=UNDOABLE)
    same.settle(db, [mine, theirs])
    for person in (mine, theirs):
        audit.act(db, actor, "person.link", about=done.id, person=person.id, salt=person.salt)
    return done


@past_walls
def unlink(db: Session, done: Compared, *, actor: Actor) -> None:
    """Each file bears again what its own identity gives today, or what other reviews say."""
    if done.undone_at is not None:
        raise Refused("Ce rapprochement est déjà défait.")
    if done.undoable_until is None or clock.now() >= done.undoable_until:
        raise Refused("Ce rapprochement date de plus de trente jours : il ne se défait plus.")
    done.undone_at = clock.now()
    files = [db.get_one(Person, key) for key in (done.person_id, done.other_id)]
    same.settle(db, files)
    for person in files:
        audit.act(db, actor, "person.unlink", about=done.id, person=person.id, salt=person.salt)


@past_walls
def set_apart(db: Session, own_id: UUID, other_id: UUID, *, actor: Actor) -> Compared:
    """They are two people: no longer proposed."""
    mine, theirs = elsewhere.both(db, actor, own_id, other_id, hold=True)
    if _tied(db, actor, mine, theirs):
        raise Refused("Ces deux dossiers sont dits d’une même personne : défaites-le d’abord.")
    for known in _standing(db, mine, theirs):
        return known
    done = _say(db, mine, theirs, Finding.TWO, actor=actor)
    audit.act(db, actor, "person.compared_two", about=done.id, person=mine.id, salt=mine.salt)
    return done


def recent(db: Session, actor: Actor) -> list[Compared]:
    """What the agency said to be the same and may still undo, the latest first."""
    wanted = select(Compared).where(
        Compared.agency_id == actor.agency_id,
        Compared.finding == Finding.SAME,
        col(Compared.undone_at).is_(None),
        col(Compared.undoable_until) > clock.now(),
    )
    return list(db.exec(wanted.order_by(col(Compared.created_at).desc(), col(Compared.id))))


def one(db: Session, actor: Actor, key: UUID, *, hold: bool = False) -> Compared:
    wanted = select(Compared).where(
        Compared.id == key,
        Compared.agency_id == actor.agency_id,
        Compared.finding == Finding.SAME,
    )
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce rapprochement n’existe pas.")
    return found


def _tied(db: Session, actor: Actor, mine: Person, theirs: Person) -> bool:
    return theirs.id in same.others(db, actor.agency_id, [mine.id])[mine.id]


def _standing(db: Session, mine: Person, theirs: Person) -> list[Compared]:
    wanted = select(Compared).where(
        Compared.person_id == mine.id,
        Compared.other_id == theirs.id,
        col(Compared.undone_at).is_(None),
    )
    return list(db.exec(wanted))


def _say(
    db: Session,
    mine: Person,
    theirs: Person,
    finding: Finding,
    *,
    actor: Actor,
    until: timedelta | None = None,
) -> Compared:
    said = Compared(
        person_id=mine.id,
        other_id=theirs.id,
        agency_id=mine.agency_id,
        professional_id=actor.professional_id,
        finding=finding,
        undoable_until=clock.now() + until if until else None,
    )
    db.add(said)
    db.flush()
    return said
