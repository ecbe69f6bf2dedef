"""What PostgreSQL's own walls cost: the same pages of the same Région, as the web role, on a base
with row-level security and on its copy without, in turn in the same run."""

import os
import statistics
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, text
from sqlmodel import col, select

from bench.base import timed
from bench.report import Bar

JOURNEYS = int(os.environ.get("TRACE_JOURNEYS", "3_000"))
ROUNDS = 60


def bars() -> list[Bar]:
    """One bar on the median of the pages; each page told beside."""
    from coordination import db, seed, walls
    from tests import bases, postgres

    with postgres.cluster() as cluster:
        bases.create_template(cluster, "walled")
        owner = db.connect(cluster.url("walled", bases.OWNER))
        with db.transaction(owner) as session:
            walls.ease(session)
        seed.plant(owner, journeys=JOURNEYS, say=lambda _: None)
        with db.transaction(owner) as session:
            walls.raise_walls(session, bases.ROLES)
        owner.dispose()
        cluster.create("bare", template="walled")
        for name in ("walled", "bare"):
            _settle(cluster.url(name), bare=name == "bare")
        engines = [
            db.connect(cluster.url(name, bases.ROLES.web), pool_size=2)
            for name in ("walled", "bare")
        ]
        worker = db.connect(cluster.url("walled", bases.ROLES.worker), pool_size=1)
        with db.reading(worker) as session:
            pages = _pages(session)
        worker.dispose()
        try:
            return _measure(engines[0], engines[1], pages)
        finally:
            for engine in engines:
                engine.dispose()


def _settle(url: str, *, bare: bool) -> None:
    """The planner knows the tables; the copy loses its walls."""
    from coordination import db
    from coordination.walls.policies import policies

    engine = db.connect(url, pool_size=1)
    with db.transaction(engine) as session:
        for table in policies() if bare else ():
            session.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
        session.execute(text("ANALYZE"))
    engine.dispose()


def _pages(session: Any) -> list[tuple[str, Any, str]]:
    """(what, who opens it, address) of the pages opened most."""
    from coordination.agencies.models import Grant, Membership, Professional
    from coordination.committees.models import Meeting, MeetingState
    from coordination.journeys.models import Journey
    from coordination.referrals.models import Referral

    def persona(word: str) -> Any:
        return session.exec(select(Professional.id).where(Professional.persona == word)).one()

    referent, partner, secretary = (persona(w) for w in ("referent", "partenaire", "secretariat"))

    def agency_of(who: Any) -> Any:
        return session.exec(
            select(Membership.agency_id).where(Membership.professional_id == who)
        ).first()

    journey = session.exec(
        select(Journey.id).where(Journey.agency_id == agency_of(referent))
    ).first()
    referral = session.exec(
        select(Referral.id).where(
            Referral.recipient_id == agency_of(partner), col(Referral.started_on).is_not(None)
        )
    ).first()
    pages = [
        ("Aujourd’hui", referent, "/aujourdhui"),
        ("list of journeys", referent, "/parcours"),
        ("a journey", referent, f"/parcours/{journey}"),
        ("referrals received", partner, "/orientations"),
    ]
    if referral:
        pages.append(("a referral", partner, f"/orientations/{referral}"))
    mine = select(Grant.scope_id).where(Grant.professional_id == secretary)
    meeting = (
        session.exec(
            select(Meeting.id).where(
                col(Meeting.committee_id).in_(mine), Meeting.state == MeetingState.PLANNED
            )
        ).first()
        or session.exec(select(Meeting.id).where(col(Meeting.committee_id).in_(mine))).first()
    )
    pages.append(("an agenda", secretary, f"/seances/{meeting}/ordre-du-jour"))
    return pages


def _measure(walled: Engine, bare: Engine, pages: list[tuple[str, Any, str]]) -> list[Bar]:
    told, ratios = [], []
    for what, who, address in pages:
        visits = [_visitor(engine, who, address) for engine in (walled, bare)]
        for visit in visits:
            for _ in range(5):
                visit()
        took: list[list[float]] = [[], []]
        for _ in range(ROUNDS):
            for rank, visit in enumerate(visits):
                took[rank].append(timed(visit))
        ratio = statistics.median(took[0]) / statistics.median(took[1])
        ratios.append(ratio)
        told.append(
            Bar(f"{what}, with the walls against without", float(f"{ratio:.3g}"), "ratio", "≤ 1.5")
        )
    middle = float(f"{statistics.median(ratios):.3g}")
    return [Bar("pages with the walls against without, median", middle, "ratio", "≤ 1.5"), *told]


def _visitor(engine: Engine, who: Any, address: str) -> Callable[[], object]:
    from starlette.testclient import TestClient

    from coordination import app
    from coordination.agencies import actors

    def identify(request: Any, session: Any, later: Any) -> Any:
        return actors.of_professional(session, who) or actors.ANONYMOUS

    client = TestClient(app.build(engine, identify=identify), base_url="http://127.0.0.1")

    def visit() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")

    return visit
