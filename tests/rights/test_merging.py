"""Two files of one agency made one, and two again."""

from datetime import date
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from coordination import db as base
from coordination import links
from coordination.agencies import actors
from coordination.audit import AuditEntry
from coordination.consent import events, reach, restricted, rule
from coordination.consent.models import (
    Collected,
    ConsentCover,
    Purpose,
    ReachKind,
    RestrictionReason,
)
from coordination.errors import NotFound, Refused
from coordination.journeys.models import Journey, Need
from coordination.persons import tokens
from coordination.persons.categories import Category, bits
from coordination.persons.models import (
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
    PersonNote,
    PersonToken,
)
from coordination.rights.merging import moving, proposals, verbs
from coordination.rights.models import MergeMove, PersonMerge
from tests import town as small
from tests.conftest import soup
from tests.desk.test_search import found

# What undoing does not bring back as it was: events are never taken away, versions only grow, and
# alerts are looked at again.
GROWS = {"person_merge", "merge_move", "audit_entry", "consent_event", "journey_due", "signal"}
COVER = "consent_cover"  # written anew: its keys are new
MOVING = {"version", "sharing_version", "id", "created_at"}


@pytest.fixture(name="twin")
def _twin(engine, town):
    """Dana, recorded a second time: another journey, another phone, facts and an agreement."""
    with base.transaction(engine) as session:
        twin = small.person(session, town, "Danna", "Benali", date(1999, 3, 14))
        town.twin_journey = small.journey(session, town, twin, number="J-0003")
        small.need(session, town, town.twin_journey)
        identity = identity_of(session, twin)
        identity.phone, identity.email = "06 39 98 00 02", "danna@example.org"
        mine = identity_of(session, town.dana)
        mine.phone = "06 39 98 00 01"
        for person, code, value in (
            (town.dana, "mobility", "Vélo"), (twin, "mobility", "Permis B"),
            (twin, "housing", "Foyer"), (town.dana, "digital", "Autonome"),
        ):  # fmt: skip
            session.add(PersonFact(person_id=person.id, agency_id=town.mission.id, code=code,
                                   category=Category(code), value=value))  # fmt: skip
        session.add(PersonNote(person_id=twin.id, agency_id=town.mission.id, text="Une note."))
        session.add(PersonIdentifier(person_id=twin.id, agency_id=town.mission.id, system="agency",
                                     value="ML-42"))  # fmt: skip
        agree(session, town, twin, Purpose.COMMITTEE, "ccas", "greta",
              categories=(Category.IDENTITY, Category.HOUSING))  # fmt: skip
        tokens.rewrite(session, [town.dana.id, twin.id])
    return twin


def agree(session, town, who, purpose, *to, categories):
    return events.give(
        session, session.get(Person, who.id), purpose=purpose, categories=categories,
        recipients=[getattr(town, name).id for name in to], collected=Collected.ORAL,
        actor=actors.of_professional(session, town.alice.id), attested=True,
        words_used="Oui, je suis d’accord.",
    )  # fmt: skip


def identity_of(session, person) -> PersonIdentity:
    wanted = select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    return session.exec(wanted).one()


def make_one(act, town, twin, **chosen) -> PersonMerge:
    with act() as session:
        alice = actors.of_professional(session, town.alice.id)
        kept, absorbed = proposals.both(session, alice, town.dana.id, twin.id, hold=True)
        return verbs.merge(session, kept, absorbed, actor=alice, **chosen)


def undo(act, town, done) -> None:
    with act() as session:
        alice = actors.of_professional(session, town.alice.id)
        verbs.undo(session, verbs.one(session, alice, done.id, hold=True), actor=alice)


def test_two_files_that_look_alike_are_proposed_to_their_agency_only(web, town, twin):
    for name, expected in (("alice", [(town.dana.id, twin.id)]), ("bruno", []), ("eva", [])):
        actor = town.actor(name)
        with base.reading(web, context=actor.context) as session:
            assert [(p.one.id, p.other.id) for p in proposals.of(session, actor)] == expected


def test_two_people_said_to_be_two_are_proposed_no_more(act, web, town, twin):
    with act() as session:
        verbs.set_apart(session, session.get(Person, town.dana.id), session.get(Person, twin.id),
                        actor=town.actor("alice"))  # fmt: skip
    alice = town.actor("alice")
    with base.reading(web, context=alice.context) as session:
        assert proposals.of(session, alice) == []


def test_everything_that_hangs_on_a_person_joins_the_one_file(act, db, town, twin):
    make_one(act, town, twin, taken={"phone"}, taken_facts={"mobility"})
    assert rows_of(db, twin.id) <= moving.STAYS | {"person_fact"}
    assert {j.number for j in db.exec(select(Journey).where(Journey.person_id == town.dana.id))} \
        == {"J-0001", "J-0003"}  # fmt: skip
    assert len(db.exec(select(Need).where(Need.person_id == town.dana.id)).all()) == 2
    identity = identity_of(db, town.dana)
    assert (identity.given_names, identity.phone, identity.email) == (
        "Dana",
        "06 39 98 00 02",
        "danna@example.org",
    )  # chosen; and what was empty is filled
    facts = {f.code: f.value for f in db.exec(
        select(PersonFact).where(PersonFact.person_id == town.dana.id))}  # fmt: skip
    assert facts == {"mobility": "Permis B", "housing": "Foyer", "digital": "Autonome"}


