"""Walking every route of the house as someone: their cookie, an address for each route."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import NamedTuple

from sqlalchemy import Engine
from starlette.routing import Mount
from starlette.testclient import TestClient

from coordination import app, assembly, db
from coordination.signin import sessions
from tests import furnished

ORIGIN = "http://testserver"
LINK_HOLDER, ANONYMOUS, PERSON_LINK = "link-holder", "anonymous", "person-link"
HALF = "half-signed-in"  # asked for a single-use link, opened it, and did not use it
# By the words of the matrix: who they are in the town.
WHO = {
    ANONYMOUS: None,
    "own-adviser": "alice",
    "partner-adviser": "chloe",
    "training-body": "bruno",
    "stranger-adviser": "eva",
    "secretary": "sophie",
    "chair": "paul",
    "other-secretary": "rita",
    "pilot": "regine",
    "admin": "adam",
    "dpo": "diane",
    "former-member": "fanny",
    "disabled": "denis",
    LINK_HOLDER: None,
    PERSON_LINK: None,
    HALF: None,
    "session-ended": "ended",
}
# What takes away what others need comes after them: alerts treated, points proposed again.
FIRST = "signals:dismiss"
LAST = ("signals:withdraw", "agenda:propose", "agenda:freeze", "live:withdraw", "live:drop_action",
        "live:adjourn", "rights:withdraw_all", "signin:switch", "signin:sign_out",
        "signin:use_link")  # fmt: skip

ABOUT_A_JOURNEY = {"referrals:new", "referrals:create"}  # said after the `?`


class Way(NamedTuple):
    """One route with one method."""

    name: str
    method: str
    path: str

    def of(self, town: SimpleNamespace, role: str = "", **other: object) -> str:
        """Its address in the town; `other` gives other words for its braces."""
        said = furnished.ids(town, self.path) | _token(town, self.path, role) | other
        address = re.sub(r"{(\w+)(?::\w+)?}", lambda found: str(said[found[1]]), self.path)
        return f"{address}?parcours={town.journey.id}" if self.name in ABOUT_A_JOURNEY else address


def _token(town: SimpleNamespace, path: str, role: str) -> dict[str, str]:
    """The one that this role was given, whatever the address: it opens its own kind only."""
    agency = town.recall_token if "/retrait" in path else town.token
    given = {LINK_HOLDER: agency, PERSON_LINK: town.person_token, HALF: town.half_token}
    return {"jeton": given[role]} if role in given else {}


def ways(method: str = "") -> list[Way]:
    """Every route of the assembly, those that write in an order that lets each be tried."""
    found = [
        Way(route.name, "POST" if "POST" in route.methods else "GET", route.path)
        for route in assembly.routes()
        if not isinstance(route, Mount)
    ]
    wanted = [way for way in found if not method or way.method == method]
    return sorted(
        wanted,
        key=lambda way: LAST.index(way.name) if way.name in LAST else -1 - (way.name == FIRST),
    )


def full(engine: Engine, town: SimpleNamespace) -> SimpleNamespace:
    """The town with one of everything, and its base: `full.engine`."""
    with db.transaction(engine) as session:
        furnished.furnish(session, town)
    town.engine = engine
    return town


def least(way: Way, town: SimpleNamespace) -> dict[str, str]:
    """The fields that say what a form is about, where its address does not."""
    if way.name in ABOUT_A_JOURNEY:
        return {"parcours": str(town.journey.id)}
    about = {"live:record": town.point, "live:decide_action": town.point,
             "live:review_action": town.review}  # fmt: skip
    return {"item": str(about[way.name].id)} if way.name in about else {}


def visitor(town: SimpleNamespace, role: str) -> TestClient:
    """A browser with the session of this role, recognised as the house recognises everyone."""
    client = TestClient(
        app.build(town.web), headers={"Origin": ORIGIN}, follow_redirects=False,
        raise_server_exceptions=False,
    )  # fmt: skip
    if name := WHO.get(role, role):
        client.cookies.set(sessions.cookie_name(), town.cookies[name])
    return client


def keys() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"walk-key-{number:05}"
