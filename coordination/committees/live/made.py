"""The decisions of a point as they read in session and before the meeting is lifted: their facts in
words, where each goes and what will be seen there."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import labels
from coordination.agencies.models import Professional
from coordination.committees.live import attendance, destinations
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionDestination,
    DecisionOutcome,
    DecisionState,
)
from coordination.directory.models import Service
from coordination.directory.reference import needs
from coordination.web import french, wording

DATES = {
    DecisionOutcome.SUSPEND: "Reprise prévue le",
    DecisionOutcome.EXTEND: "Nouvelle fin prévue le",
    DecisionOutcome.ADJOURN: "À revoir le",
}


class Made(NamedTuple):
    """A decision as it reads. `lines` are facts in words; `going` where it goes and what each
    destination will see."""

    id: UUID
    version: int
    state: str
    outcome: str
    text: str
    lines: list[tuple[str, str]]
    going: list[tuple[str, str]]
    here: bool  # still to be confirmed: it can be corrected
    cautions: list[str]  # words that say more than is needed


def of(db: Session, item: AgendaItem) -> list[Made]:
    """The decisions of an item as whoever writes them reads them."""
    return of_items(db, [item])[item.id]


def of_items(db: Session, items: Sequence[AgendaItem]) -> dict[UUID, list[Made]]:
    """The same for many items at once: consents are asked only for those with an orientation."""
    wanted = select(Decision).where(
        col(Decision.item_id).in_([item.id for item in items]),
        Decision.state != DecisionState.WITHDRAWN,
    )
    standing = list(db.exec(wanted.order_by(col(Decision.created_at), col(Decision.id))))
    chosen = _destinations(db, standing)
    agencies = attendance.names(db, {d.agency_id for d in chosen})
    services = _services(db, {d.service_id for d in chosen if d.service_id})
    tellers = people(db, {d.teller_id for d in standing if d.teller_id})
    found: dict[UUID, list[Made]] = {item.id: [] for item in items}
    persons = {item.id: item.person_id for item in items}
    for d in standing:
        going = [g for g in chosen if g.decision_id == d.id]
        refers = d.outcome is DecisionOutcome.REFERRAL
        to = {g.agency_id for g in going}
        seen = destinations.sees(db, persons[d.item_id], to) if refers else {}
        found[d.item_id].append(
            Made(
                d.id,
                d.version,
                labels.of(d.state),
                labels.of(d.outcome),
                d.text,
                _lines(d, tellers),
                [_going(g, agencies, services, seen) for g in going],
                d.state is DecisionState.RECORDED,
                wording.warnings(f"{d.text} {d.reason} {d.relay} {d.acquired or ''}"),
            )
        )
    return found


def _lines(decision: Decision, people: dict[UUID, str]) -> list[tuple[str, str]]:
    need = needs.find(decision.need_code) if decision.need_code else None
    teller = people.get(decision.teller_id, "") if decision.teller_id else ""
    by = f", avant le {french.day(decision.tell_by)}" if decision.tell_by else ""
    said = (
        ("Besoin", need.label if need else ""),
        ("Raison de la pause", labels.of(decision.cause) if decision.cause else ""),
        (DATES.get(decision.outcome, "Date"), french.day(decision.until_on)
         if decision.until_on else ""),
        ("Garde le contact", _keeps_contact(decision)),
        ("Déjà acquis", decision.acquired or ""),
        ("À transmettre", decision.relay),
        ("Raison", decision.reason),
        ("Réserve", decision.dissent),
        ("Prévient la personne", f"{teller}{by}" if teller else ""),
    )  # fmt: skip
    return [(term, value) for term, value in said if value]


def _keeps_contact(decision: Decision) -> str:
    every = decision.contact_every_days
    if not every:
        return decision.keeps_contact
    return f"{decision.keeps_contact}, {_every(every)}"


def _every(days: int) -> str:
    return "un contact par jour" if days == 1 else f"un contact tous les {days}{french.HARD}jours"


def _going(
    going: DecisionDestination,
    agencies: dict[UUID, str],
    services: dict[UUID, str],
    seen: dict[UUID, str],
) -> tuple[str, str]:
    service = f" · {services[going.service_id]}" if going.service_id else ""
    rank = f"{going.rank}. " if going.rank > 1 else ""
    return f"{rank}{agencies[going.agency_id]}{service}", seen.get(going.agency_id, "")


def _destinations(db: Session, standing: list[Decision]) -> list[DecisionDestination]:
    wanted = select(DecisionDestination).where(
        col(DecisionDestination.decision_id).in_([d.id for d in standing])
    )
    return list(
        db.exec(wanted.order_by(col(DecisionDestination.rank), col(DecisionDestination.id)))
    )


def _services(db: Session, ids: set[UUID]) -> dict[UUID, str]:
    wanted = select(Service.id, Service.name).where(col(Service.id).in_(ids))
    return dict(db.exec(wanted).all())


def people(db: Session, ids: set[UUID]) -> dict[UUID, str]:
    return {
        p.id: p.name for p in db.exec(select(Professional).where(col(Professional.id).in_(ids)))
    }