def rows_of(db, person_id) -> set[str]:
    return {
        table.name
        for table in SQLModel.metadata.sorted_tables
        if "person_id" in table.c
        and db.execute(columns(table.c.person_id).where(table.c.person_id == person_id)).first()
    }


def test_the_one_file_is_found_by_the_numbers_of_both_and_the_other_file_no_more(
    act, web, town, twin
):
    alice = town.actor("alice")
    assert found(web, alice, "benali") == ["BENALI Dana", "BENALI Danna"]
    make_one(act, town, twin)
    assert found(web, alice, "benali") == ["BENALI Dana"]
    assert found(web, alice, "ML-42") == ["BENALI Dana"]
    assert found(web, alice, twin.reference) == []


def test_a_link_that_the_person_holds_opens_the_one_file(act, engine, db, town, twin):
    with base.transaction(engine) as session:
        links.make(session, links.LinkKind.PERSON, about=twin.id)
    make_one(act, town, twin)
    kept = db.exec(select(links.Link).where(links.Link.kind == links.LinkKind.PERSON)).one()
    assert kept.about_id == town.dana.id


def test_an_agreement_opens_what_both_opened_and_no_more(act, db, town, twin):
    """Dana's opens identity, training and steps to the mission and the ccas; her twin's opens
    identity and housing to the ccas and the greta."""
    make_one(act, town, twin)
    covers = db.exec(
        select(ConsentCover).where(
            ConsentCover.person_id == town.dana.id, ConsentCover.purpose == Purpose.COMMITTEE
        )
    ).all()
    assert {(c.agency_id, c.categories) for c in covers} == {
        (town.ccas.id, Category.IDENTITY.bit)}  # fmt: skip
    other = select(ConsentCover).where(ConsentCover.purpose == Purpose.REFERRAL)
    assert db.exec(other).all() == []  # one file alone had agreed


def test_undoing_brings_both_files_back_as_they_were(act, engine, town, twin):
    before = whole(engine)
    done = make_one(act, town, twin, taken={"phone", "given_names"}, taken_facts={"mobility"})
    assert whole(engine) != before
    undo(act, town, done)
    after = whole(engine)
    assert {name for name in before if before[name] != after[name]} == set()


def whole(engine) -> dict[str, list[str]]:
    """Every row of every table that a merge may touch, without what only grows."""
    with engine.connect() as connection:
        return {
            table.name: sorted(
                str([row._mapping[c.name] for c in table.c
                     if c.name not in MOVING or (c.name == "id" and table.name != COVER)])
                for row in connection.execute(columns(table))
            )
            for table in SQLModel.metadata.sorted_tables
            if table.name not in GROWS
        }  # fmt: skip


def test_what_was_agreed_since_stays_with_the_file_that_stayed(act, engine, db, town, twin):
    done = make_one(act, town, twin)
    with base.transaction(engine) as session:
        since = agree(session, town, town.dana, Purpose.FOLLOW_UP, "greta",
                      categories=(Category.IDENTITY,))  # fmt: skip
    undo(act, town, done)
    cover = db.exec(select(ConsentCover).where(ConsentCover.consent_id == since.id)).one()
    assert (cover.person_id, cover.agency_id) == (town.dana.id, town.greta.id)


def test_a_merge_is_undone_for_thirty_days_and_once(act, town, twin, stopped_clock):
    done = make_one(act, town, twin)
    stopped_clock.later(days=29, hours=23)
    undo(act, town, done)
    with pytest.raises(Refused, match="déjà défaite"):
        undo(act, town, done)
    done = make_one(act, town, twin)
    stopped_clock.later(days=30)
    with pytest.raises(Refused, match="trente jours"):
        undo(act, town, done)


def test_what_a_merge_keeps_tells_nothing_and_is_emptied_once_undone(act, db, town, twin):
    done = make_one(act, town, twin, taken={"phone"})
    assert done.before["phone"] == "06 39 98 00 01"
    assert {m.column_name for m in db.exec(select(MergeMove))} == {"person_id"}
    db.commit()
    undo(act, town, done)
    db.expire_all()
    assert db.get(PersonMerge, done.id).before == {}


def test_files_of_two_agencies_or_of_a_stranger_are_never_compared(act, engine, town, twin):
    with base.transaction(engine) as session:
        theirs = small.person(session, town, "Dana", "Benali", date(1999, 3, 14), "greta")
    for name in ("alice", "bruno", "eva"):
        with pytest.raises(NotFound), act() as session:
            proposals.both(session, town.actor(name), town.dana.id, theirs.id)
    for name in ("bruno", "eva"):
        with pytest.raises(NotFound), act() as session:
            proposals.both(session, town.actor(name), town.dana.id, twin.id)


