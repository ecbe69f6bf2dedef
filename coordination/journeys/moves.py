"""What can be done to a journey. Every change of its state goes through here."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.consent import reach
from coordination.errors import Invalid
from coordination.journeys import numbers, parties, states
from coordination.journeys.models import (
    Journey,
    JourneyMove,
    JourneyPeriod,
    JourneyState,
    Outcome,
    PartyRole,
    Referent,
    Suspension,
    SuspensionCause,
)
from coordination.journeys.touch import touch
from coordination.persons.models import Person

FOLLOWED_DAYS = 183  # the longest follow-up after an exit: parties read on that long


def open_journey(
    db: Session,
    *,
    person: Person,
    programme_id: UUID,
    agency_id: UUID,
    entered_on: date,
    planned_end_on: date | None = None,
    actor: Actor,
    territory_id: UUID | None = None,
    prescriber_id: UUID | None = None,
    referent_id: UUID | None = None,
    import_key: str | None = None,
) -> Journey:
    """A journey begins: its first period, the agency that carries it, who prescribed it, who holds
    the thread, and who may read because of that."""
    check_dates(entered_on, planned_end_on)
    journey = Journey(
        number=numbers.new(db, entered_on.year),
        person_id=person.id,
        agency_id=agency_id,
        programme_id=programme_id,
        territory_id=territory_id,
        prescriber_id=prescriber_id,
        state=JourneyState.ENTERED,
        entered_on=entered_on,
        planned_end_on=planned_end_on,
        import_key=import_key,
    )
    db.add(journey)
    db.flush()
    db.add(JourneyPeriod(journey_id=journey.id, from_on=entered_on))
    parties.join(db, journey, agency_id=agency_id, role=PartyRole.CARRIER, on=entered_on)
    if prescriber_id and prescriber_id != agency_id:
        parties.join(db, journey, agency_id=prescriber_id, role=PartyRole.PRESCRIBER, on=entered_on)
    if referent_id:
        db.add(Referent(journey_id=journey.id, professional_id=referent_id, from_on=entered_on))
    _remember(db, journey, "open", before=None, actor=actor, person=person, on=entered_on)
    return journey


def suspend(
    db: Session,
    journey: Journey,
    *,
    actor: Actor,
    cause: SuspensionCause,
    planned_resume_on: date,
    keeps_contact: str = "",
    contact_every_days: int | None = None,
    acquired: str = "",
    reason: str = "",
    on: date | None = None,
) -> Journey:
    """A pause begins: a neutral cause, when it should end, who keeps contact, what is acquired."""
    start = _day(journey, on)
    if planned_resume_on <= start:
        raise Invalid("La reprise prévue vient après le début de la pause.",
                      field="planned_resume_on")  # fmt: skip
    _go(db, journey, "suspend", actor=actor, reason=reason, on=start, cause=cause.value)
    db.add(
        Suspension(
            journey_id=journey.id,
            from_on=start,
            planned_resume_on=planned_resume_on,
            cause=cause,
            keeps_contact=keeps_contact,
            contact_every_days=contact_every_days,
            acquired=acquired,
        )
    )
    db.flush()
    return journey


def resume(
    db: Session, journey: Journey, *, actor: Actor, reason: str = "", on: date | None = None
) -> Journey:
    """The pause ends; the journey goes on where it stopped."""
    day = _day(journey, on)
    _go(db, journey, "resume", actor=actor, reason=reason, on=day)
    _close_suspension(db, journey, day)
    return journey


def extend(
    db: Session, journey: Journey, *, until_on: date, actor: Actor, reason: str = ""
) -> Journey:
    """A later planned end. The rules then say whether it passes the programme's maximum."""
    planned = journey.planned_end_on
    if until_on <= (planned or journey.entered_on or until_on):
        raise Invalid("La nouvelle fin prévue vient après l’ancienne.", field="until_on")
    check_dates(journey.entered_on, until_on, field="until_on")
    _go(db, journey, "extend", actor=actor, reason=reason, on=clock.today(),
        planned=planned.isoformat() if planned else None, until=until_on.isoformat())  # fmt: skip
    journey.planned_end_on = until_on
    return journey


def end(
    db: Session,
    journey: Journey,
    *,
    on: date,
    outcome: Outcome,
    actor: Actor,
    reason: str = "",
) -> Journey:
    """The exit, with what comes next."""
    return _leave(db, journey, "end", on=on, outcome=outcome, actor=actor, reason=reason)


def abandon(
    db: Session, journey: Journey, *, on: date | None = None, actor: Actor, reason: str
) -> Journey:
    """The journey stops before its end; never without a reason."""
    day = on or clock.today()
    return _leave(db, journey, "abandon", on=day, outcome=None, actor=actor, reason=reason)


