"""What the desk keeps of its own: how often someone searched, for the length of a minute; the
filters of the list that someone comes back to."""

from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from coordination.db import Row


class Searched(Row, table=True):
    """One search, by whom and when, never what for: the limit is counted on these, then they go."""

    __table_args__ = (Index("ix_searched_professional_created", "professional_id", "created_at"),)

    professional_id: UUID = Field(foreign_key="professional.id")


class SavedView(Row, table=True):
    """Filters of the list of journeys under a name, for one professional: the address's words,
    never a name that was searched."""

    __table_args__ = (UniqueConstraint("professional_id", "name"),)

    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    name: str
    filters: str = ""
