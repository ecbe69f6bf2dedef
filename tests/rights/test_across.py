"""Files of two agencies said to be the same person's: who may say it, and what follows."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from coordination import clock
from coordination import db as base
from coordination.agencies.models import Agency
from coordination.audit import AuditEntry
from coordination.committees.agenda import same as agenda
from coordination.consent import known_as, reach, restricted, rule
from coordination.consent.models import (
    ConsentCover,
    Purpose,
    ReachKind,
    RestrictionReason,
)
from coordination.errors import NotFound, Refused
from coordination.journeys.models import Journey, JourneyState, Outcome
from coordination.monitoring import facts
from coordination.monitoring.models import Passage, TransitionFact
from coordination.persons import records, same
from coordination.persons.categories import bits
from coordination.persons.models import Compared, Finding, Person, PersonIdentity
from coordination.rights import withdrawal
from coordination.rights.merging import across, elsewhere, proposals, verbs
from coordination.signals.queries import Candidate
from tests import town as small
from tests.conftest import soup
from tests.rights.test_merging import whole

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


def test_the_other_agency_learns_nothing(act, web, visit, town, lea):
    alice = visit("alice")
    pages = ("/doublons", f"/parcours/{town.lea_journey.id}", "/recherche?q=martin",
             f"/parcours/{town.lea_journey.id}/accords")  # fmt: skip
    before = [plain(alice.get(page)) for page in pages]
    done = link(act, town, town.durand, lea)
    assert [plain(alice.get(page)) for page in pages] == before
    actor = town.actor("alice")
    with base.reading(web, context=actor.context) as session:
        assert known_as.of(session, actor, [lea.id]) == {}
        with pytest.raises(NotFound):
            across.one(session, actor, done.id)
        if session.get_bind().dialect.name == "postgresql":
            assert session.exec(select(Compared)).all() == []
    assert alice.get(f"/doublons/{lea.id}/ailleurs/{town.durand.id}").status_code == 404


def plain(answer) -> str:
    page = soup(answer)
    for drawn in page.select("input[name=_key], meta[name=sharing]"):
        drawn.decompose()
    return page.select_one("main").prettify()


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


def merged(act, town, kept, absorbed, who):
    with act() as session:
        actor = town.actor(who)
        pair = proposals.both(session, actor, kept.id, absorbed.id, hold=True)
        return verbs.merge(session, *pair, actor=actor)


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


def test_the_pages_compare_link_and_undo(visit, engine, town, lea, key):
    chloe = visit("chloe")
    listed = soup(chloe.get("/doublons")).select_one("section[aria-labelledby=abroad]")
    assert "Mission locale du Lodévois" in listed.text
    address = listed.select_one("a.button-secondary")["href"]
    page = soup(chloe.get(address)).select_one("main").text
    assert "Martin-Durand" in page and "lea@example.org" in page
    assert chloe.post(address, data={"_key": key()}).status_code == 422
    answer = chloe.post(address, data={"_key": key(), "compared": "1"})
    assert "une seule personne" in answer.text
    again = chloe.post(address, data={"_key": key(), "compared": "1"})
    assert again.status_code == 409
    assert len(set(borne(engine, lea, town.durand))) == 1
    page = soup(chloe.get("/doublons"))
    assert page.select_one("section[aria-labelledby=abroad]") is None
    undo = page.select_one("form[action^='/rapprochements/']")["action"]
    for name in ("eva", "alice"):
        assert visit(name).post(undo, data={"_key": key()}).status_code == 404
        assert visit(name).get(address).status_code == 404
    chloe.post(undo, data={"_key": key()})
    assert len(set(borne(engine, lea, town.durand))) == 2
    chloe.post(f"{address}/differents", data={"_key": key()})
    assert soup(chloe.get("/doublons")).select_one("section[aria-labelledby=abroad]") is None


def test_an_agreement_withdrawn_between_the_page_and_the_button_refuses(
    act, visit, engine, town, lea, key
):
    chloe = visit("chloe")
    address = f"/doublons/{town.durand.id}/ailleurs/{lea.id}"
    assert chloe.get(address).status_code == 200
    with act() as session:
        withdrawal.withdraw(session, session.get(Person, lea.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    answer = chloe.post(address, data={"_key": key(), "compared": "1"})
    assert answer.status_code == 404
    assert len(set(borne(engine, lea, town.durand))) == 2


def test_the_comparison_says_who_they_are_and_nothing_else(visit, act, engine, town, lea):
    """Each side's needs, facts and notes stay out, though one of them is one's own."""
    with base.transaction(engine) as session:
        for journey in (town.lea_journey, town.durand_journey):
            small.need(session, town, journey).label = "Un besoin secret"
    page = soup(visit("chloe").get(f"/doublons/{town.durand.id}/ailleurs/{lea.id}"))
    heads = [cell.text for cell in page.select("tbody th")]
    assert heads == ["Nom d’usage", "Prénoms", "Date de naissance", "Courriel"]
    assert "secret" not in page.text


def test_a_sensitive_agency_is_not_named(visit, engine, town, lea):
    with base.transaction(engine) as session:
        session.execute(update(Agency).where(col(Agency.id) == town.mission.id)
                        .values(sensitive=True))  # fmt: skip
    chloe = visit("chloe")
    for address in ("/doublons", f"/doublons/{town.durand.id}/ailleurs/{lea.id}"):
        page = soup(chloe.get(address)).select_one("main").text
        assert "une structure partenaire" in page
        assert "Mission locale" not in page


def test_the_list_asks_as_many_questions_for_ten_as_for_one(visit, engine, town, lea, counting):
    chloe = visit("chloe")
    chloe.get("/doublons")
    counting.clear()
    chloe.get("/doublons")
    for_one = len(counting)
    with base.transaction(engine) as session:
        for number in range(9):
            born = date(1990, 1, number + 1)
            small.person(session, town, "Ana", f"Nom{number}", born, "ccas")
            other = small.person(session, town, "Ana", f"Nom{number}", born)
            small.agree(session, town, other, Purpose.COMMITTEE, "ccas")
            meet(session, town, other, "ccas")
    counting.clear()
    assert len(soup(chloe.get("/doublons")).select("section[aria-labelledby=abroad] li")) == 10
    assert len(counting) == for_one
