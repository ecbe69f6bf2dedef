"""The territory where the personas work, and their own journeys: one story that a visitor can
follow from a flagged journey to an answered referral."""

from coordination.agencies.models import AgencyKind, Role
from coordination.referrals.states import Status
from coordination.seed.agreements import KINDS
from coordination.seed.ground import Course, Ground, House
from coordination.seed.places import STAGE, Places
from coordination.seed.sketch import Asked, Sketch
from coordination.seed.tables import Tables

S = Status


class Stage:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        self.place = next(p for p in ground.places if p.name == STAGE)
        self.mission = self._house(AgencyKind.MISSION_LOCALE)
        self.body = self._house(AgencyKind.TRAINING_BODY)
        self.partner = self._house(AgencyKind.CCAS)

    def cast(self, places: Places, tables: Tables) -> None:
        """Those who stand outside agencies."""
        region = self.place.region
        for persona, given, usual, function, role, scope in (
            ("region", "Régine", "Faure", "chargée de pilotage, Région", Role.PILOT, region),
            ("administration", "Adam", "Lopez", "administration de l’outil", Role.ADMIN, None),
            ("dpd", "Diane", "Roux", "déléguée à la protection des données", Role.DPO, None),
        ):
            tables.grant(places.outsider(persona, given, usual, function), role, scope)

    def sketches(self) -> list[Sketch]:
        """The mission locale's twenty journeys, the training body's, and the partner's inbox: each
        state of a referral, each state of an agreement."""
        return [*self._of_mission(), *self._of_body()]

    def _of_mission(self) -> list[Sketch]:
        courses, made = self.g.courses, []
        held = courses["parcours-experience-3d"]
        referent = self.mission.staff[0]
        statuses = [
            S.SENT, S.SENT, S.SENT, S.ACKNOWLEDGED, S.ACKNOWLEDGED, S.INFO_REQUESTED, S.ACCEPTED,
            S.WAITLISTED, S.STARTED, S.COMPLETED, S.REFUSED, S.EXPIRED, S.AWAITING_CONSENT,
            S.DRAFT, S.DECLINED, S.CANCELLED, S.FAILED, S.REROUTED, S.ENTERED_IN_ERROR,
        ]  # fmt: skip
        for rank, status in enumerate(statuses):
            entered = -150 - 3 * rank
            sketch = Sketch(self.place, self.mission, held, entered, 40 + 9 * rank)
            sketch.referent, sketch.consent, sketch.silent_for = referent, "valid", 4 + rank % 9
            sketch.referrals.append(Asked(status, self.partner))
            made.append(sketch)
        made[12].consent = "asked"
        made[11].silent_for = 47
        quiet = Sketch(self.place, self.mission, held, -120, 60, referent=referent, silent_for=52)
        paused = Sketch(self.place, self.mission, courses["mobil-emploi"], -200, 120,
                        referent=referent, consent="valid", state="suspended")  # fmt: skip
        paused.paused_from, paused.resumes = -95, -12
        asked = Sketch(self.place, self.mission, held, -90, 35, referent=referent,
                       consent="oral", asks=True)  # fmt: skip
        waiting = Sketch(self.place, self.mission, held, -130, 90, referent=referent,
                         consent="collected", waiting=True, state="interstitial")  # fmt: skip
        return [*made, quiet, paused, asked, waiting, *self._of_all_sorts(held, referent)]

    def _of_all_sorts(self, held: Course, referent: str) -> list[Sketch]:
        """One that shows everything, one that is about to end, one that asks to come back, entries
        that are awaited."""
        whole = Sketch(self.place, self.mission, held, -140, 55, referent=referent,
                       consent="valid", silent_for=2, next_step=True, full=True)  # fmt: skip
        whole.paused_from, whole.resumes = -110, -92
        whole.referrals.append(Asked(S.ACCEPTED, self.partner))
        leaving = Sketch(self.place, self.mission, held, -160, 20, referent=referent,
                         consent="valid", state="exit_pending")  # fmt: skip
        left = Sketch(self.place, self.mission, held, -230, -70, ended=-66, referent=referent,
                      consent="valid", returns=True)  # fmt: skip
        prescribed = Sketch(self.place, self.mission, held, -12, 0, referent=referent,
                            consent="valid", state="prescribed")  # fmt: skip
        training = self.g.courses["prepa-apprentissage-metiers-de-nos-territoires"]
        proposed = Sketch(self.place, self.mission, training, -21, 0, referent=referent,
                          state="prescribed", asks=True)  # fmt: skip
        return [whole, leaving, left, prescribed, proposed]

    def _of_body(self) -> list[Sketch]:
        """Ends to review, durations to adapt, and one agreement of every kind."""
        courses, made = self.g.courses, []
        usual = ("prequalifiant-occitanie", "remobilisation-occitanie", "qualifiant-occitanie")
        for rank, consent in enumerate(("valid", "", *KINDS)):
            over = consent in {"expired", "renewed"}  # known long enough for that
            course = courses["qualifiant-occitanie" if over else usual[rank % 3]]
            entered = -400 if over else -course.days * 2 // 3 - rank
            sketch = Sketch(self.place, self.body, course, entered, 9 + 5 * rank, consent=consent)
            sketch.referent = self.body.staff[rank % 2]
            sketch.review = ("", "planned", "to_find", "")[rank % 4]
            sketch.next_step = rank % 4 == 1
            sketch.silent_for = 3 + rank
            sketch.asks = rank in (0, 5)
            made.append(sketch)
        return [*made, *self._in_groups()]

    def _in_groups(self) -> list[Sketch]:
        """A group that is full, another that begins, and blocks with their interviews."""
        courses, made = self.g.courses, []
        full = courses["prepa-apprentissage-metiers-de-nos-territoires"]
        for rank in range(18):
            entered = -130 + rank % 5 if rank < 15 else -25 + rank % 3
            made.append(Sketch(self.place, self.body, full, entered, entered + 304,
                               referent=self.body.staff[rank % 2], consent="valid",
                               silent_for=2 + rank % 12))  # fmt: skip
        blocks = courses["demarre-ta-story-cma79"]
        for entered, planned in ((-81, 101), (-150, 32)):
            made.append(Sketch(self.place, self.body, blocks, entered, planned, consent="valid",
                               referent=self.body.staff[0], silent_for=5))  # fmt: skip
        return made

    def _house(self, kind: AgencyKind) -> House:
        return self.place.of_kind(kind)[0]
