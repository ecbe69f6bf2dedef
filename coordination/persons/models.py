"""A person as one agency knows them. Every row carries the agency that recorded it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from coordination.db import Moment, Row, words
from coordination.persons.categories import Category


class Person(Row, table=True):
    """The person, without a word about them: who recorded, the hash that links the same human
    being known to two agencies (no screen shows it), and what walls and audit need."""

    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    reference: str = Field(unique=True, max_length=12)  # short, speakable, tells nothing
    human_hash: str | None = Field(default=None, max_length=64, index=True)
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
