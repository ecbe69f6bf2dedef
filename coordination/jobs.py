"""Long work: asked for by a page, done by the worker, progress kept where a page reads it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Field, Session, col, select

from coordination import clock
from coordination.db import Moment, Row, json_type, transaction, words


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Row, table=True):
    kind: str
    key: str | None = Field(default=None, unique=True)
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    state: JobState = Field(default=JobState.WAITING, sa_type=words(JobState))
    done: int = 0
    total: int = 0
    result: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    due_at: datetime = Field(default_factory=clock.now, sa_type=Moment, index=True)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    attempts: int = 0


def ask(
    db: Session,
    kind: str,
    *,
    professional: UUID | None = None,
    agency: UUID | None = None,
    due_at: datetime | None = None,
    key: str | None = None,
    **arguments: Any,
) -> Job | None:
    """Ask for long work. With a `key` already asked, None comes back."""
    if key and db.exec(select(Job.id).where(Job.key == key)).first():
        return None
    job = Job(
        kind=kind,
        key=key,
        arguments=arguments,
        professional_id=professional,
        agency_id=agency,
        due_at=due_at or clock.now(),
    )
    db.add(job)
    return job


def claim(engine: Engine, *, patience: timedelta = timedelta(minutes=15)) -> Job | None:
    """Take the oldest job that is due; one left running by a dead worker is taken again."""
    now = clock.now()
    with transaction(engine) as db:
        job = db.exec(
            select(Job)
            .where(
                Job.due_at <= now,
                (col(Job.state) == JobState.WAITING)
                | ((col(Job.state) == JobState.RUNNING) & (col(Job.started_at) < now - patience)),
            )
            .order_by(col(Job.due_at), col(Job.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if job is None:
            return None
        job.state, job.started_at, job.attempts = JobState.RUNNING, now, job.attempts + 1
    return job


def finish(engine: Engine, job_id: UUID, *, failed: bool = False, **result: Any) -> None:
    with transaction(engine) as db:
        job = db.get_one(Job, job_id)
        job.state = JobState.FAILED if failed else JobState.DONE
        job.ended_at, job.result = clock.now(), result
