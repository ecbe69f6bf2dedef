"""What happens along a journey: steps with their gaps, contacts, demands of examination."""

import json

from coordination.directory.reference import ingredients
from coordination.journeys.models import Contact, Step, StepKind
from coordination.journeys.models_along import StepPrerequisite
from coordination.seed.ground import Ground
from coordination.seed.sketch import KnownTo, Sketch
from coordination.signals.models import Demand, DemandState

CHANNELS = ("meeting", "phone", "phone", "sms", "email", "group")
KINDS = {
    "remobilisation": StepKind.REMOBILISATION, "pre_qualification": StepKind.SKILLS,
    "qualification": StepKind.QUALIFICATION, "prepa_apprentissage": StepKind.SKILLS,
    "emploi": StepKind.JOB, "suivi": StepKind.POST_EXIT,
}  # fmt: skip
ENTRY = "Qui peut l’accueillir dans ce dispositif, et à partir de quand ?"
WELCOME = 30  # days of the first step


class Alongside:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._step = shelf(
            Step,
            "id created_at journey_id kind label planned_from planned_until from_on until_on"
            " supported_meanwhile programme_id track",
        )
        self._needed = shelf(StepPrerequisite, "id created_at step_id journey_id label met_on")
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
            sketch.expected = self._put(journey, kind, begins, begins + 60, None, None)
        elif first < (last if last is not None else 0):
            tracks = sketch.course.rules.tracks
            track = self.g.pick(tracks) if tracks else ""
            self._put(journey, kind, first, sketch.planned, first, last, track=track)
        if sketch.next_step:
            self._after(sketch, journey)

    def _after(self, sketch: Sketch, journey: str) -> None:
        """Something is planned after the end; half the time one knows in which programme, which
        then says what must be met before."""
        g, begins = self.g, max(sketch.planned, 0) + self.g.between(3, 30)
        towards = g.courses["qualifiant-occitanie"] if g.random() < 0.5 or sketch.full else None
        step = self._put(journey, StepKind.QUALIFICATION, begins, begins + 90, None, None,
                         programme=towards.id if towards else None)  # fmt: skip
        for rank, label in enumerate(towards.rules.prerequisites if towards else ()):
            met = rank == 0 if sketch.full else g.random() < 0.7
            self._needed((g.keys.new(), g.days.at(-1, 8), step, journey, label,
                          g.days.on(-1) if met else None))  # fmt: skip

    def contacts(self, sketch: Sketch, journey: str, by: str) -> None:
        """The last contact with the person, and one or two before it."""
        g, last = self.g, sketch.ended if sketch.ended is not None else -sketch.silent_for
        for ago in (0, 14, 29) if sketch.live else (0,):
            day = last - ago
            if day >= sketch.entered:
                drawn = g.random() if ago else 1
                presence = "excused" if drawn < 0.06 else "absent" if drawn < 0.09 else "present"
                self.contact(sketch, journey, by, day, g.pick(CHANNELS), presence)

    def contact(
        self, sketch: Sketch, journey: str, by: str, day: int, channel: str = "phone",
        presence: str = "present",
    ) -> str:  # fmt: skip
        """One contact, or a missed one; returns its key."""
        key, days = self.g.keys.new(), self.g.days
        self._contact((key, days.at(day, 13), journey, sketch.house.id, by, days.on(day), channel,
                       presence))  # fmt: skip
        return key

    def ask(self, sketch: Sketch, journey: str, known: KnownTo, by: str) -> None:
        g, on = self.g, -self.g.between(2, 20)
        on = max(on, sketch.entered)
        question = ENTRY if sketch.state == "prescribed" else g.pick(self._questions)
        wanted = [house.id for house in g.some(sketch.place.tables[0].agencies, 2)]
        self._demand(
            (g.keys.new(), g.days.at(on, 14), journey, known.id, known.house.id, by,
             g.days.on(on), question, g.pick(self._tried), g.pick(self._wants), 1,
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
        *,
        programme: str | None = None,
        track: str = "",
    ) -> str:
        g, on, key = self.g, self.g.days.on, self.g.keys.new()
        self._step(
            (key, g.days.at(min(began if began is not None else -1, -1), 8), journey,
             kind.value, "", on(planned), on(until), None if began is None else on(began),
             None if ended is None else on(ended), int(g.random() < 0.4), programme, track)
        )  # fmt: skip
        return key
