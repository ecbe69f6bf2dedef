"""How much an alert weighs: weight × how far past its threshold, capped. Three words on screen, the
sum behind them on demand; no hidden factor, no learning: the same facts give the same order."""

from math import floor

FIRST, EXAMINE, WATCH = 3, 2, 1

WORDS = {FIRST: "à examiner d’abord", EXAMINE: "à examiner", WATCH: "à surveiller"}

CAP = 2.0  # twice the threshold counts as much as ten times
FIRST_FROM, EXAMINE_FROM = 4.0, 2.0


def score(weight: float, past: float) -> float:
    """`past` is 1.0 at the threshold, 2.0 at twice it or more; cut to the hundredth as it is
    shown, so that the sum can be done again by hand and the day before is not the day."""
    hundredths = floor(round(min(max(past, 0.0), CAP) * 100, 6))
    return round(weight * hundredths / 100, 2)


def severity(total: float) -> int:
    """1, 2 or 3, of one alert or of the sum of a journey's alerts: so the words never contradict
    the order."""
    if total >= FIRST_FROM:
        return FIRST
    return EXAMINE if total >= EXAMINE_FROM else WATCH


def word(level: int) -> str:
    return WORDS[level]


def past(weight: float, total: float) -> float:
    """How far past the threshold a score says: what was multiplied by the weight."""
    return round(total / weight, 2) if weight else 0.0
