"""Consents as events, what they cover today, and reach. No pages."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from coordination.agencies.models import AgencyKind
from coordination.db import Moment, Row, json_type, words


class Purpose(StrEnum):
    COMMITTEE = "committee"
    REFERRAL = "referral"
    FOLLOW_UP = "follow_up"


class Regime(StrEnum):
    AGREEMENT = "accord"
    INFORMATION = "information"


class EventKind(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    NARROWED = "narrowed"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"  # by the person
    REVOKED = "revoked"  # by the controller
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    RESTORED = "restored"  # what a merge had narrowed, once the merge is undone


class Collected(StrEnum):
    PAPER = "paper"
    ORAL = "oral"
    CODE = "code"  # one-time, sent to the person, typed in their presence
    INFORMED = "informed"  # regime `information`: told, and did not object


class CodeChannel(StrEnum):
    MAIL = "mail"
    SMS = "sms"


class ConsentState(StrEnum):
    """The fold of the events; see `states.fold`."""

    ASKED = "asked"
    COLLECTED = "collected"
    VALID = "valid"
    REFUSED = "refused"
    ENDED = "ended"


class ReachKind(StrEnum):
    OWN = "own"
    PARTY = "party"
    REFERRAL = "referral"
    MEETING = "meeting"
    BREAK_GLASS = "break_glass"


class RestrictionReason(StrEnum):
    VIOLENCE = "violence"
    ADDRESS = "address"
    STAFF = "staff"
    OTHER = "other"


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


class Consent(Row, table=True):
    """One agreement, refusal or objection of a person, for one purpose. What it says (recipients,
    categories, dates) stands in its events; nothing here is edited."""

    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")  # that recorded it
    purpose: Purpose = Field(sa_type=words(Purpose))
    regime: Regime = Field(default=Regime.AGREEMENT, sa_type=words(Regime))
    expressed_by: str = "person"  # person | parent | guardian
    expressed_name: str = ""
    notice_version: str = ""
    notice_sha256: str = ""
    language: str = "fr"
    format: str = "standard"  # standard | falc | oral_with_witness | interpreter
    assisted_by: str = ""  # the witness's or the interpreter's name


class ConsentEvent(Row, table=True):
    """Append-only. `recipients` are agency ids; empty means nothing, never everyone."""

    __table_args__ = (Index("ix_consent_event_consent_created", "consent_id", "created_at"),)

    consent_id: UUID = Field(default=None, foreign_key="consent.id", nullable=False)
    kind: EventKind = Field(sa_type=words(EventKind))
    recipients: list[str] = Field(default_factory=list, sa_type=json_type)
    categories: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    collected: Collected | None = Field(default=None, sa_type=words(Collected))
    collected_place: str = ""
    words_used: str = ""  # of an oral agreement
    attested: bool = False  # informed, and told that refusing has no effect on rights
    proof_file_id: UUID | None = Field(default=None, foreign_key="file.id")
    proof_sha256: str = ""
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    details: dict[str, Any] = Field(default_factory=dict, sa_type=json_type)


class ConsentCover(Row, table=True):
    """What a consent opens or closes today, one row per recipient and purpose: the projection of
    its events that the SQL predicate reads. Rewritten only by `events`; a test keeps it equal to
    the fold."""

    __table_args__ = (
        CheckConstraint("until_at > from_at", name="dates_in_order"),
        Index("ix_consent_cover_person_agency", "person_id", "agency_id", "purpose"),
    )

    consent_id: UUID = Field(foreign_key="consent.id", index=True)
    person_id: UUID = Field(foreign_key="person.id")
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    purpose: Purpose = Field(sa_type=words(Purpose))
    effect: Effect = Field(default=Effect.ALLOW, sa_type=words(Effect))
    categories: int
    from_at: datetime = Field(sa_type=Moment)
    until_at: datetime = Field(sa_type=Moment)


class ConsentCode(Row, table=True):
    """A one-time code asked for a consent that waits. Only its HMAC is kept, drawn when it leaves:
    six digits, ten minutes, five tries, once (`codes`)."""

    consent_id: UUID = Field(foreign_key="consent.id", index=True)
    person_id: UUID = Field(foreign_key="person.id", index=True)
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    channel: CodeChannel = Field(sa_type=words(CodeChannel))
    code_hmac: str = Field(default="", max_length=64)  # empty until it has left
    expires_at: datetime | None = Field(default=None, sa_type=Moment)
    tries: int = 0
    closed_at: datetime | None = Field(default=None, sa_type=Moment)  # used, or another was asked


class MinorRule(Row, table=True):
    """From that day, for that purpose: the age from which a minor agrees alone. Under it, the minor
    and a holder of parental authority. A row is never edited; the latest holds (`minors`)."""

    __table_args__ = (CheckConstraint("alone_from BETWEEN 0 AND 18", name="an_age"),)

    purpose: Purpose = Field(sa_type=words(Purpose))
    alone_from: int
    from_on: date
    note: str = ""  # the decision that it rests on


class RegimeRule(Row, table=True):
    """From that day: under which regime agencies of one kind share with those of another, in one
    kind of committee (none for a referral or a follow-up). The latest row holds (`regimes`)."""

    __table_args__ = (
        CheckConstraint("regime = 'accord' OR text <> ''", name="information_says_its_text"),
        Index("ix_regime_rule_key", "purpose", "committee_kind", "from_kind", "to_kind"),
    )

    purpose: Purpose = Field(sa_type=words(Purpose))
    committee_kind: str = ""  # its slug
    from_kind: AgencyKind = Field(sa_type=words(AgencyKind, "from_kind"))
    to_kind: AgencyKind = Field(sa_type=words(AgencyKind, "to_kind"))
    regime: Regime = Field(sa_type=words(Regime))
    title: str = ""  # of the law or the agreement that allows it
    text: str = ""
    from_on: date


class Reach(Row, table=True):
    """Who has business to look, because of what, until when. `opens` are the categories opened by
    the agency's own mission, without consent; the rest needs a cover for `purpose`."""

    __table_args__ = (
        CheckConstraint("until_at IS NULL OR until_at > from_at", name="dates_in_order"),
        Index("ix_reach_person_agency", "person_id", "agency_id"),
        Index("ix_reach_agency_person", "agency_id", "person_id"),
        Index("ix_reach_source", "source_id"),
    )

    person_id: UUID = Field(foreign_key="person.id")
    agency_id: UUID = Field(foreign_key="agency.id")
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    kind: ReachKind = Field(sa_type=words(ReachKind))
    effect: Effect = Field(default=Effect.ALLOW, sa_type=words(Effect))
    purpose: Purpose | None = Field(default=None, sa_type=words(Purpose))
    opens: int = 0
    source_id: UUID | None = None  # the journey, referral or meeting
    from_at: datetime = Field(sa_type=Moment)
    until_at: datetime | None = Field(default=None, sa_type=Moment)


class Restriction(Row, table=True):
    """A file under restricted access, and why; who opens it is in its own reach (`restricted`)."""

    __table_args__ = (
        Index(
            "uq_restriction_open",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    person_id: UUID = Field(foreign_key="person.id", index=True)
    agency_id: UUID = Field(foreign_key="agency.id")
    reason: RestrictionReason = Field(sa_type=words(RestrictionReason))
    professional_id: UUID | None = Field(default=None, foreign_key="professional.id")
    lifted_at: datetime | None = Field(default=None, sa_type=Moment)
