"""What is awaited along a journey and after it: interviews of blocks, the next step, an announced
exit, contacts after the exit, a return, appointments."""

from coordination.journeys.models_along import (
    AnnouncedExit,
    Appointment,
    Block,
    ExitContact,
    Followed,
    Interstitial,
    ReturnRequest,
)
from coordination.programmes.rules import months_after
from coordination.seed.alongside import Alongside
from coordination.seed.ground import Ground
from coordination.seed.sketch import Sketch

WAITED = 20  # days that support between two steps has lasted
ANNOUNCED = 3  # days since an exit was announced


class Awaited:
    def __init__(self, ground: Ground, alongside: Alongside) -> None:
        self.g, self._alongside = ground, alongside
        shelf = ground.store.shelf
        self._block = shelf(
            Block, "id created_at journey_id number from_on ends_on interview_on outcome"
        )
        self._wait = shelf(
            Interstitial,
            "id created_at journey_id from_on until_on status_kept adviser_id next_step_id",
        )
        self._exit = shelf(AnnouncedExit, "id created_at journey_id announced_on confirm_on")
        self._due = shelf(ExitContact, "id created_at journey_id whom due_on done_on contact_id")
        self._return = shelf(ReturnRequest, "id created_at journey_id asked_on until_on")
        self._appointment = shelf(
            Appointment, "id created_at journey_id professional_id asked_on on_day"
        )

    def along(self, sketch: Sketch, journey: str, by: str) -> None:
        asked = sketch.course.rules
        if asked.block_weeks:
            self._blocks(sketch, journey, asked.block_weeks * 7, 1 + (asked.block_renewals or 0))
        if sketch.live:
            self._going_on(sketch, journey, by)
            return
        if asked.follow_up_months and not sketch.abandoned:
            self._after(sketch, journey, by)
        if sketch.returns:
            self._asks_to_return(sketch, journey)

    def _going_on(self, sketch: Sketch, journey: str, by: str) -> None:
        g, days = self.g, self.g.days
        if sketch.state == "interstitial":
            start = max(-WAITED, sketch.entered)
            self._wait((g.keys.new(), days.at(start, 8), journey, days.on(start),
                        days.on(g.between(40, 150)), int(g.random() < 0.6), by,
                        sketch.expected or None))  # fmt: skip
        elif sketch.state == "exit_pending":
            weeks = sketch.course.rules.deferred_exit_weeks or 0
            self._exit((g.keys.new(), days.at(-ANNOUNCED, 8), journey, days.on(-ANNOUNCED),
                        days.on(7 * weeks - ANNOUNCED)))  # fmt: skip
        if sketch.full or g.random() < 0.06:
            asked = max(sketch.entered, -g.between(1, 5))
            self._appointment((g.keys.new(), days.at(asked, 10), journey, by, days.on(asked),
                               days.on(g.between(1, 9))))  # fmt: skip

    def _blocks(self, sketch: Sketch, journey: str, length: int, most: int) -> None:
        """One after another, an interview at the end of each; the last one is under way, or ended
        with the journey."""
        g, on, start, number = self.g, self.g.days.on, sketch.entered, 1
        while True:
            ends = start + length + self._paused(sketch, start, length)
            over = sketch.ended is not None and sketch.ended <= ends
            last = number == most or over or (sketch.live and ends >= -5)
            interview, outcome = (ends - 2, "renewed") if not last else (None, None)
            if last and sketch.ended is not None:
                interview = max(start, min(sketch.ended, ends))
                outcome = "stopped" if sketch.abandoned else "reached"
            self._block(
                (g.keys.new(), g.days.at(start, 8), journey, number, on(start), on(ends),
                 None if interview is None else on(interview), outcome)
            )  # fmt: skip
            if last:
                return
            start, number = ends, number + 1

    def _paused(self, sketch: Sketch, start: int, length: int) -> int:
        """A pause that is over moves the end of the block it ended in."""
        if sketch.paused_from is None or sketch.state == "suspended":
            return 0
        inside = start <= sketch.resumes <= start + length
        return sketch.resumes - sketch.paused_from if inside else 0

    def _after(self, sketch: Sketch, journey: str, by: str) -> None:
        """Contacts due by the rules: those long past were nearly all held."""
        g, days = self.g, self.g.days
        assert sketch.ended is not None
        left = days.date(sketch.ended)
        for months in sketch.course.rules.follow_up_months:
            due = (months_after(left, months) - g.today).days
            held = due < -1 and g.random() < (0.97 if due < -45 else 0.6)
            contact = self._alongside.contact(sketch, journey, by, due) if held else None
            self._due((g.keys.new(), days.at(sketch.ended, 10), journey, Followed.PERSON.value,
                       days.on(due), days.on(due) if held else None, contact))  # fmt: skip

    def _asks_to_return(self, sketch: Sketch, journey: str) -> None:
        g, days = self.g, self.g.days
        assert sketch.ended is not None
        asked = max(sketch.ended, -g.between(2, 9))
        months = sketch.course.rules.reentry_months
        until = months_after(days.date(sketch.ended), months) if months else None
        self._return((g.keys.new(), days.at(asked, 10), journey, days.on(asked),
                      until.isoformat() if until else None))  # fmt: skip
