"""Whether the house stands, for who watches over it. Says nothing of what is in it."""

from sqlalchemy import text
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coordination import __version__
from coordination.access import Permission
from coordination.web.doors import page
from coordination.web.visit import Visit


@page(may=Permission.PUBLIC)
def health(visit: Visit) -> Response:
    visit.db.execute(text("SELECT 1"))
    return JSONResponse({"etat": "ok", "version": __version__})


routes = [Route("/sante", health, name="health")]
