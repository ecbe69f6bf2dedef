"""Where a referral can stand, and what may follow what: one table of moves, read by the rule, the
buttons and the tests. Pure: no database here."""

from dataclasses import dataclass
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
UNANSWERED = frozenset({S.SENT, S.ACKNOWLEDGED, S.INFO_REQUESTED})  # the clock runs towards expiry


class Side(StrEnum):
    SENDER = "sender"
    RECIPIENT = "recipient"


class By(StrEnum):
    """Who makes a move. The person's own word is recorded for them by one of the two sides."""

    SENDER = "sender"
    RECIPIENT = "recipient"
    COMMITTEE = "committee"
    CLOCK = "clock"

    @property
    def side(self) -> Side | None:
        return Side(self.value) if self.value in {"sender", "recipient"} else None


class Group(StrEnum):
    """The five groups of a screen."""

    TO_PREPARE = "to_prepare"
    AT_THE_AGENCY = "at_the_agency"
    ACCEPTED = "accepted"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


GROUPS: dict[Group, frozenset[Status]] = {
    Group.TO_PREPARE: OPEN,
    Group.AT_THE_AGENCY: UNANSWERED,
    Group.ACCEPTED: frozenset({S.ACCEPTED, S.WAITLISTED}),
    Group.UNDER_WAY: frozenset({S.STARTED}),
    Group.CLOSED: ENDED,
}


def group_of(status: Status) -> Group:
    return next(group for group, statuses in GROUPS.items() if status in statuses)


class Verb(StrEnum):
    PREPARE = "prepare"
    ASK_AGREEMENT = "ask_agreement"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    ASK_MORE = "ask_more"
    ANSWER = "answer"
    ACCEPT = "accept"
    WAITLIST = "waitlist"
    OFFER_PLACE = "offer_place"
    REFUSE = "refuse"
    RETURN = "return"
    UNDO = "undo"
    START = "start"
    ABSENCE = "absence"
    COMPLETE = "complete"
    FAIL = "fail"
    DECLINE = "decline"
    CANCEL = "cancel"
    SEEN = "seen"
    REMIND = "remind"
    EXPIRE = "expire"
    PROPOSE_REROUTE = "propose_reroute"
    REROUTE = "reroute"
    ASK_REOPEN = "ask_reopen"
    REOPEN = "reopen"
    REPORT_ERROR = "report_error"
    MARK_ERROR = "mark_error"


V = Verb


class Needs(StrEnum):
    """What a move asks for besides its place in the table; `guards` checks each."""

    CONSENT = "consent"  # (recipient, referral, categories), in force now
    PREVIEW = "preview"  # exactly what goes was shown and confirmed
    OPEN_RECIPIENT = "open_recipient"  # not closed, someone or an address to receive it
    ALONE = "alone"  # no other open or live one for this person and destination
    CAPACITY = "capacity"  # a place left, or a reason to send all the same
    PLACE = "place"  # takes one, under lock
    NOTE = "note"  # a few words to the other side
    REASONS = "reasons"  # coded
    REVIEW_DATE = "review_date"  # within 60 days, and what happens meanwhile
    REAL_DATE = "real_date"  # not before sending, not in the future
    OUTCOME = "outcome"
    DESTINATION = "destination"  # the new one
    ONCE = "once"  # the committee returns it once
    WITHIN_48_HOURS = "within_48_hours"  # of the acceptance
    WITHIN_30_DAYS = "within_30_days"  # of the end
    SECOND_PERSON = "second_person"  # if it was sent: someone else reported it first
    OTHER_MANAGER = "other_manager"  # the other side's manager asked for it first


N = Needs


@dataclass(frozen=True, slots=True)
class Move:
    """`after` None: it stays where it is, or (reopen) goes back to where it was."""

    verb: Verb
    before: frozenset[Status]
    after: Status | None
    by: frozenset[By]
    needs: frozenset[Needs] = frozenset()
    protective: bool = False  # never blocked by consent, a closed agency or a disabled account
    manager: bool = False


def _row(
    verb: Verb,
    before: frozenset[Status] | set[Status],
    after: Status | None,
    by: set[By],
    *needs: Needs,
    protective: bool = False,
    manager: bool = False,
) -> Move:
    return Move(
        verb, frozenset(before), after, frozenset(by), frozenset(needs), protective, manager
    )


_SENDS, _RECEIVES, _CLOCK = {By.SENDER}, {By.RECIPIENT}, {By.CLOCK}
_EITHER, _ASKS = {By.SENDER, By.RECIPIENT}, {By.SENDER, By.COMMITTEE}
_HOUSE = {By.SENDER, By.COMMITTEE, By.CLOCK}  # the clock sends the next in rank
_REROUTED = UNANSWERED | {S.REFUSED, S.FAILED}
_REOPENED = ENDED - {S.ENTERED_IN_ERROR, S.REROUTED}

