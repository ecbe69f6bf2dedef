"""What agencies offer: services, and places held by referrals."""

from datetime import date
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from coordination.db import Row


class Service(Row, table=True):
    """A service or a training session that can receive people."""

    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    programme_id: UUID | None = Field(default=None, foreign_key="programme.id", index=True)
    name: str
    theme: str = ""  # a data·inclusion theme
    description: str = ""
    is_training: bool = False  # a training session: "proposition d'entrée en formation"
    places: int | None = None  # None: not counted
    starts_on: date | None = None
    closed_on: date | None = None
    updated_on: date | None = None
    version: int = 1


class PlaceHold(Row, table=True):
    """A place held by an accepted referral: the directory's own narrow row."""

    __table_args__ = (UniqueConstraint("service_id", "held_by"),)

    service_id: UUID = Field(foreign_key="service.id", index=True)
    held_by: UUID  # the referral
    released_on: date | None = None
