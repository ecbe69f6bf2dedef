"""What is to be met: a need of the diagnosis with its situation and its objective, the service that
answers it, and when it is met."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.consent import rule
from coordination.directory.reference import needs as catalogue
from coordination.directory.reference.needs import Constraint, Line
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import needs
from coordination.journeys.gestures.asking import Asked, At, Gesture, day, past_day
from coordination.journeys.models import Journey, Need
from coordination.persons.categories import Category


def readable_need(db: Session, journey: Journey, readable: rule.Readable, key: UUID) -> Need:
    found = db.get(Need, key)
    if found is None or found.journey_id != journey.id or found.category not in readable:
        raise NotFound()
    return found


def catalogue_options() -> list[tuple[str, Any]]:
    """Constraints, then the needs of employment, as a list of choices."""
    constraints = [(one.code, one.label) for one in catalogue.constraints()]
    employment = [(n.code, n.label) for n in catalogue.proposed(catalogue.employment_needs())]
    return [("Freins à lever", constraints), ("Emploi et formation", employment)]


def _chosen(at: At) -> Constraint | Line | None:
    """What the page opened on, or what the form says."""
    found = catalogue.find(at.form.get("code") or at.visit.query.get("code", ""))
    return None if getattr(found, "withheld", None) else found


def _open_says(at: At) -> str:
    found = _chosen(at)
    if isinstance(found, Constraint):
        return (
            f"« {found.label} » s’ajoute aux besoins du parcours. Une situation qui relève d’une "
            "autre catégorie que le frein y fait passer tout le besoin : c’est elle qui décide qui "
            "le lit."
        )
    if found is not None:
        return f"« {found.label} » s’ajoute aux besoins du parcours."
    return "Choisissez d’abord le besoin : ses situations et ses objectifs s’affichent ensuite."


def _open_asks(at: At) -> list[Asked]:
    found = _chosen(at)
    if found is None:
        return [Asked("code", "Besoin", "first", catalogue_options())]
    asked = [Asked("code", "Besoin", "choice", [(found.code, found.label)], start=found.code)]
    if isinstance(found, Constraint):
        asked += [
            Asked("situation", "Situation", "choice", _pairs(found.situations)),
            Asked("objective", "Objectif", "choice", _pairs(found.objectives), required=False),
        ]
    return [*asked, day("since_on", "Depuis le")]


def _pairs(lines: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in catalogue.proposed(lines)]


def _open(at: At) -> str:
    form, found = at.form, _chosen(at)
    if found is None:
        raise Invalid("Choisissez un besoin de la liste.", field="code")
    situation = objective = None
    if isinstance(found, Constraint):
        if "situation" not in form:
            raise Invalid("Dites la situation, et l’objectif s’il est connu.", field="situation")
        situation = _line(at, "situation", found.situations)
        objective = _line(at, "objective", found.objectives, required=False)
    since = past_day(at, "since_on")
    form.check()
    opened = needs.open_need(
        at.db,
        at.journey,
        code=found.code,
        label=found.label,
        category=_category(found, situation, objective),
        situation=situation.code if situation else "",
        objective=objective.code if objective else "",
        since_on=since,
        actor=at.actor,
    )
    if (opened.situation, opened.objective) != (
        situation.code if situation else "", objective.code if objective else ""
    ):  # fmt: skip
        raise Refused("Ce besoin est déjà ouvert sur ce parcours : réglez-le d’abord.")
    return "Le besoin est noté."


def _line(at: At, name: str, lines: tuple[Line, ...], *, required: bool = True) -> Line | None:
    chosen = at.form.get(name)
    found = next((one for one in catalogue.proposed(lines) if one.code == chosen), None)
    if found is None and (required or chosen):
        at.form.wrong(name, "Choisissez une réponse de la liste.")
    return found


def _category(found: Constraint | Line, *lines: Line | None) -> Category:
    """One row, one category: that of the situation or the objective where it is not the need's."""
    others = {one.category for one in lines if one} - {found.category}
    if len(others) > 1:
        raise Invalid("Cette situation et cet objectif relèvent de deux catégories : notez deux "
                      "besoins.", field="objective")  # fmt: skip
    return others.pop() if others else found.category


def _still_open(at: At) -> None:
    if at.row.settled_on is not None:
        raise Refused("Ce besoin est déjà réglé.")


def _mobilise(at: At) -> str:
    service = at.form.text("service", most=160)
    on = past_day(at)
    at.form.check()
    needs.mobilise(at.db, at.row, service=service, on=on, actor=at.actor)
    return "Le service mobilisé est noté."


def _settle(at: At) -> str:
    on = past_day(at)
    at.form.check()
    needs.settle(at.db, at.row, on=on, actor=at.actor)
    return "Le besoin est réglé."


def described(rows: list[Need]) -> list[dict[str, Any]]:
    """Needs as a page says them: value, since when, service, themes of data·inclusion."""
    return [_described(row) for row in rows]


def _described(row: Need) -> dict[str, Any]:
    found = catalogue.find(row.code)
    situation = objective = None
    if isinstance(found, Constraint):
        situation = next((s for s in found.situations if s.code == row.situation), None)
        objective = next((o for o in found.objectives if o.code == row.objective), None)
    themes = (
        (objective and objective.themes)
        or (situation and situation.themes)
        or (found.themes[:2] if found else ())
    )
    known = catalogue.themes()
    days = ((row.settled_on or clock.today()) - row.since_on).days
    return {
        "id": row.id,
        "label": row.label,
        "situation": situation.label if situation else "",
        "objective": objective.label if objective else "",
        "themes": [known[theme] for theme in themes if theme in known],
        "since_on": row.since_on,
        "weeks": days // 7,
        "service": row.service,
        "mobilised_on": row.mobilised_on,
        "settled_on": row.settled_on,
        "from_committee": row.origin == "decision",
    }


def of(journey: Journey, readable: rule.Readable) -> Any:
    """The needs that may be read, those that are open first."""
    return (
        select(Need)
        .where(Need.journey_id == journey.id, col(Need.category).in_(list(readable)))
        .order_by(col(Need.settled_on).is_not(None), col(Need.since_on).desc(), col(Need.id))
    )


GESTURES = {
    "besoin": Gesture(
        title="Noter un besoin", button="Noter le besoin", says=_open_says, asks=_open_asks,
        do=_open, back="besoins",
    ),
    "service": Gesture(
        title="Mobiliser un service", button="Noter le service",
        says=lambda at: f"« {at.row.label} » : le service mobilisé et sa date sont notés. Pour "
        "demander une place, orientez plutôt la personne.",
        asks=lambda at: [Asked("service", "Service mobilisé", start=at.row.service, most=160),
                         day("on", "Depuis le")],
        do=_mobilise, row=readable_need, check=_still_open, back="besoins",
    ),
    "besoin-regle": Gesture(
        title="Le besoin est réglé", button="Noter",
        says=lambda at: f"« {at.row.label} » n’est plus à satisfaire ; les alertes sur ce frein "
        "tombent.",
        asks=lambda at: [day("on", "Réglé le")], do=_settle, row=readable_need, check=_still_open,
        back="besoins",
    ),
}  # fmt: skip
