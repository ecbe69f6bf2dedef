"""The rows: one per act, one per opening, one per hour of openings that was closed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from coordination.db import Moment, Row


class AuditEntry(SQLModel, table=True):
    """One act. Inserted once by `chain`, never changed."""

    __tablename__ = "audit_entry"

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_type=Moment)  # the same as in the entry
    entry: str  # canonical JSON (RFC 8785)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AccessLine(Row, table=True):
    """One opening of a person's file, or of a list, by one actor."""

    __table_args__ = (
        Index("ix_access_line_person_created", "person_id", "created_at"),
        Index("ix_access_line_created_at", "created_at"),
    )

    professional_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    link_id: UUID | None = None
    person_id: UUID | None = None
    categories: int = 0  # bits of consent.Category
    standing_on: str = ""  # the reach and the consent it stood on
    route: str = ""  # the route's name, not its address
    list_key: str | None = Field(default=None, unique=True)  # one line per list and quarter hour


class AccessSeal(SQLModel, table=True):
    """Up to when openings are counted in the chain. A narrow row for the trigger that refuses a
    late line; what proves is the act."""

    __tablename__ = "access_seal"

    until_at: datetime = Field(sa_type=Moment, primary_key=True)
    since_at: datetime = Field(sa_type=Moment)
