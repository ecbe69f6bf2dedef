"""Long work and clocks: carries the outbox, does the jobs, asks for what each day and hour bring.

Several workers may run: a job is claimed once, a daily one has the day in its key.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from coordination import assembly, clock, db, jobs, outbox, settings
from coordination.postman import carry

log = logging.getLogger("passerelles.worker")

Work = Callable[[Engine, dict[str, Any]], dict[str, Any]]


def run(engine: Engine, *, stop: threading.Event | None = None, pause: float = 1.0) -> None:
    """Work until told to stop."""
    ending = stop or threading.Event()
    while not ending.is_set():
        try:
            busy = turn(engine)
        except Exception:
            log.exception("turn")
            busy = False
        if not busy:
            ending.wait(pause)


def turn(engine: Engine) -> bool:
    """One turn: what is due is asked for, one job and the waiting letters are done. False when
    there was nothing."""
    ask_for_what_is_due(engine)
    carried = deliver(engine)
    return work_once(engine) or carried > 0


def deliver(engine: Engine, *, most: int = 100) -> int:
    """Carry the letters that are due."""
    send = carry.send(settings.load(), assembly.LETTERS)
    carried = 0
    while carried < most and outbox.carry_one(engine, send):
        carried += 1
    return carried


def work_once(engine: Engine) -> bool:
    job = jobs.claim(engine)
    if job is None:
        return False
    started = time.perf_counter()
    try:
        result = assembly.JOBS[job.kind](engine, job.arguments)
    except Exception:
        log.exception("job", extra={"said": {"kind": job.kind, "attempt": job.attempts}})
        jobs.finish(engine, job.id, failed=True)
    else:
        jobs.finish(engine, job.id, **result)
        seconds = round(time.perf_counter() - started, 3)
        log.info("job", extra={"said": {"kind": job.kind, "seconds": seconds}})
    return True


def ask_for_what_is_due(engine: Engine) -> None:
    """Ask once a day, or once an hour, for each clock's work."""
    now = clock.local(clock.now())
    keys = {
        kind: f"{kind}:{now:%Y-%m-%d}" if every == "day" else f"{kind}:{now:%Y-%m-%dT%H}"
        for kind, every in assembly.CLOCKS
    }
    missing = {kind: key for kind, key in keys.items() if _asked.get(kind) != key}
    if not missing:
        return
    with db.transaction(engine) as session:
        for kind, key in missing.items():
            jobs.ask(session, kind, key=key)
    _asked.update(missing)


_asked: dict[str, str] = {}
