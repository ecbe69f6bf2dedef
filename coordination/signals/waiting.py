"""How long each territory waits before an alert: the common weeks, or its own from a day on."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit
from coordination.agencies.actors import Actor
from coordination.agencies.models import Territory
from coordination.errors import Invalid, NotFound
from coordination.signals.models import Patience
from coordination.signals.thresholds import HOUSE as HOUSE

TITLES = {
    "wait_weeks": "Entre deux étapes",
    "entry_weeks": "Avant la prochaine étape",
    "need_weeks": "Frein sans service mobilisé",
    "commitment_weeks": "Engagement non signé",
}


class Told(NamedTuple):
    """One dated setting of a territory, as a page shows it."""

    territory: str
    from_on: date
    weeks: dict[str, int | None]
    to_come: bool


def of_territories(db: Session, today: date) -> list[Told]:
    """Every setting, by territory, the latest first: what held before stays readable."""
    rows = db.execute(
        select(Territory.name, Patience)
        .join(Patience, col(Patience.territory_id) == col(Territory.id))
        .order_by(col(Territory.name), col(Patience.from_on).desc(), col(Patience.id))
    )
    return [
        Told(
            name,
            row.from_on,
            {title: getattr(row, title) for title in TITLES},
            row.from_on > today,
        )
        for name, row in rows
    ]


def places(db: Session) -> list[tuple[str, str]]:
    found = select(Territory.id, Territory.name).order_by(col(Territory.name), col(Territory.id))
    return [(str(key), name) for key, name in db.exec(found)]


def change(
    db: Session,
    territory_id: UUID,
    *,
    from_on: date,
    weeks: Mapping[str, int | None],
    actor: Actor,
) -> Patience:
    """From that day; an empty number leaves the house's own. Said twice for one day, the last
    counts. The alerts follow at night."""
    if db.get(Territory, territory_id) is None:
        raise NotFound("Ce territoire n’existe pas.")
    if not any(weeks.values()):
        raise Invalid("Donnez au moins un délai en semaines.", field="wait_weeks")
    known = select(Patience).where(
        Patience.territory_id == territory_id, Patience.from_on == from_on
    )
    row = db.exec(known.with_for_update()).one_or_none() or Patience(
        territory_id=territory_id, from_on=from_on, version=0
    )
    for name in TITLES:
        setattr(row, name, weeks.get(name))
    row.version += 1
    db.add(row)
    db.flush()
    facts: dict[str, Any] = {name: value for name, value in weeks.items() if value}
    audit.act(db, actor, "signals.patience", about=row.id, on=from_on.isoformat(), **facts)
    return row
