"""Notices waiting to leave the house.

Post one in the same transaction as the fact it tells. The postman composes it at the moment of
sending, from ids only, and checks again that it may still leave.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Engine, Index, text
from sqlmodel import Field, Session, col, select

from coordination import clock
from coordination.db import Moment, Row, transaction, words

PATIENCE = timedelta(minutes=5)  # how long one carrier may take for one notice

Leave = Callable[[], None]


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"  # what it stood on is gone


class Notice(Row, table=True):
    """`kind` names the letter; the rest are ids. One `key` is sent once."""

    __table_args__ = (
        Index(
            "ix_notice_due",
            "due_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    kind: str
    key: str | None = Field(default=None, unique=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id", index=True)
    about_id: UUID | None = None
    person_id: UUID | None = None
    sharing_version: int | None = None
    number: int = 0  # e.g. the SEQUENCE of an invitation
    attempts: int = 0
    state: NoticeState = Field(default=NoticeState.WAITING, sa_type=words(NoticeState))
    due_at: datetime = Field(default_factory=clock.now, sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)


class Stale(Exception):
    """Raised by the sender: what the notice stood on is gone, it must not leave."""


def post(
    db: Session,
    kind: str,
    *,
    professional: UUID | None = None,
    agency: UUID | None = None,
    about: UUID | None = None,
    person: UUID | None = None,
    sharing_version: int | None = None,
    number: int = 0,
    key: str | None = None,
    due_at: datetime | None = None,
) -> Notice | None:
    """Post a notice. With a `key` already posted, nothing happens and None comes back."""
    if key and db.exec(select(Notice.id).where(Notice.key == key)).first():
        return None
    notice = Notice(
        kind=kind,
        key=key,
        professional_id=professional,
        agency_id=agency,
        about_id=about,
        person_id=person,
        sharing_version=sharing_version,
        number=number,
        due_at=due_at or clock.now(),
    )
    db.add(notice)
    return notice


def drop_about(db: Session, about: UUID) -> int:
    """Drop the notices about one thing that have not left yet."""
    waiting = db.exec(
        select(Notice).where(Notice.about_id == about, Notice.state == NoticeState.WAITING)
    ).all()
    for notice in waiting:
        notice.state = NoticeState.DROPPED
    return len(waiting)


def carry_one(engine: Engine, send: Callable[[Session, Notice], Leave | None]) -> bool:
    """Carry the oldest notice that is due. False when none is.

    `send` composes it, in a transaction that takes the notice for a few minutes, and returns what
    makes it leave: that runs outside, for a slow mail server must not hold the base. A notice may
    be sent twice (a crash after sending), never lost: its id is the Message-ID, so that the second
    one can be recognised.
    """
    with transaction(engine) as db:
        notice = _take(db)
        if notice is None:
            return False
        try:
            leave = send(db, notice)
        except Stale:
            notice.state = NoticeState.DROPPED
            return True
        except OSError:
            notice.due_at = _later(notice)
            return True
    try:
        if leave is not None:
            leave()
    except OSError:
        _mark(engine, notice.id, due_at=_later(notice))
    else:
        _mark(engine, notice.id, state=NoticeState.SENT, sent_at=clock.now())
    return True


def _take(db: Session) -> Notice | None:
    """The oldest notice due, not due again for a while: whoever took it may die."""
    notice = db.exec(
        select(Notice)
        .where(Notice.state == NoticeState.WAITING, Notice.due_at <= clock.now())
        .order_by(col(Notice.due_at), col(Notice.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if notice is not None:
        notice.attempts += 1
        notice.due_at = clock.now() + PATIENCE
    return notice


def _mark(engine: Engine, notice_id: UUID, **columns: object) -> None:
    with transaction(engine) as db:
        notice = db.get_one(Notice, notice_id)
        for name, value in columns.items():
            setattr(notice, name, value)


def _later(notice: Notice) -> datetime:
    return clock.now() + timedelta(minutes=2 ** min(notice.attempts, 9))
