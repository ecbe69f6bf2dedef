"""The rules that read referrals: an end with nothing after it, silence, refusals and failures that
come back to the table by themselves, agreements still to collect."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from coordination import clock
from coordination.journeys import working_days
from coordination.journeys.models import LIVE_STATES, Journey, Need, Step
from coordination.referrals.models import Referral
from coordination.referrals.states import LIVE, Side, Status
from coordination.signals import spans
from coordination.signals.models import SignalCode
from coordination.signals.queries import Columns
from coordination.signals.raising import Rule, Scope, Thresholds
from coordination.signals.sentences import SEMI
from coordination.signals.subjects import PRESENT, of_journey
from coordination.web import french

END_DAYS = 8 * 7
SILENCE_DAYS = 14  # working days on the recipient's clock
STALE_DAYS = 8 * 7  # an ending that waits longer weighs more
CONSENT_DAYS = 10  # working days

_SILENT = (Status.SENT, Status.ACKNOWLEDGED, Status.INFO_REQUESTED)
_TRYING = (*sorted(LIVE), Status.AWAITING_CONSENT)


def _ends(today: date, limits: Thresholds, scope: Scope) -> Columns:
    planned = col(Journey.planned_end_on)
    later = select(col(Step.id)).where(
        col(Step.journey_id) == col(Journey.id),
        # A step that is over, or given up, leads nowhere any more.
        or_(col(Step.until_on).is_(None), col(Step.until_on) > today),
        or_(
            col(Step.until_on) > planned,
            col(Step.planned_from) >= planned,
            col(Step.from_on) >= planned,
            col(Step.planned_until) > planned,
            and_(col(Step.planned_from) >= today, col(Step.planned_until).is_(None)),
        ),
    )
    trying = select(col(Referral.id)).where(
        col(Referral.journey_id) == col(Journey.id), col(Referral.status).in_(sorted(LIVE))
    )
    return of_journey(col(Journey.id), planned).where(
        scope(col(Journey.id)),
        col(Journey.state).in_(PRESENT),
        planned <= today + timedelta(days=END_DAYS),
        ~later.exists(),
        ~trying.exists(),
    )


def _window_opened(today: date, row: Any) -> date:
    opened: date = row.since_on - timedelta(days=END_DAYS)
    return opened


def _nearness(today: date, row: Any) -> float:
    """1 when the end comes in sight, 2 on its day and after."""
    left = max(0, (row.since_on - today).days)
    return 2 - left / END_DAYS


def say_end(today: date, row: Any) -> str:
    planned, left = row.since_on, (row.since_on - today).days
    when = f"Fin prévue le {french.day(planned)}"
    if left > 0:
        when += f", dans {french.count(left, 'jour')}"
    elif left < 0:
        when += f", passée depuis {french.count(-left, 'jour')}"
    return f"{when}{SEMI}ni étape ni orientation ensuite"


def _unsolved(today: date, limits: Thresholds, scope: Scope) -> Columns:
    """A need still open after so many weeks, with no service named and no referral trying."""
    days = spans.days_between(col(Need.since_on), today)
    patience = limits.patient("need_weeks")
    trying = select(col(Referral.id)).where(
        col(Referral.need_id) == col(Need.id), col(Referral.status).in_(_TRYING)
    )
    return (
        of_journey(col(Need.id), col(Need.since_on), measure=days, threshold=patience)
        .join(Need, col(Need.journey_id) == col(Journey.id))
        .where(
            scope(col(Journey.id)),
            scope(col(Need.journey_id)),
            col(Journey.state).in_(PRESENT),
            col(Need.settled_on).is_(None),
            col(Need.service) == "",
            days > patience,
            ~trying.exists(),
        )
    )


def say_unsolved(today: date, row: Any) -> str:
    since = french.months_days(row.since_on, today)
    return f"Frein déclaré depuis {since}{SEMI}aucun service mobilisé"


def of_referral(since: Any) -> Columns:
    """The columns of a rule on the referrals of live journeys."""
    return (
        of_journey(col(Referral.id), since)
        .join(Referral, col(Referral.journey_id) == col(Journey.id))
        .where(col(Journey.state).in_(LIVE_STATES))
    )


def _silent(today: date, limits: Thresholds, scope: Scope) -> Columns:
    cutoff = clock.at(working_days.before(today, SILENCE_DAYS) + timedelta(days=1))
    return of_referral(col(Referral.clock_from)).where(
        scope(col(Referral.journey_id)),
        col(Referral.status).in_(_SILENT),
        col(Referral.clock_side) == Side.RECIPIENT,
        col(Referral.clock_from) < cutoff,
    )


def _worked(today: date, row: Any) -> int:
    return working_days.between(clock.local(row.since_on).date(), today)


def say_silent(today: date, row: Any) -> str:
    days = french.count(_worked(today, row), "jour ouvré", "jours ouvrés")
    return f"Orientation sans réponse de la structure depuis {days}"


def _awaiting(today: date, limits: Thresholds, scope: Scope) -> Columns:
    return of_referral(col(Referral.created_at)).where(
        scope(col(Referral.journey_id)), col(Referral.status) == Status.AWAITING_CONSENT
    )


def say_awaiting(today: date, row: Any) -> str:
    since = french.day(clock.local(row.since_on).date())
    return f"Orientation préparée le {since}, en attente de l’accord de la personne"


def ended(
    code: SignalCode,
    status: Status,
    words: str,
    *,
    unless: Callable[[], ColumnElement[bool]] | None = None,
) -> Rule:
    """A referral ended so, until another one tries to meet the same need, or the need is settled,
    or `unless`: what a higher room knows to have settled it. `words` come before the date."""

    def rows(today: date, limits: Thresholds, scope: Scope) -> Columns:
        other = aliased(Referral)
        trying = select(col(other.id)).where(
            col(other.need_id) == col(Referral.need_id),
            or_(
                col(other.status).in_(_TRYING),
                and_(
                    col(other.status) == Status.COMPLETED,
                    col(other.created_at) > col(Referral.created_at),
                ),
            ),
        )
        wanted = (
            of_referral(col(Referral.ended_at))
            .join(Need, col(Need.id) == col(Referral.need_id))
            .where(
                scope(col(Referral.journey_id)),
                col(Referral.status) == status,
                col(Referral.ended_at).is_not(None),
                col(Need.settled_on).is_(None),
                ~trying.exists(),
            )
        )
        return wanted.where(~unless()) if unless else wanted

    def sentence(today: date, row: Any) -> str:
        on = french.day(clock.local(row.since_on).date())
        return f"{words} le {on}{SEMI}aucune autre orientation en cours pour ce besoin"

    return Rule(code, 3.0, rows, sentence, past=_waited)


def _waited(today: date, row: Any) -> float:
    return 1 + (today - clock.local(row.since_on).date()).days / STALE_DAYS


RULES = (
    Rule(
        SignalCode.FIN_SANS_SUITE,
        2.0,
        _ends,
        say_end,
        past=_nearness,
        since=_window_opened,
    ),
    Rule(SignalCode.FREIN_SANS_SOLUTION, 1.0, _unsolved, say_unsolved),
    Rule(
        SignalCode.ORIENTATION_SANS_REPONSE,
        2.5,
        _silent,
        say_silent,
        past=lambda today, row: _worked(today, row) / SILENCE_DAYS,
    ),
    Rule(
        SignalCode.ACCORD_A_RECUEILLIR,
        1.5,
        _awaiting,
        say_awaiting,
        past=lambda today, row: max(1.0, _worked(today, row) / CONSENT_DAYS),
    ),
)
