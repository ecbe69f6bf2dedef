"""Recording what a committee decides. Until the chair confirms, a decision is only words that can
be corrected freely: nothing leaves, nothing of the journey changes."""

from typing import Unpack
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from coordination import audit, clock, outbox
from coordination.agencies.actors import Actor
from coordination.committees.live import effects, terms
from coordination.committees.live.pulse import beat
from coordination.committees.models import (
    AgendaItem,
    Attendance,
    Decision,
    DecisionDestination,
    DecisionOutcome,
    DecisionState,
    Mandate,
    Meeting,
    MeetingState,
)
from coordination.consent import reach
from coordination.consent.models import Effect, Reach, ReachKind
from coordination.db import past_walls
from coordination.directory.reference import needs
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import states
from coordination.journeys.models import LIVE_STATES, Journey, Referent
from coordination.journeys.touch import touch
from coordination.persons.models import Person


class NotInSession(Refused):
    """Decisions are taken, corrected and confirmed while the meeting is open."""


class AlreadyLeft(Refused):
    """The decision is confirmed: what it made has left the house."""


@past_walls
def record(
    db: Session,
    item: AgendaItem,
    *,
    outcome: DecisionOutcome,
    actor: Actor,
    **said: Unpack[terms.Terms],
) -> Decision:
    """Keep one decision on an item, beside those it already has."""
    _must_be_open(db, item)
    _check(db, item, outcome, said)
    decision = Decision(item_id=item.id, meeting_id=item.meeting_id, outcome=outcome)
    decision.professional_id = actor.professional_id
    _write(db, decision, said)
    _note(db, decision, "decision.record", actor)
    return decision


@past_walls
def correct(
    db: Session,
    decision: Decision,
    *,
    outcome: DecisionOutcome,
    actor: Actor,
    **said: Unpack[terms.Terms],
) -> Decision:
    """Say it again, wholly: what is not given is emptied."""
    item = db.get_one(AgendaItem, decision.item_id)
    _must_be_open(db, item)
    _must_be_here(decision)
    _check(db, item, outcome, said)
    decision.outcome = outcome
    decision.version += 1
    _write(db, decision, said)
    _note(db, decision, "decision.correct", actor)
    return decision


@past_walls
def withdraw(db: Session, decision: Decision, *, actor: Actor) -> Decision:
    """Take it back. Twice changes nothing."""
    if decision.state is DecisionState.WITHDRAWN:
        return decision
    _must_be_open(db, db.get_one(AgendaItem, decision.item_id))
    _must_be_here(decision)
    decision.state = DecisionState.WITHDRAWN
    decision.version += 1
    _note(db, decision, "decision.withdraw", actor)
    return decision


@past_walls
def confirm(db: Session, decision: Decision, *, actor: Actor) -> Decision:
    """What was decided takes effect: the journey, the need, the referrals, their steps, the line in
    the journal and the notices, in the transaction that the caller opened. Confirmed already:
    nothing happens again."""
    if decision.state is DecisionState.CONFIRMED:
        return decision
    if decision.state is DecisionState.WITHDRAWN:
        raise NotInSession("Cette décision a été retirée.")
    item = db.get_one(AgendaItem, decision.item_id)
    meeting = _must_be_open(db, item)
    journey = db.get_one(Journey, item.journey_id) if item.journey_id else None
    decision.state, decision.confirmed_at = DecisionState.CONFIRMED, clock.now()
    decision.version += 1
    effects.take(db, decision, item=item, meeting=meeting, journey=journey, actor=actor)
    _note(db, decision, "decision.confirm", actor)
    if journey is not None:
        _tell(db, decision, journey)
        touch(db, journey.id)
    return decision


@past_walls
def conflict(
    db: Session, meeting: Meeting, item: AgendaItem, professional: UUID, *, actor: Actor
) -> Reach | None:
    """This professional is out of the item: the dossier closes to them for this meeting. None when
    the item is about nobody, or the professional sits for no agency."""
    agency_id = _sits_for(db, meeting, professional)
    beat(db, meeting.id)
    person = db.get_one(Person, item.person_id) if item.person_id else None
    audit.act(
        db,
        actor,
        "meeting.conflict",
        about=item.id,
        person=person.id if person else None,
        salt=person.salt if person else "",
        of=str(professional),
    )
    if person is None or agency_id is None:
        return None
    return reach.open_to(
        db,
        person_id=person.id,
        agency_id=agency_id,
        kind=ReachKind.MEETING,
        source_id=meeting.id,
        professional_id=professional,
        effect=Effect.DENY,
    )


def of_item(db: Session, item_id: UUID) -> list[Decision]:
    """Every decision of an item, withdrawn ones too, as they were taken."""
    wanted = select(Decision).where(Decision.item_id == item_id)
    return list(db.exec(wanted.order_by(col(Decision.created_at), col(Decision.id))))


def stamp(decisions: list[Decision]) -> int:
    """Grows with each decision of the item and each correction: what a form was opened on."""
    return sum(decision.version for decision in decisions)