TABLE: tuple[Move, ...] = (
    _row(V.PREPARE, set(), S.DRAFT, _HOUSE, N.ALONE),
    _row(V.ASK_AGREEMENT, {S.DRAFT}, S.AWAITING_CONSENT, _HOUSE),
    _row(V.SEND, OPEN, S.SENT, _HOUSE,
         N.CONSENT, N.PREVIEW, N.OPEN_RECIPIENT, N.ALONE, N.CAPACITY),
    _row(V.ACKNOWLEDGE, {S.SENT}, S.ACKNOWLEDGED, _RECEIVES),
    _row(V.ASK_MORE, {S.SENT, S.ACKNOWLEDGED}, S.INFO_REQUESTED, _RECEIVES, N.NOTE),
    _row(V.ANSWER, {S.INFO_REQUESTED}, S.ACKNOWLEDGED, _SENDS, N.CONSENT, N.NOTE),
    _row(V.ACCEPT, UNANSWERED, S.ACCEPTED, _RECEIVES, N.CONSENT, N.PLACE),
    _row(V.WAITLIST, {S.SENT, S.ACKNOWLEDGED}, S.WAITLISTED, _RECEIVES, N.REVIEW_DATE),
    _row(V.OFFER_PLACE, {S.WAITLISTED}, S.ACCEPTED, _RECEIVES, N.CONSENT, N.PLACE),
    _row(V.REFUSE, LIVE - {S.STARTED}, S.REFUSED, _RECEIVES, N.REASONS, protective=True),
    _row(V.RETURN, {S.REFUSED}, S.ACKNOWLEDGED, {By.COMMITTEE},
         N.NOTE, N.ONCE, N.ALONE, N.CONSENT),
    _row(V.UNDO, {S.ACCEPTED}, S.ACKNOWLEDGED, _RECEIVES, N.WITHIN_48_HOURS),
    _row(V.START, {S.ACCEPTED}, S.STARTED, _RECEIVES, N.REAL_DATE),
    _row(V.ABSENCE, {S.ACCEPTED, S.STARTED}, None, _RECEIVES),
    _row(V.COMPLETE, {S.STARTED}, S.COMPLETED, _RECEIVES, N.OUTCOME),
    _row(V.FAIL, {S.ACCEPTED, S.WAITLISTED, S.STARTED}, S.FAILED, _RECEIVES, N.REASONS),
    _row(V.DECLINE, OPEN | LIVE, S.DECLINED, _EITHER, protective=True),
    _row(V.CANCEL, OPEN | LIVE, S.CANCELLED, _HOUSE, N.REASONS, protective=True),
    _row(V.SEEN, {S.CANCELLED}, None, _RECEIVES),
    _row(V.REMIND, UNANSWERED | {S.AWAITING_CONSENT, S.WAITLISTED}, None, _CLOCK),
    _row(V.EXPIRE, UNANSWERED, S.EXPIRED, _CLOCK),
    _row(V.PROPOSE_REROUTE, UNANSWERED, None, _RECEIVES, N.NOTE),
    _row(V.REROUTE, _REROUTED, S.REROUTED, _SENDS, N.DESTINATION),
    _row(V.ASK_REOPEN, _REOPENED, None, _EITHER, N.NOTE, N.WITHIN_30_DAYS, manager=True),
    _row(V.REOPEN, _REOPENED, None, _EITHER, N.NOTE, N.WITHIN_30_DAYS, N.OTHER_MANAGER, N.ALONE,
         N.CONSENT, manager=True),
    _row(V.REPORT_ERROR, LIVE | (ENDED - {S.ENTERED_IN_ERROR}), None, _EITHER, N.NOTE,
         manager=True),
    _row(V.MARK_ERROR, frozenset(Status) - {S.ENTERED_IN_ERROR}, S.ENTERED_IN_ERROR, _EITHER,
         N.SECOND_PERSON, protective=True, manager=True),
)  # fmt: skip

_BY_VERB = {move.verb: move for move in TABLE}


def rule(verb: Verb) -> Move:
    return _BY_VERB[verb]


def open_moves(status: Status, by: By, *, manager: bool = False) -> tuple[Move, ...]:
    """The moves that this side can make from here, in the order of the table."""
    return tuple(
        move
        for move in TABLE
        if status in move.before and by in move.by and (manager or not move.manager)
    )
