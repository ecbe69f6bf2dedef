"""One import as the pages and the worker do it: `python -m bench.imports_work came URL FILE TOLD`
(then `again`, `undone`) writes what it took as JSON. Memory is that of this process, and
of the one that unfolds a workbook."""

import json
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel, func, select

from bench.signals_night import _watch
from coordination import assembly, db
from coordination.agencies import actors
from coordination.agencies.models import Agency, AgencyKind, Membership, Professional, Role
from coordination.journeys import imports
from coordination.journeys.imports import runs
from coordination.journeys.models import Journey
from coordination.journeys.models_imports import ImportRun, ImportState
from coordination.programmes.models import Programme, ProgrammeKind


def main(what: str, url: str, file: str, told: str) -> None:
    assembly.load_models()
    engine = db.connect(url)
    if what == "came":
        _prepare(engine)
    longest = _watch(engine)
    steps: dict[str, float] = {}
    began, spent = time.perf_counter(), time.process_time()
    if what == "undone":
        _undo(engine)
    else:
        _bring(engine, Path(file).read_bytes(), steps)
    with db.reading(engine) as session:
        journeys = session.exec(select(func.count()).select_from(Journey)).one()
    said: dict[str, Any] = {
        "seconds": round(time.perf_counter() - began, 2),
        "processor": round(time.process_time() - spent, 2),
        "memory": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "child": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "longest": round(longest[0] * 1000, 1),
        "journeys": journeys,
        "steps": {step: round(took, 2) for step, took in steps.items()},
    }
    engine.dispose()
    Path(told).write_text(json.dumps(said))


def _bring(engine: Any, content: bytes, steps: dict[str, float]) -> None:
    with db.transaction(engine) as session:
        who = session.exec(select(Professional.id)).one()
        actor = actors.of_professional(session, who)
        programme = session.exec(select(Programme.id)).one()
    assert actor is not None
    assert actor.agency_id is not None
    began = time.perf_counter()
    table = imports.reading.read(content)
    steps["the file read"] = time.perf_counter() - began
    with db.transaction(engine, assembly.CLOSERS) as session:
        run = runs.receive(
            session, table, name="list", sha256="0" * 64, agency_id=actor.agency_id,
            answers=imports.Answers(programme), actor=actor,
        )  # fmt: skip
        key = run.id
    del table
    steps["the file kept"] = time.perf_counter() - began - sum(steps.values())
    _work(engine, runs.PLAN, key)
    steps["its lines shown"] = time.perf_counter() - began - sum(steps.values())
    with db.transaction(engine, assembly.CLOSERS) as session:
        run = session.get_one(ImportRun, key)
        assert run.state is ImportState.READY
        if not run.report["writes"]:
            return
        runs.confirm(session, run, actor=actor)
    _work(engine, runs.WRITE, key)
    steps["written"] = time.perf_counter() - began - sum(steps.values())
    with db.reading(engine) as session:
        assert session.get_one(ImportRun, key).state is ImportState.DONE


def _undo(engine: Any) -> None:
    with db.transaction(engine, assembly.CLOSERS) as session:
        actor = actors.of_professional(session, session.exec(select(Professional.id)).one())
        assert actor is not None
        done = select(ImportRun).where(ImportRun.state == ImportState.DONE)
        run = session.exec(done.with_for_update()).one()
        runs.undo(session, run, actor=actor)
        key = run.id
    _work(engine, runs.UNDO, key)
    with db.reading(engine) as session:
        assert session.get_one(ImportRun, key).state is ImportState.UNDONE


def _work(engine: Any, kind: str, key: object) -> None:
    """As the worker does; a short list was done already."""
    assembly.JOBS[kind](engine, {"run": str(key)})


def _prepare(engine: Any) -> None:
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
        agency = Agency(name="Mission locale", kind=AgencyKind.MISSION_LOCALE)
        who = Professional(given_name="Alice", usual_name="Martin", email="alice@example.org")
        session.add_all(
            (
                agency,
                who,
                Programme(slug="declic", name="Déclic", kind=ProgrammeKind.REMOBILISATION),
            )
        )
        session.flush()
        session.add(Membership(professional_id=who.id, agency_id=agency.id, role=Role.ADVISER,
                               from_on=date(2020, 1, 1)))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
