"""Groups of the programmes that have them: who entered in the same weeks is in the same group, as
long as the programme's number is not reached."""

from dataclasses import dataclass

from coordination.journeys.models_along import Cohort, CohortMember
from coordination.seed.ground import Ground
from coordination.seed.sketch import Sketch

SPAN = 70  # days during which people enter the same group
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
          "octobre", "novembre", "décembre")  # fmt: skip


@dataclass(slots=True)
class Group:
    id: str
    since: int
    taken: int = 0


class Gathering:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._cohort = shelf(
            Cohort, "id created_at agency_id programme_id label from_on until_on rhythm"
        )
        self._member = shelf(CohortMember, "id created_at cohort_id journey_id from_on until_on")
        self._groups: dict[tuple[str, str, int], Group] = {}
        self._opened: dict[tuple[str, str, int], int] = {}

    def join(self, sketch: Sketch, journey: str) -> None:
        """Where the programme has groups, and on the stage where one is to be seen."""
        most = sketch.course.rules.group_size_max
        if most is None and not sketch.full:
            return
        g, group = self.g, self._room(sketch, most)
        group.taken += 1
        since = max(sketch.entered, group.since)
        ended = sketch.ended
        self._member(
            (g.keys.new(), g.days.at(sketch.entered, 11), group.id, journey, g.days.on(since),
             None if ended is None else g.days.on(max(ended, since)))
        )  # fmt: skip

    def _room(self, sketch: Sketch, most: int | None) -> Group:
        window = sketch.entered // SPAN
        at = (sketch.house.id, sketch.course.id, window)
        group = self._groups.get(at)
        if group is None or (most is not None and group.taken >= most):
            group = self._groups[at] = self._open(sketch, at)
        return group

    def _open(self, sketch: Sketch, at: tuple[str, str, int]) -> Group:
        g, since = self.g, at[2] * SPAN
        rank = self._opened[at] = self._opened.get(at, 0) + 1
        day = g.days.date(since)
        label = f"Groupe de {MONTHS[day.month - 1]} {day.year}" + (
            f" n° {rank}" if rank > 1 else ""
        )
        ends = since + SPAN + sketch.course.days + 60
        made = Group(g.keys.new(), since)
        self._cohort(
            (made.id, g.days.at(since - 20, 9), sketch.house.id, sketch.course.id, label,
             g.days.on(since), g.days.on(ends), sketch.course.rules.rhythm or "")
        )  # fmt: skip
        return made
