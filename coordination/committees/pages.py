"""The pages of committees: the list, founding one, one committee, its members, its settings."""

from datetime import timedelta
from typing import Any

from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination import access, audit, clock, labels
from coordination.access import Permission
from coordination.agencies.models import Agency, AgencyKind, Professional, Territory
from coordination.committees import forms, founding, members, members_pages, queries, seating
from coordination.committees.meetings import queries as meetings
from coordination.committees.models import Committee, CommitteeKind
from coordination.directory.reference import geography
from coordination.errors import Invalid
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit

SETTINGS = ("name", "place", "video_url", "length_minutes", "cases", "controllers")
PAST, AHEAD = timedelta(days=365), timedelta(days=731)


@page(may=Permission.COMMITTEE_READ)
def index(visit: Visit) -> Response:
    today = clock.today()
    committees = visit.db.exec(
        queries.visible_to(visit.actor).order_by(Committee.name, col(Committee.id))
    ).all()
    found = meetings.lines(
        visit.db, [c.id for c in committees], since=today - PAST, until=today + AHEAD
    )
    coming = [line for line in found if line.starts_at >= clock.at(today)]
    past = [line for line in reversed(found) if line.starts_at < clock.at(today)]
    nexts = meetings.next_of(found)
    return render(
        visit,
        "committees/index.html",
        committees=[(c, nexts.get(c.id)) for c in committees],
        coming=meetings.by_month(coming),
        past=meetings.by_month(past),
        may_found=access.may(visit.actor, Permission.COMMITTEE_CREATE),
        may_plan=access.may(visit.actor, Permission.COMMITTEE_RUN),
    )


@page(may=Permission.COMMITTEE_CREATE)
def new(visit: Visit) -> Response:
    region_id = seating.the_region(visit.db, visit.actor.region_id)
    return render(
        visit,
        "committees/new.html",
        form=visit.form,
        kinds=founding.kinds(visit.db),
        territories=seating.territory_options(visit.db, region_id),
        regions=[] if region_id else [(r.code, r.nom) for r in geography.regions()],
        agencies=seating.agency_options(visit.db, region_id),
        agency_kinds=labels.options(AgencyKind),
        rows=forms.NEW_ROWS,
        own_agency=visit.actor.agency_name,
    )


@action(may=Permission.COMMITTEE_CREATE, again=new)
def create(visit: Visit) -> Response:
    given = forms.founding(visit.form)
    visit.form.check()
    db, actor = visit.db, visit.actor
    kind = db.get(CommitteeKind, given.kind_id)
    if kind is None:
        raise Invalid("Choisissez une réponse de la liste.", field="kind_id")
    territory = _one(visit, Territory, given.territory_id, "territory_id")
    region = founding.region(db, given.region_code) if given.region_code else None
    region_id = (
        territory.region_id
        if territory
        else region.id
        if region
        else seating.the_region(db, actor.region_id)
    )
    committee = founding.found(
        db,
        kind=kind,
        name=given.name,
        region_id=region_id,
        territory_id=territory.id if territory else None,
        territory_name=given.territory_name,
        place=given.place,
        controllers=given.controllers,
        actor=actor,
    )
    made = [members_pages.write_agency(visit, committee, row) for row in given.new_agencies]
    chosen = [_one(visit, Agency, key, "agencies") for key in given.agencies]
    for agency in [*chosen, *made]:
        if agency is not None:
            members.add_agency(db, committee, agency, actor=actor)
    own = _one(visit, Agency, given.secretary_agency, "secretary_agency")
    if given.person is not None:
        who, _ = members.professional(db, **given.person._asdict())
        if own is None and not made:
            raise Invalid("Dites pour quelle structure.", field="secretary_agency")
    else:
        assert actor.professional_id is not None
        who = db.get_one(Professional, actor.professional_id)
        own = own or (db.get(Agency, actor.agency_id) if actor.agency_id else None)
    founding.seat_secretary(
        db,
        committee,
        who,
        agency=own or (made[0] if made else None),
        chairs_too=given.chairs_too,
        actor=actor,
    )
    if given.person is None:
        url = visit.url("committees:members", id=committee.id)
        return go(visit, url, say="Comité créé. Ajoutez maintenant celles et ceux qui y siègent.")
    url = "/administration" if access.may(actor, Permission.ADMINISTER) else "/comites"
    return go(visit, url, say="Comité créé. Son secrétariat reçoit son accès par courriel.")


