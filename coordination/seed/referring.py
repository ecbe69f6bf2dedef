"""Referrals in each of their states, with the steps that lead there by the table of moves."""

import hashlib
import json
from typing import NamedTuple

from coordination.agencies.models import AgencyKind
from coordination.consent.models import Purpose, Reach, ReachKind
from coordination.db import as_json
from coordination.directory.reference import needs as reference
from coordination.journeys.models import Need
from coordination.persons.categories import Category, from_bits
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.reasons import OF_VERB, Outcome
from coordination.referrals.states import ENDED, LIVE, OPEN, Side, Status, Verb, rule
from coordination.seed import agreements
from coordination.seed.agreements import Agreements
from coordination.seed.ground import Ground, House, Place
from coordination.seed.paths import BEGUN, PATHS
from coordination.seed.sketch import Asked, KnownTo, Sketch

S, V, K = Status, Verb, AgencyKind
SERVICES = ("Permanence de la structure", "Service de proximité", "Atelier du mercredi")
ANSWERS: dict[Category, tuple[AgencyKind, ...]] = {
    Category.MOBILITY: (K.ASSOCIATION,), Category.HOUSING: (K.HOUSING, K.CCAS),
    Category.FAMILY: (K.DEPARTEMENT, K.CCAS), Category.RESOURCES: (K.CCAS, K.DEPARTEMENT),
    Category.LANGUAGE: (K.TRAINING_BODY,), Category.TRAINING: (K.TRAINING_BODY,),
    Category.DIGITAL: (K.CCAS, K.ASSOCIATION), Category.HEALTH: (K.HEALTH, K.CCAS),
    Category.EMPLOYMENT: (K.MDE, K.FRANCE_TRAVAIL, K.SIAE, K.PLIE),
}  # fmt: skip
Behind = tuple[str, str, Category]  # situation, objective, and the category that they make
QUESTIONS = (
    "Un premier rendez-vous est-il possible dans les trois semaines ?",
    "Pouvez-vous dire si la personne remplit les conditions, et à partir de quand ?",
    "Un accueil à temps partiel serait-il possible ?",
    "Quelle place reste-t-il, et que faut-il préparer avant ?",
)
_NOTES = {
    V.ASK_MORE: "Merci de préciser les jours possibles dans la semaine.",
    V.REFUSE: "Nous pouvons reparler de cette situation à la prochaine session.",
    V.WAITLIST: "Une place devrait se libérer le mois prochain.",
}


