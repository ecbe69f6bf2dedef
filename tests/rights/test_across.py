"""Two files of two agencies said to be one person's: who may say it; and nobody reads more."""

from datetime import date

import pytest
from sqlmodel import col, select

from coordination import db as base
from coordination.audit import AuditEntry
from coordination.consent import reach, restricted, rule
from coordination.consent.models import (
    Purpose,
    ReachKind,
    RestrictionReason,
)
from coordination.errors import NotFound, Refused
from coordination.persons.categories import bits
from coordination.persons.models import Compared, Finding, Person
from coordination.rights import withdrawal
from coordination.rights.merging import across, elsewhere
from tests import town as small
from tests.rights.two_agencies import BORN, borne, link, meet, merged, unlink


def proposed(web, actor) -> list[tuple[str, str]]:
    with base.reading(web, context=actor.context) as session:
        return [(p.one.name, p.other.name) for p in elsewhere.of(session, actor)]


def test_the_agency_that_reads_both_is_told_and_the_other_is_not(web, town, lea):
    assert proposed(web, town.actor("chloe")) == [("MARTIN-DURAND Léa", "MARTIN Léa")]
    for name in ("alice", "bruno", "eva"):
        assert proposed(web, town.actor(name)) == []


def test_without_an_agreement_or_without_the_meeting_nobody_is_compared(act, web, town, lea):
    chloe = town.actor("chloe")
    with act() as session:
        reach.close(session, source_id=town.meeting.id, person_id=lea.id)
    assert proposed(web, chloe) == []
    with act() as session:
        meet(session, town, lea, "ccas")
    assert len(proposed(web, chloe)) == 1
    with act() as session:
        withdrawal.withdraw(session, session.get(Person, lea.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    assert proposed(web, chloe) == []
    with pytest.raises(NotFound):
        link(act, town, town.durand, lea)


def test_following_a_journey_is_no_reason_to_compare_a_live_referral_is(act, web, town, lea):
    chloe = town.actor("chloe")
    with act() as session:
        reach.close(session, source_id=town.meeting.id, person_id=lea.id)
        reach.open_to(session, person_id=lea.id, agency_id=town.ccas.id, kind=ReachKind.PARTY,
                      source_id=town.lea_journey.id)  # fmt: skip
    assert proposed(web, chloe) == []
    with act() as session:
        small.agree(session, town, lea, Purpose.REFERRAL, "ccas")
        reach.open_to(session, person_id=lea.id, agency_id=town.ccas.id, kind=ReachKind.REFERRAL,
                      source_id=town.need.id)  # fmt: skip
    assert len(proposed(web, chloe)) == 1


@pytest.mark.parametrize("who", ["lea", "durand"])
def test_a_restricted_file_is_compared_by_no_one_but_those_named(act, web, town, lea, who):
    owner, person = ("alice", lea) if who == "lea" else ("chloe", town.durand)
    with act() as session:
        town.zoe = type(town.alice)(given_name="Zoé", usual_name="Lind", email="z@e.x")
        small._add(session, town.zoe)
        session.add(
            small.Membership(
                professional_id=town.zoe.id,
                agency_id=town.ccas.id,
                role=small.Role.ADVISER,
                from_on=date(2026, 1, 1),
            )
        )
    assert len(proposed(web, town.actor("zoe"))) == 1
    with act() as session:
        restricted.restrict(session, session.get(Person, person.id), named=[],
                            reason=RestrictionReason.VIOLENCE, actor=town.actor(owner))  # fmt: skip
    assert proposed(web, town.actor("zoe")) == []
    assert len(proposed(web, town.actor("chloe"))) == (1 if who == "durand" else 0)


def test_both_files_bear_one_hash_and_nobody_reads_one_thing_more(act, engine, town, lea):
    before = read_by_each(engine, town, lea)
    link(act, town, town.durand, lea)
    one, other = borne(engine, lea, town.durand)
    assert one == other is not None
    assert read_by_each(engine, town, lea) == before


def read_by_each(engine, town, lea):
    with base.reading(engine) as session:
        return {
            (name, person.id): bits(
                rule.readable(session, agency_id=getattr(town, name).id,
                              persons=[person.id]).get(person.id, {}))
            for name in ("mission", "ccas", "greta", "mde", "elsewhere")
            for person in (lea, town.durand)
        }  # fmt: skip


def test_two_people_said_to_be_two_are_proposed_no_more_until_said_otherwise(
    act, engine, web, town, lea
):
    chloe = town.actor("chloe")
    with act() as session:
        across.set_apart(session, town.durand.id, lea.id, actor=chloe)
        across.set_apart(session, town.durand.id, lea.id, actor=chloe)
    assert proposed(web, chloe) == []
    assert len(set(borne(engine, lea, town.durand))) == 2
    link(act, town, town.durand, lea)
    assert proposed(web, chloe) == []
    with base.reading(engine) as session:
        rows = session.exec(select(Compared).where(col(Compared.undone_at).is_(None))).all()
        assert [row.finding for row in rows] == [Finding.SAME]
    with pytest.raises(Refused, match="déjà"), act() as session:
        across.link(session, town.durand.id, lea.id, actor=chloe)
    with pytest.raises(Refused, match="défaites"), act() as session:
        across.set_apart(session, town.durand.id, lea.id, actor=chloe)


@pytest.mark.parametrize("who", ["alice", "bruno", "eva", "sophie"])
def test_who_does_not_read_both_says_nothing(act, engine, town, lea, who):
    for pair in ((town.durand, lea), (lea, town.durand), (lea, town.dana), (lea, lea)):
        with pytest.raises(NotFound):
            link(act, town, *pair, who)
    assert len(set(borne(engine, lea, town.durand))) == 2


def test_a_file_absorbed_meanwhile_is_no_longer_compared(act, town, lea):
    with act() as session:
        other = small.person(session, town, "Léa", "Martine", BORN)
    merged(act, town, other, lea, "alice")
    with pytest.raises(NotFound):
        link(act, town, town.durand, lea)


def test_the_chain_says_it_of_both_files_without_a_word_of_the_person(act, db, town, lea):
    unlink(act, town, link(act, town, town.durand, lea))
    said = [str(row.entry) for row in db.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))]
    for verb in ("person.link", "person.unlink"):
        assert sum(f'"{verb}"' in entry for entry in said) == 2
    assert "Martin" not in str(said)
