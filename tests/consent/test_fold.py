"""The fold of a consent's events, over thousands of stories; and its cover, kept equal to it."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from coordination import clock
from coordination.consent import cover, events, rule, states
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentCover,
    ConsentEvent,
    ConsentState,
    Effect,
    EventKind,
    Purpose,
)
from coordination.consent.states import fold, waiting
from coordination.persons.categories import ALL, Category, from_bits
from coordination.persons.models import Person

K = EventKind
S = ConsentState
SAYS = {K.GIVEN, K.RENEWED, K.REFUSED, K.NARROWED}
ENDINGS = (K.WITHDRAWN, K.REVOKED, K.EXPIRED, K.INVALIDATED)
START = date(2026, 6, 4)

who = st.lists(st.sampled_from(["a", "b", "c"]), unique=True)
what = st.integers(0, ALL)


@st.composite
def an_event(draw, kinds=tuple(EventKind)):
    kind = draw(st.sampled_from(kinds))
    start = START + timedelta(days=draw(st.integers(-60, 5)))
    said = kind in {K.GIVEN, K.RENEWED}
    return ConsentEvent(
        kind=kind,
        recipients=draw(who) if kind in SAYS else [],
        categories=draw(what) if kind in SAYS else 0,
        valid_from=start if kind in SAYS - {K.NARROWED} else None,
        valid_until=start + timedelta(days=draw(st.integers(1, 700))) if said else None,
        collected=draw(st.sampled_from(Collected)) if kind is K.CONFIRMED else None,
    )


stories = st.lists(an_event(), max_size=12)
words = st.lists(an_event(tuple(set(EventKind) - {K.CONFIRMED})), max_size=12)


@given(words)
def test_what_nobody_confirmed_opens_nothing(story):
    assert fold(story).state is not S.VALID


@given(stories, an_event((K.REFUSED,)))
def test_a_refusal_wins_over_all_that_was_said_before(story, refusal):
    standing = fold([*story, refusal])
    assert standing.state is S.REFUSED
    assert standing.recipients == frozenset(refusal.recipients)
    assert not waiting([*story, refusal])


@given(stories, an_event((K.REFUSED,)), st.lists(an_event((K.CONFIRMED, K.NARROWED, K.RENEWED))))
def test_nothing_but_a_new_word_given_goes_past_a_refusal(story, refusal, after):
    assert fold([*story, refusal, *after]) == fold([*story, refusal])


@given(stories, st.sampled_from(ENDINGS), st.lists(an_event((K.CONFIRMED, K.NARROWED, K.RENEWED))))
def test_nothing_but_a_new_word_given_revives_what_ended(story, kind, after):
    ended = [*story, ConsentEvent(kind=kind)]
    assert fold(ended).state is S.ENDED
    assert fold([*ended, *after]).state is S.ENDED


@given(stories, an_event((K.GIVEN, K.RENEWED)))
def test_a_newer_word_not_confirmed_does_not_replace_what_holds(story, newer):
    before = fold(story)
    if before.state in {S.VALID, S.REFUSED}:
        assert fold([*story, newer]) == before


@given(stories, an_event(tuple(set(EventKind) - {K.GIVEN, K.RENEWED, K.CONFIRMED, K.REFUSED})))
def test_only_a_word_given_or_renewed_and_confirmed_widens(story, event):
    before, after = fold(story), fold([*story, event])
    assert after.recipients <= before.recipients
    assert after.categories & ~before.categories == 0
    assert after.state is not S.VALID or before.state is S.VALID


@given(stories)
def test_what_holds_was_said_by_one_word_given_or_renewed(story):
    standing = fold(story)
    if standing.state is S.VALID:
        assert any(
            e.kind in {K.GIVEN, K.RENEWED}
            and standing.recipients <= set(e.recipients)
            and standing.categories & ~e.categories == 0
            and standing.valid_until <= e.valid_until
            for e in story
        )


@given(stories)
def test_asking_changes_nothing_wherever_it_stands(story):
    asked = ConsentEvent(kind=K.ASKED)
    for place in range(len(story) + 1):
        assert fold([*story[:place], asked, *story[place:]]) == fold(story)


@given(an_event((K.GIVEN,)))
def test_an_oral_word_holds_thirty_days_at_most_and_still_waits(said):
    oral = [said, ConsentEvent(kind=K.CONFIRMED, collected=Collected.ORAL)]
    standing = fold(oral)
    end = min(said.valid_from + timedelta(days=30), said.valid_until)
    assert (standing.state, standing.oral, standing.valid_until) == (S.VALID, True, end)
    assert waiting(oral)
    for proof in (Collected.PAPER, Collected.CODE):
        proved = [*oral, ConsentEvent(kind=K.CONFIRMED, collected=proof)]
        assert fold(proved).valid_until == said.valid_until
        assert not waiting(proved)


@given(stories)
def test_empty_means_nothing(story):
    standing = fold(story)
    consent = Consent(purpose=Purpose.COMMITTEE)
    keyed = standing._replace(recipients=frozenset())
    assert cover.covers(consent, keyed) == []
    assert cover.covers(consent, standing._replace(categories=0)) == []


@pytest.fixture
def written(db, town):
    """written(story) → the consent of Sami that tells it, as the house writes it."""
    agencies = dict(zip("abc", (town.ccas.id, town.greta.id, town.mde.id), strict=True))

    def write(story):
        sami = db.get_one(Person, town.sami.id)
        consent = Consent(person_id=sami.id, agency_id=town.mission.id, purpose=Purpose.COMMITTEE)
        db.add(consent)
        db.flush()
        for event in story:
            told = event.model_dump(exclude={"id", "created_at", "consent_id"})
            told["recipients"] = [str(agencies[name]) for name in event.recipients]
            events.append(db, consent, sami, ConsentEvent(**told), actor=town.actor("alice"))
        return consent

    return write


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(stories, min_size=1, max_size=2), st.integers(-70, 720))
def test_the_cover_and_the_rule_say_what_the_folds_say_on_any_day(db, town, written, told, days):
    consents = [written(story) for story in told]
    standings = [states.fold(events.of(db, consent)) for consent in consents]
    for consent, standing in zip(consents, standings, strict=True):
        kept = db.exec(select(ConsentCover).where(ConsentCover.consent_id == consent.id)).all()
        assert _facts(kept) == _facts(cover.covers(consent, standing))
    now = clock.at(START + timedelta(days=days), 12)
    for agency in (town.ccas, town.greta, town.mde):
        opened, _ = rule.covered_by(
            db, person_id=town.sami.id, agency_id=agency.id, purpose=Purpose.COMMITTEE, now=now
        )
        assert set(from_bits(opened)) == _opened(standings, str(agency.id), now)
    db.rollback()


def _opened(standings, agency, now) -> set[Category]:
    """What the standings alone open to an agency that day: one that allows, and no refusal."""
    day = clock.local(now).date()
    allowed, refused = set(), set()
    for said in standings:
        holds = agency in said.recipients and said.valid_from and said.valid_from <= day
        if not holds or (said.valid_until and said.valid_until < day):
            continue
        side = {S.VALID: allowed, S.REFUSED: refused}.get(said.state, set())
        side |= set(from_bits(said.categories))
    return allowed - refused


def _facts(covers):
    return {
        (c.agency_id, c.effect is Effect.DENY, c.categories, c.from_at, c.until_at) for c in covers
    }
