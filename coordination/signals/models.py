"""Alerts and demands of examination."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from coordination.db import Moment, Row, json_type, words


class SignalCode(StrEnum):
    """The rules' words are French because screens, files and people already use them."""

    DUREE_EXCESSIVE = "duree_excessive"
    FIN_SANS_SUITE = "fin_sans_suite"
    ATTENTE_ENTRE_ETAPES = "attente_entre_etapes"
    SUSPENSION_LONGUE = "suspension_longue"
    SANS_CONTACT = "sans_contact"
    ORIENTATION_SANS_REPONSE = "orientation_sans_reponse"
    ORIENTATION_REFUSEE = "orientation_refusee"
    ORIENTATION_EXPIREE = "orientation_expiree"
    ORIENTATION_ECHOUEE = "orientation_echouee"
    ACCORD_A_RECUEILLIR = "accord_a_recueillir"
    DEMANDE_EXAMEN = "demande_examen"


class SignalState(StrEnum):
    RAISED = "raised"
    ON_AGENDA = "on_agenda"
    TREATED = "treated"
    DISMISSED = "dismissed"


class DemandState(StrEnum):
    OPEN = "open"
    ON_AGENDA = "on_agenda"
    EXAMINED = "examined"
    WITHDRAWN = "withdrawn"


class Signal(Row, table=True):
    """One alert on one journey. `subject_id` is what raised it (the journey, a referral, a demand,
    a suspension); at most one live alert per code and subject. `sentence` explains it and tells
    nothing personal: it is also what an anonymous situation shows."""

    __table_args__ = (
        Index(
            "ix_signal_one_live",
            "code",
            "subject_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index("ix_signal_journey_ended", "journey_id", "ended_at"),
    )

    journey_id: UUID = Field(foreign_key="journey.id")
    person_id: UUID = Field(foreign_key="person.id")
    agency_id: UUID = Field(foreign_key="agency.id", index=True)  # carrying agency
    code: SignalCode = Field(sa_type=words(SignalCode))
    subject_id: UUID
    since_on: date
    severity: int = 1  # 1 à surveiller, 2 à examiner, 3 à examiner d'abord
    score: float = 0.0  # weight × how far past the threshold, capped
    sentence: str
    state: SignalState = Field(default=SignalState.RAISED, sa_type=words(SignalState))
    dismissed_until: date | None = None
    reason: str = ""
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Demand(Row, table=True):
    """A professional asks a committee a question about a journey."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID = Field(foreign_key="professional.id")
    asked_on: date
    question: str
    tried: str = ""
    wish: str = ""  # what the person wants, in their words
    told: bool = False  # whether the person was told of the examination
    agencies: list[str] = Field(default_factory=list, sa_type=json_type)  # needed at the table
    state: DemandState = Field(default=DemandState.OPEN, sa_type=words(DemandState))
    version: int = 1
