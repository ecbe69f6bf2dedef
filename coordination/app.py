"""Puts the house together: routes, middleware, error pages. Imports everyone; nobody imports it."""

import gc
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from coordination import assembly, db, pdf, settings
from coordination.access import Permission
from coordination.agencies.actors import Actor
from coordination.errors import NotSignedIn, Refused
from coordination.postman import delivery
from coordination.signin import sessions
from coordination.web import render, shell
from coordination.web.visit import Door

Identify = Callable[[Request, Session, Callable[[Callable[[Session], None]], None]], Actor]

NAV: list[tuple[str, str, Permission]] = [
    ("Aujourd’hui", "/aujourdhui", Permission.TODAY_READ),
    ("Parcours", "/parcours", Permission.JOURNEY_READ),
    ("Comités", "/comites", Permission.COMMITTEE_READ),
    ("Orientations", "/orientations", Permission.REFERRAL_READ),
    ("Pilotage", "/pilotage", Permission.FIGURES_READ),
    ("Structure", "/structure", Permission.AGENCY_READ),
    ("Administration", "/administration", Permission.ADMINISTER),
    ("Journal", "/administration/journal", Permission.AUDIT_READ),
]

TITLES = {
    401: "Connexion nécessaire",
    403: "Accès non permis",
    404: "Page introuvable",
    405: "Geste non prévu",
    409: "Ce n’est plus possible",
    410: "Ce n’est plus disponible",
    413: "Fichier trop lourd",
    415: "Envoi non accepté",
    422: "À corriger",
    429: "Trop de demandes",
    503: "Un instant",
}

log = logging.getLogger("passerelles.app")


class HashedFiles(StaticFiles):
    """`/static/<fingerprint>/…`: kept by browsers for a year; the fingerprint changes with them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        _, _, rest = path.partition("/")
        response = await super().get_response(rest, scope)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def build(engine: Engine, *, identify: Identify = sessions.identify) -> Starlette:
    """The application over one base. `identify` says who comes."""
    rooms = assembly.routes()
    _behind_doors(rooms)
    app = Starlette(
        routes=[*rooms, _static()],
        middleware=[
            Middleware(shell.SecureHeaders),
            Middleware(shell.RequestLog),
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(), www_redirect=False),
        ],
        exception_handlers={
            Refused: refused,
            HTTPException: http_refused,
            IntegrityError: conflict,
            Exception: fault,
        },
        lifespan=_lifespan,
    )
    small = engine.dialect.name == "sqlite"
    app.state.engine = engine
    app.state.closers = assembly.CLOSERS
    app.state.identify = identify
    app.state.nav = NAV
    app.state.kept_mails = delivery.kept
    app.state.readers = anyio.CapacityLimiter(2 if small else 8)
    app.state.writers = anyio.CapacityLimiter(2 if small else 8)
    return app


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    gc.collect()
    gc.freeze()
    yield
    pdf.stop()
    app.state.engine.dispose()


def refused(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, Refused)
    if isinstance(exc, NotSignedIn):
        return _sign_in_first(request)
    return _page(request, exc.status, str(exc))


def http_refused(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    words = {404: "Cette page n’existe pas.", 405: "Cette adresse n’accepte pas ce geste."}
    return _page(request, exc.status_code, words.get(exc.status_code, "Cette demande est refusée."))


def conflict(request: Request, exc: Exception) -> Response:
    log.warning("conflict", exc_info=exc)
    return _page(
        request,
        409,
        "Quelqu’un a fait la même chose au même moment. Rouvrez la page pour voir ce qui est "
        "enregistré.",
    )


def fault(request: Request, exc: Exception) -> Response:
    log.error("fault", exc_info=exc)
    return _page(
        request,
        500,
        "Un incident est survenu de notre côté ; rien n’a été enregistré à moitié. Réessayez, et "
        "prévenez l’administration si cela se reproduit.",
    )


def _sign_in_first(request: Request) -> Response:
    """htmx is told to leave the page; a redirect would be swapped into it."""
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": "/connexion"})
    if request.method == "GET":
        return RedirectResponse(f"/connexion?vers={request.url.path}", status_code=303)
    return _page(request, 401, "Votre connexion a pris fin. Connectez-vous, puis recommencez.")


def _page(request: Request, status: int, text: str) -> Response:
    context = render.bar(request, getattr(request.state, "actor", None)) | {
        "status": status,
        "title": TITLES.get(status, "Incident"),
        "text": text,
        "back": _page_before(request) if request.method == "POST" else "",
    }
    html = render.environment().get_template("error.html").render(**context)
    response = HTMLResponse(html, status_code=status)
    if request.headers.get("HX-Request") == "true":
        response.headers["HX-Retarget"] = "#main"
        response.headers["HX-Reselect"] = "#main"
        response.headers["HX-Reswap"] = "outerHTML"
    return response


def _page_before(request: Request) -> str:
    """Where the form was, when it was one of our own pages: never another site."""
    came = urlsplit(request.headers.get("referer", ""))
    ours = urlsplit(settings.load().public_url).netloc
    if came.netloc not in {ours, request.headers.get("host")}:
        return ""
    return came._replace(scheme="", netloc="").geturl() if came.path[:2].count("/") == 1 else ""


def _behind_doors(routes: list[BaseRoute]) -> None:
    """A route that says nobody's permission, or answers more than its door does, does not start."""
    for route in routes:
        door = getattr(getattr(route, "endpoint", None), "door", None)
        if not isinstance(door, Door) or not isinstance(door.may, Permission):
            raise RuntimeError(f"no door at {getattr(route, 'path', route)}: see web/doors.py")
        methods = getattr(route, "methods", None)
        if methods != ({"POST"} if door.writes else {"GET", "HEAD"}):
            raise RuntimeError(f"{methods} at {getattr(route, 'path', route)}: see web/doors.py")


def _static() -> BaseRoute:
    return Mount("/static", HashedFiles(directory=render.STATIC), name="static")


def _hosts() -> list[str]:
    host = settings.load().public_url.split("//", 1)[-1].rsplit(":", 1)[0]
    local = ["127.0.0.1", "localhost", "testserver"] if settings.load().on_loopback else []
    return [host, *local]


def from_environment() -> Starlette:
    """The application that a server starts: settings from the environment."""
    shell.log_to_stderr()
    kept = settings.load()
    settings.check(kept)
    threading.Thread(target=pdf.warm, daemon=True).start()
    return build(db.connect(kept.database_url))
