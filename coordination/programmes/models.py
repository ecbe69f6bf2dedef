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


class Commitment(StrEnum):
    SIGNED_BEFORE_ENTRY = "signed_before_entry"
    MORAL = "moral"
    NONE = "none"


class ProgrammeRule(Row, table=True):
    """The rules in force between two dates: a rule changed in March does not rewrite February.
    Durations exclude suspensions unless `fixed_duration`. Columns bear the names of
    `catalogue.Rules`; `more` holds the rules that no query reads."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        Index("ix_programme_rule_programme_from", "programme_id", "from_on", unique=True),
    )

    programme_id: UUID = Field(foreign_key="programme.id")
    from_on: date
    until_on: date | None = None  # the last day it holds
    max_duration_months: int | None = None
    max_duration_weeks: int | None = None
    fixed_duration: bool | None = None  # pauses count: it ends on the same day for everyone
    suspension_allowed: bool | None = None
    suspension_max_months: int | None = None
    interstitial_max_months: int | None = None
    contact_every_days: int | None = None
    block_weeks: int | None = None
    block_renewals: int | None = None
    caseload_active_max: int | None = None
    caseload_total_max: int | None = None
    commitment: Commitment | None = Field(
        default=None, sa_type=words(Commitment, "programme_commitment")
    )
    commitment_within_days: int | None = None
    deferred_exit_weeks: int | None = None
    reentry_months: int | None = None
    pay_must_be_continuous: bool | None = None
    more: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    note: str = ""  # why it changed
