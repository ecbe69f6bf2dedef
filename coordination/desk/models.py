"""What the desk keeps of its own: how often someone searched, for the length of a minute."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from coordination.db import Row


class Searched(Row, table=True):
    """One search, by whom and when, never what for: the limit is counted on these, then they go."""

    __table_args__ = (Index("ix_searched_professional_created", "professional_id", "created_at"),)

    professional_id: UUID = Field(foreign_key="professional.id")
