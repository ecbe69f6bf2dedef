"""*Copier pour mon logiciel*: what the reader reads on the page, as plain dated text. Nothing that
the page does not show."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlmodel import Session, col

from coordination import clock, labels
from coordination.committees.models import AgendaItem, Committee, Decision, DecisionState, Meeting
from coordination.db import columns
from coordination.errors import NotFound
from coordination.journeys.models import Journey
from coordination.web import french


def of_journey(context: dict[str, Any]) -> str:
    """From `journey_page.context`."""
    journey: Journey = context["journey"]
    said = [
        f"{context['title']} · {journey.number}",
        f"Dispositif{french.HARD}: {context['programme'].name}",
        f"Porté par{french.HARD}: {context['carrier']}",
        f"État{french.HARD}: {labels.of(journey.state)}",
        f"Entrée{french.HARD}: {french.day(journey.entered_on)}",
        f"Fin prévue{french.HARD}: {french.day(journey.planned_end_on)}",
        f"Durée{french.HARD}: {context['elapsed']}",
    ]
    if journey.ended_on:
        outcome = labels.of(journey.outcome) if journey.outcome else "—"
        said.append(f"Sortie{french.HARD}: {french.day(journey.ended_on)}, {outcome}")
    said += _part("Qui suit la personne", (_line(one) for one in context["referents"]))
    said += _part("Alertes", (f"{name}{french.HARD}: {text}" for _, name, text, *_ in
                              context["alerts"]))  # fmt: skip
    said += _part("Attendu", (_line(one) for one in context["notices"]))
    said += _part("Étapes", (_line(one) for one in context["steps"]))
    said += _part("Besoins", (_need(one) for one in context["needs"]))
    said += _part("Engagements", (_line(one) for one in context["commitments"]))
    said += _part("Statuts", (_line(one) for one in context["statuses"]))
    said += _part(
        "Orientations",
        (f"{number}, {to}, {labels.of(status)}" for _, number, to, status, _ in
         context["referrals"]),
    )  # fmt: skip
    said += _part("Le fil", (_event(one) for one in context["timeline"]))
    return _dated(said)


def of_decision(db: Session, journey: Journey, title: str, decision_id: UUID) -> str:
    """A confirmed decision about this journey, or NotFound."""
    row = db.execute(
        columns(Decision.outcome, Decision.text, Decision.wording, Decision.tell_by,
                Decision.told_on, Decision.until_on, Meeting.starts_at, Committee.name)
        .join(AgendaItem, col(AgendaItem.id) == Decision.item_id)
        .join(Meeting, col(Meeting.id) == Decision.meeting_id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(Decision.id) == decision_id,
            col(AgendaItem.journey_id) == journey.id,
            col(Decision.state) == DecisionState.CONFIRMED,
        )
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFound("Cette décision n’existe pas.")
    said = [
        f"{title} · {journey.number}",
        f"{row.name}, séance du {french.weekday(clock.local(row.starts_at).date())}",
        f"Décision{french.HARD}: {labels.of(row.outcome)}",
        row.wording or row.text,
    ]
    if row.until_on:
        said.append(f"Jusqu’au{french.HARD}: {french.day(row.until_on)}")
    if row.told_on:
        said.append(f"Dite à la personne le {french.day(row.told_on)}")
    elif row.tell_by:
        said.append(f"À dire à la personne avant le {french.day(row.tell_by)}")
    return _dated(line for line in said if line)


def of_referral(context: dict[str, Any]) -> str:
    """From `referrals.card.context`: the recipient copies what was shared, and a stub once it is
    over."""
    referral, agencies = context["referral"], context["agencies"]
    said = [
        f"{context['title']} · orientation {referral.number}",
        f"De{french.HARD}: {agencies['sender']}",
        f"À{french.HARD}: {agencies['recipient']}",
        f"État{french.HARD}: {labels.of(referral.status)}",
    ]
    said += [f"{term}{french.HARD}: {value}" for term, value in context["asked"]]
    for part in context["parts"]:
        said += _part(part.label, (f"{one.label}{french.HARD}: {one.value}" for one in part.lines))
    return _dated(said)


def _dated(lines: Iterable[str]) -> str:
    day = french.weekday(clock.today())
    return "\n".join([*lines, "", f"Passerelles, {day}."]).replace(french.HARD, " ")


def _part(title: str, lines: Iterable[str]) -> list[str]:
    found = [f"- {line}" for line in lines]
    return ["", title, *found] if found else []


def _line(one: Any) -> str:
    status = f" ({one.status[1]})" if one.status else ""
    return f"{one.title}{status}{french.HARD}: {one.note}" if one.note else f"{one.title}{status}"


def _need(need: dict[str, Any]) -> str:
    said = [need["label"], need["situation"], f"depuis le {french.day(need['since_on'])}"]
    if need["objective"]:
        said.append(f"objectif{french.HARD}: {need['objective']}")
    if need["service"]:
        said.append(f"service{french.HARD}: {need['service']}")
    if need["settled_on"]:
        said.append(f"réglé le {french.day(need['settled_on'])}")
    return ", ".join(word for word in said if word)


def _event(item: Any) -> str:
    return f"{item.when}, {item.title}" + (f"{french.HARD}: {item.text}" if item.text else "")
