"""Administration: agencies, their members, the catalogue, the journal; and one's own agency."""

import json
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import access, labels, settings
from coordination.access import Permission
from coordination.administration import agencies, checking, forms, health, queries, sharing, words
from coordination.agencies.models import MEMBERSHIP_ROLES, Agency, AgencyKind
from coordination.db import beyond
from coordination.errors import NotFound
from coordination.persons.categories import from_bits
from coordination.rights import answers
from coordination.signals import queries as signals
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

ROLES = [(role.value, labels.of(role)) for role in MEMBERSHIP_ROLES]


@page(may=Permission.ADMINISTER)
def show(visit: Visit) -> Response:
    sought = visit.query.get("q", "").strip()
    return render(
        visit,
        "administration/show.html",
        form=visit.form,
        words=sought,
        agencies=[
            (key, name, labels.of(kind), town, members)
            for key, name, kind, town, members in visit.db.execute(
                queries.agencies(sought).limit(200)
            )
        ],
        granted=[(who.name, labels.of(role)) for who, role in visit.db.execute(queries.granted())],
        kinds=labels.options(AgencyKind),
    )


@action(may=Permission.ADMINISTER, again=show)
def found_agency(visit: Visit) -> Response:
    new = forms.agency(visit.form)
    agency = agencies.found_agency(
        visit.db, name=new.name, kind=new.kind, email=new.email, phone=new.phone,
        sensitive=new.sensitive, actor=visit.actor,
    )  # fmt: skip
    return go(visit, visit.url("administration:agency", id=agency.id), say="Structure créée.")


@page(may=Permission.ADMINISTER)
def agency(visit: Visit) -> Response:
    return _agency(visit, queries.agency(visit.db, visit.path["id"]), mine=False)


@action(may=Permission.ADMINISTER, again=agency)
def welcome(visit: Visit) -> Response:
    chosen = queries.agency(visit.db, visit.path["id"], hold=True)
    return _welcome(visit, chosen, then=visit.url("administration:agency", id=chosen.id))


@action(may=Permission.ADMINISTER, again=agency)
def part(visit: Visit) -> Response:
    chosen = queries.agency(visit.db, visit.path["id"], hold=True)
    return _part(visit, chosen, then=visit.url("administration:agency", id=chosen.id))


@page(may=Permission.AGENCY_READ)
def structure(visit: Visit) -> Response:
    return _agency(visit, _own(visit), mine=True)


@action(may=Permission.AGENCY_ADMIN, again=structure)
def structure_change(visit: Visit) -> Response:
    own = _own(visit, hold=True)
    form = visit.form
    changes = {
        "email": form.text("email", required=False, most=254),
        "phone": form.text("phone", required=False, most=40),
        "address": form.text("address", required=False, most=200),
        "tool": form.text("tool", required=False, most=80),
    }
    form.check()
    form.same_version(own.version, phone=own.phone, email=own.email, address=own.address)
    agencies.change_agency(visit.db, own, actor=visit.actor, **changes)
    return go(visit, visit.url("agencies:show"), say="C’est enregistré.")


@action(may=Permission.AGENCY_ADMIN, again=structure)
def structure_welcome(visit: Visit) -> Response:
    return _welcome(visit, _own(visit, hold=True), then=visit.url("agencies:show"))


@action(may=Permission.AGENCY_ADMIN, again=structure)
def structure_part(visit: Visit) -> Response:
    return _part(visit, _own(visit, hold=True), then=visit.url("agencies:show"))


