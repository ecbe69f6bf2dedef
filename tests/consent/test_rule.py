"""The one rule, and the cover that it reads. (`test_rule_worlds`: in Python and as SQL.)"""

import random
from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.consent import cover, events, reach, rule, states
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentCover,
    ConsentEvent,
    EventKind,
    Purpose,
    ReachKind,
)
from coordination.persons.categories import ALL, Category, from_bits
from coordination.persons.models import Person
from tests import town as small_town


def test_who_has_no_agency_sees_nobody(db, town):
    actor = town.actor("regine")
    assert db.exec(select(Person.id).where(rule.sees(actor, Person.id, Category.STEPS))).all() == []
    assert rule.for_actor(db, actor, [town.dana.id]) == {}


def test_each_category_read_says_the_reach_and_the_consent_it_stands_on(db, town):
    made = reach.open_to(
        db,
        person_id=town.dana.id,
        agency_id=town.ccas.id,
        kind=ReachKind.MEETING,
        source_id=town.meeting.id,
    )
    db.flush()
    found = rule.for_actor(db, town.actor("chloe"), [town.dana.id])[town.dana.id]
    assert set(found) == set(small_town.SHARED)
    assert {basis.reach_id for basis in found.values()} == {made.id}
    assert {basis.consent_id for basis in found.values()} == {town.committee_consent.id}


def random_event(draw, agencies):
    kind = draw.choice(
        [EventKind.GIVEN, EventKind.CONFIRMED, EventKind.CONFIRMED, EventKind.NARROWED,
         EventKind.RENEWED, EventKind.REFUSED, EventKind.WITHDRAWN, EventKind.ASKED]
    )  # fmt: skip
    says = kind in {EventKind.GIVEN, EventKind.RENEWED, EventKind.REFUSED, EventKind.NARROWED}
    start = clock.today() + timedelta(days=draw.randint(-60, 5))
    return ConsentEvent(
        kind=kind,
        recipients=[str(a) for a in draw.sample(agencies, draw.randint(0, 3))] if says else [],
        categories=draw.randint(0, ALL) if says else 0,
        valid_from=start if says and kind is not EventKind.NARROWED else None,
        valid_until=start + timedelta(days=draw.randint(1, 700))
        if kind in {EventKind.GIVEN, EventKind.RENEWED}
        else None,
        collected=draw.choice([Collected.PAPER, Collected.ORAL])
        if kind is EventKind.CONFIRMED
        else None,
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_cover_is_always_what_the_events_say(db, town, seed):
    draw = random.Random(seed)
    agencies = [town.ccas.id, town.greta.id, town.mde.id]
    sami = db.get_one(Person, town.sami.id)
    consent = Consent(
        person_id=sami.id, agency_id=town.mission.id, purpose=draw.choice(list(Purpose))
    )
    db.add(consent)
    db.flush()
    for _ in range(draw.randint(6, 20)):
        events.append(db, consent, sami, random_event(draw, agencies), actor=town.actor("alice"))
        kept = db.exec(select(ConsentCover).where(ConsentCover.consent_id == consent.id)).all()
        standing = states.fold(events.of(db, consent))
        assert facts(kept) == facts(cover.covers(consent, standing))
        if standing.state not in {states.ConsentState.VALID, states.ConsentState.REFUSED}:
            assert not kept


def facts(covers):
    return {
        (c.person_id, c.agency_id, c.purpose, c.effect, tuple(from_bits(c.categories)),
         c.from_at, c.until_at)
        for c in covers
    }  # fmt: skip
