"""One's own file beside another agency's: the same person's, or two people's; and undoing it."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.agencies.models import Agency
from coordination.consent import known_as
from coordination.errors import NotFound
from coordination.persons import same
from coordination.rights import shown
from coordination.rights.merging import across, elsewhere, pages, proposals, review
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def compare(visit: Visit) -> Response:
    return _compare(visit)


def _compare(visit: Visit) -> Response:
    mine, theirs = elsewhere.both(visit.db, visit.actor, **_ids(visit))
    for person_id, readable in elsewhere.seen(visit.db, visit.actor, mine, theirs).items():
        visit.saw(person_id, readable)
    agency = visit.db.get_one(Agency, theirs.agency_id)
    tied = same.others(visit.db, visit.actor.agency_id, [mine.id])[mine.id]
    return render(
        visit,
        "merging/across.html",
        form=visit.form,
        mine=mine,
        theirs=theirs,
        agency=known_as.called(agency.name, agency.sensitive),
        names=[shown.name_of(visit.db, person) for person in (mine, theirs)],
        lines=review.who(visit.db, mine, theirs),
        tied=theirs.id in tied,
    )


@action(may=Permission.JOURNEY_WRITE, again=_compare)
def link(visit: Visit) -> Response:
    elsewhere.both(visit.db, visit.actor, **_ids(visit))
    if not visit.form.ticked("compared"):
        visit.form.wrong("compared", "Dites que vous avez comparé les deux dossiers.")
    visit.form.check()
    done = across.link(visit.db, **_ids(visit), actor=visit.actor)
    assert done.undoable_until is not None
    last = french.day(clock.local(done.undoable_until).date())
    said = f"Noté : une seule personne. Vous pouvez le défaire jusqu’au {last}."
    return go(visit, visit.url("merging:index"), say=said)


@action(may=Permission.JOURNEY_WRITE, again=_compare)
def apart(visit: Visit) -> Response:
    across.set_apart(visit.db, **_ids(visit), actor=visit.actor)
    return go(visit, visit.url("merging:index"), say="Noté : ce sont deux personnes.")


@action(may=Permission.JOURNEY_WRITE, again=pages.again)
def undo(visit: Visit) -> Response:
    done = across.one(visit.db, visit.actor, visit.path["id"], hold=True)
    if not proposals.reads(visit.db, visit.actor, done.person_id):
        raise NotFound("Ce rapprochement n’existe pas.")
    across.unlink(visit.db, done, actor=visit.actor)
    return go(visit, visit.url("merging:index"), say="Le rapprochement est défait.")


def _ids(visit: Visit) -> dict[str, Any]:
    return {"own_id": visit.path["id"], "other_id": visit.path["autre"]}


_TWO = "/doublons/{id:uuid}/ailleurs/{autre:uuid}"
routes = [
    Route(_TWO, compare, name="across:compare"),
    Route(_TWO, link, name="across:link", methods=["POST"]),
    Route(_TWO + "/differents", apart, name="across:apart", methods=["POST"]),
    Route("/rapprochements/{id:uuid}/defaire", undo, name="across:undo", methods=["POST"]),
]
