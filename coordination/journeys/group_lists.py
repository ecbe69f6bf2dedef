"""Reading groups: those of an agency, who is in one, who may come in. A person's name only for who
may read it; whom nobody may show is counted."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.consent import rule
from coordination.db import columns, past_walls
from coordination.errors import NotFound
from coordination.journeys import groups, queries
from coordination.journeys.models import LIVE_STATES, Journey, JourneyState
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.programmes import rules
from coordination.programmes.models import Programme, ProgrammeRule

PAST = 50  # groups that are over, the latest first
MOST = 500  # journeys proposed at once


class Line(NamedTuple):
    """A group as a list says it. `most`: None where the programme sets no number."""

    id: UUID
    programme: str
    label: str
    rhythm: str
    from_on: date
    until_on: date | None
    taken: int
    most: int | None
    over: bool

    @property
    def left(self) -> int | None:
        return None if self.most is None else max(0, self.most - self.taken)

    @property
    def places(self) -> str:
        """« 12 places prises sur 15 », or how many there are."""
        if self.most is None:
            return f"{self.taken} personne" + ("s" if self.taken > 1 else "")
        return f"{self.taken} sur {self.most}"


class Member(NamedTuple):
    """`name` empty: the reader may not know who it is."""

    id: UUID
    journey_id: UUID
    person_id: UUID
    number: str
    state: JourneyState
    name: str
    from_on: date
    until_on: date | None


def of_agency(db: Session, actor: Actor, *, past: bool = False) -> list[Line]:
    """The agency's groups by programme: those that go on, the next to begin last; or the past ones,
    the latest first. Three queries whatever their number."""
    today = clock.today()
    over = col(Cohort.closed) | (col(Cohort.until_on) < today)
    order = (col(Cohort.from_on).desc(), col(Cohort.id)) if past else (
        col(Programme.name), col(Cohort.from_on), col(Cohort.label), col(Cohort.id)
    )  # fmt: skip
    found = db.exec(
        select(Cohort, Programme.name)
        .join(Programme, col(Programme.id) == Cohort.programme_id)
        .where(Cohort.agency_id == actor.agency_id,
               over if past else col(Cohort.closed).is_(False)
               & (col(Cohort.until_on).is_(None) | (col(Cohort.until_on) >= today)))
        .order_by(*order)
        .limit(PAST if past else MOST)
    ).all()  # fmt: skip
    return _lines(db, found)


def line(db: Session, cohort: Cohort) -> Line:
    name = db.get_one(Programme, cohort.programme_id).name
    return _lines(db, [(cohort, name)])[0]


def open_to(db: Session, journey: Journey) -> list[Line]:
    """The groups of its agency and programme that the journey may come into, full ones too."""
    today = clock.today()
    found = db.exec(
        select(Cohort, Programme.name)
        .join(Programme, col(Programme.id) == Cohort.programme_id)
        .where(
            Cohort.agency_id == journey.agency_id,
            Cohort.programme_id == journey.programme_id,
            col(Cohort.closed).is_(False),
            col(Cohort.until_on).is_(None) | (col(Cohort.until_on) >= today),
        )
        .order_by(col(Cohort.from_on), col(Cohort.label), col(Cohort.id))
        .limit(MOST)
    ).all()
    return _lines(db, found)


def one(db: Session, actor: Actor, cohort_id: UUID, *, hold: bool = False) -> Cohort:
    """A group of the actor's own agency; another does not exist."""
    wanted = select(Cohort).where(Cohort.id == cohort_id, Cohort.agency_id == actor.agency_id)
    found = db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce groupe n’existe pas.")
    return found


