"""Templates: the environment, what every page receives, and the two ways to answer."""

import hashlib
import json
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from coordination import __version__, access, labels, settings
from coordination.agencies.actors import Actor
from coordination.web import deeds, french, sharing, wording
from coordination.web.visit import FLASH, Visit, route_name

STATIC = settings.ROOT / "static"


@cache
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(settings.ROOT / "templates"),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),  # .txt: mails
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(static_url=static_url, version=__version__)
    env.filters.update(
        label=labels.of,
        fine=french.fine,
        day=french.day,
        weekday=french.weekday,
        short=french.short,
        moment=french.moment,
        hour=french.hour,
        stamp=french.stamp,
        number=french.number,
        minutes=french.minutes,
    )
    return env


def static_url(path: str) -> str:
    """The address of a static file, with its hash: it may be cached for a year."""
    return f"/static/{_fingerprint()}/{path}"


@cache
def _fingerprint() -> str:
    """One fingerprint for the whole folder: stylesheets import each other by relative paths."""
    digest = hashlib.sha256()
    for file in sorted(p for p in STATIC.rglob("*") if p.is_file() and p.suffix != ".md"):
        digest.update(str(file.relative_to(STATIC)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def text(template: str, **context: Any) -> str:
    """A template without a visit: documents, mails."""
    return environment().get_template(template).render(**context)


def render(
    visit: Visit, template: str, *, partial: str = "", status: int = 200, **context: Any
) -> Response:
    """The page; or, when htmx asks for a part, only the part of it that changes."""
    chosen = partial if partial and visit.wants_partial else template
    given = _given(visit) | context
    html = environment().get_template(chosen).render(**given)
    response = HTMLResponse(
        html, status_code=status, headers={"Vary": "HX-Request, HX-Request-Type"}
    )
    if chosen is not template and (seal := visit.sharing()):
        response.headers[sharing.HEADER] = seal
    if chosen is template and FLASH in visit.request.cookies:
        response.delete_cookie(FLASH, path="/")
    return response


def done(visit: Visit, *, then: str, partial: str = "", say: str = "", **context: Any) -> Response:
    """After a write: the changed part for htmx, a redirect for everyone else. `say` is told once,
    on the next page (or politely, by a screen reader and a banner, after a swap)."""
    say = _with_advice(visit, say)
    if partial and visit.wants_partial:
        response = render(visit, partial, partial=partial, **context)
        response.headers["X-Then"] = then
        if say:
            response.headers["HX-Trigger"] = json.dumps({"annonce": {"text": french.fine(say)}})
        return response
    return go(visit, then, say=say)


def go(visit: Visit, then: str, *, say: str = "", level: str = "success") -> Response:
    """A redirect, for browsers and for htmx, with a word for the next page."""
    say = _with_advice(visit, say)
    then = quote(then, safe="/%#?=&:@[]!$'()*+,;~")  # a header holds no other letters
    if visit.by_htmx:
        response = Response(status_code=200, headers={"HX-Redirect": then})
    else:
        response = RedirectResponse(then, status_code=303)
    response.headers["X-Then"] = then
    if say:
        response.set_cookie(
            FLASH, quote(f"{level}|{say}"), max_age=60, httponly=True, samesite="lax", path="/",
            secure=settings.load().https,
        )  # fmt: skip
    return response


# Rooms whose forms speak of nobody; what is typed in the others is looked at again (`wording`).
_ABOUT_NOBODY = {"administration", "agencies", "directory", "meetings", "monitoring", "programmes",
                 "signin"}  # fmt: skip


def _with_advice(visit: Visit, say: str) -> str:
    """What was just recorded, and a neutral wording where a text touches what has no place here."""
    room = route_name(visit.request).partition(":")[0]
    if not say or room in _ABOUT_NOBODY or visit.form.ticked("reread"):
        return say
    said = wording.advice(visit.form.values.values())
    return f"{say} {said}" if said and said not in say else say


def _given(visit: Visit) -> dict[str, Any]:
    return bar(visit.request, visit.actor) | {
        "flash": visit.flash, "url": visit.url, "sharing": visit.sharing,
    }  # fmt: skip


def bar(request: Request, comes: Actor | None) -> dict[str, Any]:
    """What the frame of every page takes, pages that say no included."""
    actor = comes if comes and comes.professional_id else None
    may = access.permissions(actor) if actor else frozenset()
    path = request.url.path
    open_to = [
        (label, url) for label, url, permission in request.app.state.nav if permission in may
    ]
    inside = [url for _, url in open_to if path == url or path.startswith(url + "/")]
    return {
        "actor": actor,
        "nav": [
            {"label": label, "url": url, "current": url == max(inside, key=len, default="")}
            for label, url in open_to
        ],
        "flash": [],
        "search_open": access.Permission.JOURNEY_READ in may,
        "demo": settings.load().demo,
        "request_path": path,
        "form_key": deeds.new_key(),
    }
