"""What follows from the hash that two files share, and what each bears once it is undone."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination import db as base
from coordination.committees.agenda import same as agenda
from coordination.consent.models import (
    ConsentCover,
    Purpose,
)
from coordination.errors import Refused
from coordination.journeys.models import Journey, JourneyState, Outcome
from coordination.monitoring import facts
from coordination.monitoring.models import Passage, TransitionFact
from coordination.persons import records, same
from coordination.persons.models import Person
from coordination.rights import withdrawal
from coordination.rights.merging import proposals, verbs
from coordination.signals.queries import Candidate
from tests import town as small
from tests.rights.test_merging import whole
from tests.rights.two_agencies import BORN, borne, link, meet, merged, unlink


def test_the_agenda_makes_one_point_of_the_two(act, db, town, lea):
    asked = [candidate(town.lea_journey), candidate(town.durand_journey)]
    assert len(agenda.together(db, asked)) == 2
    db.commit()
    link(act, town, town.durand, lea)
    db.expire_all()
    assert len(agenda.together(db, asked)) == 1
    db.commit()
    with act() as session:
        withdrawal.withdraw(session, session.get(Person, lea.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    db.expire_all()
    assert len(agenda.together(db, asked)) == 2  # no agreement covers both any more


def candidate(journey: Journey) -> Candidate:
    given = dict.fromkeys(Candidate._fields)
    given |= {"journey_id": journey.id, "person_id": journey.person_id,
              "agency_id": journey.agency_id}  # fmt: skip
    return Candidate(**given)


def test_the_figures_count_one_human_being(act, engine, db, town, lea):
    first, then = (db.get_one(Journey, j.id) for j in (town.lea_journey, town.durand_journey))
    first.entered_on, then.entered_on = (clock.today() - timedelta(days=d) for d in (400, 280))
    first.ended_on = clock.today() - timedelta(days=300)
    first.state, first.outcome = JourneyState.ENDED, Outcome.UNKNOWN
    db.commit()
    assert exits(engine) == [(Passage.BREAK, None)]
    done = link(act, town, town.durand, lea)
    assert exits(engine) == [(Passage.TRANSITION, 20)]
    unlink(act, town, done)
    assert exits(engine) == [(Passage.BREAK, None)]


def exits(engine) -> list[tuple[Passage, int | None]]:
    facts.refresh(engine)
    with base.reading(engine) as session:
        return [(fact.passage, fact.days) for fact in session.exec(select(TransitionFact))]


@pytest.mark.parametrize("agreement_ended", [False, True])
def test_what_the_person_takes_back_at_one_agency_reaches_the_file_of_the_other(
    act, engine, town, lea, agreement_ended
):
    """Also once the agreement that let them be compared has ended."""
    with act() as session:
        small.agree(session, town, town.durand, Purpose.FOLLOW_UP, "greta")
    link(act, town, town.durand, lea)
    if agreement_ended:
        with act() as session:
            withdrawal.withdraw(session, session.get(Person, lea.id), recipient=town.ccas.id,
                                actor=town.actor("alice"))  # fmt: skip
    with base.reading(engine) as session:
        assert opened_to_greta(session, town) == 1
    with act() as session:
        withdrawal.withdraw(session, session.get(Person, lea.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    with base.reading(engine) as session:
        assert opened_to_greta(session, town) == 0


def opened_to_greta(session, town) -> int:
    wanted = select(ConsentCover).where(
        ConsentCover.agency_id == town.greta.id, ConsentCover.until_at > clock.now(),
        ConsentCover.person_id == town.durand.id,
    )  # fmt: skip
    return len(session.exec(wanted).all())


def test_undone_each_file_is_as_it_was(act, engine, town, lea):
    before = whole(engine)
    done = link(act, town, town.durand, lea)
    unlink(act, town, done)
    after = whole(engine)
    assert {name for name in before if before[name] != after[name]} == {"compared"}
    with pytest.raises(Refused, match="déjà défait"):
        unlink(act, town, done)


def test_it_is_undone_for_thirty_days(act, engine, town, lea, stopped_clock):
    done = link(act, town, town.durand, lea)
    stopped_clock.later(days=30)
    with pytest.raises(Refused, match="trente jours"):
        unlink(act, town, done)
    assert len(set(borne(engine, lea, town.durand))) == 1


def test_others_of_the_same_spelling_follow_their_file_even_recorded_later(act, engine, town, lea):
    """Another agency's file that already counted as Léa Martin goes on counting as her."""
    with act() as session:
        third = small.person(session, town, "Léa", "Martin", BORN, "greta")
    assert borne(engine, third) == borne(engine, lea)
    own = borne(engine, lea, town.durand)
    done = link(act, town, town.durand, lea)
    with act() as session:
        later = small.person(session, town, "Léa", "Martin-Durand", BORN, "mde")
    assert len(set(borne(engine, lea, town.durand, third, later))) == 1
    unlink(act, town, done)
    assert borne(engine, lea, town.durand) == own
    assert borne(engine, third, later) == own


