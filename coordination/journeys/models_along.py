"""What is agreed, awaited and held along a journey: commitments, pauses between two steps, blocks
with their interview, exits and what is due after them, statuses with pay, prerequisites, absences,
appointments, groups. Periods are rows with dates, never columns."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from coordination.db import Row, words


class CommitmentKind(StrEnum):
    RECIPROCAL = "reciprocal"  # signed by the person and the carrying agency
    TRIPARTITE = "tripartite"  # person, training body, support structure
    MORAL = "moral"  # given by word: nothing to sign
    EMPLOYMENT = "employment"  # the contract of work that holds the whole journey


class Signer(StrEnum):
    PERSON = "person"
    CARRIER = "carrier"
    TRAINING_BODY = "training_body"
    SUPPORT = "support"
    EMPLOYER = "employer"


class BlockOutcome(StrEnum):
    """What the interview at the end of a block settled. A stop is not a failure."""

    RENEWED = "renewed"
    REACHED = "reached"
    STOPPED = "stopped"


class Followed(StrEnum):
    """Who is called after the exit."""

    PERSON = "person"
    EMPLOYER = "employer"


class PersonStatus(StrEnum):
    JOB_SEEKER = "job_seeker"
    RSA = "rsa"
    TRAINEE = "trainee"
    APPRENTICE = "apprentice"
    EMPLOYEE = "employee"
    ASSISTED_CONTRACT = "assisted_contract"
    CIVIC_SERVICE = "civic_service"
    STUDENT = "student"
    OTHER = "other"


class Pay(StrEnum):
    """Whether money comes in under a status."""

    SECURED = "secured"
    TO_CONFIRM = "to_confirm"
    NONE = "none"


class Commitment(Row, table=True):
    """What is promised, or signed. `signed_on` is written with the last signature."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    kind: CommitmentKind = Field(sa_type=words(CommitmentKind))
    label: str = ""
    proposed_on: date
    due_on: date | None = None
    signed_on: date | None = None
    until_on: date | None = None  # it no longer binds from then on


class Signature(Row, table=True):
    """One party's signature on a commitment; `signed_on` None: still awaited."""

    __table_args__ = (UniqueConstraint("commitment_id", "signer"),)

    commitment_id: UUID = Field(foreign_key="commitment.id")
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    signer: Signer = Field(sa_type=words(Signer))
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    signed_on: date | None = None


class Interstitial(Row, table=True):
    """Support kept up between two steps: until when at most, by which pair, status kept or not,
    under which contract."""

    __table_args__ = (
        CheckConstraint("until_on >= from_on", name="dates_in_order"),
        Index(
            "ix_interstitial_one_open",
            "journey_id",
            unique=True,
            postgresql_where=text("ended_on IS NULL"),
            sqlite_where=text("ended_on IS NULL"),
        ),
    )

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    from_on: date
    until_on: date
    ended_on: date | None = None
    status_kept: bool = False
    trainer_id: UUID | None = Field(default=None, foreign_key="professional.id")
    adviser_id: UUID | None = Field(default=None, foreign_key="professional.id")
    commitment_id: UUID | None = Field(default=None, foreign_key="commitment.id")
    next_step_id: UUID | None = Field(default=None, foreign_key="step.id")


class Block(Row, table=True):
    """One block of a journey made of renewable blocks; an interview ends each. `ends_on` moves with
    suspensions."""

    __table_args__ = (
        UniqueConstraint("journey_id", "number"),
        CheckConstraint("ends_on > from_on", name="dates_in_order"),
    )

    journey_id: UUID = Field(foreign_key="journey.id")
    number: int  # from 1
    from_on: date
    ends_on: date
    interview_on: date | None = None
    outcome: BlockOutcome | None = Field(default=None, sa_type=words(BlockOutcome))


class AnnouncedExit(Row, table=True):
    """An exit said but not declared yet: until `confirm_on`, the person may still come back."""

    __table_args__ = (
        Index(
            "ix_announced_exit_one_open",
            "journey_id",
            unique=True,
            postgresql_where=text("settled_on IS NULL"),
            sqlite_where=text("settled_on IS NULL"),
        ),
    )

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    announced_on: date
    confirm_on: date
    settled_on: date | None = None
    confirmed: bool | None = None


class ReturnRequest(Row, table=True):
    """After an exit, the person asks to come back; `until_on` is the last day it is possible."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    asked_on: date
    until_on: date | None = None
    answered_on: date | None = None
    accepted: bool | None = None


class ExitContact(Row, table=True):
    """A contact due after the exit, with the person or with the employer. Written at the exit from
    the rules of that day; neither done nor dropped: still due."""

    __table_args__ = (
        UniqueConstraint("journey_id", "whom", "due_on"),
        Index("ix_exit_contact_due", "due_on", "journey_id"),
    )

    journey_id: UUID = Field(foreign_key="journey.id")
    whom: Followed = Field(sa_type=words(Followed))
    due_on: date
    done_on: date | None = None
    dropped_on: date | None = None  # the person came back
    contact_id: UUID | None = Field(default=None, foreign_key="contact.id")


class StatusPeriod(Row, table=True):
    """A status of the person from a day, and whether money comes in meanwhile. One that begins in
    the future is planned."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        UniqueConstraint("journey_id", "from_on"),
    )

    person_id: UUID = Field(foreign_key="person.id", index=True)
    journey_id: UUID = Field(foreign_key="journey.id")
    agency_id: UUID = Field(foreign_key="agency.id")
    status: PersonStatus = Field(sa_type=words(PersonStatus))
    from_on: date
    until_on: date | None = None  # the day the next one begins
    pay: Pay = Field(sa_type=words(Pay))
    pay_label: str = ""


class StepPrerequisite(Row, table=True):
    """What must be met before a step begins."""

    __table_args__ = (UniqueConstraint("step_id", "label"),)

    step_id: UUID = Field(foreign_key="step.id")
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    label: str
    met_on: date | None = None


class ReferentAbsence(Row, table=True):
    """A référent is away; `replacement_id` None: nobody holds the thread meanwhile."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
    )

    referent_id: UUID = Field(foreign_key="referent.id", index=True)
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    from_on: date
    until_on: date | None = None  # the last day away
    replacement_id: UUID | None = Field(default=None, foreign_key="professional.id", index=True)


class Appointment(Row, table=True):
    """An appointment asked for one day and given for another; `latest_on` is the day by which the
    programme wants it."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    asked_on: date
    on_day: date
    latest_on: date | None = None


class Cohort(Row, table=True):
    """A group of a programme, in an agency. `until_on` is its planned last day, then the real one
    once it is closed."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
    )

    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    programme_id: UUID = Field(foreign_key="programme.id")
    label: str
    from_on: date
    until_on: date | None = None
    rhythm: str = ""
    closed: bool = False
    version: int = 1


class CohortMember(Row, table=True):
    """A journey in a group; one group at a time."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        Index(
            "ix_cohort_member_one_open",
            "journey_id",
            unique=True,
            postgresql_where=text("until_on IS NULL"),
            sqlite_where=text("until_on IS NULL"),
        ),
    )

    cohort_id: UUID = Field(foreign_key="cohort.id", index=True)
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    from_on: date
    until_on: date | None = None


class Copied(StrEnum):
    """What was typed again in an agency's own software."""

    JOURNEY = "journey"
    DECISION = "decision"
    REFERRAL = "referral"


class Transcription(Row, table=True):
    """What an agency did in its own software, when, under which reference there."""

    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    about: Copied = Field(sa_type=words(Copied))
    about_id: UUID = Field(index=True)
    tool: str
    done_on: date
    reference: str = ""
