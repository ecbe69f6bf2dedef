"""The search page, where the field of the bar leads."""

from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.desk import search
from coordination.web.doors import page
from coordination.web.render import render
from coordination.web.visit import Visit

MOST_LETTERS = 100


@page(may=Permission.JOURNEY_READ)
def index(visit: Visit) -> Response:
    typed = visit.query.get("q", "").strip()[:MOST_LETTERS]
    answer = search.Answer([], False)
    who = visit.actor.professional_id
    if typed and who:
        search.within_limits(visit.db, visit.actor)
        answer = search.people(visit.db, visit.actor, typed)
        visit.later(lambda db: search.count(db, who))
    if answer.people:
        visit.saw_list("search:index")
        visit.shows(found.id for found in answer.people)
        visit.shows(other.id for found in answer.people for other in found.same)
    return render(visit, "desk/search.html", partial="desk/_found.html", q=typed,
                  people=answer.people, more=answer.more)  # fmt: skip


routes = [Route("/recherche", index, name="search:index")]
