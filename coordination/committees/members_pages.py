"""The members' page of a committee: agencies in and out, professionals and their mandates."""

from typing import Any
from uuid import UUID

from sqlmodel import select
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.agencies.models import Agency, AgencyKind
from coordination.committees import forms, members, queries, seating
from coordination.committees.models import Committee, Mandate, MandateRole
from coordination.errors import Invalid, NotFound
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

PAGE = "committees:members"


@page(may=Permission.COMMITTEE_RUN)
def show(visit: Visit) -> Response:
    committee = queries.one_committee(visit.db, visit.actor, visit.path["id"], running=True)
    agencies = visit.db.exec(queries.member_agencies(committee.id)).all()
    seats = seating.seats(visit.db, committee.id)
    known = {agency.id for agency in agencies}
    places = [(str(a.id), a.name) for a in agencies]
    mine = [(str(k), name) for k, name in visit.actor.memberships if k not in known]
    return render(
        visit,
        "committees/members.html",
        committee=committee,
        table=[(agency, seats.get(agency.id, [])) for agency in agencies],
        others=[seat for key, each in seats.items() if key not in known for seat in each],
        form=visit.form,
        blank=Form(),
        which=visit.form.get("_which"),
        places=places + mine,
        roles=labels.options(MandateRole),
        kinds=labels.options(AgencyKind),
        choices=_without(seating.agency_options(visit.db, committee.region_id), known),
    )


@action(may=Permission.COMMITTEE_RUN, again=show)
def add_agency(visit: Visit) -> Response:
    committee = _held(visit)
    key = visit.form.key("known_agency_id")
    visit.form.check()
    agency = visit.db.get(Agency, key)
    if agency is None:
        raise Invalid("Choisissez une réponse de la liste.", field="known_agency_id")
    members.add_agency(visit.db, committee, agency, actor=visit.actor)
    return _back(visit, committee, f"{agency.name} est membre du comité.")


@action(may=Permission.COMMITTEE_RUN, again=show)
def new_agency(visit: Visit) -> Response:
    committee = _held(visit)
    given = forms.new_agency(visit.form)
    visit.form.check()
    assert given is not None
    agency = write_agency(visit, committee, given)
    members.add_agency(visit.db, committee, agency, actor=visit.actor)
    return _back(visit, committee, f"{agency.name} est créée et membre du comité.")


@action(may=Permission.COMMITTEE_RUN, again=show)
def remove_agency(visit: Visit) -> Response:
    committee = _held(visit)
    key = visit.form.key("agency_id")
    visit.form.check()
    assert key is not None
    members.remove_agency(visit.db, committee, key, actor=visit.actor)
    return _back(visit, committee, "La structure ne siège plus ; ses mandats ont pris fin.")


@action(may=Permission.COMMITTEE_RUN, again=show)
def add(visit: Visit) -> Response:
    """A professional takes a seat; one who is new receives a link to enter."""
    committee = _held(visit)
    form, db = visit.form, visit.db
    person = forms.person(form)
    role = form.choice("role", MandateRole)
    agency_id = form.key("agency_id")
    from_on = form.day("from_on", required=False)
    until_on = form.day("until_on", required=False)
    form.check()
    assert role is not None
    assert agency_id is not None
    if agency_id not in _places(visit, committee):
        raise Invalid("Choisissez une structure membre du comité.", field="agency_id")
    who, new = members.professional(db, **person._asdict())
    pending = not members.may_enrol(db, visit.actor, agency_id)
    members.give(
        db,
        committee,
        who,
        role=role,
        agency_id=agency_id,
        from_on=from_on,
        until_on=until_on,
        actor=visit.actor,
    )
    if new:
        members.send_access(db, committee, who)
    said = f"{who.name} siège au comité."
    if new:
        said += " Un lien de connexion part par courriel."
    if pending and new:
        said += " Sa structure devra encore lui ouvrir ses dossiers."
    return _back(visit, committee, said)


@action(may=Permission.COMMITTEE_RUN, again=show)
def end(visit: Visit) -> Response:
    committee = _held(visit)
    on = visit.form.day("on", required=False, earliest=clock.today())
    visit.form.check()
    mandate = visit.db.exec(
        select(Mandate)
        .where(Mandate.id == visit.path["mandate"], Mandate.committee_id == committee.id)
        .with_for_update()
    ).one_or_none()
    if mandate is None:
        raise NotFound("Ce mandat n’existe pas.")
    members.end(visit.db, committee, mandate, on=on, actor=visit.actor)
    return _back(visit, committee, "Le mandat prend fin ; les séances passées gardent ce nom.")


def write_agency(visit: Visit, committee: Committee, row: forms.NewAgency) -> Agency:
    """A new agency; a name already taken is said at its field."""
    try:
        return members.new_agency(
            visit.db, committee, name=row.name, kind=row.kind, email=row.email, actor=visit.actor
        )
    except Invalid as refusal:
        raise Invalid(str(refusal), field=row.field) from refusal


def _held(visit: Visit) -> Committee:
    return queries.one_committee(visit.db, visit.actor, visit.path["id"], running=True, hold=True)


def _places(visit: Visit, committee: Committee) -> set[UUID]:
    """For which agencies one may sit: the members, and those of whoever runs it."""
    found = {agency.id for agency in visit.db.exec(queries.member_agencies(committee.id))}
    return found | {key for key, _ in visit.actor.memberships}


def _without(options: seating.Options, known: set[UUID]) -> list[tuple[str, Any]]:
    kept = [(t, [o for o in each if UUID(o[0]) not in known]) for t, each in options]
    return [(territory, each) for territory, each in kept if each]


def _back(visit: Visit, committee: Committee, say: str) -> Response:
    return go(visit, visit.url(PAGE, id=committee.id), say=say)


_HERE = "/comites/{id:uuid}/membres"
routes = [
    Route(_HERE, show, name=PAGE),
    Route(_HERE, add, name="committees:add_member", methods=["POST"]),
    Route(f"{_HERE}/structure", add_agency, name="committees:add_agency", methods=["POST"]),
    Route(f"{_HERE}/creer", new_agency, name="committees:new_agency", methods=["POST"]),
    Route(f"{_HERE}/retirer", remove_agency, name="committees:remove_agency", methods=["POST"]),
    Route(f"{_HERE}/{{mandate:uuid}}/fin", end, name="committees:end_mandate", methods=["POST"]),
]
