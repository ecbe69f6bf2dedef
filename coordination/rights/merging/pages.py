"""The files that look alike, in one's agency or across two; two of one's own side by side; and what
was said of late."""

from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import clock
from coordination.access import Permission
from coordination.consent import rule
from coordination.errors import NotFound
from coordination.persons.models import Person
from coordination.rights import shown
from coordination.rights.merging import across, elsewhere, proposals, review, verbs
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.JOURNEY_READ)
def index(visit: Visit) -> Response:
    return again(visit)


def again(visit: Visit) -> Response:
    db, actor = visit.db, visit.actor
    mine = proposals.own_files(db, actor)
    found, abroad = proposals.of(db, actor, mine), elsewhere.of(db, actor, mine)
    merged = [(done, mine[done.person_id][1].name)
              for done in verbs.recent(db, actor) if done.person_id in mine]  # fmt: skip
    linked = [(done, mine[done.person_id][1].name)
              for done in across.recent(db, actor) if done.person_id in mine]  # fmt: skip
    if found or abroad or merged or linked:
        visit.saw_list("merging:index")
    visit.shows(pair.other.id for pair in abroad[: proposals.MOST])
    return render(visit, "merging/index.html", proposals=found[: proposals.MOST],
                  total=len(found), abroad=abroad[: proposals.MOST], total_abroad=len(abroad),
                  recent=merged, linked=linked, form=visit.form)  # fmt: skip


@page(may=Permission.JOURNEY_READ)
def compare(visit: Visit) -> Response:
    return _compare(visit)


def _compare(visit: Visit) -> Response:
    kept, absorbed = _both(visit)
    readable = rule.for_actor(visit.db, visit.actor, [kept.id, absorbed.id])
    for person in (kept, absorbed):
        visit.saw(person.id, readable[person.id])
    return render(
        visit,
        "merging/compare.html",
        form=visit.form,
        kept=kept,
        absorbed=absorbed,
        names=[shown.name_of(visit.db, person) for person in (kept, absorbed)],
        lines=review.lines(visit.db, kept, absorbed),
        weights=review.weights(visit.db, kept, absorbed),
        closing=review.closing(visit.db, kept, absorbed),
    )


@action(may=Permission.JOURNEY_WRITE, again=_compare)
def merge(visit: Visit) -> Response:
    kept, absorbed = _both(visit, hold=True)
    form = visit.form
    if not form.ticked("compared"):
        form.wrong("compared", "Dites que vous avez comparé les deux dossiers.")
    form.check()
    taken = {name for name in form.values if form.get(name) == "other"}
    done = verbs.merge(
        visit.db,
        kept,
        absorbed,
        taken=taken & set(verbs.FIELDS),
        taken_facts={
            name.removeprefix(review.FACT) for name in taken if name.startswith(review.FACT)
        },
        actor=visit.actor,
    )
    last = french.day(clock.local(done.undoable_until).date())
    return go(visit, visit.url("merging:index"),
              say=f"Un seul dossier. Vous pouvez défaire la fusion jusqu’au {last}.")  # fmt: skip


@action(may=Permission.JOURNEY_WRITE, again=_compare)
def apart(visit: Visit) -> Response:
    one, other = _both(visit, hold=True)
    verbs.set_apart(visit.db, one, other, actor=visit.actor)
    return go(visit, visit.url("merging:index"), say="Noté : ce sont deux personnes.")


@action(may=Permission.JOURNEY_WRITE, again=again)
def undo(visit: Visit) -> Response:
    done = verbs.one(visit.db, visit.actor, visit.path["id"], hold=True)
    if not proposals.reads(visit.db, visit.actor, done.person_id):
        raise NotFound("Cette fusion n’existe pas.")
    verbs.undo(visit.db, done, actor=visit.actor)
    return go(visit, visit.url("merging:index"), say="La fusion est défaite : deux dossiers.")


def _both(visit: Visit, *, hold: bool = False) -> tuple[Person, Person]:
    one: UUID = visit.path["id"]
    return proposals.both(visit.db, visit.actor, one, visit.path["autre"], hold=hold)


_TWO = "/doublons/{id:uuid}/{autre:uuid}"
routes = [
    Route("/doublons", index, name="merging:index"),
    Route(_TWO, compare, name="merging:compare"),
    Route(_TWO, merge, name="merging:merge", methods=["POST"]),
    Route(_TWO + "/differents", apart, name="merging:apart", methods=["POST"]),
    Route("/fusions/{id:uuid}/defaire", undo, name="merging:undo", methods=["POST"]),
]