def test_of_a_chain_each_link_is_undone_alone(act, engine, town, lea):
    with act() as session:
        third = small.person(session, town, "Léa", "Durand", BORN, "greta")
        small.agree(session, town, lea, Purpose.COMMITTEE, "greta")
        meet(session, town, lea, "greta")
    own = borne(engine, lea, town.durand, third)
    assert len(set(own)) == 3
    first = link(act, town, town.durand, lea)
    second = link(act, town, third, lea, "bruno")
    assert len(set(borne(engine, lea, town.durand, third))) == 1
    unlink(act, town, first)
    one, alone, other = borne(engine, lea, town.durand, third)
    assert one == other and alone == own[1]
    unlink(act, town, second, "bruno")
    assert borne(engine, lea, town.durand, third) == own


def test_files_without_a_birth_date_are_tied_too(act, engine, town, lea):
    with act() as session:
        pair = [small.person(session, town, "Léa", "Martin", None, agency)
                for agency in ("ccas", "mission")]  # fmt: skip
        small.agree(session, town, pair[1], Purpose.COMMITTEE, "ccas")
        meet(session, town, pair[1], "ccas")
    assert borne(engine, *pair) == [None, None]
    done = link(act, town, *pair)
    one, other = borne(engine, *pair)
    assert one == other is not None
    unlink(act, town, done)
    assert borne(engine, *pair) == [None, None]


def test_a_merge_inside_one_agency_keeps_the_link_and_is_undone_exactly(act, engine, town, lea):
    """On the side of each: the file that is absorbed was the one that had been compared."""
    with act() as session:
        hers = small.person(session, town, "Léa", "Martine", BORN)
        theirs = small.person(session, town, "Léa", "Durand", BORN, "ccas")
    own = borne(engine, hers, theirs)
    link(act, town, town.durand, lea)
    before = whole(engine)
    first = merged(act, town, hers, lea, "alice")
    second = merged(act, town, theirs, town.durand, "chloe")
    assert len(set(borne(engine, hers, theirs))) == 1
    chloe = town.actor("chloe")
    with act() as session:
        assert same.others(session, chloe.agency_id, [theirs.id]) == {theirs.id: {hers.id}}
        verbs.undo(session, verbs.one(session, chloe, second.id), actor=chloe)
    with act() as session:
        alice = town.actor("alice")
        verbs.undo(session, verbs.one(session, alice, first.id), actor=alice)
    after = whole(engine)
    assert {name for name in before if before[name] != after[name]} == set()
    assert borne(engine, hers, theirs) == own


def test_an_identity_that_changes_meanwhile_keeps_the_link_and_gives_its_own_hash_once_undone(
    act, engine, town, lea
):
    """The mission joins to Léa's file another that it prefers: her name changes."""
    with act() as session:
        other = small.person(session, town, "Léa", "Lefort", BORN)
    done = link(act, town, town.durand, lea)
    with act() as session:
        alice = town.actor("alice")
        pair = proposals.both(session, alice, lea.id, other.id, hold=True)
        verbs.merge(session, *pair, taken={"usual_name"}, actor=alice)
    assert len(set(borne(engine, lea, town.durand))) == 1
    unlink(act, town, done)
    now = records.human_hash(given_names="Léa", usual_name="Lefort", birth_on=BORN)
    theirs = records.human_hash(given_names="Léa", usual_name="Martin-Durand", birth_on=BORN)
    assert borne(engine, lea, town.durand) == [now, theirs]
