"""The one rule, twice: in Python and as SQL. Over random worlds they say the same."""

import random
from datetime import timedelta

import pytest
from sqlmodel import col, select

from coordination import clock
from coordination.consent import cover, events, reach, rule, states
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentCover,
    ConsentEvent,
    Effect,
    EventKind,
    Purpose,
    Reach,
    ReachKind,
)
from coordination.persons.categories import ALL, Category, from_bits
from coordination.persons.models import Person
from tests import town as small_town


def some_days(draw):
    return clock.now() + timedelta(days=draw.choice([-40, -10, -1, 0, 1, 10]))


def random_world(db, town, draw):
    """Reaches and covers of every sort, about two persons, for two agencies."""
    people = [town.dana, town.sami]
    agencies = [town.ccas, town.greta]
    sources = [town.meeting.id, town.journey.id, None]
    professionals = [None, town.chloe.id, town.bruno.id]
    for _ in range(draw.randint(12, 24)):
        start = some_days(draw)
        kind = draw.choice(list(ReachKind))
        db.add(
            Reach(
                person_id=draw.choice(people).id,
                agency_id=draw.choice(agencies).id,
                professional_id=draw.choice(professionals),
                kind=kind,
                effect=draw.choice([Effect.ALLOW, Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
                purpose=draw.choice([None, *Purpose]),
                opens=draw.choice([0, 0, ALL, reach.PARTY_OPENS]),
                source_id=draw.choice(sources),
                from_at=start,
                until_at=draw.choice([None, start + timedelta(days=draw.randint(1, 30))]),
            )
        )
    for _ in range(draw.randint(12, 30)):
        person, start = draw.choice(people), some_days(draw)
        consent = Consent(
            person_id=person.id, agency_id=town.mission.id, purpose=draw.choice(list(Purpose))
        )
        db.add(consent)
        db.flush()
        db.add(
            ConsentCover(
                consent_id=consent.id,
                person_id=person.id,
                agency_id=draw.choice(agencies).id,
                purpose=consent.purpose,
                effect=draw.choice([Effect.ALLOW, Effect.ALLOW, Effect.DENY]),
                categories=draw.randint(1, ALL),
                from_at=start,
                until_at=start + timedelta(days=draw.randint(1, 60)),
            )
        )
    db.flush()


@pytest.mark.parametrize("seed", range(5))
def test_what_python_reads_and_what_sql_sees_are_the_same(db, town, seed):
    draw = random.Random(seed)
    random_world(db, town, draw)
    people = {town.dana.id, town.sami.id}
    some_kinds = tuple(draw.sample(list(ReachKind), 3))
    seen_something = 0
    for name in ("chloe", "bruno", "eva"):
        actor = town.actor(name)
        for kinds, moments in ((tuple(ReachKind), (-5, 0, 5)), (some_kinds, (0,))):
            for days in moments:
                now = clock.now() + timedelta(days=days)
                readable = rule.readable(
                    db,
                    agency_id=actor.agency_id,
                    professional_id=actor.professional_id,
                    persons=people,
                    now=now,
                    kinds=kinds,
                )
                for category in Category:
                    wanted = select(Person.id).where(
                        col(Person.id).in_(people),
                        rule.sees(actor, Person.id, category, now=now, kinds=kinds),
                    )
                    by_sql = set(db.exec(wanted))
                    in_python = {p for p, found in readable.items() if category in found}
                    assert by_sql == in_python, (name, category, days, kinds)
                    seen_something += len(by_sql)
    assert seen_something, "a world where nobody reads anything proves little"


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
