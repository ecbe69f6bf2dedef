"""Sessions are rows: the cookie holds 32 random bytes, the row their SHA-256."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from coordination.db import Moment, Row


class SignedSession(Row, table=True):
    token_hash: str = Field(unique=True, max_length=64)
    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    means: str  # demo | link
    seen_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)  # absolute
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