@page(may=Permission.COMMITTEE_READ)
def show(visit: Visit) -> Response:
    committee = queries.one_committee(visit.db, visit.actor, visit.path["id"])
    today = clock.today()
    found = meetings.lines(visit.db, [committee.id], since=today - PAST, until=today + AHEAD)
    seats = seating.seats(visit.db, committee.id)
    agencies = visit.db.exec(queries.member_agencies(committee.id)).all()
    nearest = meetings.next_of(found).get(committee.id)
    runs = runs_it(visit, committee)
    return render(
        visit,
        "committees/show.html",
        committee=committee,
        kind=visit.db.get_one(CommitteeKind, committee.kind_id),
        territory=visit.db.get(Territory, committee.territory_id)
        if committee.territory_id
        else None,
        table=_table(agencies, seats),
        count=sum(len(each) for each in seats.values()),
        coming=[line for line in found if line.starts_at >= clock.at(today)],
        past=[line for line in reversed(found) if line.starts_at < clock.at(today)],
        nearest=nearest,
        runs=runs,
        todo=_todo(visit, committee, len(agencies), len(seats) > 1, nearest) if runs else [],
    )


@page(may=Permission.COMMITTEE_RUN)
def settings(visit: Visit) -> Response:
    committee = queries.one_committee(visit.db, visit.actor, visit.path["id"], running=True)
    form = visit.form if visit.form.values else Form({n: getattr(committee, n) for n in SETTINGS})
    return render(visit, "committees/settings.html", form=form, committee=committee)


@action(may=Permission.COMMITTEE_RUN, again=settings)
def change(visit: Visit) -> Response:
    committee = queries.one_committee(
        visit.db, visit.actor, visit.path["id"], running=True, hold=True
    )
    form = visit.form
    given: dict[str, Any] = {
        "name": form.text("name", most=120),
        "place": form.text("place", required=False),
        "video_url": form.text("video_url", required=False),
        "length_minutes": form.number("length_minutes", least=30, most=480),
        "cases": form.number("cases", least=1, most=300),
        "controllers": form.text("controllers", required=False, most=1000),
    }
    if given["video_url"] and not given["video_url"].startswith("https://"):
        form.wrong("video_url", "Une adresse qui commence par https:// est attendue.")
    form.check()
    form.same_version(committee.version, **{name: str(getattr(committee, name)) for name in given})
    for name, value in given.items():
        setattr(committee, name, value)
    committee.version += 1
    audit.act(visit.db, visit.actor, "committee.changed", about=committee.id)
    return go(visit, visit.url("committees:show", id=committee.id), say="Réglages enregistrés.")


def runs_it(visit: Visit, committee: Committee) -> bool:
    return any(visit.actor.holds(role, committee.id) for role in queries.RUNS)


def _todo(
    visit: Visit, committee: Committee, agencies: int, seated: bool, nearest: meetings.Line | None
) -> list[tuple[str, str, bool]]:
    """(what, address, done) that brings a new committee to its first meeting."""
    members_url = visit.url("committees:members", id=committee.id)
    plan = f"{visit.url('meetings:new')}?comite={committee.id}"
    meeting = visit.url("meetings:show", id=nearest.id) if nearest else plan
    return [
        ("Réunir les structures et leurs membres", members_url, bool(agencies and seated)),
        (
            "Nommer les responsables du traitement",
            visit.url("committees:settings", id=committee.id),
            bool(committee.controllers),
        ),
        ("Prévoir une séance", plan, nearest is not None),
        (
            "Inviter à la séance",
            meeting,
            nearest is not None and nearest.state.value != "planned",
        ),
    ]


def _table(
    agencies: Any, seats: dict[Any, list[dict[str, object]]]
) -> list[tuple[str, list[dict[str, object]]]]:
    """(agency, who sits for it), the secretariat and chair of other agencies at the end."""
    known = {agency.id for agency in agencies}
    rows = [(agency.name, seats.get(agency.id, [])) for agency in agencies]
    others = [seat for key, each in seats.items() if key not in known for seat in each]
    return [*rows, ("Présidence et secrétariat", others)] if others else rows


def _one(visit: Visit, kind: Any, key: Any, field: str) -> Any:
    """A row chosen in a list, or nothing; a wrong id is said at its field."""
    if key is None:
        return None
    found = visit.db.get(kind, key)
    if found is None:
        raise Invalid("Choisissez une réponse de la liste.", field=field)
    return found


routes = [
    Route("/comites", index, name="committees:index"),
    Route("/comites/nouveau", new, name="committees:new"),
    Route("/comites/nouveau", create, name="committees:create", methods=["POST"]),
    Route("/comites/{id:uuid}", show, name="committees:show"),
    Route("/comites/{id:uuid}/reglages", settings, name="committees:settings"),
    Route("/comites/{id:uuid}/reglages", change, name="committees:change", methods=["POST"]),
    *members_pages.routes,
]