def re_enter(
    db: Session,
    journey: Journey,
    *,
    on: date,
    planned_end_on: date | None = None,
    actor: Actor,
    reason: str = "",
) -> Journey:
    """The person comes back: a new period of the same journey."""
    if journey.ended_on and on < journey.ended_on:
        raise Invalid("Le retour vient après la sortie.", field="on")
    check_dates(on, planned_end_on)
    sets = {"ended_on": None, "outcome": None, "outcome_reason": "",
            "planned_end_on": planned_end_on}  # fmt: skip
    _go(db, journey, "re_enter", actor=actor, reason=reason, on=on, sets=sets)
    db.add(JourneyPeriod(journey_id=journey.id, from_on=on))
    parties.reopen_reading(db, journey)
    return journey


def change(db: Session, journey: Journey, verb: str, *, actor: Actor, reason: str = "") -> Journey:
    """The moves that ask for nothing more: enter, await_step, begin_step, announce_exit, stay."""
    day = clock.today()
    before = journey.state
    _go(db, journey, verb, actor=actor, reason=reason, on=day)
    if before is JourneyState.SUSPENDED:
        _close_suspension(db, journey, day)
    if verb == "enter":
        journey.entered_on = day
        db.add(JourneyPeriod(journey_id=journey.id, from_on=day))
    return journey


def check_dates(entered_on: date | None, planned_end_on: date | None, *, field: str = "") -> None:
    """Refuses an entry in the far future and an end that is not after the entry."""
    if entered_on and entered_on > clock.today() + timedelta(days=366):
        raise Invalid("L’entrée est à plus d’un an d’ici : vérifiez l’année.", field="entered_on")
    if entered_on and planned_end_on and planned_end_on <= entered_on:
        raise Invalid("La fin prévue vient après l’entrée.", field=field or "planned_end_on")
    if entered_on and planned_end_on and (planned_end_on - entered_on).days > 3660:
        raise Invalid("La fin prévue est à plus de dix ans de l’entrée : vérifiez l’année.",
                      field=field or "planned_end_on")  # fmt: skip


def _leave(
    db: Session,
    journey: Journey,
    verb: str,
    *,
    on: date,
    outcome: Outcome | None,
    actor: Actor,
    reason: str,
) -> Journey:
    if on > clock.today():
        raise Invalid("La sortie ne peut pas être dans l’avenir.", field="on")
    if journey.entered_on and on < journey.entered_on:
        raise Invalid("La sortie vient après l’entrée.", field="on")
    facts = {"outcome": outcome.value} if outcome else {}
    sets = {"ended_on": on, "outcome": outcome, "outcome_reason": reason}
    _go(db, journey, verb, actor=actor, reason=reason, on=on, sets=sets, **facts)
    _close_suspension(db, journey, on)
    lived = select(JourneyPeriod).where(
        JourneyPeriod.journey_id == journey.id, col(JourneyPeriod.until_on).is_(None)
    )
    for period in db.exec(lived).all():
        period.until_on = max(on, period.from_on)
    reach.close(db, source_id=journey.id, at=clock.at(on + timedelta(days=FOLLOWED_DAYS)))
    return journey


def _go(
    db: Session,
    journey: Journey,
    verb: str,
    *,
    actor: Actor,
    reason: str,
    on: date,
    sets: Mapping[str, Any] | None = None,
    **facts: str | None,
) -> None:
    """One move by the table: the state and the columns that go with it, its step, its line in the
    journal."""
    after = states.after(journey.state, verb)
    if states.rule(verb).needs_reason and not reason.strip():
        raise Invalid("Dites pourquoi : ce geste ne se fait pas sans raison.", field="reason")
    before, journey.state = journey.state, after
    for column, value in (sets or {}).items():
        setattr(journey, column, value)
    journey.version += 1
    db.add(journey)
    person = db.get_one(Person, journey.person_id)
    _remember(db, journey, verb, before=before, actor=actor, person=person, on=on, reason=reason,
              **facts)  # fmt: skip


def _remember(
    db: Session,
    journey: Journey,
    verb: str,
    *,
    before: JourneyState | None,
    actor: Actor,
    person: Person,
    on: date,
    reason: str = "",
    **facts: str | None,
) -> None:
    db.add(
        JourneyMove(
            journey_id=journey.id,
            verb=verb,
            before=before,
            after=journey.state,
            professional_id=actor.professional_id,
            on_day=on,
            reason=reason,
            details=facts,
        )
    )
    audit.act(db, actor, f"journey.{verb}", about=journey.id, person=person.id, salt=person.salt,
              on=on.isoformat(), **facts)  # fmt: skip
    touch(db, journey.id)


def _close_suspension(db: Session, journey: Journey, day: date) -> None:
    wanted = select(Suspension).where(
        Suspension.journey_id == journey.id, col(Suspension.ended_on).is_(None)
    )
    for row in db.exec(wanted).all():
        row.ended_on = max(day, row.from_on)


def _day(journey: Journey, on: date | None) -> date:
    """The day of a move: today unless said, not in the future, not before the entry."""
    day = on or clock.today()
    if day > clock.today():
        raise Invalid("Cette date est dans l’avenir.", field="on")
    if journey.entered_on and day < journey.entered_on:
        raise Invalid("Cette date vient avant l’entrée.", field="on")
    return day
