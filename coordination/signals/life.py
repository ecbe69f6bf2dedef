"""The life of an alert: raised, on an agenda, treated; or dismissed with a reason and a date before
which it does not come back. A standing alert is one whose `ended_at` is empty."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid
from coordination.persons.models import Person
from coordination.signals.models import Demand, DemandState, Signal, SignalCode, SignalState

QUIET_WEEKS = 8  # after a committee treated it: about the time to the next one
LONGEST_QUIET = timedelta(days=366)
FOREVER = date(2100, 12, 31)

# What raised these is over: once a committee has treated it, it does not come back.
_ONCE = {
    SignalCode.ORIENTATION_REFUSEE,
    SignalCode.ORIENTATION_EXPIREE,
    SignalCode.ORIENTATION_ECHOUEE,
}


def dismiss(db: Session, signal: Signal, *, reason: str, until_on: date, actor: Actor) -> Signal:
    """Set an alert aside until a day. The same fact does not raise it again before."""
    today = clock.today()
    if not may_dismiss(signal.code):
        raise Invalid("Une demande d’examen ne s’écarte pas\u00a0: elle se retire.")
    if not reason.strip():
        raise Invalid("Dites pourquoi l’alerte est écartée.", field="reason")
    if not today < until_on <= today + LONGEST_QUIET:
        raise Invalid("Choisissez un jour à venir, d’ici un an.", field="until_on")
    signal.state, signal.ended_at = SignalState.DISMISSED, clock.now()
    signal.reason, signal.dismissed_until = reason.strip(), until_on
    signal.professional_id = actor.professional_id
    person = db.get_one(Person, signal.person_id)
    audit.act(
        db,
        actor,
        "signals.dismiss",
        about=signal.id,
        person=person.id,
        salt=person.salt,
        code=signal.code.value,
        until=until_on.isoformat(),
    )
    return signal


def may_dismiss(code: SignalCode) -> bool:
    """Someone's demand is withdrawn or examined, never set aside."""
    return code is not SignalCode.DEMANDE_EXAMEN


def put_on_agenda(db: Session, signal_ids: Collection[UUID | str]) -> int:
    """These alerts (and the demands behind them) stand on an agenda. Returns how many do."""
    standing = _standing(db, signal_ids)
    for signal in standing:
        signal.state = SignalState.ON_AGENDA
        _move_demand(db, signal, DemandState.ON_AGENDA)
    return len(standing)


def take_off_agenda(db: Session, signal_ids: Collection[UUID | str]) -> int:
    """The item was refused or withdrawn: its alerts stand as before."""
    standing = _standing(db, signal_ids)
    for signal in standing:
        signal.state = SignalState.RAISED
        _move_demand(db, signal, DemandState.OPEN)
    return len(standing)


def treat(db: Session, signal_ids: Collection[UUID | str], *, back_on: date | None = None) -> int:
    """A committee decided: these alerts are treated and their demands examined. A fact that still
    holds is said again from `back_on` (in eight weeks by default); a referral's ending is over."""
    standing = _standing(db, signal_ids)
    for signal in standing:
        later = FOREVER if signal.code in _ONCE else clock.today() + timedelta(weeks=QUIET_WEEKS)
        signal.state, signal.ended_at = SignalState.TREATED, clock.now()
        signal.dismissed_until = back_on or later
        _move_demand(db, signal, DemandState.EXAMINED)
    return len(standing)


def _standing(db: Session, signal_ids: Collection[UUID | str]) -> list[Signal]:
    """Ids come as text from `AgendaItem.signals`."""
    wanted = {UUID(str(found)) for found in signal_ids}
    if not wanted:
        return []
    standing = select(Signal).where(col(Signal.id).in_(wanted), col(Signal.ended_at).is_(None))
    return list(db.exec(standing.order_by(col(Signal.id)).with_for_update()))


def _move_demand(db: Session, signal: Signal, state: DemandState) -> None:
    if signal.code is not SignalCode.DEMANDE_EXAMEN:
        return
    demand = db.get(Demand, signal.subject_id)
    if demand is not None and demand.state in (DemandState.OPEN, DemandState.ON_AGENDA):
        demand.state = state