@page(may=Permission.AUDIT_READ)
def journal(visit: Visit) -> Response:
    """The chain and the openings: who did and who looked, never what was read."""
    before = visit.query.get("avant", "")
    acts = [
        (seq, at, json.loads(entry))
        for seq, at, entry in visit.db.execute(
            queries.acts(before=int(before) if before.isdecimal() and len(before) < 18 else None)
        )
    ]
    with beyond(visit.db, "administration.journal"):  # who looked, where: never at whom
        openings = visit.db.execute(queries.consultations()).all()
    looked = [
        (at, f"{usual.upper()} {given}" if usual else "par lien" if link else "—", agency or "—",
         route, [labels.of(c) for c in from_bits(categories)], ground)
        for at, usual, given, agency, route, categories, ground, link in openings
    ]  # fmt: skip
    return render(visit, "administration/journal.html", acts=acts, looked=looked, words=words,
                  withdrawals=answers.counts(visit.db),
                  older=acts[-1][0] if len(acts) == 50 else None)  # fmt: skip


@action(may=Permission.AUDIT_READ, again=journal)
def verify(visit: Visit) -> Response:
    """The last acts again; the command reads them all."""
    seen = checking.latest(visit.db)
    where = visit.url("administration:journal")
    return go(visit, where, say=seen.sentence, level="success" if seen.whole else "error")


@page(may=Permission.PUBLIC)
def mails(visit: Visit) -> Response:
    """What the demonstration would have sent."""
    if not settings.load().demo:
        raise NotFound()
    to = visit.query.get("a", "").strip()
    folder = settings.load().mail_folder
    kept = visit.request.app.state.kept_mails(folder, to=to.casefold())
    return render(visit, "administration/mails.html", mails=kept, to=to)


def _agency(visit: Visit, shown: Agency, *, mine: bool) -> Response:
    return render(
        visit,
        "agencies/show.html",
        form=visit.form,
        agency=shown,
        mine=mine,
        kind=labels.of(shown.kind),
        members=[
            (who.id, who.name, who.function, labels.of(role), since)
            for who, role, since in visit.db.execute(queries.members(shown.id))
        ],
        roles=ROLES,
        loads=[signal.sentence for signal in visit.db.exec(signals.of_team(shown.id))],
        base="/structure" if mine else visit.request.url.path.split("/membres")[0],
        may_change=mine is False or access.may(visit.actor, Permission.AGENCY_ADMIN),
    )


def _own(visit: Visit, *, hold: bool = False) -> Agency:
    if visit.actor.agency_id is None:
        raise NotFound("Votre compte n’est rattaché à aucune structure.")
    return queries.agency(visit.db, visit.actor.agency_id, hold=hold)


def _welcome(visit: Visit, chosen: Agency, *, then: str) -> Response:
    new = forms.member(visit.form)
    agencies.welcome(
        visit.db, agency=chosen, given_name=new.given_name, usual_name=new.usual_name,
        email=new.email, function=new.function, role=new.role, actor=visit.actor,
    )  # fmt: skip
    return go(visit, then, say="Un lien de connexion part à cette adresse.")


def _part(visit: Visit, chosen: Agency, *, then: str) -> Response:
    who = visit.form.key("professional")
    visit.form.check()
    assert isinstance(who, UUID)
    agencies.part_from(visit.db, agency=chosen, professional_id=who, actor=visit.actor)
    return go(visit, then, say="L’accès est fermé.")


routes = [
    *health.routes,
    *sharing.routes,
    Route("/structure", structure, name="agencies:show"),
    Route("/structure", structure_change, name="agencies:change", methods=["POST"]),
    Route("/structure/membres", structure_welcome, name="agencies:welcome", methods=["POST"]),
    Route("/structure/departs", structure_part, name="agencies:part", methods=["POST"]),
    Route("/administration", show, name="administration:show"),
    Route("/administration", found_agency, name="administration:found", methods=["POST"]),
    Route("/administration/journal", journal, name="administration:journal"),
    Route("/administration/journal", verify, name="administration:verify", methods=["POST"]),
    Route("/administration/courriels", mails, name="administration:mails"),
    Route("/administration/structures/{id:uuid}", agency, name="administration:agency"),
    Route("/administration/structures/{id:uuid}/membres", welcome, name="administration:welcome",
          methods=["POST"]),
    Route("/administration/structures/{id:uuid}/departs", part, name="administration:part",
          methods=["POST"]),
]  # fmt: skip