class Referring:
    def __init__(self, ground: Ground, agreements: Agreements) -> None:
        self.g, self.agreements = ground, agreements
        shelf = ground.store.shelf
        self._need = shelf(
            Need,
            "id created_at person_id journey_id agency_id category code label since_on settled_on"
            " service origin situation objective mobilised_on",
        )
        self._referral = shelf(
            Referral,
            "id created_at number need_id person_id journey_id sender_id recipient_id service_id"
            " destination_id professional_id origin_label origin_id question status consent_id"
            " categories sent_at"
            " acknowledged_at accepted_at started_on met_on ended_at clock_side clock_from reminded"
            " review_on meanwhile appointment_at appointment_place ask_for bring reasons outcome"
            " rank snapshot snapshot_sha256 version",
        )
        self._step = shelf(
            ReferralStep,
            "id created_at referral_id verb before after side professional_id agency_id reasons"
            " note",
        )
        self._reach = shelf(
            Reach, "id created_at person_id agency_id kind purpose source_id from_at until_at"
        )
        self._lines = _lines()

    def need(
        self, sketch: Sketch, journey: str, known: KnownTo, *, decided: bool = False,
        covered_on: int | None = None, since: int | None = None,
    ) -> tuple[str, Category]:  # fmt: skip
        g, days, key = self.g, self.g.days, self.g.keys.new()
        code, label, category, behind = g.pick(self._lines)
        day = max(sketch.entered, since if since is not None else sketch.entered + 5)
        situation = objective = ""
        if behind and not decided:  # a decision says the need, a diagnosis what stands behind it
            situation, objective, category = g.pick(behind)
        service = "" if decided or g.random() < 0.3 else g.pick(SERVICES)
        self._need(
            (key, days.at(min(day, 0), 9), known.id, journey, known.house.id, category.value, code,
             label, days.on(min(day, 0)), None if covered_on is None else days.on(covered_on),
             service, "decision" if decided else "diagnosis", situation, objective,
             days.on(min(day + 12, 0)) if service else None)
        )  # fmt: skip
        return key, category

    def refer(
        self, sketch: Sketch, asked: Asked, journey: str, known: KnownTo, by: str
    ) -> "Grown | None":
        """Write one referral; nothing when this person already has one open for the destination."""
        g, status = self.g, asked.status
        sent, last = self._when(sketch, asked)
        need, category = self.need(
            sketch, journey, known, decided=asked.sitting is not None,
            covered_on=last if status is S.COMPLETED else None, since=sent - 1,
        )  # fmt: skip
        house = asked.house or self._answerer(sketch.place, category, known)
        service = g.pick(house.services) if house.services else None
        destination = service or house.id
        if status in OPEN | LIVE:
            if destination in known.destinations:
                return None
            known.destinations.add(destination)
        decision = g.keys.new() if asked.sitting else ""
        grown = Grown(g.keys.new(), need, house, service, decision, sent, last)
        days = self._walk(grown, status, by, known)
        self._write(grown, days, sketch, asked, journey, known, by)
        if status is S.REROUTED:
            self.refer(sketch, Asked(S.DRAFT), journey, known, by)
        return grown

    def _when(self, sketch: Sketch, asked: Asked) -> tuple[int, int]:
        """The day it was sent, and that of its last step; both lived inside the journey."""
        g, status = self.g, asked.status
        end = sketch.ended if sketch.ended is not None else 0
        sent = -g.between(*BEGUN[status]) if status in BEGUN else end - g.between(14, 120)
        if asked.sitting:
            sent = asked.sitting.on
        sent = min(max(sent, sketch.entered + 1), end)
        if status is S.EXPIRED:
            return sent, min(sent + 44, end)
        return sent, sent if sent == end else g.between(sent, min(sent + 60, end))

    def _walk(self, grown: "Grown", status: Status, by: str, known: KnownTo) -> dict[Verb, int]:
        """Write the steps; returns the day of each."""
        g, path = self.g, PATHS[status]
        days: dict[Verb, int] = {}
        before: Status | None = None
        for rank, verb in enumerate(path):
            span = (grown.last - grown.sent) * (rank - 1) // max(1, len(path) - 2)
            day = days[verb] = grown.sent + (span if rank > 1 else 0)
            side = _SIDES.get(verb, Side.SENDER)
            after = rule(verb).after or status
            recipient = side is Side.RECIPIENT
            self._step(
                (g.keys.new(), g.days.at(day, 8, 10 + rank), grown.id, verb.value,
                 before.value if before else None, after.value,
                 None if verb is V.EXPIRE else side.value,
                 None if verb is V.EXPIRE else grown.house.staff[0] if recipient else by,
                 None if verb is V.EXPIRE else grown.house.id if recipient else known.house.id,
                 json.dumps(self._reasons(verb)), _NOTES.get(verb, ""))
            )  # fmt: skip
            before = after
        return days

    def _write(
        self,
        grown: "Grown",
        days: dict[Verb, int],
        sketch: Sketch,
        asked: Asked,
        journey: str,
        known: KnownTo,
        by: str,
    ) -> None:
        g, status, house, at = self.g, asked.status, grown.house, self.g.days.at
        went = V.SEND in days
        consent = self._agreement(grown, status, known, by) if went else None

        def when(verb: Verb) -> str | None:
            return at(days[verb], 8, 10 + PATHS[status].index(verb)) if verb in days else None

        ended = at(grown.last, 8, 10 + len(PATHS[status]) - 1) if status in ENDED else None
        clock = _CLOCKS.get(status)
        snapshot = self._snapshot(grown, sketch, known) if went else "{}"
        accepted = when(V.ACCEPT)
        waiting, started = status is S.WAITLISTED, V.START in days
        appointment = accepted and status is S.ACCEPTED
        reasons = self._reasons(PATHS[status][-1])
        on = g.days.on
        self._referral(
            (grown.id, at(days[V.PREPARE], 8, 10), self._number(days[V.PREPARE]), grown.need,
             known.id, journey, known.house.id, house.id, grown.service,
             grown.service or house.id, by, *self._origin(sketch, asked, grown),
             g.pick(QUESTIONS), status.value, consent, agreements.REFERRAL if went else 0,
             when(V.SEND), when(V.ACKNOWLEDGE), accepted,
             on(days[V.START]) if started else None,
             on(grown.last) if status is S.COMPLETED else None, ended,
             clock[0].value if clock else None, when(clock[1]) if clock else None, 0,
             on(max(grown.last + 40, 6)) if waiting else None,
             "Point par téléphone tous les quinze jours." if waiting else "",
             at(g.days.open_day(g.between(1, 12)), 8) if appointment else None,
             house.commune.nom if appointment else "", g.names[house.staff[0]][0] if appointment
             else "", "Pièce d’identité et curriculum vitæ" if appointment else "",
             json.dumps(reasons),
             Outcome.COVERED.value if status is S.COMPLETED else "", 1, snapshot,
             hashlib.sha256(snapshot.encode()).hexdigest() if went else "", len(days))
        )  # fmt: skip
        if went:
            self._open(grown, known, started, when(V.SEND), when(V.START), ended)

    def _agreement(self, grown: "Grown", status: Status, known: KnownTo, by: str) -> str:
        """The person agreed before it was sent; one that was called off may have been withdrawn."""
        kind = "withdrawn" if status is S.CANCELLED else "valid"
        since = max(grown.sent - 1, -360)  # an older one has been renewed since
        return self.agreements.agree(
            known, kind, purpose=Purpose.REFERRAL, recipients=[grown.house.id],
            categories=agreements.REFERRAL, by=by, on=since,
        )  # fmt: skip

    def _open(
        self,
        grown: "Grown",
        known: KnownTo,
        started: bool,
        sent: str | None,
        begun: str | None,
        ended: str | None,
    ) -> None:
        """The recipient has business to look; followed together from the start."""
        reasons = [(Purpose.REFERRAL, sent)] + ([(Purpose.FOLLOW_UP, begun)] if started else [])
        for purpose, since in reasons:
            self._reach(
                (self.g.keys.new(), since, known.id, grown.house.id, ReachKind.REFERRAL.value,
                 purpose.value, grown.id, since, ended)
            )  # fmt: skip

    def _answerer(self, place: Place, category: Category, known: KnownTo) -> House:
        """Who answers such a need here: never the house that asks."""
        wanted = place.of_kind(*ANSWERS.get(category, (K.CCAS,)))
        others = [house for house in wanted if house.id != known.house.id]
        if others:
            return self.g.pick(others)
        return self.g.pick([h for h in place.houses if h.id != known.house.id])

    def _origin(self, sketch: Sketch, asked: Asked, grown: "Grown") -> tuple[str, str | None]:
        if asked.sitting is None:
            return "", None
        day = self.g.days.date(asked.sitting.on)
        return f"{sketch.place.tables[0].name}, séance du {day:%d/%m/%Y}", grown.decision

    def _snapshot(self, grown: "Grown", sketch: Sketch, known: KnownTo) -> str:
        return as_json(
            {
                "categories": [c.value for c in from_bits(agreements.REFERRAL)],
                "fields": ["name", "birth_on", "phone", "training_level"],
                "sender": known.house.name,
                "recipient": grown.house.name,
                "service": None,
                "programme": sketch.course.name,
                "need": None,
                "on": self.g.days.on(grown.sent),
            }
        )

    def _number(self, prepared: int) -> str:
        return f"O-{self.g.days.date(prepared):%y}-{self.g.referral_numbers.new()}"

    def _reasons(self, verb: Verb) -> list[str]:
        known = OF_VERB.get(verb)
        return [known[len(verb) % len(known)].value] if known else []


