"""What a journey's page says of what goes along it: steps, référents, commitments, statuses, its
group; each with what can be done about it. Rows in, words out."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.models import Professional
from coordination.journeys import (
    commitments,
    group_lists,
    groups,
    referents,
    statuses,
    steps,
)
from coordination.journeys.models import LIVE_STATES, Journey, Referent, Step
from coordination.journeys.models_along import (
    Cohort,
    CohortMember,
    Commitment,
    Pay,
    ReferentAbsence,
    Signature,
    StatusPeriod,
    StepPrerequisite,
)
from coordination.web import french


class Act(NamedTuple):
    """A gesture offered beside a line."""

    label: str
    gesture: str
    about: UUID


class Line(NamedTuple):
    title: str
    note: str
    status: tuple[str, str, str] | None = None  # code, label, group
    acts: tuple[Act, ...] = ()
    url: str = ""


def of_steps(db: Session, journey: Journey) -> list[Line]:
    rows = db.exec(steps.of(journey)).all()
    wanted = select(StepPrerequisite).where(StepPrerequisite.journey_id == journey.id)
    needed: dict[UUID, list[StepPrerequisite]] = {}
    for one in db.exec(wanted.order_by(col(StepPrerequisite.id))):
        needed.setdefault(one.step_id, []).append(one)
    return [_step(row, needed.get(row.id, [])) for row in rows]


def _step(row: Step, needed: list[StepPrerequisite]) -> Line:
    said = [" · ".join(w for w in (row.track, row.module) if w), _planned(row), _real(row)]
    missing = [one for one in needed if one.met_on is None]
    if missing:
        said.append(f"à acquérir avant{french.HARD}: {', '.join(one.label for one in missing)}")
    acts = [Act(f"Acquis{french.HARD}: {one.label}", "prerequis", one.id) for one in missing]
    if row.from_on is None:
        acts += [
            Act("A commencé", "commencer-etape", row.id),
            Act("Retirer", "retirer-etape", row.id),
        ]
        status = ("planned", "Prévue", "step")
    elif row.until_on is None:
        acts.append(Act("Est terminée", "finir-etape", row.id))
        status = ("entered", "En cours", "journey")
    else:
        status = ("done", "Terminée", "step")
    title = labels.of(row.kind) + (f" · {row.label}" if row.label else "")
    return Line(title, " · ".join(w for w in said if w), status, tuple(acts))


def _planned(row: Step) -> str:
    return f"prévue {span(row.planned_from, row.planned_until)}" if row.planned_from else ""


def _real(row: Step) -> str:
    if row.from_on is None:
        return ""
    return f"réelle {span(row.from_on, row.until_on)}"


def span(start: date | None, end: date | None) -> str:
    if end is None:
        return f"à partir du {french.day(start)}"
    return f"du {french.day(start)} au {french.day(end)}"


def of_referents(db: Session, journey: Journey) -> list[Line]:
    """Those in post today, with who replaces whom, and until when."""
    rows = db.exec(referents.of(journey)).all()
    today = clock.today()
    away: dict[UUID, ReferentAbsence] = {}
    absences = select(ReferentAbsence).where(
        ReferentAbsence.journey_id == journey.id,
        col(ReferentAbsence.until_on).is_(None) | (col(ReferentAbsence.until_on) >= today),
    )
    for one in db.exec(absences.order_by(col(ReferentAbsence.from_on).desc())):
        away[one.referent_id] = one
    keys = {row.professional_id for row in rows} | {a.replacement_id for a in away.values()}
    known = select(Professional).where(col(Professional.id).in_([k for k in keys if k]))
    people = {who.id: who for who in db.exec(known)}
    return [_referent(row, away.get(row.id), people) for row in rows]


def _referent(
    row: Referent, absence: ReferentAbsence | None, people: dict[UUID, Professional]
) -> Line:
    who = people[row.professional_id]
    said = [row.label or labels.of(row.role), f"depuis le {french.day(row.from_on)}", who.phone]
    if row.chosen_by_person:
        said.append("choisi·e par la personne")
    if absence:
        other = people.get(absence.replacement_id) if absence.replacement_id else None
        by = f"remplacé·e par {other.name}" if other else "sans remplacement"
        said.append(f"absent·e {span(absence.from_on, absence.until_on)}, {by}")
    away = Act("Absence", "referent-absent", row.id)
    if absence:
        away = Act("De retour", "referent-revenu", absence.id)
    acts = (away, Act("Ne suit plus", "referent-part", row.id))
    return Line(who.name, " · ".join(w for w in said if w), None, acts)


def of_commitments(db: Session, journey: Journey) -> list[Line]:
    rows = db.exec(commitments.of(journey)).all()
    wanted = select(Signature).where(Signature.journey_id == journey.id)
    awaited: dict[UUID, list[Signature]] = {}
    for one in db.exec(wanted.order_by(col(Signature.signer), col(Signature.id))):
        awaited.setdefault(one.commitment_id, []).append(one)
    return [_commitment(journey, row, awaited.get(row.id, [])) for row in rows]


def _commitment(journey: Journey, row: Commitment, signatures: list[Signature]) -> Line:
    said = [row.label, f"proposé le {french.day(row.proposed_on)}"]
    said += [
        f"signé par {labels.of(s.signer)} le {french.day(s.signed_on)}"
        for s in signatures
        if s.signed_on
    ]
    left = [s for s in signatures if s.signed_on is None]
    acts: tuple[Act, ...] = ()
    if row.until_on:
        said.append(f"ne lie plus depuis le {french.day(row.until_on)}")
        status = ("done", "Terminé", "step")
    else:
        if left and row.due_on:
            said.append(f"à signer avant le {french.day(row.due_on)}")
        acts = tuple(Act(f"Signature de {labels.of(s.signer)}", "signature", s.id) for s in left)
        acts += (Act("Ne lie plus", "engagement-fini", row.id),)
        status = ("waiting", "À signer", "") if left else ("signed", "Signé", "")
    url = f"/parcours/{journey.id}/engagements/{row.id}.pdf"
    return Line(labels.of(row.kind), " · ".join(w for w in said if w), status, acts, url)


def of_statuses(periods: list[StatusPeriod]) -> list[Line]:
    """Newest first, the breaks of pay among them."""
    found: list[tuple[date, int, Line]] = []
    for row in periods:
        note = span(row.from_on, row.until_on)
        acts = [Act("Se termine", "statut-fini", row.id)] if row.until_on is None else []
        if row.pay is not Pay.SECURED:
            acts.insert(0, Act("Rémunération assurée", "revenu", row.id))
        paid = labels.of(row.pay) + (f"{french.HARD}: {row.pay_label}" if row.pay_label else "")
        look = {"secured": "done", "to_confirm": "waiting", "none": "not_done"}[row.pay.value]
        found.append((row.from_on, 1, Line(labels.of(row.status), note, (look, paid, ""),
                                           tuple(acts))))  # fmt: skip
    for start, end in statuses.breaks(periods):
        days = ((end or max(clock.today(), start)) - start).days
        words = f"{span(start, end)}, {french.count(days, 'jour')}"
        found.append((start, 0, Line("Sans rémunération assurée", words, ("late", "Rupture", ""))))
    return [line for _, _, line in sorted(found, key=lambda f: (f[0], f[1]), reverse=True)]


def of_group(db: Session, journey: Journey, *, own: bool) -> list[Line]:
    """The group that the journey is in; its page is the carrying agency's."""
    held = (
        select(CohortMember, Cohort)
        .join(Cohort, col(Cohort.id) == CohortMember.cohort_id)
        .where(CohortMember.journey_id == journey.id, col(CohortMember.until_on).is_(None))
    )
    return [
        Line(cohort.label, " · ".join(w for w in (span(member.from_on, None), cohort.rhythm) if w),
             None, (Act("Quitter le groupe", "groupe-quitter", member.id),),
             f"/parcours/groupes/{cohort.id}" if own else "")
        for member, cohort in db.exec(held)
        if not groups.is_over(cohort, on=clock.today())
    ]  # fmt: skip


def may_join(db: Session, journey: Journey) -> bool:
    """Whether a group of its agency and programme is open."""
    return journey.state in LIVE_STATES and bool(group_lists.open_to(db, journey))


def periods(db: Session, journey: Journey) -> list[StatusPeriod]:
    return list(db.exec(statuses.of(journey)))


def turns(journey: Journey, open_moves: list[str]) -> list[tuple[str, str]]:
    """(gesture, label) of the moves that have their own page, and that may be made from here."""
    known = {
        "enter": ("entrer", "Enregistrer l’entrée"),
        "await_step": ("entre-deux", "Attendre l’étape suivante"),
        "begin_step": ("etape-suivante", "Commencer l’étape suivante"),
        "announce_exit": ("annoncer-sortie", "Annoncer la sortie"),
        "stay": ("poursuivre", "Poursuivre malgré la sortie annoncée"),
        "re_enter": ("revenir", "Reprendre après une sortie"),
    }
    found = [known[verb] for verb in open_moves if verb in known]
    if "re_enter" in open_moves:
        found.insert(0, ("demander-retour", "La personne demande à revenir"))
    return found
