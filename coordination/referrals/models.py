"""A referral, every step it has taken, and the exchanges about it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from coordination.db import Moment, Row, json_type, words
from coordination.referrals.states import Side, Status

_OPEN_OR_LIVE = text(
    "status IN ('draft', 'awaiting_consent', 'sent', 'acknowledged', 'info_requested',"
    " 'accepted', 'waitlisted', 'started')"
)
_OPENED = text("opened_journey_id IS NOT NULL")


class Referral(Row, table=True):
    """Sender (the agency that carries the journey) asks recipient, for a need.

    `destination_id` is the service, or the recipient when no service is named: at most one open or
    live referral per person row and destination. The origin (a decision) is a label and an id
    without foreign key; the link is the need. Five separate dates: sent, acknowledged, accepted,
    started, need met.
    """

    __table_args__ = (
        CheckConstraint("sender_id <> recipient_id", name="two_agencies"),
        CheckConstraint("NOT (status IN ('accepted', 'started') AND accepted_at IS NULL)",
                        name="accepted_has_date"),
        CheckConstraint("NOT (status = 'started' AND started_on IS NULL)",
                        name="started_has_date"),
        Index("ix_referral_one_live", "person_id", "destination_id", unique=True,
              postgresql_where=_OPEN_OR_LIVE, sqlite_where=_OPEN_OR_LIVE),
        Index("ix_referral_recipient_status", "recipient_id", "status", "sent_at"),
        Index("ix_referral_sender_status", "sender_id", "status", "sent_at"),
        Index("uq_referral_opened_journey_id", "opened_journey_id", unique=True,
              postgresql_where=_OPENED, sqlite_where=_OPENED),
    )  # fmt: skip

    number: str = Field(unique=True, max_length=16)
    need_id: UUID = Field(foreign_key="need.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    journey_id: UUID = Field(foreign_key="journey.id", index=True)
    sender_id: UUID = Field(foreign_key="agency.id")
    recipient_id: UUID = Field(foreign_key="agency.id")
    service_id: UUID | None = Field(default=None, foreign_key="service.id", index=True)
    destination_id: UUID
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    rank: int = 1  # one after the other; equal ranks are parallel
    origin_label: str = ""
    origin_id: UUID | None = Field(default=None, index=True)
    question: str = ""  # what is asked of the recipient
    status: Status = Field(default=Status.DRAFT, sa_type=words(Status))
    consent_id: UUID | None = Field(default=None, foreign_key="consent.id", index=True)
    categories: int = 0  # bits that went, at most
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    accepted_at: datetime | None = Field(default=None, sa_type=Moment)
    started_on: date | None = None
    met_on: date | None = None
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    clock_side: Side | None = Field(default=None, sa_type=words(Side))  # whose silence counts
    clock_from: datetime | None = Field(default=None, sa_type=Moment, index=True)
    reminded: int = 0  # the last reminder given on this clock
    review_on: date | None = None  # of a waiting list
    meanwhile: str = ""
    appointment_at: datetime | None = Field(default=None, sa_type=Moment)
    appointment_place: str = ""
    ask_for: str = ""  # whom to ask for
    bring: str = ""  # what to bring
    reasons: list[str] = Field(default_factory=list, sa_type=json_type)
    outcome: str = ""
    absences: int = 0
    returned: bool = False  # a committee already returned it once
    # The recipient's own journey, opened from what it read here; nothing to the sender.
    opened_journey_id: UUID | None = Field(default=None, foreign_key="journey.id")
    cancellation_seen_at: datetime | None = Field(default=None, sa_type=Moment)
    snapshot: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)
    snapshot_sha256: str = ""
    version: int = 1


class ReferralStep(Row, table=True):
    """One move of one referral: who, when, from where to where, why. Never updated."""

    referral_id: UUID = Field(foreign_key="referral.id", index=True)
    verb: str
    before: Status | None = Field(default=None, sa_type=words(Status, "before"))
    after: Status = Field(sa_type=words(Status, "after"))
    side: Side | None = Field(default=None, sa_type=words(Side))  # None: the clock, the committee
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    by_link: bool = False
    reasons: list[str] = Field(default_factory=list, sa_type=json_type)
    note: str = ""  # the message to the other side