def _lines() -> list[tuple[str, str, Category, list[Behind]]]:
    """(code, label, category, what may stand behind it) of each need that a diagnosis may note."""
    constraints = [
        (one.code, one.label, one.category,
         [(s.code, o.code, found) for s in reference.proposed(one.situations)
          for o in reference.proposed(one.objectives)
          if (found := _category(one.category, s.category, o.category))])
        for one in reference.constraints()
    ]  # fmt: skip
    employment = reference.proposed(reference.employment_needs())[:12]
    return [*constraints, *((n.code, n.label, n.category, []) for n in employment)]


def _category(own: Category, *others: Category) -> Category | None:
    """One row, one category: that of the situation or the objective where it is not the need's."""
    found = set(others) - {own}
    return None if len(found) > 1 else found.pop() if found else own


class Grown(NamedTuple):
    """A referral that was written."""

    id: str
    need: str
    house: House
    service: str | None
    decision: str
    sent: int
    last: int


_SIDES = {
    V.ACKNOWLEDGE: Side.RECIPIENT, V.ASK_MORE: Side.RECIPIENT, V.ACCEPT: Side.RECIPIENT,
    V.WAITLIST: Side.RECIPIENT, V.REFUSE: Side.RECIPIENT, V.START: Side.RECIPIENT,
    V.COMPLETE: Side.RECIPIENT, V.FAIL: Side.RECIPIENT,
}  # fmt: skip
_CLOCKS = {  # whose silence counts, since which step
    S.AWAITING_CONSENT: (Side.SENDER, V.ASK_AGREEMENT), S.SENT: (Side.RECIPIENT, V.SEND),
    S.ACKNOWLEDGED: (Side.RECIPIENT, V.SEND), S.INFO_REQUESTED: (Side.SENDER, V.ASK_MORE),
}  # fmt: skip