def test_a_restricted_file_joins_only_one_that_the_same_people_read(act, town, twin):
    def restrict(person):
        with act() as session:
            restricted.restrict(
                session,
                session.get(Person, person.id),
                named=[],
                reason=RestrictionReason.OTHER,
                actor=town.actor("alice"),
            )

    restrict(town.dana)
    with pytest.raises(Refused, match="accès restreint"):
        make_one(act, town, twin)
    restrict(twin)
    make_one(act, town, twin)


def test_the_chain_says_who_merged_without_a_word_of_the_person(act, db, town, twin):
    undo(act, town, make_one(act, town, twin))
    said = [row.entry for row in db.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))]
    assert [v for v in ("person.merge", "person.absorbed", "person.unmerge")
            if any(v in str(entry) for entry in said)] == [
        "person.merge", "person.absorbed", "person.unmerge"]  # fmt: skip
    assert "Benali" not in str(said)


def test_the_pages_compare_merge_and_undo(visit, town, twin, key, db):
    alice = visit("alice")
    listed = soup(alice.get("/doublons"))
    address = listed.select_one("#main a.button-secondary")["href"]
    page = soup(alice.get(address))
    assert page.select_one("input[name=phone][value=kept]").get("checked") is not None
    assert "CCAS de Lunel" in page.text
    assert alice.post(address, data={"_key": key()}).status_code == 422
    alice.post(address, data={"_key": key(), "compared": "1", "phone": "other"})
    assert identity_of(db, town.dana).phone == "06 39 98 00 02"
    db.commit()
    undone = soup(alice.get("/doublons")).select_one("form[action^='/fusions/']")["action"]
    assert visit("eva").post(undone, data={"_key": key()}).status_code == 404
    alice.post(undone, data={"_key": key()})
    db.expire_all()
    assert identity_of(db, town.dana).phone == "06 39 98 00 01"
    assert visit("eva").get(address).status_code == 404


TAKERS = ("ccas", "greta", "elsewhere")
SCOPES = st.lists(
    st.tuples(
        st.sampled_from(list(Purpose)),
        st.sets(st.sampled_from(TAKERS), min_size=1),
        st.sets(st.sampled_from((Category.IDENTITY, Category.STEPS, Category.HOUSING)), min_size=1),
    ),
    max_size=3,
)
_number = count(1)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(mine=SCOPES, theirs=SCOPES)
@pytest.mark.sqlite_first
def test_nobody_reads_by_an_agreement_what_they_did_not_read_of_both(
    act, engine, town, mine, theirs
):
    """Random agreements on each side, a reach of every purpose for everyone: after the merge each
    agency reads what it read of both files, or less; undone, what it read of each."""
    with base.transaction(engine) as session:
        pair = [small.person(session, town, "Léa", f"Nom{next(_number)}", date(2000, 1, 1))
                for _ in range(2)]  # fmt: skip
        for person, scopes in zip(pair, (mine, theirs), strict=True):
            for purpose, to, categories in scopes:
                agree(session, town, person, purpose, *sorted(to), categories=categories)
            for taker in TAKERS:
                for kind, purpose in ((ReachKind.MEETING, Purpose.COMMITTEE),
                                      (ReachKind.REFERRAL, Purpose.REFERRAL),
                                      (ReachKind.REFERRAL, Purpose.FOLLOW_UP)):  # fmt: skip
                    reach.open_to(
                        session,
                        person_id=person.id,
                        agency_id=getattr(town, taker).id,
                        kind=kind,
                        purpose=purpose,
                        source_id=town.meeting.id,
                    )
    kept, absorbed = (person.id for person in pair)
    before = {one: opened(engine, town, one) for one in (kept, absorbed)}
    with act() as session:
        done = verbs.merge(session, session.get(Person, kept), session.get(Person, absorbed),
                           actor=actors.of_professional(session, town.alice.id))  # fmt: skip
    after = opened(engine, town, kept)
    for taker in TAKERS:
        assert after[taker] & ~(before[kept][taker] & before[absorbed][taker]) == 0
    assert all(not seen for seen in opened(engine, town, absorbed).values())
    undo(act, town, done)
    assert {one: opened(engine, town, one) for one in (kept, absorbed)} == before


def opened(engine, town, person_id) -> dict[str, int]:
    with base.reading(engine) as session:
        return {
            taker: bits(rule.readable(session, agency_id=getattr(town, taker).id,
                                      persons=[person_id]).get(person_id, {}))
            for taker in TAKERS
        }  # fmt: skip


def test_the_sealed_words_are_those_of_the_one_file(act, db, town, twin):
    make_one(act, town, twin)
    assert not db.exec(select(PersonToken).where(PersonToken.person_id == twin.id)).all()
