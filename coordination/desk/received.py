"""« Ouvrir le parcours chez nous », from a referral received: what was read there is not typed
again, and each field may be corrected."""

import re
from uuid import UUID

from sqlmodel import col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.consent import rule
from coordination.desk import received_files as files
from coordination.desk import received_opening as opening
from coordination.desk.received_files import FRANCE_TRAVAIL, Alike
from coordination.errors import NotFound
from coordination.journeys import forms, known
from coordination.persons import records
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.referrals import opened
from coordination.referrals import queries as referrals
from coordination.referrals.models import Referral
from coordination.rights.merging import proposals
from coordination.rights.sentences import LANGUAGES
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

A_NEW_ONE = "nouveau"
TAKEN = (
    "Un dossier de votre structure porte déjà ce numéro : choisissez ce dossier, ou effacez le "
    "numéro."
)
LONGEST = {"phone": 40, "email": 200, "address": 200, "postcode": 10, "commune_name": 100}


@page(may=Permission.JOURNEY_WRITE)
def new(visit: Visit) -> Response:
    return _new(visit)


def _new(visit: Visit) -> Response:
    referral, readable = _received(visit)
    shared = files.shared(visit.db, referral, readable)
    visit.saw(referral.person_id, {Category.IDENTITY: readable[Category.IDENTITY]})
    form = visit.form if "_key" in visit.form else _first(visit, referral, shared)
    found = _alike(visit, referral, shared, form)
    if found:
        visit.saw_list("referrals:open_here")
        visit.shows(one.file.id for one in found)
    return render(
        visit,
        "referrals/open_here.html",
        form=form,
        referral=referral,
        alike=found,
        files=[*_choices(found), (A_NEW_ONE, "Un nouveau dossier, avec l’identité ci-dessous")],
        programmes=forms.programmes(visit.db),
        languages=_languages(shared["language"]),
    )


@action(may=Permission.JOURNEY_WRITE, again=_new)
def create(visit: Visit) -> Response:
    """The person is held first: what they took back a moment ago is no longer read."""
    referral, _ = _received(visit, hold=True)
    opened.hold(visit.db, referral)
    readable = files.readable(visit.db, visit.actor, referral)
    opened.check(visit.actor, referral, readable)
    shared = files.shared(visit.db, referral, readable)
    person = _own_file(visit, referral, shared)
    if person is None:
        person = _new_file(visit, referral, shared)
    asked = forms.answers(visit.form, visit.db)
    known.not_twice(visit.db, person, asked.programme_id)
    journey = opening.open_here(visit.db, referral, person, asked, actor=visit.actor)
    return go(visit, visit.url("journeys:show", id=journey.id), say="Parcours ouvert chez vous.")


def _received(visit: Visit, *, hold: bool = False) -> tuple[Referral, rule.Readable]:
    """The referral, while its recipient may open a journey from it."""
    referral = referrals.one(visit.db, visit.actor, visit.path["id"], hold=hold)
    readable = (
        files.readable(visit.db, visit.actor, referral)
        if referral.recipient_id == visit.actor.agency_id
        else {}
    )
    opened.check(visit.actor, referral, readable)
    return referral, readable


def _first(visit: Visit, referral: Referral, shared: dict[str, str]) -> Form:
    return Form({**shared, "programme": files.asked_programme(visit.db, referral),
                 "entered_on": clock.today().isoformat()})  # fmt: skip


def _alike(visit: Visit, referral: Referral, shared: dict[str, str], form: Form) -> list[Alike]:
    """Like what was shared, or like what was typed since."""
    said = (files.compared(referral, shared), files.compared(referral, form.values))
    return files.alike(visit.db, visit.actor, referral, *said)


def _choices(found: list[Alike]) -> list[tuple[str, str, str]]:
    return [
        (
            str(one.file.id),
            f"{one.file.name} · {one.file.reference}",
            labels.of(one.like).capitalize() if one.like else "Vous l’avez dit : même personne",
        )
        for one in found
    ]


def _languages(code: str) -> list[tuple[str, str]]:
    said = list(LANGUAGES)
    return said if code in dict(said) else [*said, (code, code)]


def _own_file(visit: Visit, referral: Referral, shared: dict[str, str]) -> Person | None:
    """The agency's own file that was chosen; None: a new one, and the form said so where some look
    alike."""
    form, found = visit.form, _alike(visit, referral, shared, visit.form)
    chosen = form.get("file")
    if chosen and chosen != A_NEW_ONE:
        key = form.key("file")
        form.check()
        if key not in {one.file.id for one in found}:
            raise NotFound("Ce dossier n’existe pas.")
        wanted = select(Person).where(col(Person.id) == key).with_for_update()
        return visit.db.exec(wanted).one()
    if found and chosen != A_NEW_ONE:
        form.wrong("file", "Dites dans quel dossier : vous en avez peut-être déjà un.")
    return None


def _new_file(visit: Visit, referral: Referral, shared: dict[str, str]) -> Person:
    form, agency_id = visit.form, known.agency(visit)
    contact = {name: form.text(name, required=False, most=most) for name, most in LONGEST.items()}
    contact["language"] = form.get("language") or "fr"
    if contact["language"] not in dict(_languages(shared["language"])):
        form.wrong("language", "Choisissez une réponse de la liste.")
    number = _number(visit, agency_id)
    said = forms.six(form, visit.db)
    same_place = all(contact[name] == shared[name] for name in ("postcode", "commune_name"))
    if same_place and (code := files.commune_code(visit.db, referral)):
        contact["commune_code"] = code
    return records.record(
        visit.db,
        agency_id=agency_id,
        given_names=said.given_names,
        usual_name=said.usual_name,
        birth_on=said.birth_on,
        identifiers={FRANCE_TRAVAIL: number} if number else None,
        **contact,
    )


def _number(visit: Visit, agency_id: UUID) -> str:
    """The France Travail number, of eleven digits. One that a file of the house bears already is
    said only to who reads that file; a file under restricted access is known to nobody else."""
    number = re.sub(r"\s", "", visit.form.text(FRANCE_TRAVAIL, required=False, most=20))
    if number and not re.fullmatch(r"[0-9]{11}", number):
        visit.form.wrong(FRANCE_TRAVAIL, "L’identifiant France Travail a 11 chiffres.")
        return ""
    holder = files.held(visit.db, agency_id, number) if number else None
    if holder is None:
        return number
    if proposals.reads(visit.db, visit.actor, holder):
        visit.form.wrong(FRANCE_TRAVAIL, TAKEN)
    return ""


_HERE = "/orientations/{id:uuid}/ouvrir-chez-nous"
routes = [
    Route(_HERE, new, name="referrals:open_here"),
    Route(_HERE, create, name="referrals:opened_here", methods=["POST"]),
]
