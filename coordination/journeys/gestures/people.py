"""Who is around a journey: référents with their role and who replaces them, agencies."""

from uuid import UUID

from sqlmodel import col, select

from coordination import clock
from coordination.agencies.models import Agency, Professional
from coordination.errors import Refused
from coordination.journeys import notes, parties, referents
from coordination.journeys.gestures.asking import (
    Asked,
    At,
    Gesture,
    colleagues,
    day,
    of_journey,
    one_of,
    past_day,
    picked,
)
from coordination.journeys.models import Party, PartyRole, Referent, ReferentRole
from coordination.journeys.models_along import ReferentAbsence

CHOSEN = (PartyRole.PARTNER, PartyRole.PRESCRIBER, PartyRole.EMPLOYER)


def _appoint_asks(at: At) -> list[Asked]:
    return [
        Asked("professional", "Qui", "choice", colleagues(at)),
        one_of("role", "Rôle", ReferentRole),
        Asked("label", "Mot du dispositif pour ce rôle", required=False, most=80),
        Asked("chosen_by_person", "La personne l’a choisi·e", "tick", hint="Pour un mentor."),
        day("from_on", "À partir du"),
    ]


def _appoint(at: At) -> str:
    form = at.form
    who = picked(at, "professional", colleagues(at))
    role = form.choice("role", ReferentRole)
    label = form.text("label", required=False, most=80)
    on = form.day("from_on")
    if who is None:
        form.wrong("professional", "Choisissez une personne de la liste.")
    form.check()
    assert who is not None
    assert role is not None
    referents.appoint(
        at.db, at.journey, professional_id=who, role=role, label=label, from_on=on,
        chosen_by_person=form.ticked("chosen_by_person"), actor=at.actor,
    )  # fmt: skip
    return "Le ou la référent·e est noté·e."


def _name(at: At) -> str:
    return _name_of(at, at.row.professional_id)


def _in_post(at: At) -> None:
    if at.row.until_on is not None and at.row.until_on <= clock.today():
        raise Refused("Cette personne ne suit déjà plus le parcours.")


def _leave(at: At) -> str:
    on = past_day(at)
    at.form.check()
    referents.leave(at.db, at.row, on=on, actor=at.actor)
    return "C’est noté."


def _away_asks(at: At) -> list[Asked]:
    return [
        day("from_on", "Absent·e à partir du"),
        Asked("until_on", "Jusqu’au", "date", required=False,
              hint="Dernier jour d’absence. Rien : le retour n’est pas connu."),
        Asked("replacement", "Remplacé·e par", "choice", colleagues(at), required=False),
    ]  # fmt: skip


def _away(at: At) -> str:
    start = at.form.day("from_on")
    until = at.form.day("until_on", required=False)
    replacement = picked(at, "replacement", colleagues(at))
    at.form.check()
    assert start is not None
    referents.away(at.db, at.row, from_on=start, until_on=until, replacement_id=replacement,
                   actor=at.actor)  # fmt: skip
    return "L’absence est notée."


def _still_away(at: At) -> None:
    if at.row.until_on is not None and at.row.until_on < clock.today():
        raise Refused("Cette absence est déjà terminée.")


def _back(at: At) -> str:
    on = past_day(at)
    at.form.check()
    referents.back(at.db, at.row, on=on, actor=at.actor)
    return "Le retour est noté."


def _away_one(at: At) -> str:
    return _name_of(at, at.db.get_one(Referent, at.row.referent_id).professional_id)


def _name_of(at: At, key: UUID) -> str:
    return at.db.get_one(Professional, key).name


def _agencies(at: At) -> list[tuple[str, str]]:
    """Those of the journey's territory, without those whose name alone tells something."""
    carrier = at.db.get_one(Agency, at.journey.agency_id)
    rows = at.db.exec(
        select(Agency)
        .where(
            Agency.territory_id == (at.journey.territory_id or carrier.territory_id),
            Agency.id != at.journey.agency_id,
            col(Agency.sensitive).is_(False),
            col(Agency.closed_on).is_(None),
        )
        .order_by(Agency.name, col(Agency.id))
        .limit(500)
    )
    return [(str(one.id), one.name) for one in rows]


