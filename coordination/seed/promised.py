"""What is promised along a journey, who holds it, and what someone lives on: commitments with their
signatures, référents of each strand and who replaces them, statuses with their pay."""

from coordination.journeys.models import Referent
from coordination.journeys.models_along import (
    Commitment,
    CommitmentKind,
    Pay,
    PersonStatus,
    ReferentAbsence,
    Signature,
    Signer,
    StatusPeriod,
)
from coordination.programmes.models import Commitment as Wanted
from coordination.seed.ground import Ground
from coordination.seed.sketch import KnownTo, Sketch

TRAINING = frozenset({"qualification", "pre_qualification", "prepa_apprentissage"})
ROLES = (("formation", "trainer"), ("pédagogique", "trainer"), ("socio", "social"),
         ("coach", "coach"))  # fmt: skip
BOTH = (Signer.PERSON.value, Signer.CARRIER.value)


class Promised:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._commitment = shelf(
            Commitment, "id created_at journey_id kind label proposed_on signed_on"
        )
        self._signature = shelf(
            Signature, "id created_at commitment_id journey_id signer agency_id signed_on"
        )
        self._status = shelf(
            StatusPeriod,
            "id created_at person_id journey_id agency_id status from_on until_on pay pay_label",
        )
        self._strand = shelf(
            Referent,
            "id created_at journey_id professional_id role label chosen_by_person from_on",
        )
        self._away = shelf(
            ReferentAbsence,
            "id created_at referent_id journey_id from_on until_on replacement_id",
        )

    def along(self, sketch: Sketch, journey: str, known: KnownTo, by: str, referent: str) -> None:
        g, asked = self.g, sketch.course.rules
        if asked.commitment not in (None, Wanted.NONE):
            signed = len(BOTH) if sketch.full or g.random() < 0.9 else 1
            self._commit(sketch, journey, CommitmentKind.RECIPROCAL, BOTH, sketch.entered, signed)
        if sketch.full:
            three = (Signer.PERSON.value, Signer.TRAINING_BODY.value, Signer.SUPPORT.value)
            self._commit(sketch, journey, CommitmentKind.TRIPARTITE, three, -25, 2)
        if not sketch.live:
            return
        if sketch.full or (sketch.course.family in TRAINING and g.random() < 0.35):
            self._live_on(sketch, journey, known)
        if asked.referent_roles and g.random() < 0.6:
            self._strands(sketch, journey, by)
        if sketch.full or g.random() < 0.015:
            self._absent(sketch, journey, by, referent)

    def _commit(
        self, sketch: Sketch, journey: str, kind: CommitmentKind, signers: tuple[str, ...],
        proposed: int, signed: int,
    ) -> None:  # fmt: skip
        """Signed by the first `signed` of them; concluded with the last."""
        g, on = self.g, self.g.days.on
        key, at, whole = g.keys.new(), g.days.at(proposed, 8), signed == len(signers)
        self._commitment((key, at, journey, kind.value, "", on(proposed),
                          on(proposed) if whole else None))  # fmt: skip
        for rank, signer in enumerate(signers):
            self._signature(
                (g.keys.new(), at, key, journey, signer,
                 sketch.house.id if signer == "carrier" else None,
                 on(proposed) if rank < signed else None)
            )  # fmt: skip

    def _live_on(self, sketch: Sketch, journey: str, known: KnownTo) -> None:
        """Before the entry, then as a trainee; sometimes work is planned after the end."""
        g, entered = self.g, sketch.entered
        before = PersonStatus.RSA if g.random() < 0.35 else PersonStatus.JOB_SEEKER
        unsure = g.random() < 0.12 and not sketch.full
        works = max(sketch.planned, 3) + 7 if sketch.full or g.random() < 0.15 else None
        paid = "RSA" if before is PersonStatus.RSA else "Allocation chômage"
        self._period(sketch, journey, known, before, entered - 60, entered, Pay.SECURED, paid)
        pay = Pay.TO_CONFIRM if unsure else Pay.SECURED
        self._period(sketch, journey, known, PersonStatus.TRAINEE, entered, works, pay,
                     "Rémunération de stagiaire")  # fmt: skip
        if works is not None:
            pay = Pay.TO_CONFIRM if sketch.full or g.random() < 0.3 else Pay.SECURED
            self._period(sketch, journey, known, PersonStatus.EMPLOYEE, works, None, pay, "Salaire")

    def _period(
        self, sketch: Sketch, journey: str, known: KnownTo, status: PersonStatus, start: int,
        end: int | None, pay: Pay, label: str,
    ) -> None:  # fmt: skip
        g, on = self.g, self.g.days.on
        self._status(
            (g.keys.new(), g.days.at(sketch.entered, 9), known.id, journey, sketch.house.id,
             status.value, on(start), None if end is None else on(end), pay.value, label)
        )  # fmt: skip

    def _strands(self, sketch: Sketch, journey: str, by: str) -> None:
        g, day = self.g, sketch.entered
        others = [who for who in sketch.house.staff if who != by] or [by]
        for label in sketch.course.rules.referent_roles:
            role = next((word for part, word in ROLES if part in label), "referent")
            self._strand((g.keys.new(), g.days.at(day, 8), journey, g.pick(others), role, label, 0,
                          g.days.on(day)))  # fmt: skip

    def _absent(self, sketch: Sketch, journey: str, by: str, referent: str) -> None:
        """Away these days; most of the time someone replaces them."""
        g, others = self.g, [who for who in sketch.house.staff if who != by]
        instead = g.pick(others) if others and (sketch.full or g.random() < 0.7) else None
        start = max(sketch.entered, -4)
        self._away((g.keys.new(), g.days.at(start, 8), referent, journey, g.days.on(start),
                    g.days.on(g.between(3, 12)), instead))  # fmt: skip
