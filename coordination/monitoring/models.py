"""Facts recomputed in the background; pages read facts only."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from coordination.db import Row, words
from coordination.programmes.models import ProgrammeKind


class Passage(StrEnum):
    TRANSITION = "transition"  # 0 to 90 days
    OVERLAP = "overlap"  # entered the next before leaving this one
    BREAK = "break"  # more than 90 days, or nothing after 90 days
    UNKNOWN = "unknown"  # still inside 90 days


class TransitionFact(Row, table=True):
    """One exit from a programme and what came after it. `human` is a number given anew at each
    recomputation, for counting distinct people: nothing else of a person, no way back to one."""

    __table_args__ = (Index("ix_transition_fact_region_left", "region_id", "left_on"),)

    region_id: UUID | None = Field(default=None, foreign_key="region.id")
    territory_id: UUID | None = Field(default=None, foreign_key="territory.id", index=True)
    human: str = Field(max_length=64)
    family: ProgrammeKind = Field(sa_type=words(ProgrammeKind, "family"))
    next_family: ProgrammeKind | None = Field(
        default=None, sa_type=words(ProgrammeKind, "next_family")
    )
    left_on: date
    days: int | None = None
    passage: Passage = Field(sa_type=words(Passage))
