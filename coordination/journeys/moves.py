"""What can be done to a journey. Every change of its state goes through here."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.consent import reach
from coordination.errors import Invalid, NotAllowed, Refused
from coordination.journeys import blocks, follow_up, groups, numbers, parties, recording
from coordination.journeys.models import (
    Journey,
    JourneyPeriod,
    JourneyState,
    Outcome,
    Suspension,
    SuspensionCause,
)
from coordination.persons.models import Person
from coordination.programmes import rules
from coordination.programmes.models import Commitment as Asked
from coordination.web import french


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
    """A journey begins: its first period, who carries, prescribed and follows it, and so reads."""
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
        planned_end_on=planned_end_on or _fixed_end(db, programme_id, entered_on),
        import_key=import_key,
    )
    db.add(journey)
    db.flush()
    parties.gather(db, journey, referent_id=referent_id, on=entered_on)
    _first_day(db, journey, entered_on)
    recording.remember(db, journey, "open", before=None, actor=actor, on=entered_on)
    return journey


def prescribe(
    db: Session,
    *,
    person: Person,
    programme_id: UUID,
    agency_id: UUID,
    actor: Actor,
    territory_id: UUID | None = None,
    prescriber_id: UUID | None = None,
    referent_id: UUID | None = None,
    on: date | None = None,
    reason: str = "",
) -> Journey:
    """An entry is awaited, in the agency of the person's file; towards another it is a referral."""
    if person.agency_id != agency_id:
        raise NotAllowed("Vers une autre structure, l’entrée se propose par une orientation.")
    day = on or clock.today()
    journey = Journey(
        number=numbers.new(db, day.year),
        person_id=person.id,
        agency_id=agency_id,
        programme_id=programme_id,
        territory_id=territory_id,
        prescriber_id=prescriber_id,
        state=JourneyState.PRESCRIBED,
        prescribed_on=day,
    )
    db.add(journey)
    db.flush()
    parties.gather(db, journey, referent_id=referent_id, on=day)
    recording.remember(db, journey, "prescribe", before=None, actor=actor, on=day, reason=reason)
    return journey


def enter(
    db: Session,
    journey: Journey,
    *,
    on: date,
    planned_end_on: date | None = None,
    actor: Actor,
    reason: str = "",
) -> Journey:
    """The person enters. Where the programme wants a commitment signed first, not before."""
    check_dates(on, planned_end_on)
    asked = rules.in_force(db, journey.programme_id, on)
    if asked.commitment is Asked.SIGNED_BEFORE_ENTRY and not recording.is_bound(db, journey):
        raise Refused("L’engagement se signe avant l’entrée : il manque une signature.")
    planned = planned_end_on or _fixed_end(db, journey.programme_id, on)
    sets = {"entered_on": on, "planned_end_on": planned}
    recording.go(db, journey, "enter", actor=actor, reason=reason, on=on, sets=sets)
    _first_day(db, journey, on)
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
        raise Invalid("La reprise vient après le début de la pause.", field="planned_resume_on")
    _apart(db, journey, start)
    recording.go(db, journey, "suspend", actor=actor, reason=reason, on=start, cause=cause.value)
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
    recording.go(db, journey, "resume", actor=actor, reason=reason, on=_day(journey, on))
    return journey


def extend(
    db: Session, journey: Journey, *, until_on: date, actor: Actor, reason: str = ""
) -> Journey:
    """A later planned end; the rules then say whether it passes the programme’s maximum."""
    planned = journey.planned_end_on
    if until_on <= (planned or journey.entered_on or until_on):
        raise Invalid("La nouvelle fin prévue vient après l’ancienne.", field="until_on")
    check_dates(journey.entered_on, until_on, field="until_on")
    recording.go(db, journey, "extend", actor=actor, reason=reason, on=clock.today(),
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
    """The exit, with what comes next. One that was announced is not declared before its day."""
    waiting = recording.announced_exit(db, journey)
    if waiting is not None and clock.today() < waiting.confirm_on:
        raise Refused(
            f"La sortie se déclare à partir du {french.day(waiting.confirm_on)} : d’ici là, la "
            "personne peut encore revenir."
        )
    return _leave(db, journey, "end", on=on, outcome=outcome, actor=actor, reason=reason)


def abandon(
    db: Session, journey: Journey, *, on: date | None = None, actor: Actor, reason: str
) -> Journey:
    """The journey stops before its end; never without a reason."""
    return _leave(
        db, journey, "abandon", on=on or clock.today(), outcome=None, actor=actor, reason=reason
    )


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
    recording.go(db, journey, "re_enter", actor=actor, reason=reason, on=on, sets=sets)
    _first_day(db, journey, on)
    follow_up.drop(db, journey, on=on)
    parties.reopen_reading(db, journey)
    return journey


def change(db: Session, journey: Journey, verb: str, *, actor: Actor, reason: str = "") -> Journey:
    """The moves that ask for nothing more: enter, await_step, begin_step, announce_exit, stay."""
    if verb == "enter":
        return enter(db, journey, on=clock.today(), actor=actor, reason=reason)
    recording.go(db, journey, verb, actor=actor, reason=reason, on=clock.today())
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


def _first_day(db: Session, journey: Journey, on: date) -> None:
    db.add(JourneyPeriod(journey_id=journey.id, from_on=on))
    blocks.begin(db, journey, on=on)


def _fixed_end(db: Session, programme_id: UUID, entered_on: date) -> date | None:
    return rules.fixed_end(rules.in_force(db, programme_id, entered_on), entered_on)


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
    recording.go(db, journey, verb, actor=actor, reason=reason, on=on, sets=sets, **facts)
    recording.close_periods(db, journey, on)
    groups.leave_any(db, journey, on=on, actor=actor)
    if outcome is not None:
        follow_up.open_contacts(db, journey, exit_on=on)
    reach.close(db, source_id=journey.id, at=parties.followed_until(journey))
    return journey


def _apart(db: Session, journey: Journey, start: date) -> None:
    pauses = select(func.max(col(Suspension.ended_on))).where(Suspension.journey_id == journey.id)
    last = db.exec(pauses).one()
    if last and start < last:
        raise Invalid(f"La pause précédente va jusqu’au {french.day(last)}.", field="on")


def _day(journey: Journey, on: date | None) -> date:
    """The day of a move: today unless said, not in the future, not before the entry."""
    if (day := on or clock.today()) > clock.today():
        raise Invalid("Cette date est dans l’avenir.", field="on")
    if journey.entered_on and day < journey.entered_on:
        raise Invalid("Cette date vient avant l’entrée.", field="on")
    return day
