"""Writing a journey from its sketch: periods, moves, parties, pauses, agreements and referrals, as
the verbs would have left them."""

from coordination.agencies.models import AgencyKind
from coordination.consent.models import Purpose, Reach, ReachKind
from coordination.consent.reach import PARTY_OPENS
from coordination.journeys.models import (
    Journey,
    JourneyMove,
    JourneyPeriod,
    Outcome,
    Party,
    PartyRole,
    Referent,
    Suspension,
)
from coordination.journeys.parties import FOLLOWED_DAYS
from coordination.seed import agreements
from coordination.seed.agreements import Agreements
from coordination.seed.alongside import Alongside
from coordination.seed.awaited import Awaited
from coordination.seed.gathering import Gathering
from coordination.seed.ground import Case, Ground, House
from coordination.seed.people import People
from coordination.seed.promised import Promised
from coordination.seed.referring import Referring
from coordination.seed.shown import Shown
from coordination.seed.sketch import Human, KnownTo, Sketch

OUTCOMES = (
    (Outcome.EMPLOYMENT, 34), (Outcome.END_OF_TERM, 26), (Outcome.OTHER_POSITIVE, 10),
    (Outcome.TRAINING, 8), (Outcome.MOVED, 7), (Outcome.UNAVAILABLE, 6), (Outcome.UNKNOWN, 9),
)  # fmt: skip
LONG_AGO = {"expired": 372, "renewed": 374}
REASONS = ("Emploi trouvé avant la fin", "Déménagement", "Indisponibilité", "Projet différent")


