"""What a journey's page awaits now: the end of a pause or of a wait between two steps, an
interview, an appointment, contacts after the exit, an answer to who asks to come back."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.models import Professional
from coordination.desk.journey_along import Act, Line, span
from coordination.journeys import appointments, follow_up, pauses
from coordination.journeys.models import LIVE_STATES, Journey, Suspension
from coordination.journeys.models_along import (
    Appointment,
    Block,
    Interstitial,
    ReturnRequest,
)
from coordination.web import french


def notices(db: Session, journey: Journey) -> list[Line]:
    """What is awaited now: the end of a pause, an interview, contacts after the exit, a return
    asked for, the end of a wait between two steps."""
    found = _appointments(db, journey)
    for pause in db.exec(pauses.going_on(journey)):
        late = pause.planned_resume_on is not None and pause.planned_resume_on < clock.today()
        found.append(Line("En pause", of_pause(pause), ("late", "Reprise dépassée", "") if late
                           else None, (Act("Modifier la pause", "pause", pause.id),)))  # fmt: skip
    for block in _blocks(db, journey):
        words = f"{span(block.from_on, block.ends_on)}, entretien avant la fin"
        found.append(Line(f"Bloc {block.number}", words, None,
                          (Act("Noter l’entretien", "entretien", block.id),)))  # fmt: skip
    open_wait = select(Interstitial).where(
        Interstitial.journey_id == journey.id, col(Interstitial.ended_on).is_(None)
    )
    waits = db.exec(open_wait).all()
    people = pairs(db, waits)
    for wait in waits:
        found.append(Line("Accompagnement entre deux étapes", of_wait(wait, people)))
    for due in db.exec(follow_up.awaited(journey)):
        late = due.due_on < clock.today()
        status = ("late", "En retard", "") if late else ("todo", "À faire", "")
        found.append(Line(f"Contact après la sortie avec {labels.of(due.whom)}",
                          f"pour le {french.day(due.due_on)}", status))  # fmt: skip
    asked = select(ReturnRequest).where(
        ReturnRequest.journey_id == journey.id, col(ReturnRequest.answered_on).is_(None)
    )
    for request in db.exec(asked):
        words = f"demandé le {french.day(request.asked_on)}"
        if request.until_on:
            words += f", possible jusqu’au {french.day(request.until_on)}"
        found.append(Line("La personne demande à revenir", words, ("waiting", "À répondre", ""),
                          (Act("Pas possible", "retour-impossible", request.id),)))  # fmt: skip
    return found


def of_pause(pause: Suspension) -> str:
    """Why, until when, who keeps contact and how often, what is acquired."""
    said = [labels.of(pause.cause)]
    if pause.planned_resume_on and not pause.ended_on:
        said.append(f"reprise prévue le {french.day(pause.planned_resume_on)}")
    if pause.keeps_contact:
        said.append(f"garde le contact{french.HARD}: {pause.keeps_contact}")
    if pause.contact_every_days:
        every = pause.contact_every_days
        said.append("un contact par jour" if every == 1 else f"un contact tous les {every} jours")
    if pause.acquired:
        said.append(f"déjà acquis{french.HARD}: {pause.acquired}")
    return " · ".join(said)


def of_wait(wait: Interstitial, people: dict[UUID, str]) -> str:
    """Until when, by whom, with which status, under which contract."""
    pair = [people[who] for who in (wait.trainer_id, wait.adviser_id) if who in people]
    said = [
        f"jusqu’au {french.day(wait.until_on)} au plus tard",
        f"accompagné par {' et '.join(pair)}" if pair else "",
        "statut gardé" if wait.status_kept else "statut non gardé",
        "contrat signé" if wait.commitment_id else "sans contrat",
    ]
    return ", ".join(word for word in said if word)


def pairs(db: Session, waits: Sequence[Interstitial]) -> dict[UUID, str]:
    """The names of those who keep up support between two steps."""
    keys = {who for wait in waits for who in (wait.trainer_id, wait.adviser_id) if who}
    if not keys:
        return {}
    return {who.id: who.name for who in db.exec(select(Professional).where(
        col(Professional.id).in_(keys)))}  # fmt: skip


def _blocks(db: Session, journey: Journey) -> Iterable[Block]:
    """Whose interview is still to be held; none once the journey is over."""
    if journey.state not in LIVE_STATES:
        return ()
    held = select(Block).where(Block.journey_id == journey.id, col(Block.interview_on).is_(None))
    return db.exec(held.order_by(col(Block.number), col(Block.id)))


def _appointments(db: Session, journey: Journey) -> list[Line]:
    """Those to come, with whom, and whether the programme promised better."""
    rows = db.exec(
        select(Appointment, Professional)
        .outerjoin(Professional, col(Professional.id) == Appointment.professional_id)
        .where(Appointment.journey_id == journey.id, Appointment.on_day >= clock.today())
        .order_by(col(Appointment.on_day), col(Appointment.id))
    )
    return [_appointment(one, who) for one, who in rows]


def _appointment(row: Appointment, who: Professional | None) -> Line:
    said = [f"avec {who.name}" if who else "", f"demandé le {french.day(row.asked_on)}"]
    if appointments.is_late(row):
        said.append(f"le dispositif le voulait avant le {french.day(row.latest_on)}")
    return Line(f"Rendez-vous le {french.day(row.on_day)}", ", ".join(w for w in said if w))
