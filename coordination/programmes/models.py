"""A programme of the catalogue, and its rules with the dates between which they hold."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from coordination.db import Row, json_type, words


class ProgrammeKind(StrEnum):
    """The families that the Région's figures compare."""

    INSERTION = "insertion"
    REMOBILISATION = "remobilisation"
    PRE_QUALIFICATION = "pre_qualification"
    QUALIFICATION = "qualification"
    PREPA_APPRENTISSAGE = "prepa_apprentissage"
    EMPLOI = "emploi"
    SUIVI = "suivi"


class Programme(Row, table=True):
    region_id: UUID | None = Field(default=None, foreign_key="region.id", index=True)
    slug: str = Field(unique=True)
    name: str
    kind: ProgrammeKind = Field(sa_type=words(ProgrammeKind))
    carrier: str = ""
    summary: str = ""
    guide_page: int | None = None
    active: bool = True
    version: int = 1


class ProgrammeRule(Row, table=True):
    """The rules in force between two dates: a rule changed in March does not rewrite February.
    Durations in months exclude suspensions. `more` holds the rules that no query reads."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        Index("ix_programme_rule_programme_from", "programme_id", "from_on", unique=True),
    )

    programme_id: UUID = Field(foreign_key="programme.id")
    from_on: date
    until_on: date | None = None
    max_duration_months: int | None = None
    suspension_max_months: int | None = None
    interstitial_max_months: int | None = None
    contact_every_days: int | None = None
    block_weeks: int | None = None
    block_renewals: int | None = None
    more: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
