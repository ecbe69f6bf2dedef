"""A person tells another agency than the one that follows them that they take back their agreement:
any agency that reads something of them records it, with the same effects."""

from starlette.responses import Response
from starlette.routing import Route

from coordination import labels
from coordination.access import Permission
from coordination.consent import restricted, rule
from coordination.errors import NotFound
from coordination.journeys.models import Journey
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.rights import queries, shown, withdrawal
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

ALL, OURS, CATEGORY = "all", "ours", "category:"


@page(may=Permission.CONSENT_READ)
def told(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    journey, person, readable = _known(visit)
    name = shown.name_of(visit.db, person) if Category.IDENTITY in readable else person.reference
    own = person.agency_id == visit.actor.agency_id
    return render(
        visit,
        "rights/told.html",
        journey=journey,
        person_name=name,
        own=own,
        form=visit.form,
        choices=_choices(readable, own=own),
        sharing_version=person.sharing_version,
    )


@action(may=Permission.CONSENT_WRITE, again=_show)
def record(visit: Visit) -> Response:
    """Never blocked by another change."""
    _, person, readable = _known(visit, hold=True)
    own = person.agency_id == visit.actor.agency_id
    what = visit.form.get("what")
    if what not in {value for value, _ in _choices(readable, own=own)}:
        visit.form.wrong("what", "Choisissez ce que la personne retire.")
    if not visit.form.ticked("said"):
        visit.form.wrong("said", "Attestez que la personne vous l’a dit elle-même.")
    visit.form.check()
    done = withdrawal.withdraw(
        visit.db,
        person,
        everything=what == ALL,
        recipient=visit.actor.agency_id if what == OURS else None,
        category=_category(what),
        actor=visit.actor,
    )
    return go(visit, "/parcours", say=shown.after_withdrawing(done))


def _choices(readable: rule.Readable, *, own: bool) -> list[tuple[str, str]]:
    """Of the categories, only those that this agency reads: the others are not its business."""
    ours = [] if own else [(OURS, "Ne plus rien partager avec notre structure")]
    return [
        *ours,
        (ALL, "Ne plus rien partager avec personne"),
        *(
            (f"{CATEGORY}{c.value}", f"Ne plus partager ceci, avec personne : {labels.of(c)}")
            for c in Category
            if c in readable
        ),
    ]


def _category(what: str) -> Category | None:
    return Category(what.removeprefix(CATEGORY)) if what.startswith(CATEGORY) else None


def _known(visit: Visit, *, hold: bool = False) -> tuple[Journey, Person, rule.Readable]:
    """The person of a journey, when the actor's agency reads anything of them today."""
    journey = visit.db.get(Journey, visit.path["id"])
    # Without a journey the same is asked of nobody: what is another's takes the same time.
    about = journey.person_id if journey else visit.path["id"]
    readable = rule.for_actor(visit.db, visit.actor, [about]).get(about)
    if journey is None or not readable:
        raise NotFound("Ce parcours n’existe pas.")
    person = queries.person_of(visit.db, journey, hold=hold)
    if not restricted.reads(visit.db, visit.actor, person):
        raise NotFound("Ce parcours n’existe pas.")
    visit.saw(person.id, readable)
    return journey, person, readable


_ONE = "/parcours/{id:uuid}/retrait"
routes = [
    Route(_ONE, told, name="rights:told"),
    Route(_ONE, record, name="rights:record_told", methods=["POST"]),
]
