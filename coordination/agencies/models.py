"""Who takes part: Région, territory, agency, professional; memberships and grants with dates."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from coordination.db import Row, words


class AgencyKind(StrEnum):
    FRANCE_TRAVAIL = "france_travail"
    MISSION_LOCALE = "mission_locale"
    CAP_EMPLOI = "cap_emploi"
    TRAINING_BODY = "training_body"
    DEPARTEMENT = "departement"
    CCAS = "ccas"
    REGION = "region"
    MDE = "mde"
    PLIE = "plie"
    SIAE = "siae"
    HOUSING = "housing"
    HEALTH = "health"
    JUSTICE = "justice"
    ASSOCIATION = "association"
    EMPLOYER = "employer"
    SOCIAL_PARTNER = "social_partner"
    OTHER = "other"


class Role(StrEnum):
    """What someone is, for the table of permissions. Memberships and grants give roles."""

    ADVISER = "adviser"  # membership: référent, conseiller, formateur
    MANAGER = "manager"  # membership: heads the agency's team
    AGENCY_ADMIN = "agency_admin"  # membership: keeps the agency's members
    CHAIR = "chair"  # grant on a committee
    SECRETARY = "secretary"  # grant on a committee
    MEMBER = "member"  # grant on a committee
    PILOT = "pilot"  # grant on a Région: figures, never a person
    ADMIN = "admin"  # grant on the installation
    DPO = "dpo"  # grant on the installation
    AGENCY_LINK = "agency_link"  # a partner who came by a signed link
    PERSON_LINK = "person_link"  # the person, by their own link
    CLOCK = "clock"
    COMMAND = "command"
    ANONYMOUS = "anonymous"


MEMBERSHIP_ROLES = (Role.ADVISER, Role.MANAGER, Role.AGENCY_ADMIN)


class Region(Row, table=True):
    code: str = Field(unique=True, max_length=3)
    name: str


class Territory(Row, table=True):
    """The area of a committee: an employment basin, as a list of EPCI codes."""

    region_id: UUID = Field(foreign_key="region.id", index=True)
    name: str
    epci_codes: str = ""  # space-separated SIREN codes


class Agency(Row, table=True):
    region_id: UUID | None = Field(default=None, foreign_key="region.id", index=True)
    territory_id: UUID | None = Field(default=None, foreign_key="territory.id", index=True)
    name: str
    kind: AgencyKind = Field(sa_type=words(AgencyKind))
    siret: str | None = Field(default=None, max_length=14)
    commune_code: str | None = Field(default=None, max_length=5)
    commune_name: str = ""
    postcode: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    sensitive: bool = False  # its name alone tells something of the person
    records_contacts: bool = False  # written with its first contact: silence means nothing before
    tool: str = ""  # the software it works in, for "Copier pour mon logiciel"
    closed_on: date | None = None
    version: int = 1


class Professional(Row, table=True):
    given_name: str
    usual_name: str
    email: str = Field(unique=True)
    phone: str = ""
    function: str = ""
    disabled: bool = False
    persona: str | None = Field(default=None, unique=True)  # demonstration only
    version: int = 1

    @property
    def name(self) -> str:
        """NOM Prénom, as French public bodies write it."""
        return f"{self.usual_name.upper()} {self.given_name}"


class Membership(Row, table=True):
    """A professional works for an agency, from a day to another."""

    __table_args__ = (
        UniqueConstraint("professional_id", "agency_id", "role", "from_on"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
    )

    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    role: Role = Field(sa_type=words(Role))
    from_on: date
    until_on: date | None = None


class Grant(Row, table=True):
    """Who presides what, keeps what, sees which figures, from when: a narrow row that higher rooms
    write when a mandate is given. `scope_id` is a committee or a Région; none is everywhere."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        Index("ix_grant_professional_role", "professional_id", "role"),
    )

    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    role: Role = Field(sa_type=words(Role))
    scope_id: UUID | None = Field(default=None, index=True)
    from_on: date
    until_on: date | None = None