def members(db: Session, actor: Actor, cohort: Cohort, *, gone: bool = False) -> list[Member]:
    """Who is in the group (or was) among the journeys that the actor may read, by name."""
    sees_name = rule.sees(actor, Journey.person_id, Category.IDENTITY)
    left = col(CohortMember.until_on)
    rows = db.execute(
        columns(CohortMember.id, Journey.id, Journey.person_id, Journey.number, Journey.state,
                PersonIdentity.usual_name, PersonIdentity.given_names, CohortMember.from_on, left)
        .join(Journey, col(Journey.id) == CohortMember.journey_id)
        .outerjoin(PersonIdentity,
                   (col(PersonIdentity.person_id) == Journey.person_id) & sees_name)
        .where(
            col(CohortMember.cohort_id) == cohort.id,
            left.is_not(None) if gone else left.is_(None),
            col(Journey.id).in_(queries.carried_by(actor).with_only_columns(col(Journey.id))),
        )
        .order_by(left.desc(), col(PersonIdentity.folded), Journey.number, col(CohortMember.id))
        .limit(MOST)
    )  # fmt: skip
    return [
        Member(key, journey, person, number, state, _name(usual, given), since, until)
        for key, journey, person, number, state, usual, given, since, until in rows
    ]


def candidates(db: Session, actor: Actor, cohort: Cohort) -> list[tuple[str, str]]:
    """Live journeys of the agency in this programme that are in no group, by name."""
    sees_name = rule.sees(actor, Journey.person_id, Category.IDENTITY)
    placed = (
        select(CohortMember.id)
        .join(Cohort, col(Cohort.id) == CohortMember.cohort_id)
        .where(
            CohortMember.journey_id == Journey.id,
            col(CohortMember.until_on).is_(None),
            col(Cohort.until_on).is_(None) | (col(Cohort.until_on) >= clock.today()),
        )
    )
    rows = db.execute(
        columns(Journey.id, Journey.number, PersonIdentity.usual_name, PersonIdentity.given_names)
        .outerjoin(PersonIdentity,
                   (col(PersonIdentity.person_id) == Journey.person_id) & sees_name)
        .where(
            col(Journey.id).in_(queries.carried_by(actor).with_only_columns(col(Journey.id))),
            col(Journey.programme_id) == cohort.programme_id,
            col(Journey.state).in_(LIVE_STATES),
            ~placed.exists(),
        )
        .order_by(col(PersonIdentity.folded), Journey.number)
        .limit(MOST)
    )  # fmt: skip
    return [
        (str(key), f"{_name(usual, given) or 'Une personne'} · {number}")
        for key, number, usual, given in rows
    ]


def programmes(db: Session, actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the programmes in which the agency carries a journey."""
    carried = select(Journey.programme_id).where(Journey.agency_id == actor.agency_id)
    rows = db.exec(
        select(Programme.id, Programme.name)
        .where(col(Programme.id).in_(carried), col(Programme.active))
        .order_by(Programme.name, col(Programme.id))
    )
    return [(str(key), name) for key, name in rows]


def _lines(db: Session, found: Iterable[tuple[Cohort, str]]) -> list[Line]:
    found, today = list(found), clock.today()
    taken = _taken(db, [cohort.id for cohort, _ in found])
    most = _most(db, {cohort.programme_id for cohort, _ in found})
    return [
        Line(cohort.id, name, cohort.label, cohort.rhythm, cohort.from_on, cohort.until_on,
             taken.get(cohort.id, 0), most.get(cohort.programme_id),
             groups.is_over(cohort, on=today))
        for cohort, name in found
    ]  # fmt: skip


@past_walls
def _taken(db: Session, keys: list[UUID]) -> dict[UUID, int]:
    """Counts only: those whom the reader may not know have their place too."""
    rows = db.execute(
        columns(CohortMember.cohort_id, func.count(col(CohortMember.id)))
        .where(col(CohortMember.cohort_id).in_(keys), col(CohortMember.until_on).is_(None))
        .group_by(col(CohortMember.cohort_id))
    )
    return {row.cohort_id: row[1] for row in rows}


def _most(db: Session, programmes: set[UUID]) -> dict[UUID, int | None]:
    rows = db.exec(
        select(ProgrammeRule)
        .where(col(ProgrammeRule.programme_id).in_(programmes), rules.holds_on(clock.today()))
        .order_by(col(ProgrammeRule.from_on), col(ProgrammeRule.id))
    )
    return {row.programme_id: rules.of_row(row).group_size_max for row in rows}


def _name(usual: str | None, given: str | None) -> str:
    return f"{usual.upper()} {given}" if usual and given is not None else ""
