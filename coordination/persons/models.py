"""A person as one agency knows them. Every row carries the agency that recorded it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from coordination.db import Moment, Row, words
from coordination.persons.categories import Category


class Person(Row, table=True):
    """The person, without a word about them: who recorded, the hash that links the same human
    being known to two agencies (no screen shows it), and what walls and audit need."""

    __table_args__ = (
        Index(
            "ix_person_own_hash",
            "own_hash",
            sqlite_where=text("own_hash IS NOT NULL"),
            postgresql_where=text("own_hash IS NOT NULL"),
        ),
    )

    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    reference: str = Field(unique=True, max_length=12)  # short, speakable, tells nothing
    human_hash: str | None = Field(default=None, max_length=64, index=True)
    # Only while `human_hash` is one that a review gave to several files: what this one's identity
    # gives by itself; "" when it gives nothing (`same`).
    own_hash: str | None = Field(default=None, max_length=64)
    salt: str = Field(max_length=32)  # of the audit digest; destroying it erases
    restricted: bool = False
    sharing_version: int = 1
    erased_at: datetime | None = Field(default=None, sa_type=Moment)
    merged_into_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    version: int = 1


class PersonIdentity(Row, table=True):
    """Identity and contact."""

    __table_args__ = (Index("ix_person_identity_agency_folded", "agency_id", "folded"),)

    person_id: UUID = Field(foreign_key="person.id", unique=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    given_names: str
    usual_name: str
    birth_name: str = ""
    birth_on: date | None = None
    phone: str = ""
    other_phones: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    commune_name: str = ""
    commune_code: str | None = Field(default=None, max_length=5)
    language: str = "fr"
    folded: str = ""  # name and given names without accents or case, for searching

    @property
    def name(self) -> str:
        return f"{self.usual_name.upper()} {self.given_names}"


class PersonIdentifier(Row, table=True):
    """An identifier in someone's tool. Never the NIR: no row can hold it (see persons/records)."""

    __table_args__ = (UniqueConstraint("agency_id", "system", "value"),)

    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    system: str  # agency | france_travail | france_travail_old | imilo | caf
    value: str


class PersonToken(SQLModel, table=True):
    """What a person may be found by, sealed: searched by equality only (see `tokens`). Without the
    house's key it tells nothing; it is written anew from what it stands for."""

    __tablename__ = "person_token"
    __table_args__ = (
        Index("ix_person_token_person_token", "person_id", "token"),
        {"sqlite_with_rowid": False},
    )

    agency_id: UUID = Field(foreign_key="agency.id", primary_key=True)
    token: str = Field(max_length=16, primary_key=True)
    person_id: UUID = Field(foreign_key="person.id", primary_key=True)


class Finding(StrEnum):
    SAME = "same"
    TWO = "two"


class Compared(Row, table=True):
    """What an agency said, having compared one of its files with one of another agency: the same
    person, or two. The row that both files share; nobody but the agency that wrote it reads it."""

    __table_args__ = (
        CheckConstraint(
            "(finding = 'same') = (undoable_until IS NOT NULL)", name="same_says_until_when"
        ),
        Index(
            "uq_compared_standing",
            "person_id",
            "other_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    person_id: UUID = Field(foreign_key="person.id")  # of the agency that compared
    other_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    finding: Finding = Field(sa_type=words(Finding))
    undoable_until: datetime | None = Field(default=None, sa_type=Moment)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)


class PersonFact(Row, table=True):
    """One thing known of the person, in its category: `code` says what, `value` says it."""

    __table_args__ = (UniqueConstraint("person_id", "agency_id", "code"),)

    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    category: Category = Field(sa_type=words(Category))
    code: str  # training_level, rome, rsa, rqth, mobility_km, housing, …: labels.FACTS
    value: str
    since_on: date | None = None


class PersonNote(Row, table=True):
    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    text: str
