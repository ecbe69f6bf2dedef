"""A committee, its members with dated mandates, and its meetings."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field
from uuid_utils.compat import uuid7

from coordination.db import Moment, Row, json_type, words
from coordination.journeys.models import SuspensionCause


class Circuit(StrEnum):
    SIMPLE = "simple"
    FORMAL = "formal"


class CommitteeKind(Row, table=True):
    """A kind is a row: the words it uses, its cadence, its circuit, its agenda template."""

    slug: str = Field(unique=True)
    name: str
    chair_word: str = "animateur·rice"
    invitation_word: str = "invitation"
    minutes_word: str = "relevé de décisions"
    circuit: Circuit = Field(default=Circuit.SIMPLE, sa_type=words(Circuit))
    cadence_weeks: int = 8
    minutes_per_case: int = 10
    sections: list[str] = Field(default_factory=list, sa_type=json_type)  # Section words, in order
    version: int = 1


class Committee(Row, table=True):
    region_id: UUID | None = Field(default=None, foreign_key="region.id", index=True)
    territory_id: UUID | None = Field(default=None, foreign_key="territory.id", index=True)
    kind_id: UUID = Field(foreign_key="committee_kind.id")
    name: str
    place: str = ""
    video_url: str = ""
    length_minutes: int = 180
    cases: int = 16
    controllers: str = ""  # who is responsible for the processing, named on page and documents
    closed_on: date | None = None
    version: int = 1


class CommitteeAgency(Row, table=True):
    """An agency is a member of the committee, from a day to another."""

    committee_id: UUID = Field(foreign_key="committee.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    from_on: date
    until_on: date | None = None


class MandateRole(StrEnum):
    CHAIR = "chair"
    VICE_CHAIR = "vice_chair"
    SECRETARY = "secretary"
    TITULAR = "titular"
    SUBSTITUTE = "substitute"


class Mandate(Row, table=True):
    """A professional sits for an agency, with a role. Past minutes keep the names and functions of
    their day; who leaves is uninvited from the future only. Writing one writes its `Grant`."""

    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="dates_in_order"),
        Index("ix_mandate_committee_until", "committee_id", "until_on"),
    )

    committee_id: UUID = Field(foreign_key="committee.id")
    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    role: MandateRole = Field(sa_type=words(MandateRole))
    from_on: date
    until_on: date | None = None


class MeetingState(StrEnum):
    DRAFT = "draft"
    PLANNED = "planned"
    CONVENED = "convened"
    OPEN = "open"
    SUSPENDED = "suspended"
    ADJOURNED = "adjourned"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    INQUORATE = "inquorate"


class Meeting(Row, table=True):
    """One UID for its life; SEQUENCE grows only when date, time or place change after convening."""

    __table_args__ = (
        UniqueConstraint("committee_id", "year", "number"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_meeting_committee_starts", "committee_id", "starts_at"),
    )

    committee_id: UUID = Field(foreign_key="committee.id")
    year: int
    number: int  # without gaps per committee and year
    state: MeetingState = Field(default=MeetingState.PLANNED, sa_type=words(MeetingState))
    starts_at: datetime = Field(sa_type=Moment)
    ends_at: datetime = Field(sa_type=Moment)
    place: str = ""
    video_url: str = ""
    uid: UUID = Field(default_factory=uuid7, unique=True)
    sequence: int = 0
    frozen_at: datetime | None = Field(default=None, sa_type=Moment)
    agenda_version: int = 0
    opened_at: datetime | None = Field(default=None, sa_type=Moment)
    adjourned_at: datetime | None = Field(default=None, sa_type=Moment)
    current_item_id: UUID | None = None
    pulse: int = 0  # grows with each change in session: what streams and polling watch
    version: int = 1


class MeetingMove(Row, table=True):
    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    verb: str
    before: MeetingState | None = Field(default=None, sa_type=words(MeetingState, "before"))
    after: MeetingState = Field(sa_type=words(MeetingState, "after"))
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    reason: str = ""


class Invitation(Row, table=True):
    """A professional was invited to a meeting, for an agency. Kept even when they leave."""

    __table_args__ = (UniqueConstraint("meeting_id", "professional_id"),)

    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    professional_id: UUID = Field(foreign_key="professional.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    name: str  # as it was that day
    function: str = ""
    sequence: int = 0
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)


class Presence(StrEnum):
    PRESENT = "present"
    REMOTE = "remote"
    REPRESENTED = "represented"
    EXCUSED = "excused"
    ABSENT = "absent"


IN_THE_ROOM = (Presence.PRESENT, Presence.REMOTE)


class Attendance(Row, table=True):
    """Who came, for which agency. An observer has a name and perhaps no account: without agency,
    no consent covers them."""

    __table_args__ = (UniqueConstraint("meeting_id", "professional_id"),)

    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    name: str
    function: str = ""
    observer: bool = False  # listens, after the confidentiality reminder; never decides
    presence: Presence = Field(sa_type=words(Presence, "attendance_presence"))
    arrived_at: datetime | None = Field(default=None, sa_type=Moment)
    left_at: datetime | None = Field(default=None, sa_type=Moment)
    represented_by_id: UUID | None = Field(default=None, foreign_key="professional.id")


class Section(StrEnum):
    FOLLOW_UP = "follow_up"
    MINUTES = "minutes"
    ENDS = "ends"
    SITUATIONS = "situations"
    PARTNERSHIP = "partnership"


DEFAULT_SECTIONS = [Section.FOLLOW_UP, Section.ENDS, Section.SITUATIONS, Section.PARTNERSHIP]


class ItemState(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    OVERFLOW = "overflow"  # does not fit into the time
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CARRIED = "carried"  # carried over: a new item is linked to this one
    EXAMINED = "examined"


class AgendaItem(Row, table=True):
    """One point. A *situation* is about a person: its `snapshot` is what its anonymous form may
    show (programme, carrying agency, sentences), made when it was proposed."""

    __table_args__ = (
        Index("ix_agenda_item_meeting_rank", "meeting_id", "section", "rank"),
        UniqueConstraint("meeting_id", "number"),
        CheckConstraint("minutes >= 0 AND minutes <= 480", name="minutes_in_a_day"),
    )

    meeting_id: UUID = Field(foreign_key="meeting.id")
    section: Section = Field(sa_type=words(Section))
    rank: int
    number: int | None = None  # given when the agenda freezes, never changes
    state: ItemState = Field(default=ItemState.PROPOSED, sa_type=words(ItemState))
    title: str = ""  # of an item that is not about a person
    minutes: int = 10
    journey_id: UUID | None = Field(default=None, foreign_key="journey.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")  # carrying agency
    demand_id: UUID | None = Field(default=None, foreign_key="demand.id")
    referral_id: UUID | None = Field(default=None, foreign_key="referral.id")
    follow_up_id: UUID | None = None  # the action reviewed; no key: an action points to its item
    because: list[str] = Field(default_factory=list, sa_type=json_type)  # "Proposé car…"
    snapshot: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    signals: list[str] = Field(default_factory=list, sa_type=json_type)  # ids of alerts
    reason: str = ""  # of a refusal, a withdrawal, a late addition
    previous_id: UUID | None = Field(default=None, foreign_key="agenda_item.id")
    spoken: str = ""  # in session, when someone is not covered: left_room | without_name
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1


class AgendaSnapshot(Row, table=True):
    """The agenda as it was frozen: version, content without names, hash."""

    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    number: int
    content: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    sha256: str


class DecisionOutcome(StrEnum):
    REFERRAL = "referral"  # orientation
    MAINTAIN = "maintain"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"  # prolongation
    HAND_OVER = "hand_over"  # passage de relais
    ADJOURN = "adjourn"  # report à une prochaine séance
    USUAL_FOLLOW_UP = "usual_follow_up"


class DecisionState(StrEnum):
    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Decision(Row, table=True):
    """What the committee decided on an item (one or more each). Nothing leaves before it is
    confirmed; `wording` may be edited for the minutes until they are sent."""

    item_id: UUID = Field(foreign_key="agenda_item.id", index=True)
    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    outcome: DecisionOutcome = Field(sa_type=words(DecisionOutcome))
    text: str = ""
    reason: str = ""
    dissent: str = ""
    wording: str = ""  # for the minutes; empty = the text
    need_id: UUID | None = Field(default=None, foreign_key="need.id")
    need_code: str = ""
    teller_id: UUID | None = Field(default=None, foreign_key="professional.id")
    tell_by: date | None = None
    told_on: date | None = None
    until_on: date | None = None  # suspension's resumption, extension's new end, report's review
    relay: str = ""  # what the receiving body must know
    keeps_contact: str = ""
    contact_every_days: int | None = None
    acquired: str | None = None  # of the journey so far: never in the nameless document
    cause: SuspensionCause | None = Field(default=None, sa_type=words(SuspensionCause))
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    state: DecisionState = Field(default=DecisionState.RECORDED, sa_type=words(DecisionState))
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int = 1


class DecisionDestination(Row, table=True):
    """Where an orientation goes: an agency, perhaps one of its services, in a rank."""

    decision_id: UUID = Field(foreign_key="decision.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    service_id: UUID | None = Field(default=None, foreign_key="service.id")
    rank: int = 1
    referral_id: UUID | None = Field(default=None, foreign_key="referral.id")


class FollowUpState(StrEnum):
    OPEN = "open"
    DONE = "done"
    IMPOSSIBLE = "impossible"
    NOT_DONE = "not_done"


class FollowUp(Row, table=True):
    """An action decided in committee: which agency, what, before when."""

    committee_id: UUID = Field(foreign_key="committee.id", index=True)
    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    item_id: UUID | None = Field(default=None, foreign_key="agenda_item.id", index=True)
    person_id: UUID | None = Field(default=None, foreign_key="person.id")
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="professional.id")
    what: str
    due_on: date | None = None
    state: FollowUpState = Field(default=FollowUpState.OPEN, sa_type=words(FollowUpState))
    report: str = ""
    reported_at: datetime | None = Field(default=None, sa_type=Moment)
    confirmed: bool = False  # leaves the house with the decisions
    version: int = 1


class MinutesState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class Minutes(Row, table=True):
    """The nameless main document. Its bytes never change once sent; a correction is a new
    version, the old one kept."""

    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    meeting_id: UUID = Field(foreign_key="meeting.id", index=True)
    number: int = 1  # version
    state: MinutesState = Field(default=MinutesState.DRAFT, sa_type=words(MinutesState))
    introduction: str = ""
    file_id: UUID | None = Field(default=None, foreign_key="file.id")
    sha256: str = ""
    audit_head: str = ""  # the chain's head printed in the document
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    version: int = 1


class Extract(Row, table=True):
    """The nominative annex of one agency: what consent opened for it on the day it was made."""

    __table_args__ = (UniqueConstraint("minutes_id", "agency_id", "number"),)

    minutes_id: UUID = Field(foreign_key="minutes.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    number: int = 1
    file_id: UUID | None = Field(default=None, foreign_key="file.id")
    sha256: str = ""
    withheld: int = 0
    persons: list[str] = Field(default_factory=list, sa_type=json_type)  # ids inside, for recall
    sharing: dict[str, int] = Field(default_factory=dict, sa_type=json_type)  # person → version
    recalled_at: datetime | None = Field(default=None, sa_type=Moment)
