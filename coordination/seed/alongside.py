"""What happens along a journey: steps with their gaps, contacts, demands of examination."""

import json

from coordination.directory.reference import ingredients
from coordination.journeys.models import Contact, Step, StepKind
from coordination.seed.ground import Ground
from coordination.seed.sketch import KnownTo, Sketch
from coordination.signals.models import Demand, DemandState

CHANNELS = ("meeting", "phone", "phone", "sms", "email", "group")
KINDS = {
    "remobilisation": StepKind.REMOBILISATION, "pre_qualification": StepKind.SKILLS,
    "qualification": StepKind.QUALIFICATION, "prepa_apprentissage": StepKind.SKILLS,
    "emploi": StepKind.JOB, "suivi": StepKind.POST_EXIT,
}  # fmt: skip
WELCOME = 30  # days of the first step


class Alongside:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._step = shelf(
            Step,
            "id created_at journey_id kind label planned_from planned_until from_on until_on"
            " supported_meanwhile",
        )
        self._contact = shelf(
            Contact, "id created_at journey_id agency_id professional_id on_day channel presence"
        )
        self._demand = shelf(
            Demand,
            "id created_at journey_id person_id agency_id professional_id asked_on question tried"
            " wish told agencies state",
        )
        self._questions = [q.text for q in ingredients.questions() if not q.slots]
        self._tried = [t.text for t in ingredients.tried() if not t.slots]
        self._wants = [w.text for w in ingredients.wants() if not w.slots]

    def steps(self, sketch: Sketch, journey: str) -> None:
        """A welcome, the main step, a gap where the sketch waits, perhaps one after the end."""
        first = min(sketch.entered + WELCOME, sketch.planned - 1)
        last = sketch.ended if sketch.ended is not None else None
        kind = KINDS[sketch.course.family]
        over = min(first, last if last is not None else 0)
        self._put(journey, StepKind.DIAGNOSTIC, sketch.entered, first, sketch.entered,
                  over if over >= sketch.entered else sketch.entered)  # fmt: skip
        if sketch.waiting:
            stopped = max(sketch.entered + 2, -self.g.between(32, 75))
            self._put(journey, kind, sketch.entered + 1, stopped, sketch.entered + 1, stopped)
            begins = self.g.between(10, 40)
            self._put(journey, kind, begins, begins + 60, None, None)
        elif first < (last if last is not None else 0):
            self._put(journey, kind, first, sketch.planned, first, last)
        if sketch.next_step:
            begins = max(sketch.planned, 0) + self.g.between(3, 30)
            self._put(journey, StepKind.QUALIFICATION, begins, begins + 90, None, None)

    def contacts(self, sketch: Sketch, journey: str, by: str) -> None:
        """The last contact with the person, and one or two before it."""
        g, last = self.g, sketch.ended if sketch.ended is not None else -sketch.silent_for
        for ago in (0, 14, 29) if sketch.live else (0,):
            day = last - ago
            if day >= sketch.entered:
                presence = "excused" if ago and g.random() < 0.06 else "present"
                self._contact(
                    (g.keys.new(), g.days.at(day, 13), journey, sketch.house.id, by,
                     g.days.on(day), g.pick(CHANNELS), presence)
                )  # fmt: skip

    def ask(self, sketch: Sketch, journey: str, known: KnownTo, by: str) -> None:
        g, on = self.g, -self.g.between(2, 20)
        on = max(on, sketch.entered)
        wanted = [house.id for house in g.some(sketch.place.tables[0].agencies, 2)]
        self._demand(
            (g.keys.new(), g.days.at(on, 14), journey, known.id, known.house.id, by,
             g.days.on(on), g.pick(self._questions), g.pick(self._tried), g.pick(self._wants), 1,
             json.dumps(sorted(wanted)), DemandState.OPEN.value)
        )  # fmt: skip

    def _put(
        self,
        journey: str,
        kind: StepKind,
        planned: int,
        until: int,
        began: int | None,
        ended: int | None,
    ) -> None:
        g, on = self.g, self.g.days.on
        self._step(
            (g.keys.new(), g.days.at(min(began if began is not None else -1, -1), 8), journey,
             kind.value, "", on(planned), on(until), None if began is None else on(began),
             None if ended is None else on(ended), int(g.random() < 0.4))
        )  # fmt: skip