def _join_asks(at: At) -> list[Asked]:
    role = one_of("role", "Sa part", PartyRole, but={PartyRole.CARRIER})
    return [Asked("agency", "Structure", "choice", _agencies(at)), role, day("from_on", "Depuis")]


def _join(at: At) -> str:
    agency = picked(at, "agency", _agencies(at))
    role = at.form.choice("role", PartyRole)
    on = past_day(at, "from_on")
    if agency is None:
        at.form.wrong("agency", "Choisissez une structure de la liste.")
    if role is not None and role not in CHOSEN:
        at.form.wrong("role", "Choisissez une réponse de la liste.")
    at.form.check()
    assert agency is not None
    assert role is not None
    made = parties.join(at.db, at.journey, agency_id=agency, role=role, on=on)
    notes.act(at.db, at.journey, "party.join", at.actor, about=made.id, role=role.value)
    return "La structure est autour du parcours."


def _part(at: At) -> None:
    if at.row.role is PartyRole.CARRIER:
        raise Refused("La structure qui porte le parcours ne peut pas en partir.")
    if at.row.until_on is not None:
        raise Refused("Cette structure ne suit déjà plus le parcours.")


def _go(at: At) -> str:
    on = past_day(at)
    at.form.check()
    parties.leave(at.db, at.journey, at.row, on=on)
    notes.act(at.db, at.journey, "party.leave", at.actor, about=at.row.id)
    return "La structure ne suit plus le parcours."


GESTURES = {
    "referent": Gesture(
        title="Ajouter un·e référent·e", button="Ajouter",
        says=lambda at: "Cette personne tient le fil, ou l’un des fils, du parcours : elle reçoit "
        "ce qui attend un geste.",
        asks=_appoint_asks, do=_appoint, back="autour",
    ),
    "referent-part": Gesture(
        title="Ne suit plus le parcours", button="Noter le départ",
        says=lambda at: f"{_name(at)} ne tient plus ce parcours. Si personne d’autre n’est en "
        "poste, une alerte le dira.",
        asks=lambda at: [day("on", "Dernier jour")], do=_leave, row=of_journey(Referent),
        check=_in_post, back="autour",
    ),
    "referent-absent": Gesture(
        title="Noter une absence", button="Noter l’absence",
        says=lambda at: f"Pendant l’absence de {_name(at)}, la personne qui remplace tient le "
        "parcours ; sans remplacement, une alerte le dira.",
        asks=_away_asks, do=_away, row=of_journey(Referent), check=_in_post, back="autour",
    ),
    "referent-revenu": Gesture(
        title="Noter un retour", button="Noter le retour",
        says=lambda at: f"{_away_one(at)} tient de nouveau le parcours à partir de ce jour ; le "
        "remplacement se termine la veille.",
        asks=lambda at: [day("on", "De retour le")], do=_back, row=of_journey(ReferentAbsence),
        check=_still_away, back="autour",
    ),
    "structure": Gesture(
        title="Ajouter une structure", button="Ajouter la structure",
        says=lambda at: "Une structure qui suit ou a prescrit le parcours lit, au titre de sa "
        "mission : identité et coordonnées, formation, emploi et projet, étapes et contacts. Un "
        "employeur est appelé et ne lit rien.",
        asks=_join_asks, do=_join, back="autour",
    ),
    "structure-part": Gesture(
        title="La structure ne suit plus le parcours", button="Noter le départ",
        says=lambda at: f"{at.db.get_one(Agency, at.row.agency_id).name} ne lit plus rien à ce "
        "titre, dès maintenant.",
        asks=lambda at: [day("on", "Dernier jour")], do=_go, row=of_journey(Party), check=_part,
        danger=True, back="autour",
    ),
}  # fmt: skip
