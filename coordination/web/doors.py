"""The four doors of the house: a page reads, an action writes, a stream carries numbers, a link
serves who came by a signed address.

Every handler comes in through one of them. So no handler opens a session, commits, awaits a form,
or forgets to say who may enter.
"""

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import anyio.to_thread
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlmodel import Session, select
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from coordination import access, audit, settings
from coordination.access import Permission
from coordination.agencies.actors import ANONYMOUS, Actor
from coordination.db import reading, set_context, transaction
from coordination.errors import Gone, NotAllowed, Refused, Unavailable
from coordination.links import LinkKind
from coordination.web import deeds, renewing, sharing, signed
from coordination.web.bodies import read_form
from coordination.web.forms import Form, InvalidForm
from coordination.web.models import Deed
from coordination.web.render import go
from coordination.web.visit import Door, Visit, route_name

Handler = Callable[[Visit], Response]
Again = Callable[..., Any]  # a page's handler, with or without its door


def page(
    may: Permission, *, by_link: LinkKind | None = None, gone: Again | None = None
) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """A handler that only reads. `by_link`: who comes is told by the token of the address; `gone`
    answers, as nobody, when that token opens nothing any more."""

    door = Door(may, writes=False, kind="page", by_link=by_link)

    def decorate(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            return await anyio.to_thread.run_sync(
                _read, request, handler, door, gone, limiter=request.app.state.readers
            )

        endpoint.door = door  # type: ignore[attr-defined]
        return endpoint

    return decorate


def action(
    may: Permission,
    *,
    again: Again | None = None,
    by_link: LinkKind | None = None,
    most: int = 6 * 1024 * 1024,
    first: Callable[[FormData], Any] | None = None,
) -> Callable[[Handler], Callable[[Request], Awaitable[Response]]]:
    """A handler that writes: kept if it returns, undone if it raises.

    When the form is refused (422) or stale (409), `again` shows it once more with its messages and
    all that was typed. `most` is the largest body accepted, in bytes. `first` reads what was sent
    before the transaction opens, for who may enter (`visit.brought`): a long file would hold it.
    """

    door = Door(may, writes=True, kind="action", by_link=by_link, first=first)

    def decorate(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            if not _from_our_own_pages(request):
                raise NotAllowed("Ce formulaire vient d’un autre site : il n’est pas accepté.")
            try:
                sent = await read_form(request, most=most)
            except Refused:
                if door.by_link is None:  # the refusal keeps the bar of who comes
                    await anyio.to_thread.run_sync(
                        _who, request, door.may, limiter=request.app.state.readers
                    )
                raise
            try:
                return await anyio.to_thread.run_sync(
                    _write, request, handler, door, again, sent, limiter=request.app.state.writers
                )
            finally:
                await sent.close()  # uploaded files

        endpoint.door = door  # type: ignore[attr-defined]
        return endpoint

    return decorate


def stream(
    may: Permission,
) -> Callable[
    [Callable[[Request, Actor], AsyncIterator[str]]], Callable[[Request], Awaitable[Response]]
]:
    """Server-sent events: numbers only, never content, and no session held while it waits. The
    handler checks first what it may count, through `reading_as`."""

    def door(
        handler: Callable[[Request, Actor], AsyncIterator[str]],
    ) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            actor = await anyio.to_thread.run_sync(
                _who, request, may, limiter=request.app.state.readers
            )
            events = handler(request, actor)
            first = await anext(events, "")  # what may not be counted is refused before the answer
            return StreamingResponse(
                _from(first, events),
                media_type="text/event-stream",
                headers={"X-Accel-Buffering": "no"},
            )

        endpoint.door = Door(may, writes=False, kind="stream")  # type: ignore[attr-defined]
        return endpoint

    return door


async def _from(first: str, events: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for event in events:
        yield event


async def reading_as(request: Request, actor: Actor, ask: Callable[[Session], Any]) -> Any:
    """One short read for a stream, in the pool of readers."""

    def run() -> Any:
        with reading(request.app.state.engine, context=actor.context) as db:
            return ask(db)

    return await anyio.to_thread.run_sync(run, limiter=request.app.state.readers)


def _read(request: Request, handler: Handler, door: Door, gone: Again | None) -> Response:
    with reading(request.app.state.engine) as db:
        try:
            visit = _enter(request, db, door, FormData())
        except Gone:
            if gone is None:
                raise
            response = gone(Visit(request, db, ANONYMOUS, Form()))
            response.status_code = Gone.status
            return response
        if renewing.out_of_date(visit):
            return renewing.ask_again()
        response = handler(visit)
        lines = _not_yet_written(db, visit._saws)
    _write_after(request, visit, lines)
    return response


def _write(
    request: Request, handler: Handler, door: Door, again: Again | None, sent: FormData
) -> Response:
    try:
        if door.first:
            _who(request, door.may)
            request.state.brought = door.first(sent)
        try:
            return _do(request, handler, door, sent)
        except IntegrityError:
            # Two sendings at once, or a slot just taken: what stands now decides, once more.
            return _do(request, handler, door, sent)
    except Refused as refusal:
        if again is None or refusal.status not in (409, 422):
            if _open_page_out_of_date(request, door):
                return renewing.ask_again()
            raise
        return _once_more(request, door, again, sent, refusal)


def _do(request: Request, handler: Handler, door: Door, sent: FormData) -> Response:
    state = request.app.state
    with transaction(state.engine, state.closers) as db:
        visit = _enter(request, db, door, sent)
        stale = renewing.out_of_date(visit)
        deed: Deed | None = None
        if key := visit.form.get(deeds.FIELD):
            route = route_name(request)
            path = request.url.path
            deed = deeds.claim(db, key=key, actor=visit.actor, route=route, path=path, form=sent)
            if deed.then:
                then = deeds.opened(deed.then, request.path_params)
                return go(visit, then, say="C’était déjà enregistré.", level="info")
        response = handler(visit)
        if deed is not None:
            then = response.headers.get("X-Then", request.url.path)
            deed.then = deeds.closed(then, request.path_params)
        if "X-Then" in response.headers:
            del response.headers["X-Then"]
        for line in _not_yet_written(db, visit._saws):
            db.add(line)
        for write in visit._later:
            write(db)
    return renewing.ask_again() if stale and "HX-Redirect" not in response.headers else response


def _open_page_out_of_date(request: Request, door: Door) -> bool:
    """The same, once a write has been refused and undone."""
    if sharing.HEADER not in request.headers:
        return False
    with reading(request.app.state.engine) as db:
        return renewing.out_of_date(_enter(request, db, door, FormData()))


def _once_more(
    request: Request, door: Door, again: Again, sent: FormData, refusal: Refused
) -> Response:
    """The form again, in a reading transaction of its own: nothing of the first try is kept."""
    with reading(request.app.state.engine) as db:
        visit = _enter(request, db, door, sent)
        form = refusal.form if isinstance(refusal, InvalidForm) else visit.form
        if not isinstance(refusal, InvalidForm):
            form.wrong(getattr(refusal, "field", "") or "_", str(refusal))
            stale = refusal.details.get("form")
            form.conflict = stale.conflict if isinstance(stale, Form) else {}
        visit = replace(visit, form=form, whole=renewing.out_of_date(visit))
        response: Response = inspect.unwrap(again)(visit)
        lines = _not_yet_written(db, visit._saws)
    response.status_code = refusal.status
    if visit.whole:
        renewing.around(response)
    _write_after(request, visit, lines)
    return response


def _who(request: Request, may: Permission) -> Actor:
    with reading(request.app.state.engine) as db:
        return _enter(request, db, Door(may, writes=False, kind="stream"), FormData()).actor


def _enter(request: Request, db: Session, door: Door, sent: FormData) -> Visit:
    later: list[Callable[[Session], None]] = []
    actor: Actor = (
        signed.identify(request, db, door.by_link, later.append)
        if door.by_link
        else request.app.state.identify(request, db, later.append)
    )
    request.state.actor = actor  # a page that says no keeps the bar of who comes
    set_context(db, actor.context)
    access.require(actor, door.may)
    return Visit(request, db, actor, Form(sent), _later=later)


def _write_after(request: Request, visit: Visit, lines: list[audit.AccessLine]) -> None:
    """The access lines, before the first byte leaves; without them nothing leaves."""
    if not lines and not visit._later:
        return
    try:
        try:
            _write_lines(request, visit, lines)
        except IntegrityError:
            # Another request wrote a quarter-hour line a moment ago: write those still missing.
            _write_lines(request, visit, lines)
    except SQLAlchemyError as fault:
        raise Unavailable(
            "La consultation n’a pas pu être inscrite au journal : réessayez dans un instant."
        ) from fault


def _write_lines(request: Request, visit: Visit, lines: list[audit.AccessLine]) -> None:
    with transaction(request.app.state.engine, context=visit.actor.context) as db:
        for line in _not_yet_written(db, lines):
            db.add(audit.AccessLine(**line.model_dump()))
        for write in visit._later:
            write(db)


def _not_yet_written(db: Session, lines: Iterable[audit.AccessLine]) -> list[audit.AccessLine]:
    """Without the list lines that this quarter of an hour already has."""
    kept, seen = [], set()
    for line in lines:
        if line.list_key is not None:
            if line.list_key in seen:
                continue
            seen.add(line.list_key)
            written = select(audit.AccessLine.id).where(audit.AccessLine.list_key == line.list_key)
            if db.exec(written).first():
                continue
        kept.append(line)
    return kept


def _from_our_own_pages(request: Request) -> bool:
    """Browsers say where a form comes from; what does not say is refused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = urlsplit(settings.load().public_url).netloc
    return urlsplit(origin).netloc in {ours, request.headers.get("host", "")}
