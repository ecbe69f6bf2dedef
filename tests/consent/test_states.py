"""What a consent is worth after its events: the whole table."""

from datetime import date

import pytest

from coordination.consent.models import Collected, ConsentEvent, ConsentState, EventKind
from coordination.consent.states import fold
from coordination.persons.categories import Category, bits

FROM, UNTIL, LATER = date(2026, 6, 4), date(2027, 6, 4), date(2028, 6, 4)
SHARED = bits({Category.IDENTITY, Category.STEPS})


def said(kind, until=UNTIL, to=("a", "b"), categories=SHARED):
    return ConsentEvent(
        kind=kind, recipients=list(to), categories=categories, valid_from=FROM, valid_until=until
    )


ASKED = ConsentEvent(kind=EventKind.ASKED)
GIVEN = said(EventKind.GIVEN)
PAPER = ConsentEvent(kind=EventKind.CONFIRMED, collected=Collected.PAPER)
ORAL = ConsentEvent(kind=EventKind.CONFIRMED, collected=Collected.ORAL)
RENEWED = said(EventKind.RENEWED, until=LATER)
REFUSED = said(EventKind.REFUSED, until=None)
TO_A = said(EventKind.NARROWED, to=("a",))
WITHDRAWN = ConsentEvent(kind=EventKind.WITHDRAWN)
REVOKED = ConsentEvent(kind=EventKind.REVOKED)
EXPIRED = ConsentEvent(kind=EventKind.EXPIRED)
INVALIDATED = ConsentEvent(kind=EventKind.INVALIDATED)

S = ConsentState
THIRTY_DAYS = date(2026, 7, 4)

TABLE = [
    ((), S.ASKED, None, ""),
    ((ASKED,), S.ASKED, None, ""),
    ((PAPER,), S.ASKED, None, ""),
    ((GIVEN,), S.COLLECTED, UNTIL, "ab"),
    ((ASKED, GIVEN, PAPER), S.VALID, UNTIL, "ab"),
    ((GIVEN, ORAL), S.VALID, THIRTY_DAYS, "ab"),
    ((GIVEN, ORAL, ORAL), S.VALID, THIRTY_DAYS, "ab"),
    ((GIVEN, ORAL, PAPER), S.VALID, UNTIL, "ab"),
    ((GIVEN, PAPER, RENEWED), S.VALID, UNTIL, "ab"),
    ((GIVEN, PAPER, RENEWED, PAPER), S.VALID, LATER, "ab"),
    ((GIVEN, RENEWED, PAPER), S.VALID, LATER, "ab"),
    ((GIVEN, PAPER, TO_A), S.VALID, UNTIL, "a"),
    ((GIVEN, TO_A, PAPER), S.VALID, UNTIL, "a"),
    ((GIVEN, ORAL, TO_A, PAPER), S.VALID, UNTIL, "a"),
    ((GIVEN, PAPER, RENEWED, TO_A, PAPER), S.VALID, LATER, "a"),
    ((REFUSED,), S.REFUSED, None, "ab"),
    ((REFUSED, PAPER), S.REFUSED, None, "ab"),
    ((REFUSED, TO_A), S.REFUSED, None, "ab"),
    ((REFUSED, RENEWED, PAPER), S.REFUSED, None, "ab"),
    ((REFUSED, GIVEN), S.REFUSED, None, "ab"),
    ((REFUSED, GIVEN, PAPER), S.VALID, UNTIL, "ab"),
    ((GIVEN, PAPER, REFUSED), S.REFUSED, None, "ab"),
    ((GIVEN, PAPER, WITHDRAWN), S.ENDED, UNTIL, "ab"),
    ((GIVEN, WITHDRAWN, PAPER), S.ENDED, UNTIL, "ab"),
    ((GIVEN, ORAL, WITHDRAWN, PAPER), S.ENDED, THIRTY_DAYS, "ab"),
    ((GIVEN, PAPER, WITHDRAWN, RENEWED, PAPER), S.ENDED, UNTIL, "ab"),
    ((GIVEN, PAPER, REVOKED, PAPER), S.ENDED, UNTIL, "ab"),
    ((GIVEN, PAPER, EXPIRED), S.ENDED, UNTIL, "ab"),
    ((GIVEN, PAPER, INVALIDATED), S.ENDED, UNTIL, "ab"),
    ((REFUSED, WITHDRAWN), S.ENDED, None, "ab"),
    ((GIVEN, PAPER, WITHDRAWN, GIVEN), S.COLLECTED, UNTIL, "ab"),
    ((GIVEN, PAPER, WITHDRAWN, GIVEN, PAPER), S.VALID, UNTIL, "ab"),
]


@pytest.mark.parametrize(("events", "state", "until", "recipients"), TABLE)
def test_the_standing_of_a_consent_is_what_its_events_say(events, state, until, recipients):
    standing = fold(events)
    assert (standing.state, standing.valid_until) == (state, until)
    assert "".join(sorted(standing.recipients)) == recipients


def test_an_ending_says_who_ended():
    assert fold((GIVEN, PAPER, WITHDRAWN)).ended_by is EventKind.WITHDRAWN
    assert fold((GIVEN, PAPER, REVOKED)).ended_by is EventKind.REVOKED


def test_narrowing_never_adds_what_was_not_there():
    wider = said(EventKind.NARROWED, to=("a", "z"), categories=SHARED | Category.HEALTH.bit)
    standing = fold((GIVEN, PAPER, wider))
    assert standing.recipients == {"a"}
    assert standing.categories == SHARED
