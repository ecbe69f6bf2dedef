"""Drawing lives: which programmes someone goes through, when, and what happens there."""

from collections.abc import Iterator

from coordination.agencies.models import AgencyKind
from coordination.referrals.states import Status
from coordination.seed import agreements, paths
from coordination.seed.courses import CARRIED, FIRST, NEXT
from coordination.seed.ground import Course, Ground, House, Place, Sitting
from coordination.seed.sketch import Asked, Sketch

FULL = 13  # cases of one meeting
OUTCOMES = (("maintain", 45), ("usual_follow_up", 30), ("adjourn", 15), ("hand_over", 10))
ENDED_CONSENT = (("", 55), ("valid", 30), ("expired", 6), ("withdrawn", 5), ("refused", 4))


class Fate:
    def __init__(self, ground: Ground) -> None:
        self.g = ground

    def life(self, place: Place) -> Iterator[Sketch]:
        """One human being's journeys, in their order; the last one may still be under way."""
        g = self.g
        begins, house, options = g.between(-760, -6), None, FIRST
        for turn in range(4):
            course = g.courses[g.weighted(options)]
            house = self._house(place, course, house)
            sketch = self._draw(place, house, course, begins)
            gap = self._gap()
            follows = turn < 3 and gap is not None and not sketch.live
            begins = (sketch.ended or 0) + (gap or 0)
            sketch.followed = follows and begins < -3 and not sketch.abandoned
            yield sketch
            if not follows or begins >= -3:
                return
            options = NEXT[course.family]

    def _gap(self) -> int | None:
        """Days before the next programme: none at all, an overlap, a passage, a break."""
        g, drawn = self.g, self.g.random()
        if drawn < 0.36:
            return None
        if drawn < 0.42:
            return -g.between(2, 20)
        if drawn < 0.90:
            return int(g.random() * g.random() * 88)
        return g.between(95, 220)

    def _house(self, place: Place, course: Course, before: House | None) -> House:
        """Who carries it: often the same body as before when it can."""
        able = place.of_kind(*CARRIED[course.slug][0])
        if before is not None and before in able and self.g.random() < 0.8:
            return before
        return self.g.pick(able)

    def _draw(self, place: Place, house: House, course: Course, entered: int) -> Sketch:
        g = self.g
        length = int(course.days * (0.55 + 0.45 * g.random()))
        planned = entered + max(length, 21)
        ended: int | None = planned + g.between(-14, 12)
        abandoned = g.random() < 0.11
        if abandoned:
            ended = entered + max(8, int(length * (0.15 + 0.45 * g.random())))
        if ended is None or ended >= -1:
            ended, abandoned = None, False
            planned = max(planned, 3)
        sketch = Sketch(place, house, course, entered, planned, ended, abandoned)
        if sketch.live:
            self._go_on(sketch)
        else:
            self._went(sketch)
        return sketch

    def _go_on(self, sketch: Sketch) -> None:
        """What is happening in a journey under way."""
        g, lived = self.g, -sketch.entered
        sketch.consent = g.weighted(agreements.USUAL)
        cadence = sketch.course.cadence or 30
        sketch.silent_for = min(lived, g.between(1, cadence))
        drawn = g.random()
        if drawn < 0.07:
            sketch.silent_for = min(lived, g.between(2 * cadence + 1, 3 * cadence + 20))
        if lived > 45:
            if drawn > 0.93:
                sketch.state, sketch.paused_from = "suspended", -g.between(8, min(lived - 5, 180))
                sketch.resumes = g.between(-10, 60)
                if sketch.resumes <= sketch.paused_from:
                    sketch.resumes = sketch.paused_from + 30
            elif drawn > 0.88:
                sketch.state = "interstitial"
                sketch.waiting = True
            elif drawn > 0.85:
                sketch.state = "exit_pending"
            elif drawn > 0.79:
                sketch.paused_from = sketch.entered + 12
                sketch.resumes = sketch.paused_from + g.between(10, 20)
            elif drawn > 0.74:
                sketch.waiting = True
        sketch.next_step = sketch.planned < 70 and g.random() < 0.55
        sketch.asks = g.random() < 0.035
        if lived > 12 and g.random() < 0.3:
            status = g.weighted(paths.USUAL)
            sketch.referrals.append(Asked(status, sitting=self._decided(sketch, status)))
        else:
            self._examine(sketch)

    def _went(self, sketch: Sketch) -> None:
        """What happened in a journey that is over."""
        g = self.g
        sketch.consent = g.weighted(ENDED_CONSENT)
        assert sketch.ended is not None
        sketch.returns = sketch.ended > -90 and g.random() < 0.03
        if sketch.ended - sketch.entered < 40:
            return
        if g.random() < 0.08:
            sketch.paused_from = sketch.entered + 10
            sketch.resumes = sketch.paused_from + g.between(8, 25)
        if g.random() < 0.17:
            status = g.weighted(paths.USUAL_ENDED)
            sketch.referrals.append(Asked(status, sitting=self._decided(sketch, status)))
        else:
            self._examine(sketch)

    def _decided(self, sketch: Sketch, status: Status) -> Sitting | None:
        """The past meeting that may have decided this referral."""
        if self.g.random() < 0.4 or status in {Status.DRAFT, Status.ENTERED_IN_ERROR}:
            return None
        low, high = paths.BEGUN.get(status, (8, 150))
        end = sketch.ended if sketch.ended is not None else 0
        for sitting in self._sittings(sketch):
            if low <= end - sitting.on <= high and -sitting.on >= low:
                return sitting
        return None

    def _examine(self, sketch: Sketch) -> None:
        if self.g.random() < 0.5:
            return
        found = next(iter(self._sittings(sketch)), None)
        if found is not None:
            sketch.examined, sketch.outcome = found, self.g.weighted(OUTCOMES)

    def _sittings(self, sketch: Sketch) -> list[Sitting]:
        """Past meetings of the place inside the journey that have room left."""
        end = sketch.ended if sketch.ended is not None else 0
        return [
            sitting
            for sitting in sketch.place.tables[0].sittings
            if sketch.entered + 20 < sitting.on < min(end, 0) and len(sitting.cases) < FULL
        ]


YOUNG = (AgencyKind.MISSION_LOCALE,)
