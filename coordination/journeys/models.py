"""A journey and everything dated that happens in it. Periods are rows, never columns."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from coordination.db import Row, json_type, words
from coordination.journeys import models_along as models_along  # its tables belong to the room
from coordination.journeys.models_imports import ImportRun as ImportRun
from coordination.persons.categories import Category


class JourneyState(StrEnum):
    PRESCRIBED = "prescribed"
    ENTERED = "entered"
    SUSPENDED = "suspended"
    INTERSTITIAL = "interstitial"
    EXIT_PENDING = "exit_pending"
    ENDED = "ended"
    ABANDONED = "abandoned"


LIVE_STATES = (
    JourneyState.PRESCRIBED,
    JourneyState.ENTERED,
    JourneyState.SUSPENDED,
    JourneyState.INTERSTITIAL,
    JourneyState.EXIT_PENDING,
)


class Outcome(StrEnum):
    """How a journey ended."""

    EMPLOYMENT = "employment"
    TRAINING = "training"
    APPRENTICESHIP = "apprenticeship"
    NEXT_PROGRAMME = "next_programme"
    OTHER_POSITIVE = "other_positive"
    END_OF_TERM = "end_of_term"
    MOVED = "moved"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"


class PartyRole(StrEnum):
    CARRIER = "carrier"
    PRESCRIBER = "prescriber"
    PARTNER = "partner"
    EMPLOYER = "employer"


class ReferentRole(StrEnum):
    REFERENT = "referent"
    TRAINER = "trainer"
    SOCIAL = "social"
    EMPLOYER_LINK = "employer_link"
    COACH = "coach"
    MENTOR = "mentor"


class StepKind(StrEnum):
    DIAGNOSTIC = "diagnostic"
    REMOBILISATION = "remobilisation"
    SKILLS = "skills"
    IMMERSION = "immersion"
    QUALIFICATION = "qualification"
    JOB = "job"
    POST_EXIT = "post_exit"
    SUPPORT = "support"


class Channel(StrEnum):
    MEETING = "meeting"
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    VIDEO = "video"
    GROUP = "group"
    HOME = "home"


class Presence(StrEnum):
    PRESENT = "present"
    EXCUSED = "excused"
    ABSENT = "absent"


class SuspensionCause(StrEnum):
    """Neutral: nothing of the person is told."""

    UNAVAILABLE = "unavailable"
    FAMILY = "family"
    JOB = "job"
    WAITING = "waiting"
    OTHER = "other"


class Journey(Row, table=True):
    """A person in a programme, carried by an agency. `number` is its public reference."""

    __table_args__ = (
        Index("ix_journey_agency_state_end", "agency_id", "state", "planned_end_on"),
        Index("ix_journey_agency_end", "agency_id", "planned_end_on", "id", "state"),
        CheckConstraint("ended_on IS NULL OR entered_on IS NULL OR ended_on >= entered_on",
                        name="ends_after_entry"),
        CheckConstraint(
            "(state IN ('ended', 'abandoned')) = (ended_on IS NOT NULL)", name="ended_has_date"
        ),
    )  # fmt: skip

    number: str = Field(unique=True, max_length=16)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")  # the carrying agency
    programme_id: UUID = Field(foreign_key="programme.id", index=True)
    territory_id: UUID | None = Field(default=None, foreign_key="territory.id", index=True)
    prescriber_id: UUID | None = Field(default=None, foreign_key="agency.id", index=True)
    state: JourneyState = Field(default=JourneyState.ENTERED, sa_type=words(JourneyState))
    prescribed_on: date | None = None
    entered_on: date | None = None
    planned_end_on: date | None = None
    ended_on: date | None = Field(default=None, index=True)
    outcome: Outcome | None = Field(default=None, sa_type=words(Outcome))
    outcome_reason: str = ""
    review: str = ""  # of the end: planned | to_find | to_examine, filled by the carrying agency
    import_key: str | None = Field(default=None, index=True)  # external id in the agency's file
    version: int = 1


class JourneyMove(Row, table=True):
    """One move of one journey: who, when, from where to where, why. Never updated."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    verb: str
    before: JourneyState | None = Field(default=None, sa_type=words(JourneyState, "before"))
    after: JourneyState = Field(sa_type=words(JourneyState, "after"))
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    on_day: date
    reason: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)


class JourneyPeriod(Row, table=True):
    """From an entry (or a re-entry) to an exit."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    from_on: date
    until_on: date | None = None


class Suspension(Row, table=True):
    __table_args__ = (
        CheckConstraint("ended_on IS NULL OR ended_on >= from_on", name="dates_in_order"),
        Index(
            "ix_suspension_one_open",
            "journey_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
            sqlite_where=text("ended_on IS NULL"),
        ),
    )

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    from_on: date
    planned_resume_on: date | None = None
    ended_on: date | None = None
    cause: SuspensionCause = Field(sa_type=words(SuspensionCause))
    keeps_contact: str = ""  # who keeps contact meanwhile
    contact_every_days: int | None = None
    acquired: str = ""  # so that resumption starts where it stopped


class Party(Row, table=True):
    # An agency's own journeys, then those it is beside: read without opening a row.
    __table_args__ = (Index("ix_party_agency_role", "agency_id", "role", "until_on", "journey_id"),)

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    role: PartyRole = Field(sa_type=words(PartyRole))
    from_on: date
    until_on: date | None = None


class Referent(Row, table=True):
    """Who holds the thread, or one of its strands. `label` is the programme's own word."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    role: ReferentRole = Field(default=ReferentRole.REFERENT, sa_type=words(ReferentRole))
    label: str = ""
    chosen_by_person: bool = False  # a mentor
    from_on: date
    until_on: date | None = None


class Step(Row, table=True):
    """A step of the journey with planned and real dates. `track`: one of the programme's ways side
    by side; `module`: one of its services; `programme_id`: where the step leads into."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    kind: StepKind = Field(sa_type=words(StepKind))
    label: str = ""
    track: str = ""
    module: str = ""
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    programme_id: UUID | None = Field(default=None, foreign_key="programme.id")
    planned_from: date | None = None
    planned_until: date | None = None
    from_on: date | None = None
    until_on: date | None = None
    supported_meanwhile: bool = False  # support kept up while waiting for it


class Contact(Row, table=True):
    """A contact, or a missed one. Only those `with_person` count as a contact with the person."""

    __table_args__ = (Index("ix_contact_journey_on", "journey_id", "on_day"),)

    journey_id: UUID = Field(foreign_key="journey.id")
    agency_id: UUID = Field(foreign_key="agency.id")
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    on_day: date
    channel: Channel = Field(sa_type=words(Channel))
    with_person: bool = True
    with_employer: bool = False
    presence: Presence = Field(default=Presence.PRESENT, sa_type=words(Presence))
    note: str = ""


class Need(Row, table=True):
    """What is to be met, from a diagnosis or a decision; open or settled."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    category: Category = Field(sa_type=words(Category))
    code: str  # of reference/needs
    label: str
    since_on: date
    settled_on: date | None = None
    situation: str = ""  # code of the situation behind it
    objective: str = ""  # code of what is aimed at
    service: str = ""  # what is mobilised
    mobilised_on: date | None = None
    origin: str = "diagnosis"  # diagnosis | decision


class JourneyDue(Row, table=True):
    """A journey touched in this transaction, or that the clock must look at again: the signals'
    closer reads and clears it."""

    journey_id: UUID = Field(foreign_key="journey.id", unique=True)
