"""What a journey's timeline is made of: moves, pauses, steps, contacts, decisions, referrals."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.models import Agency, Professional
from coordination.committees.models import AgendaItem, Committee, Decision, DecisionState, Meeting
from coordination.db import columns
from coordination.desk import journey_awaited
from coordination.desk.timeline import (
    COMMITTEES,
    CONTACTS,
    COURSE,
    REFERRALS,
    STATUSES,
    STEPS,
    Event,
)
from coordination.journeys import statuses
from coordination.journeys.models import (
    Contact,
    Journey,
    JourneyMove,
    JourneyState,
    Presence,
    Step,
    Suspension,
)
from coordination.journeys.models_along import (
    Appointment,
    Block,
    Commitment,
    Interstitial,
    Pay,
    StatusPeriod,
)
from coordination.referrals.models import Referral
from coordination.web import french

MOST_CONTACTS = 100

_TOLD = {
    "open": ("Entrée dans le dispositif", "moss"),
    "prescribe": ("Prescription", "sky"),
    "enter": ("Entrée dans le dispositif", "moss"),
    "resume": ("Reprise", "river"),
    "await_step": ("En attente de l’étape suivante", "ochre"),
    "begin_step": ("Début de l’étape suivante", "river"),
    "announce_exit": ("Sortie annoncée", "ochre"),
    "stay": ("Le parcours se poursuit", "river"),
    "extend": ("Prolongation", "sky"),
    "end": ("Fin du parcours", "stone"),
    "abandon": ("Interruption", "stone"),
    "re_enter": ("Retour dans le parcours", "moss"),
}


def of(db: Session, journey: Journey, names: "Names") -> list[Event]:
    """Every event of the journey; as many queries as sorts of event."""
    return [
        *_moves(db, journey),
        *_pauses(db, journey),
        *_between(db, journey),
        *_steps(db, journey),
        *_signed(db, journey),
        *_interviews(db, journey),
        *_contacts(db, journey),
        *_appointments(db, journey),
        *_decisions(db, journey),
        *_referrals(db, journey, names),
    ]


class Names:
    """Names of agencies as this reader may know them: one that is sensitive shows to itself, to the
    agency that carries the journey, and to nobody else."""

    def __init__(self, db: Session, keys: set[UUID], *, reader: UUID | None, carrier: UUID) -> None:
        rows = select(Agency.id, Agency.name, Agency.sensitive).where(col(Agency.id).in_(keys))
        self.known = {
            key: "une structure partenaire" if sensitive and reader not in (key, carrier) else name
            for key, name, sensitive in db.exec(rows)
        }

    def of(self, agency_id: UUID | None) -> str:
        return self.known.get(agency_id, "—") if agency_id else "—"


def _moves(db: Session, journey: Journey) -> list[Event]:
    rows = db.exec(
        select(JourneyMove)
        .where(JourneyMove.journey_id == journey.id)
        .order_by(col(JourneyMove.on_day), col(JourneyMove.id))
    ).all()
    found = []
    for move in rows:
        if move.verb in _TOLD:
            title, tone = _TOLD[move.verb]
            if move.after is JourneyState.ENDED and journey.outcome:
                title = f"{title}{french.HARD}: {labels.of(journey.outcome).casefold()}"
            found.append(Event(move.on_day, title, move.reason, tone, lane=COURSE, look="turn"))
    if not any(m.verb in {"open", "enter", "prescribe"} for m in rows) and journey.entered_on:
        found.append(Event(journey.entered_on, *_TOLD["open"][:1], tone="moss", lane=COURSE,
                           look="turn"))  # fmt: skip
    return found


def _pauses(db: Session, journey: Journey) -> list[Event]:
    rows = select(Suspension).where(Suspension.journey_id == journey.id)
    found = []
    for pause in db.exec(rows.order_by(col(Suspension.from_on), col(Suspension.id))):
        until = pause.ended_on or max(clock.today(), pause.from_on)
        found.append(Event(pause.from_on, "En pause", journey_awaited.of_pause(pause), "ochre",
                           until, lane=COURSE, look="pause"))  # fmt: skip
    return found


def _between(db: Session, journey: Journey) -> list[Event]:
    """Support kept up between two steps."""
    rows = select(Interstitial).where(Interstitial.journey_id == journey.id)
    waits = db.exec(rows.order_by(col(Interstitial.from_on), col(Interstitial.id))).all()
    people, found = journey_awaited.pairs(db, waits), []
    for wait in waits:
        until = wait.ended_on or max(clock.today(), wait.from_on)
        found.append(
            Event(wait.from_on, "Accompagnement entre deux étapes",
                  journey_awaited.of_wait(wait, people), "ochre", until, lane=COURSE,
                  look="interstitial")
        )  # fmt: skip
    return found


def _steps(db: Session, journey: Journey) -> list[Event]:
    rows = select(Step).where(Step.journey_id == journey.id)
    found = []
    for step in db.exec(rows.order_by(col(Step.planned_from), col(Step.id))):
        begins = step.from_on or step.planned_from
        if begins is None:
            continue
        until = step.until_on or (
            max(clock.today(), begins) if step.from_on else step.planned_until
        )
        found.append(
            Event(begins, labels.of(step.kind), _joined(step.label, step.track),
                  "river", until, planned=step.from_on is None, lane=STEPS)
        )  # fmt: skip
    return found


def of_statuses(periods: Sequence[StatusPeriod]) -> list[Event]:
    """Statuses with their pay, and the days when none is certain: beside what happens, they fill
    no gap."""
    found = []
    for period in periods:
        paid = labels.of(period.pay)
        said = f"{paid}{french.HARD}: {period.pay_label}" if period.pay_label else paid
        found.append(
            Event(period.from_on, labels.of(period.status), said,
                  "moss" if period.pay is Pay.SECURED else "brick",
                  period.until_on or max(clock.today(), period.from_on),
                  planned=period.from_on > clock.today(), lane=STATUSES)
        )  # fmt: skip
    for start, end in statuses.breaks(periods):
        if end is None:
            end = max(clock.today(), start)
        found.append(
            Event(start, "Sans rémunération assurée", "", "brick", end,
                  planned=start > clock.today(), lane=STATUSES, look="unpaid")
        )  # fmt: skip
    return found


def _signed(db: Session, journey: Journey) -> list[Event]:
    rows = select(Commitment).where(
        Commitment.journey_id == journey.id, col(Commitment.signed_on).is_not(None)
    )
    return [
        Event(one.signed_on, f"{labels.of(one.kind)} signé", one.label, "moss", lane=COURSE,
              look="signed")
        for one in db.exec(rows.order_by(col(Commitment.signed_on), col(Commitment.id)))
        if one.signed_on
    ]  # fmt: skip


def _interviews(db: Session, journey: Journey) -> list[Event]:
    rows = select(Block).where(Block.journey_id == journey.id, col(Block.interview_on).is_not(None))
    return [
        Event(one.interview_on, f"Entretien de fin de bloc {one.number}", labels.of(one.outcome),
              "plum", lane=COURSE, look="turn")
        for one in db.exec(rows.order_by(col(Block.number), col(Block.id)))
        if one.interview_on and one.outcome
    ]  # fmt: skip


def _appointments(db: Session, journey: Journey) -> list[Event]:
    """Those to come; what was held is a contact."""
    rows = select(Appointment).where(
        Appointment.journey_id == journey.id, col(Appointment.on_day) >= clock.today()
    )
    return [
        Event(one.on_day, "Rendez-vous", f"demandé le {french.day(one.asked_on)}", "sky",
              planned=True, lane=CONTACTS)
        for one in db.exec(rows.order_by(col(Appointment.on_day), col(Appointment.id)))
    ]  # fmt: skip


def _contacts(db: Session, journey: Journey) -> list[Event]:
    rows = db.exec(
        select(Contact, Professional)
        .outerjoin(Professional, col(Professional.id) == Contact.professional_id)
        .where(Contact.journey_id == journey.id)
        .order_by(col(Contact.on_day).desc(), col(Contact.id))
        .limit(MOST_CONTACTS)
    )
    found = []
    for contact, who in rows:
        there = contact.presence is Presence.PRESENT
        title = labels.of(contact.channel)
        if not there:
            title = f"{title}{french.HARD}: {labels.of(contact.presence).casefold()}"
        said = [who.name if who else "", contact.note]
        if contact.with_employer:
            said.insert(0, "avec l’employeur")
        if not contact.with_person:
            said.insert(0, "sans la personne")
        found.append(
            Event(contact.on_day, title, " · ".join(s for s in said if s),
                  "moss" if there else "brick", lane=CONTACTS, look="" if there else "missed")
        )  # fmt: skip
    return found


def _decisions(db: Session, journey: Journey) -> list[Event]:
    rows = db.execute(
        columns(Decision.outcome, Decision.text, Decision.wording, Decision.id, Meeting.starts_at,
                Committee.name)
        .join(AgendaItem, col(AgendaItem.id) == Decision.item_id)
        .join(Meeting, col(Meeting.id) == Decision.meeting_id)
        .join(Committee, col(Committee.id) == Meeting.committee_id)
        .where(
            col(AgendaItem.journey_id) == journey.id,
            col(Decision.state) == DecisionState.CONFIRMED,
        )
        .order_by(col(Meeting.starts_at), col(Decision.id))
    )  # fmt: skip
    return [
        Event(
            clock.local(starts).date(),
            f"Décision{french.HARD}: {labels.of(outcome).casefold()}",
            f"{name} · {wording or text}" if wording or text else name,
            "plum",
            url=f"/parcours/{journey.id}/decisions/{key}/copier",
            lane=COMMITTEES,
            look="decision",
        )
        for outcome, text, wording, key, starts, name in rows
    ]


def _referrals(db: Session, journey: Journey, names: Names) -> list[Event]:
    rows = db.execute(
        columns(Referral.id, Referral.status, Referral.recipient_id, Referral.sent_at,
                Referral.started_on, Referral.ended_at)
        .where(col(Referral.journey_id) == journey.id, col(Referral.sent_at).is_not(None))
        .order_by(col(Referral.sent_at), col(Referral.id))
    )  # fmt: skip
    found = []
    for _, status, recipient, sent, started, ended in rows:
        to = names.of(recipient)
        day = clock.local(sent).date()
        found.append(Event(day, "Orientation envoyée", f"{to} · {labels.of(status)}", "sky",
                           lane=REFERRALS, look="sent"))  # fmt: skip
        if started:
            found.append(Event(started, "Accompagnement démarré", to, "river", lane=REFERRALS))
        if ended:
            last = clock.local(ended).date()
            found.append(
                Event(last, f"Orientation{french.HARD}: {labels.of(status).casefold()}", to,
                      "stone", lane=REFERRALS, look="closed")
            )  # fmt: skip
    return found


def _joined(*words: str) -> str:
    return " · ".join(word for word in words if word)
