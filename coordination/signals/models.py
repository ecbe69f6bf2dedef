"""Alerts and demands of examination."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from coordination.db import Moment, Row, json_type, words


class SignalCode(StrEnum):
    """The rules' words are French because screens, files and people already use them."""

    DUREE_EXCESSIVE = "duree_excessive"
    FIN_SANS_SUITE = "fin_sans_suite"
    ATTENTE_ENTRE_ETAPES = "attente_entre_etapes"
    ENTREE_LOINTAINE = "entree_lointaine"
    SUSPENSION_LONGUE = "suspension_longue"
    REPRISE_DEPASSEE = "reprise_depassee"
    SANS_CONTACT = "sans_contact"
    ABSENCES_REPETEES = "absences_repetees"
    RENOUVELLEMENT_A_DECIDER = "renouvellement_a_decider"
    SUIVI_APRES_SORTIE_DU = "suivi_apres_sortie_du"
    SORTIE_A_CONFIRMER = "sortie_a_confirmer"
    RETOUR_POSSIBLE = "retour_possible"
    FREIN_SANS_SOLUTION = "frein_sans_solution"
    PREREQUIS_MANQUANT = "prerequis_manquant"
    CHANGEMENT_DE_STATUT = "changement_de_statut"
    ENGAGEMENT_NON_SIGNE = "engagement_non_signe"
    REFERENT_ABSENT = "referent_absent"
    ORIENTATION_SANS_REPONSE = "orientation_sans_reponse"
    ORIENTATION_REFUSEE = "orientation_refusee"
    ORIENTATION_EXPIREE = "orientation_expiree"
    ORIENTATION_ECHOUEE = "orientation_echouee"
    SUITE_EN_RETARD = "suite_en_retard"
    ACCORD_EXPIRANT = "accord_expirant"
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
        # A sentence told anew each night stays in its page: no index is written.
        {"postgresql_with": {"fillfactor": 70}},
    )

    journey_id: UUID = Field(foreign_key="journey.id")
    person_id: UUID = Field(foreign_key="person.id")
    agency_id: UUID = Field(foreign_key="agency.id", index=True)  # carrying agency
    code: SignalCode = Field(sa_type=words(SignalCode))
    subject_id: UUID
    since_on: date
    severity: int = 1  # 1 à surveiller, 2 à examiner, 3 à examiner d'abord
    weight: float = 0.0  # of its rule
    score: float = 0.0  # weight × how far past the threshold, capped
    sentence: str
    state: SignalState = Field(default=SignalState.RAISED, sa_type=words(SignalState))
    dismissed_until: date | None = None
    reason: str = ""
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class TeamSignal(Row, table=True):
    """An alert on an agency's own load, never on a person followed nor against one who works there:
    how many portfolios of a programme pass what its rules hold reasonable. One stands at most for
    an agency and programme."""

    __table_args__ = (
        Index(
            "ix_team_signal_one_live",
            "agency_id",
            "programme_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    agency_id: UUID = Field(foreign_key="agency.id")
    programme_id: UUID = Field(foreign_key="programme.id")
    since_on: date
    severity: int = 1
    score: float = 0.0
    sentence: str
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Patience(Row, table=True):
    """How long a territory waits before an alert, in weeks, from a day on. Where a number is
    missing, and for territories without a row, the house's own holds."""

    __table_args__ = (
        Index("ix_patience_territory_from", "territory_id", "from_on", unique=True),
        CheckConstraint(
            "coalesce(wait_weeks, 1) > 0 AND coalesce(entry_weeks, 1) > 0"
            " AND coalesce(need_weeks, 1) > 0 AND coalesce(commitment_weeks, 1) > 0",
            name="weeks_are_positive",
        ),
    )

    territory_id: UUID = Field(foreign_key="territory.id")
    from_on: date
    wait_weeks: int | None = None  # between two steps
    entry_weeks: int | None = None  # before the next step
    need_weeks: int | None = None  # a need without a service
    commitment_weeks: int | None = None  # an unsigned commitment
    version: int = 1


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
