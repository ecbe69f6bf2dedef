"""The baseline of a list page: Starlette, sqlite3, the same compiled template and rows, nothing
else. It asks the base what the real page asks for its rows, on a connection kept per thread."""

import os
import sqlite3
import threading
from typing import Any
from unittest import mock

import anyio
import anyio.to_thread
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from coordination import app as house
from coordination import db
from coordination.referrals import pages
from coordination.web import render

PATH = "/orientations?sens=recues"


def app() -> Starlette:
    """A factory for the server. The base and the cookie are those of the real page."""
    url, cookie = os.environ["PASSERELLES_DATABASE_URL"], os.environ["BENCH_COOKIE"]
    template, context, sql, parameters = _capture(url, cookie)
    local = threading.local()
    path = url.removeprefix("sqlite:///")
    limiter = anyio.CapacityLimiter(2)

    def serve() -> str:
        if not hasattr(local, "base"):
            local.base = sqlite3.connect(path)
        rows = local.base.execute(sql, parameters).fetchall()
        assert len(rows) == len(context["lines"])
        return template.render(**context)

    async def page(_: Request) -> Response:
        return HTMLResponse(await anyio.to_thread.run_sync(serve, limiter=limiter))

    return Starlette(routes=[Route("/orientations", page)])


def _capture(url: str, cookie: str) -> tuple[Any, dict[str, Any], str, Any]:
    """The template and context of the real page, and the statement that brought its rows."""
    engine = db.connect(url)
    asked: list[tuple[str, Any]] = []
    seen: list[tuple[str, dict[str, Any]]] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda c, cursor, sql, parameters, *_: asked.append((sql, parameters)),
    )
    real = pages.render

    def spy(visit: Any, name: str, **given: Any) -> Response:
        partial = given.pop("partial", "")
        seen.append((name, render._given(visit) | given))
        return real(visit, name, partial=partial, **given)

    with mock.patch.object(pages, "render", spy):
        TestClient(house.build(engine)).get(PATH, headers={"Cookie": cookie})
    (name, context), *_ = seen
    sql, parameters = next(pair for pair in asked if "LIMIT" in pair[0] and "referral" in pair[0])
    return render.environment().get_template(name), context, sql, parameters
