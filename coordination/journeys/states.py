"""Where a journey can stand, and the moves between. Pure: no database here."""

from typing import NamedTuple

from coordination.errors import NotFound, Refused
from coordination.journeys.models import JourneyState


class WrongMoment(Refused):
    """The journey is no longer where this move starts from."""


class Move(NamedTuple):
    """`before` empty: the move opens the journey. `after` None: the state stays as it is."""

    verb: str
    label: str
    before: frozenset[JourneyState]
    after: JourneyState | None
    needs_reason: bool = False


S = JourneyState
BEGUN = frozenset({S.ENTERED, S.SUSPENDED, S.INTERSTITIAL, S.EXIT_PENDING})
OVER = frozenset({S.ENDED, S.ABANDONED})

MOVES = {
    m.verb: m
    for m in (
        Move("prescribe", "Prescrire", frozenset(), S.PRESCRIBED),
        Move("open", "Ouvrir le parcours", frozenset(), S.ENTERED),
        Move("enter", "Enregistrer l’entrée", frozenset({S.PRESCRIBED}), S.ENTERED),
        Move("suspend", "Mettre en pause", frozenset({S.ENTERED, S.INTERSTITIAL}), S.SUSPENDED),
        Move("resume", "Reprendre", frozenset({S.SUSPENDED}), S.ENTERED),
        Move("await_step", "Attendre l’étape suivante", frozenset({S.ENTERED, S.SUSPENDED}),
             S.INTERSTITIAL),
        Move("begin_step", "Commencer l’étape suivante", frozenset({S.INTERSTITIAL}), S.ENTERED),
        Move("announce_exit", "Annoncer la sortie",
             frozenset({S.ENTERED, S.SUSPENDED, S.INTERSTITIAL}), S.EXIT_PENDING),
        Move("stay", "Poursuivre malgré la sortie annoncée", frozenset({S.EXIT_PENDING}),
             S.ENTERED),
        Move("extend", "Prolonger", BEGUN, None),
        Move("end", "Terminer", BEGUN, S.ENDED),
        Move("abandon", "Interrompre", BEGUN | {S.PRESCRIBED}, S.ABANDONED, needs_reason=True),
        Move("re_enter", "Reprendre après une sortie", OVER, S.ENTERED),
    )
}  # fmt: skip


def rule(verb: str) -> Move:
    if verb not in MOVES:
        raise NotFound()
    return MOVES[verb]


def open_moves(state: JourneyState) -> list[str]:
    """The verbs that may follow this state, in the order of the table."""
    return [m.verb for m in MOVES.values() if state in m.before]


def after(state: JourneyState, verb: str) -> JourneyState:
    """Where the move leads from here; WrongMoment when it does not start here."""
    move = rule(verb)
    if state not in move.before:
        raise WrongMoment(
            "Ce parcours a changé entre-temps : ce geste n’est plus possible. "
            "Rouvrez la page pour voir où il en est."
        )
    return move.after or state
