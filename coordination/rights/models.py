"""What was asked of each agency that had received something, once a person took back an agreement;
and what it answered."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from coordination.db import Moment, Row, json_type, words


class RecallAnswer(StrEnum):
    DESTROYED = "destroyed"
    NOTHING = "nothing"  # nothing had been kept
    KEPT = "kept"


class KeptBecause(StrEnum):
    OWN = "own"  # the agency's own notes
    LAW = "law"  # the law says to keep it
    OTHER = "other"


class Recall(Row, table=True):
    """One agency, one withdrawal: told, then answered. It names nobody."""

    __table_args__ = (
        UniqueConstraint("person_id", "agency_id", "number"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_has_moment"),
        CheckConstraint("answer <> 'kept' OR because IS NOT NULL", name="kept_has_reason"),
        Index(
            "ix_recall_open",
            "told_at",
            postgresql_where=text("answer IS NULL"),
            sqlite_where=text("answer IS NULL"),
        ),
    )

    person_id: UUID = Field(foreign_key="person.id")
    owner_id: UUID = Field(foreign_key="agency.id", index=True)  # that recorded the person
    agency_id: UUID = Field(foreign_key="agency.id", index=True)  # that must answer
    number: int  # the person's sharing version after the withdrawal
    categories: int  # bits that closed
    referrals: list[str] = Field(default_factory=list, sa_type=json_type)  # numbers
    annexes: list[str] = Field(default_factory=list, sa_type=json_type)  # ids of extracts
    told_at: datetime = Field(sa_type=Moment)
    reminded: int = 0  # reminders given
    answer: RecallAnswer | None = Field(default=None, sa_type=words(RecallAnswer))
    because: KeptBecause | None = Field(default=None, sa_type=words(KeptBecause))
    note: str = ""
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    by_link: bool = False
    version: int = 1


class PersonMerge(Row, table=True):
    """Two files of one agency that were the same person: which one stays, what it said before, and
    until when it may be undone."""

    person_id: UUID = Field(foreign_key="person.id", index=True)  # that stays
    absorbed_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    before: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)  # identity, by column
    hash_before: str | None = Field(default=None, max_length=64)
    undoable_until: datetime = Field(sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class MergeMove(Row, table=True):
    """One row that a merge moved from one file to the other: by its keys, never by its words."""

    __table_args__ = (Index("ix_merge_move_merge", "merge_id"),)

    merge_id: UUID = Field(foreign_key="person_merge.id")
    table_name: str
    row_id: UUID
    column_name: str
    was_id: UUID  # the file that it came from


class SetApart(Row, table=True):
    """Two files that look alike and are two people: no longer proposed."""

    __table_args__ = (UniqueConstraint("person_id", "other_id"),)

    person_id: UUID = Field(foreign_key="person.id")
    other_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
