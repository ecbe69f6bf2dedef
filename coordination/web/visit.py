"""One visit: who comes, what they brought, the database; and what a route promises."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request

from coordination import audit, clock
from coordination.access import Permission
from coordination.agencies.actors import Actor
from coordination.consent import rule
from coordination.links import LinkKind
from coordination.persons.categories import bits
from coordination.web import sharing
from coordination.web.forms import Form, clean

FLASH = "passerelles-flash"  # the cookie that carries one word to the next page


@dataclass(frozen=True)
class Door:
    """What a route promises. Tests read it on every route."""

    may: Permission
    writes: bool
    kind: str  # page | action | stream
    by_link: LinkKind | None = None  # identified by the address's token, never by a session
    first: Callable[[FormData], Any] | None = None  # reads what was sent, before the transaction


@dataclass(frozen=True)
class Visit:
    """One request, with all a handler needs: who comes, what they brought, the database."""

    request: Request
    db: Session
    actor: Actor
    form: Form
    _saws: list[audit.AccessLine] = field(default_factory=list)
    _later: list[Callable[[Session], None]] = field(default_factory=list)
    _shown: set[UUID] = field(default_factory=set)
    whole: bool = False  # the open page is out of date: a part of it would not do

    @property
    def path(self) -> dict[str, Any]:
        return self.request.path_params

    @property
    def brought(self) -> Any:
        """What the door's `first` made of what was sent."""
        return self.request.state.brought

    @property
    def query(self) -> dict[str, str]:
        return {name: clean(value) for name, value in self.request.query_params.items()}

    @property
    def by_htmx(self) -> bool:
        return self.request.headers.get("HX-Request") == "true"

    @property
    def wants_partial(self) -> bool:
        return (
            not self.whole
            and self.by_htmx
            and self.request.headers.get("HX-Request-Type", "partial") == "partial"
        )

    @property
    def sealed(self) -> str:
        """Whom the open page shows, as it carried them back (see `sharing`); empty: nobody."""
        return self.request.headers.get(sharing.HEADER, "") if self.by_htmx else ""

    def sharing(self) -> str:
        """What this answer's page must carry: whom it shows, and whom it showed already."""
        before = sharing.opened(self.sealed) if self.sealed and self.wants_partial else None
        return sharing.seal(self.db, self._shown | set(before or ()))

    @property
    def flash(self) -> list[tuple[str, str]]:
        level, bar, text = unquote(self.request.cookies.get(FLASH, "")).partition("|")
        known = level in {"success", "info", "warning", "error"}
        return [(level, text)] if bar and known else []

    def url(self, route: str, **path: Any) -> str:
        """The path of a route, without host: links inside the house."""
        return str(self.request.app.url_path_for(route, **path))

    def saw(self, person_id: UUID, readable: rule.Readable, *, once: str = "") -> None:
        """Declare that this answer shows something of a person, and on what it stands. The line is
        committed before the first byte leaves. `once` names a page that refreshes itself: one line
        per actor, person, what was readable, and quarter of an hour."""
        self.shows([person_id])
        standing = rule.standing_text(readable)
        key = self._quarter(f"{once}|{person_id}|{standing}") if once else None
        self._saws.append(
            self._line(
                person_id=person_id,
                categories=bits(readable),
                standing_on=standing,
                list_key=key,
            )
        )

    def shows(self, persons: Iterable[UUID]) -> None:
        """The page names these persons: when what they share changes, it is asked for again."""
        self._shown.update(persons)

    def saw_list(self, name: str) -> None:
        """Declare that a list of persons is shown: one line per actor, list and quarter of an
        hour."""
        self._saws.append(self._line(list_key=self._quarter(name)))

    def later(self, write: Callable[[Session], None]) -> None:
        """Write this in the short transaction that follows the page (never a fact)."""
        self._later.append(write)

    def _quarter(self, name: str) -> str:
        quarter = int(clock.now().timestamp()) // 900
        who = self.actor.professional_id or self.actor.link_id
        return f"{name}|{who}|{self.actor.agency_id}|{quarter}"

    def _line(self, **said: Any) -> audit.AccessLine:
        return audit.AccessLine(
            professional_id=self.actor.professional_id,
            agency_id=self.actor.agency_id,
            link_id=self.actor.link_id,
            route=route_name(self.request),
            **said,
        )


def route_name(request: Request) -> str:
    """The name of the route asked for: what logs and access lines say instead of an address."""
    route = request.scope.get("route")
    return getattr(route, "name", "") or ""
