"""The town in real time, in a base of its own on SQLite, and the house served from this process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import uvicorn
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from coordination import app, assembly, db, labels
from coordination.committees.models import MeetingMove, MeetingState
from coordination.directory.models import Service
from coordination.journeys.models import (
    JourneyMove,
    JourneyState,
    Step,
    StepKind,
    Suspension,
    SuspensionCause,
)
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact, PersonIdentifier, PersonNote
from coordination.web.models import Draft
from tests import biography, walking
from tests import town as small


def empty(path: Path) -> Engine:
    assembly.load_models()
    engine = db.connect(f"sqlite:///{path}", pool_size=4)
    with db.transaction(engine) as session:
        SQLModel.metadata.create_all(session.connection())
    return engine


def furnished(path: Path) -> SimpleNamespace:
    """The town with one of everything and words in every table that tells of someone."""
    engine = empty(path)
    with db.transaction(engine) as session:
        town = small.build(session)
    town.engine = town.web = engine
    walking.full(engine, town)
    with db.transaction(engine) as session:
        _say_more(session, town)
        session.info.pop("acts", None)
    return town


def _say_more(db: Session, town: SimpleNamespace) -> None:
    """Rows that the furnished town does without."""
    agency = {"agency_id": town.mission.id}
    for who, journey in ((town.dana, town.journey), (town.sami, town.sami_journey)):
        for code, (category, _) in labels.FACTS.items():
            db.add(PersonFact(person_id=who.id, category=Category(category), code=code, value="?",
                              **agency))  # fmt: skip
        db.add(PersonNote(person_id=who.id, text="?", professional_id=town.alice.id, **agency))
        db.add(PersonIdentifier(person_id=who.id, system="imilo", value=str(who.id), **agency))
        about = {"journey_id": journey.id}
        db.add(Suspension(from_on=town.today, ended_on=town.today, keeps_contact="?",
                          cause=SuspensionCause.OTHER, **about))  # fmt: skip
        db.add(Step(kind=StepKind.IMMERSION, label="?", from_on=town.today, **about))
        db.add(JourneyMove(verb="stay", after=JourneyState.ENTERED, on_day=town.today, reason="?",
                           details={"why": "Une raison."}, **about))  # fmt: skip
    db.add(Service(name="?", description="?", agency_id=town.ccas.id))
    db.add(MeetingMove(meeting_id=town.meeting.id, verb="change", after=MeetingState.PLANNED,
                       reason="?"))  # fmt: skip
    for author in (town.sophie, town.paul):
        for kind in ("decision", "action"):
            typed = dict.fromkeys(("text", "what", "dissent"), "Un brouillon.")
            db.add(Draft(professional_id=author.id, subject=f"{kind}:{town.point.id}",
                         fields=typed))  # fmt: skip
    for table in ("minor_rule", "regime_rule", "cohort", "team_signal", "status_period",
                  "transcription", "step_prerequisite"):  # fmt: skip
        biography.least_row(db, town, SQLModel.metadata.tables[table], "dana", "person_id")


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """Its pages on a free port of the loopback; gives the address."""
    config = uvicorn.Config(
        app.build(engine), host="127.0.0.1", port=0, log_level="error", ws="none", lifespan="off",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until, "the house did not open"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