class Growing:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        self.people = People(ground)
        self.agreements = Agreements(ground)
        self.referring = Referring(ground, self.agreements)
        self.grown = 0
        shelf = ground.store.shelf
        self._journey = shelf(
            Journey,
            "id created_at number person_id agency_id programme_id territory_id prescriber_id state"
            " entered_on planned_end_on ended_on outcome outcome_reason review version",
        )
        self._expected = shelf(
            Journey,
            "id created_at number person_id agency_id programme_id territory_id state prescribed_on"
            " version",
        )
        self._move = shelf(
            JourneyMove,
            "id created_at journey_id verb before after professional_id on_day reason details",
        )
        self._period = shelf(JourneyPeriod, "id created_at journey_id from_on until_on")
        self._party = shelf(Party, "id created_at journey_id agency_id role from_on until_on")
        self._referent = shelf(
            Referent, "id created_at journey_id professional_id from_on until_on"
        )
        self._pause = shelf(
            Suspension,
            "id created_at journey_id from_on planned_resume_on ended_on cause keeps_contact"
            " contact_every_days acquired",
        )
        self._reach = shelf(
            Reach, "id created_at person_id agency_id kind opens source_id from_at until_at"
        )
        self._alongside = Alongside(ground)
        self._promised = Promised(ground)
        self._awaited = Awaited(ground, self._alongside)
        self._gathering = Gathering(ground)
        self._shown = Shown(ground, self._alongside)

    def grow(self, human: Human, sketch: Sketch) -> str:
        """Write the journey; the person's own row is written with the human being, last."""
        g, key = self.g, self.g.keys.new()
        known = self.people.known_to(human, sketch.house, sketch.entered)
        by = sketch.referent or g.pick(sketch.house.staff)
        if sketch.state == "prescribed":
            return self._await_entry(sketch, key, known, by)
        prescriber = self._prescriber(sketch)
        version = self._moves(sketch, key, by)
        self._write(sketch, key, known, prescriber, version)
        referent = self._around(sketch, key, known, prescriber, by)
        self._alongside.steps(sketch, key)
        self._alongside.contacts(sketch, key, by)
        self._promised.along(sketch, key, known, by, referent)
        self._awaited.along(sketch, key, by)
        self._gathering.join(sketch, key)
        if sketch.full:
            for since in (-60, -40, -20):
                self.referring.need(sketch, key, known, since=since)
            self._shown.along(sketch, key, known, by)
        covered = self._agree(sketch, known, by)
        for asked in sketch.referrals:
            grown = self.referring.refer(sketch, asked, key, known, by)
            if grown and asked.sitting:
                asked.sitting.cases.append(
                    Case(key, known.id, known.house, sketch.course, sentences(sketch), "referral",
                         covered, grown.decision, grown.need, grown.id, grown.house.id,
                         grown.service)
                )  # fmt: skip
        if not sketch.referrals and g.random() < 0.6:
            self.referring.need(sketch, key, known)
        if sketch.asks:
            self._alongside.ask(sketch, key, known, by)
        if sketch.examined:
            sketch.examined.cases.append(
                Case(key, known.id, known.house, sketch.course, sentences(sketch),
                     sketch.outcome, covered)
            )  # fmt: skip
        self.grown += 1
        return key

    def _await_entry(self, sketch: Sketch, key: str, known: KnownTo, by: str) -> str:
        """Prescribed, and not entered yet; perhaps a committee was asked who takes them on."""
        g, on = self.g, self.g.days.on
        self._trace(key, "prescribe", None, "prescribed", by, sketch.entered)
        number = f"J-{g.days.date(sketch.entered):%y}-{g.numbers.new()}"
        self._expected(
            (key, g.days.night(sketch.entered), number, known.id, known.house.id, sketch.course.id,
             sketch.place.id, "prescribed", on(sketch.entered), 1)
        )  # fmt: skip
        self._around(sketch, key, known, None, by)
        self._agree(sketch, known, by)
        if sketch.asks:
            self._alongside.ask(sketch, key, known, by)
        self.grown += 1
        return key

    def _moves(self, sketch: Sketch, key: str, by: str) -> int:
        """Every move that was made; returns the journey's version."""
        self._trace(key, "open", None, "entered", by, sketch.entered)
        version = 1
        if sketch.paused_from is not None:
            self._trace(key, "suspend", "entered", "suspended", by, sketch.paused_from)
            self._stop(sketch, key)
            version += 1
            if sketch.state != "suspended":
                self._trace(key, "resume", "suspended", "entered", by, sketch.resumes)
                version += 1
        if sketch.state == "interstitial":
            self._trace(key, "await_step", "entered", "interstitial", by, max(-20, sketch.entered))
            version += 1
        if sketch.state == "exit_pending":
            self._trace(key, "announce_exit", "entered", "exit_pending", by, -3)
            version += 1
        if sketch.ended is not None:
            verb, after = ("abandon", "abandoned") if sketch.abandoned else ("end", "ended")
            self._trace(key, verb, "entered", after, by, sketch.ended,
                        self.g.pick(REASONS) if sketch.abandoned else "")  # fmt: skip
            version += 1
        return version

    def _trace(
        self,
        key: str,
        verb: str,
        before: str | None,
        after: str,
        by: str,
        on: int,
        reason: str = "",
        details: str = "{}",
    ) -> None:
        days = self.g.days
        self._move((self.g.keys.new(), days.at(on, 8), key, verb, before, after, by, days.on(on),
                    reason, details))  # fmt: skip

    def _write(
        self, sketch: Sketch, key: str, known: KnownTo, prescriber: House | None, version: int
    ) -> None:
        g, on, ended = self.g, self.g.days.on, sketch.ended
        outcome = None
        if ended is not None and not sketch.abandoned:
            outcome = (Outcome.NEXT_PROGRAMME if sketch.followed else g.weighted(OUTCOMES)).value
        state = sketch.state
        if ended is not None:
            state = "abandoned" if sketch.abandoned else "ended"
        self._journey(
            (key, g.days.night(sketch.entered),
             f"J-{g.days.date(sketch.entered):%y}-{g.numbers.new()}", known.id, known.house.id,
             sketch.course.id, sketch.place.id, prescriber.id if prescriber else None, state,
             on(sketch.entered), on(sketch.planned), None if ended is None else on(ended), outcome,
             "", sketch.review, version)
        )  # fmt: skip
        self._period((g.keys.new(), g.days.night(sketch.entered), key, on(sketch.entered),
                      None if ended is None else on(ended)))  # fmt: skip

    def _stop(self, sketch: Sketch, key: str) -> None:
        """A pause, with who keeps contact meanwhile."""
        g, on = self.g, self.g.days.on
        assert sketch.paused_from is not None
        over = sketch.state != "suspended"
        self._pause(
            (g.keys.new(), g.days.at(sketch.paused_from, 8), key, on(sketch.paused_from),
             on(sketch.resumes), on(sketch.resumes) if over else None,
             g.pick(("family", "waiting", "unavailable", "job")), "L’organisme et le prescripteur",
             15, "Positionnement fait, premiers modules suivis")
        )  # fmt: skip

    def _prescriber(self, sketch: Sketch) -> House | None:
        prescribers = [
            house
            for house in sketch.place.of_kind(AgencyKind.MISSION_LOCALE, AgencyKind.FRANCE_TRAVAIL)
            if house.id != sketch.house.id
        ]
        return self.g.pick(prescribers) if self.g.random() < 0.75 else None

    def _around(
        self, sketch: Sketch, key: str, known: KnownTo, prescriber: House | None, by: str
    ) -> str:
        """Parties and référent, and what the prescriber may read by its own mission; returns the
        référent's row."""
        g, since, on = self.g, sketch.entered, self.g.days.on
        at = g.days.night(since)
        self._party((g.keys.new(), at, key, known.house.id, _CARRIER, on(since), None))
        referent = g.keys.new()
        self._referent((referent, at, key, by, on(since), None))
        if prescriber is not None:
            self._party((g.keys.new(), at, key, prescriber.id, _PRESCRIBER, on(since), None))
            until = None if sketch.ended is None else g.days.night(sketch.ended + FOLLOWED_DAYS)
            self._reach((g.keys.new(), at, known.id, prescriber.id, ReachKind.PARTY.value,
                         PARTY_OPENS, key, at, until))  # fmt: skip
        return referent

    def _agree(self, sketch: Sketch, known: KnownTo, by: str) -> list[str]:
        """The agreement to be discussed at the table of the territory; returns whom it names."""
        if not sketch.consent:
            return []
        g, table = self.g, sketch.place.tables[0]
        named = table.readers if sketch.referent or g.random() < 0.3 else g.some(table.readers, 6)
        kind, on = sketch.consent, sketch.entered
        if sketch.live:
            on = max(min(on + 10, -5), -350)
        if kind in LONG_AGO and known.since > -LONG_AGO[kind]:
            kind = "valid"  # nobody here knew the person that long ago
        self.agreements.agree(
            known, kind, purpose=Purpose.COMMITTEE, recipients=named,
            categories=agreements.COMMITTEE, by=by, on=on,
        )  # fmt: skip
        return named


def sentences(sketch: Sketch) -> list[str]:
    """Why it came to a past table, as its anonymous form may say it."""
    if sketch.paused_from is not None:
        return ["Parcours en pause, reprise à préparer"]
    if sketch.waiting:
        return ["En attente entre deux étapes"]
    if sketch.referrals:
        return ["Besoin déclaré sans service mobilisé"]
    return ["Fin de parcours sans suite connue"]


_CARRIER, _PRESCRIBER = PartyRole.CARRIER.value, PartyRole.PRESCRIBER.value
