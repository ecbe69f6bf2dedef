"""What the doors keep: deeds (a form is done once) and drafts (what is being typed)."""

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from coordination.db import Row, json_type


class Deed(SQLModel, table=True):
    """A form that was sent. Same key and body: the same answer again; other body: refused."""

    __tablename__ = "deed"

    key: str = Field(primary_key=True, max_length=64)
    actor: str  # professional or link
    route: str
    body_sha256: str = Field(max_length=64)
    then: str  # where the answer went


class Draft(Row, table=True):
    """What one author is typing; only *record* touches the real row."""

    __table_args__ = (UniqueConstraint("professional_id", "subject"),)

    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    subject: str = Field(max_length=120)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
