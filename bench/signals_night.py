"""Two nights over a planted base, then one journey at a time: `python -m bench.signals_night URL
FILE` writes what it measured as JSON. Memory is that of this process."""

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event, func, select
from sqlmodel import Session, col

from bench.report import percentile
from coordination import assembly, clock, db
from coordination.agencies.models import Agency, Membership
from coordination.journeys.models import LIVE_STATES, Journey
from coordination.journeys.touch import touch
from coordination.persons.models import PersonIdentity
from coordination.signals import raising, runner
from coordination.signals.models import Signal
from coordination.signin import sessions


def main(url: str, file: str) -> None:
    assembly.load_models()
    engine = db.connect(url)
    longest = _watch(engine)
    said: dict[str, Any] = {}
    _alone(engine)  # the pages are warm for the nights too, as they are for what they are held to
    said["first_night"] = _timed(lambda: runner.run(engine, assembly.RULES))
    now = clock.now()
    clock.set_source(lambda: now + timedelta(days=1))  # the sentences count one more day
    said["next_night"] = _timed(lambda: runner.run(engine, assembly.RULES))
    said["longest"] = round(longest[0] * 1000, 1)
    said["memory"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    said["alone"] = _alone(engine)
    said["one"] = round(percentile(_one_by_one(engine), 0.95) * 1000, 1)
    clock.set_source(None)
    with db.transaction(engine) as session:
        standing = select(func.count()).select_from(Signal).where(col(Signal.ended_at).is_(None))
        said["standing"] = session.execute(standing).scalar_one()
        said |= _reader(session)
        session.connection().exec_driver_sql("ANALYZE signal")  # as by the morning
    engine.dispose()
    Path(file).write_text(json.dumps(said))


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _watch(engine: Engine) -> list[float]:
    """The longest transaction that wrote, in seconds."""
    began, longest = [0.0], [0.0]

    def begin(connection: Any) -> None:
        began[0] = time.perf_counter()

    def commit(connection: Any) -> None:
        if connection.get_execution_options().get("passerelles_writes"):
            longest[0] = max(longest[0], time.perf_counter() - began[0])

    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    return longest


def _alone(engine: Engine) -> float:
    """Each rule's own SELECT over every journey, counted; the second time, once pages are warm."""
    everything = raising.Scope(lambda column: column.is_not(None))
    took = 0.0
    with db.reading(engine) as session:
        limits = raising.thresholds(session, clock.today())
        for _ in range(2):
            took = 0.0
            for rule in assembly.RULES:
                if rule.concerns(limits):
                    rows = rule.select(limits.today, limits, everything).subquery()
                    counted = select(func.count()).select_from(rows)
                    before = time.perf_counter()
                    session.execute(counted).scalar()
                    took += time.perf_counter() - before
    return took


def _one_by_one(engine: Engine, count: int = 200) -> list[float]:
    """Seconds that looking again at one live journey adds to a commit."""
    with db.reading(engine) as session:
        live = select(col(Journey.id)).where(col(Journey.state).in_(LIVE_STATES)).limit(20_000)
        keys = list(session.execute(live).scalars())
    took = []
    for key in Random(4).sample(keys, min(count, len(keys))):
        with db.transaction(engine) as session:
            touch(session, key)
            session.flush()
            before = time.perf_counter()
            runner.close(session, assembly.RULES)
            took.append(time.perf_counter() - before)
    return took[5:]


def _reader(session: Session) -> dict[str, Any]:
    """The agency whose share is nearest to 1 %, someone of it signed in, the lists they read."""
    total = session.execute(select(func.count()).select_from(Journey)).scalar_one()
    shares = session.execute(
        select(col(Journey.agency_id), func.count()).group_by(col(Journey.agency_id))
    ).all()
    agency, held = min(shares, key=lambda row: abs(row[1] - total / 100))
    who = session.execute(
        select(col(Membership.professional_id))
        .where(col(Membership.agency_id) == agency, col(Membership.until_on).is_(None))
        .order_by(col(Membership.id))
    ).scalars().first()  # fmt: skip
    assert isinstance(who, UUID)
    assert session.get(Agency, agency)
    programme, name = session.execute(
        select(col(Journey.programme_id), col(PersonIdentity.usual_name))
        .join(PersonIdentity, col(PersonIdentity.person_id) == col(Journey.person_id))
        .where(col(Journey.agency_id) == agency)
        .order_by(col(Journey.id))
    ).first() or (None, "")  # fmt: skip
    token = sessions.open_session(session, who, means="link")
    return {
        "share": round(held * 100 / total, 2),
        "cookie": f"passerelles={token}",
        "filters": {
            "open journeys": "/parcours",
            "every state": "/parcours?etat=tous",
            "page 10": "/parcours?etat=tous&page=10",
            "with an alert": "/parcours?alertes=1",
            "one programme": f"/parcours?etat=tous&dispositif={programme}",
            "my journeys": "/parcours?miens=1",
            "by name": f"/parcours?etat=tous&q={name}",
        },
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
