"""What may follow what in the life of a meeting. Pure: no database, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coordination.committees.models import MeetingState as S
from coordination.errors import Refused


class WrongMoment(Refused):
    """The meeting is no longer where this move starts from."""


@dataclass(frozen=True)
class Move:
    """From where, to where (None: it stays), and whether a reason must be given."""

    before: frozenset[S]
    after: S | None
    reason: bool = False


def _move(*before: S, to: S | None, reason: bool = False) -> Move:
    return Move(frozenset(before), to, reason)


MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "plan": _move(S.DRAFT, to=S.PLANNED),
        "invite": _move(S.PLANNED, S.CONVENED, to=S.CONVENED),
        "change": _move(S.PLANNED, S.CONVENED, to=None),
        "postpone": _move(S.PLANNED, S.CONVENED, to=S.POSTPONED, reason=True),
        "replan": _move(S.POSTPONED, to=S.PLANNED),
        "cancel": _move(S.DRAFT, S.PLANNED, S.CONVENED, S.POSTPONED, to=S.CANCELLED, reason=True),
        "open": _move(S.PLANNED, S.CONVENED, to=S.OPEN),
        "suspend": _move(S.OPEN, to=S.SUSPENDED),
        "resume": _move(S.SUSPENDED, to=S.OPEN),
        "inquorate": _move(S.CONVENED, S.OPEN, S.SUSPENDED, to=S.INQUORATE, reason=True),
        "adjourn": _move(S.OPEN, S.SUSPENDED, to=S.ADJOURNED),
        "close": _move(S.ADJOURNED, to=S.CLOSED),
    }
)

WORDS = {
    "plan": "être planifiée",
    "invite": "faire l’objet d’invitations",
    "change": "être modifiée",
    "postpone": "être reportée",
    "replan": "recevoir une nouvelle date",
    "cancel": "être annulée",
    "open": "être ouverte",
    "suspend": "être mise en pause",
    "resume": "reprendre",
    "inquorate": "être déclarée non tenue",
    "adjourn": "être levée",
    "close": "être close",
}

COMING = frozenset({S.PLANNED, S.CONVENED})
OVER = frozenset({S.ADJOURNED, S.CLOSED, S.CANCELLED, S.INQUORATE})
IN_SESSION = frozenset({S.OPEN, S.SUSPENDED})


def allows(verb: str, state: S) -> bool:
    return state in MOVES[verb].before


def after(verb: str, state: S) -> S:
    """The state that follows; WrongMoment when this move does not start here."""
    if not allows(verb, state):
        raise WrongMoment(f"Cette séance ne peut plus {WORDS[verb]} : son état a changé.")
    return MOVES[verb].after or state
