"""Where a referral can stand. Pure: no database here. The moves complete this file."""

from enum import StrEnum


class Status(StrEnum):
    DRAFT = "draft"
    AWAITING_CONSENT = "awaiting_consent"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    INFO_REQUESTED = "info_requested"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    STARTED = "started"
    COMPLETED = "completed"
    REFUSED = "refused"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"
    REROUTED = "rerouted"
    ENTERED_IN_ERROR = "entered_in_error"


S = Status
OPEN = frozenset({S.DRAFT, S.AWAITING_CONSENT})
LIVE = frozenset({S.SENT, S.ACKNOWLEDGED, S.INFO_REQUESTED, S.ACCEPTED, S.WAITLISTED, S.STARTED})
ENDED = frozenset(Status) - OPEN - LIVE


class Side(StrEnum):
    SENDER = "sender"
    RECIPIENT = "recipient"
