"""Léa, known to two agencies under two names, and how one of them says that she is one person."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import db as base
from coordination.agencies import actors
from coordination.consent import reach
from coordination.consent.models import (
    Purpose,
    ReachKind,
)
from coordination.journeys.models import Journey
from coordination.persons.categories import Category
from coordination.persons.models import Compared, Person, PersonIdentity
from coordination.referrals import moves
from coordination.rights.merging import across, proposals, verbs
from tests import town as small

BORN = date(2001, 2, 3)


@pytest.fixture(name="lea")
def _lea(engine, town):
    """Léa as the mission knows her, discussed with the ccas and on the agenda; and `town.durand`,
    as the ccas had recorded her, under both of her names. No France Travail number."""
    with base.transaction(engine) as session:
        lea = small.person(session, town, "Léa", "Martin", BORN)
        town.lea_journey = small.journey(session, town, lea, number="J-0010")
        town.lea_committee = small.agree(session, town, lea, Purpose.COMMITTEE, "mission", "ccas")
        meet(session, town, lea, "ccas")
        town.durand = small.person(session, town, "Léa", "Martin-Durand", BORN, "ccas")
        town.durand_journey = small.journey(session, town, town.durand, number="J-0011")
        for person in (lea, town.durand):
            identity_of(session, person).email = "lea@example.org"
        assert lea.human_hash != town.durand.human_hash
    return lea


@pytest.fixture(name="linked")
def _linked(act, town, lea, engine):
    """Léa was referred to the ccas, which has said that it knows her as Martin-Durand."""
    with act() as session:
        small.agree(session, town, lea, Purpose.REFERRAL, "ccas",
                    categories=(*small.SHARED, Category.MOBILITY))  # fmt: skip
        alice = actors.of_professional(session, town.alice.id)
        town.sent = moves.prepare(
            session, need=small.need(session, town, town.lea_journey),
            journey=session.get(Journey, town.lea_journey.id), recipient_id=town.ccas.id,
            question="Un micro-crédit ?", actor=alice,
        )  # fmt: skip
        moves.send_or_wait(session, town.sent, actor=alice)
    return link(act, town, town.durand, lea)


def meet(session, town, who, agency):
    reach.open_to(session, person_id=who.id, agency_id=getattr(town, agency).id,
                  kind=ReachKind.MEETING, source_id=town.meeting.id)  # fmt: skip


def identity_of(session, person) -> PersonIdentity:
    wanted = select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    return session.exec(wanted).one()


def link(act, town, mine, theirs, who="chloe") -> Compared:
    with act() as session:
        return across.link(session, mine.id, theirs.id, actor=town.actor(who))


def unlink(act, town, done, who="chloe") -> None:
    with act() as session:
        actor = town.actor(who)
        across.unlink(session, across.one(session, actor, done.id, hold=True), actor=actor)


def borne(engine, *people) -> list[str | None]:
    with base.reading(engine) as session:
        return [session.get(Person, person.id).human_hash for person in people]


def merged(act, town, kept, absorbed, who):
    with act() as session:
        actor = town.actor(who)
        pair = proposals.both(session, actor, kept.id, absorbed.id, hold=True)
        return verbs.merge(session, *pair, actor=actor)
