"""Coming into a group of the programme, and leaving it."""

from uuid import UUID

from sqlmodel import Session

from coordination import clock
from coordination.consent import rule
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import group_lists, groups
from coordination.journeys.gestures.asking import Asked, At, Gesture, day, past_day
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.web import french


def _open(at: At) -> None:
    if at.journey.state not in LIVE_STATES:
        raise Refused("Ce parcours est terminé.")
    held = at.db.exec(groups.of_journey(at.journey)).first()
    other = at.db.get_one(Cohort, held.cohort_id) if held else None
    if other is not None and not groups.is_over(other, on=clock.today()):
        raise Refused(f"Ce parcours est déjà dans le groupe « {other.label} ».")
    if not group_lists.open_to(at.db, at.journey):
        raise Refused("Aucun groupe de ce dispositif n’est ouvert dans votre structure : "
                      "ouvrez-en un depuis Parcours, Groupes.")  # fmt: skip


def _options(at: At) -> list[tuple[str, str]]:
    return [(str(one.id), _option(one)) for one in group_lists.open_to(at.db, at.journey)]


def _option(one: group_lists.Line) -> str:
    said = f"{one.label}, depuis le {french.short(one.from_on)}"
    if one.left is None:
        return said
    free = french.count(one.left, "place libre", "places libres") if one.left else "complet"
    return f"{said} · {free}"


def _join(at: At) -> str:
    chosen = at.form.key(groups.ENTRY)
    on = past_day(at)
    at.form.check()
    cohort = at.db.get(Cohort, chosen)
    if cohort is None or str(cohort.id) not in dict(_options(at)):
        raise Invalid("Choisissez un groupe de la liste.", field=groups.ENTRY)
    groups.join(at.db, cohort, at.journey, on=on, actor=at.actor)
    return f"Le parcours est dans le groupe « {cohort.label} »."


def _place(db: Session, journey: Journey, readable: rule.Readable, key: UUID) -> CohortMember:
    found = db.get(CohortMember, key)
    if found is None or found.journey_id != journey.id or found.until_on is not None:
        raise NotFound()
    return found


def _leave(at: At) -> str:
    on = past_day(at)
    at.form.check()
    cohort = at.db.get_one(Cohort, at.row.cohort_id)
    groups.leave(at.db, cohort, at.journey, on=on, actor=at.actor)
    return f"Le parcours a quitté le groupe « {cohort.label} »."


GESTURES = {
    "groupe": Gesture(
        title="Entrer dans un groupe", button="Entrer dans le groupe",
        says=lambda at: "La personne prend une place dans le groupe ; elle y reste jusqu’à ce "
        "qu’elle le quitte, que le groupe soit clos ou que son parcours se termine.",
        asks=lambda at: [Asked(groups.ENTRY, "Groupe", "choice", _options(at)),
                         day("on", "À partir du", hint="Pas avant le premier jour du groupe.")],
        do=_join, check=_open, back="groupe",
    ),
    "groupe-quitter": Gesture(
        title="Quitter le groupe", button="Quitter le groupe",
        says=lambda at: f"« {at.db.get_one(Cohort, at.row.cohort_id).label} » : la place est "
        "libre pour quelqu’un d’autre. Le parcours, lui, continue.",
        asks=lambda at: [day("on", "Dernier jour")], do=_leave, row=_place, back="groupe",
    ),
}  # fmt: skip