def _check(db: Session, item: AgendaItem, outcome: DecisionOutcome, said: terms.Terms) -> None:
    journey = db.get_one(Journey, item.journey_id) if item.journey_id else None
    if journey is None and outcome not in terms.WITHOUT_PERSON:
        raise Invalid("Ce point ne concerne pas un parcours.", field="outcome")
    carrier = journey.agency_id if journey else None
    terms.check(outcome, said, carrier_id=carrier, today=clock.today())
    if (code := said.get("need_code")) and needs.find(code) is None:
        raise Invalid("Choisissez un besoin de la liste.", field="need_code")
    if journey is not None and outcome is DecisionOutcome.REFERRAL:
        _must_go_on(journey)
    verb = terms.MOVES.get(outcome)
    if journey is None or verb is None:
        return
    if verb not in states.open_moves(journey.state):
        raise Invalid("Le parcours n’est pas dans un état qui le permet.", field="outcome")
    until, planned = said.get("until_on"), journey.planned_end_on
    if outcome is DecisionOutcome.EXTEND and until and planned and until <= planned:
        raise Invalid("La nouvelle fin vient après la fin prévue.", field="until_on")


def _write(db: Session, decision: Decision, said: terms.Terms) -> None:
    decision.text = said.get("text", "")
    decision.reason = said.get("reason", "")
    decision.dissent = said.get("dissent", "")
    decision.need_code = said.get("need_code", "")
    decision.until_on = said.get("until_on")
    decision.cause = said.get("cause")
    decision.keeps_contact = said.get("keeps_contact", "")
    decision.contact_every_days = said.get("contact_every_days")
    decision.acquired = said.get("acquired") or None
    decision.relay = said.get("relay", "")
    decision.teller_id = said.get("teller_id")
    decision.tell_by = said.get("tell_by")
    db.add(decision)
    db.flush()
    old = delete(DecisionDestination)
    db.execute(old.where(col(DecisionDestination.decision_id) == decision.id))
    for chosen in said.get("destinations", ()):
        db.add(
            DecisionDestination(
                decision_id=decision.id,
                agency_id=chosen.agency_id,
                service_id=chosen.service_id,
                rank=chosen.rank,
            )
        )
    db.flush()


def _tell(db: Session, decision: Decision, journey: Journey) -> None:
    """The référents hear what was decided; who tells the person is reminded to."""
    holding = select(Referent.professional_id).where(
        Referent.journey_id == journey.id, col(Referent.until_on).is_(None)
    )
    for who in sorted(set(db.exec(holding))):
        _post(db, "decision.taken", decision, journey, who)
    if decision.teller_id:
        _post(db, "decision.to_tell", decision, journey, decision.teller_id)


def _post(db: Session, kind: str, decision: Decision, journey: Journey, who: UUID) -> None:
    outbox.post(
        db,
        kind,
        professional=who,
        about=decision.id,
        person=journey.person_id,
        key=f"{kind}:{decision.id}:{who}",
    )


def _note(db: Session, decision: Decision, verb: str, actor: Actor) -> None:
    item = db.get_one(AgendaItem, decision.item_id)
    person = db.get_one(Person, item.person_id) if item.person_id else None
    audit.act(
        db,
        actor,
        verb,
        about=decision.id,
        person=person.id if person else None,
        salt=person.salt if person else "",
        outcome=decision.outcome.value,
        item=str(item.id),
    )
    db.flush()
    beat(db, decision.meeting_id)


def _must_be_open(db: Session, item: AgendaItem) -> Meeting:
    meeting = db.get_one(Meeting, item.meeting_id)
    if meeting.state is not MeetingState.OPEN:
        raise NotInSession("La séance n’est pas ouverte : les décisions se prennent en séance.")
    return meeting


def _must_go_on(journey: Journey) -> None:
    """A journey that is over may be looked at again; nobody is asked to take the person on."""
    if journey.state not in LIVE_STATES:
        raise Invalid("Ce parcours est terminé : rouvrez-le d’abord.", field="outcome")


def _must_be_here(decision: Decision) -> None:
    if decision.state is DecisionState.CONFIRMED:
        raise AlreadyLeft(
            "Cette décision est confirmée : ce qu’elle entraîne est parti. Prenez-en une nouvelle."
        )
    if decision.state is DecisionState.WITHDRAWN:
        raise NotInSession("Cette décision a été retirée.")


def _sits_for(db: Session, meeting: Meeting, professional: UUID) -> UUID | None:
    """The agency for which a professional sits at this meeting."""
    came = select(Attendance.agency_id).where(
        Attendance.meeting_id == meeting.id, Attendance.professional_id == professional
    )
    holds = select(Mandate.agency_id).where(
        Mandate.committee_id == meeting.committee_id, Mandate.professional_id == professional
    )
    found = [*db.exec(came), *db.exec(holds)]
    if not found:
        raise NotFound("Cette personne ne siège pas à la séance.")
    return next((agency for agency in found if agency), None)
