"""A file under restricted access: for all but the people named it does not exist."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import db as base
from coordination.agencies.models import Membership, Professional, Role
from coordination.consent import restricted, rule
from coordination.consent.models import Reach, ReachKind, Restriction, RestrictionReason
from coordination.errors import Invalid
from coordination.journeys import imports, parties
from coordination.persons.models import Person
from coordination.signin import sessions
from tests import walking
from tests.conftest import soup

WORDS = ("Benali", "BENALI", "J-0001", "14/03/1999")


@pytest.fixture(name="zoe")
def _zoe(town, db):
    """A colleague of Alice's."""
    town.zoe = Professional(given_name="Zoé", usual_name="Lind", email="zoe@example.org")
    db.add(town.zoe)
    db.flush()
    db.add(Membership(professional_id=town.zoe.id, agency_id=town.mission.id, role=Role.ADVISER,
                      from_on=date(2026, 1, 1)))  # fmt: skip
    db.commit()
    return town.zoe


def restrict(act, town, *named, reason=RestrictionReason.VIOLENCE):
    with act() as session:
        restricted.restrict(session, session.get(Person, town.dana.id), reason=reason,
                            named=[one.id for one in named], actor=town.actor("alice"))  # fmt: skip


def reads(web, town, name: str) -> bool:
    actor = town.actor(name)
    with base.reading(web, context=actor.context) as session:
        return bool(rule.for_actor(session, actor, [town.dana.id]))


def test_only_the_people_named_read_it_and_the_agency_again_once_lifted(act, web, town, zoe):
    restrict(act, town)
    assert reads(web, town, "alice")
    assert not reads(web, town, "zoe")
    restrict(act, town, zoe, reason=RestrictionReason.ADDRESS)
    assert reads(web, town, "zoe")
    restrict(act, town, reason=RestrictionReason.ADDRESS)
    assert not reads(web, town, "zoe")
    with act() as session:
        restricted.lift(session, session.get(Person, town.dana.id), actor=town.actor("alice"))
    assert reads(web, town, "zoe")


def test_what_was_restricted_and_why_stays_written(act, town, db):
    restrict(act, town)
    restrict(act, town, reason=RestrictionReason.ADDRESS)
    rows = db.exec(select(Restriction).order_by(Restriction.id)).all()
    assert [(row.reason.value, row.lifted_at is None) for row in rows] == [
        ("violence", False), ("address", True)]  # fmt: skip


def test_a_stranger_names_nobody_and_nobody_outside_is_named(act, town, db):
    with pytest.raises(Invalid), act() as session:
        restricted.restrict(session, session.get(Person, town.dana.id), named=[town.bruno.id],
                            reason=RestrictionReason.STAFF, actor=town.actor("alice"))  # fmt: skip
    with pytest.raises(Invalid), act() as session:
        restricted.restrict(session, session.get(Person, town.dana.id), named=[],
                            reason=RestrictionReason.STAFF, actor=town.actor("bruno"))  # fmt: skip
    assert db.exec(select(Restriction)).all() == []


def test_a_new_journey_does_not_open_the_file_to_the_agency_again(act, web, town, zoe):
    restrict(act, town)
    with act() as session:
        journey = session.get(type(town.journey), town.journey.id)
        parties.open_reading(session, journey, town.mission.id)
        parties.reopen_reading(session, journey)
    assert not reads(web, town, "zoe")


@pytest.mark.sqlite_first
def test_no_page_of_the_house_tells_a_colleague_that_it_exists(engine, act, town, zoe):
    """Every address, before and after: what a colleague heard of Dana, they hear no more."""
    with base.transaction(engine) as session:
        cookie = sessions.open_session(session, zoe.id, means="link")
    full = walking.full(engine, town)
    full.cookies["zoe"] = cookie
    with base.reading(engine) as session:
        words = (*WORDS, session.get(Person, town.dana.id).reference)
    before = heard(full, words)
    assert {"journeys:index", "journeys:show", "search:index"} <= before
    restrict(act, town)
    assert heard(full, words) - TOLD_TO_THE_TABLE == set()


# Zoé sits on no committee: nothing here yet that is said to everyone.
TOLD_TO_THE_TABLE: set[str] = set()


def heard(full, words) -> set[str]:
    visitor, found = walking.visitor(full, "zoe"), set()
    for way in walking.ways("GET"):
        address = way.of(full, "zoe")
        if "jeton" in way.path or way.name.startswith("signin:"):
            continue
        if way.name == "search:index":
            address += "?q=benali"
        said = visitor.get(address).text.replace('value="benali"', "")
        if any(word in said for word in words):
            found.add(way.name)
    return found


def test_an_import_knows_nobody_of_a_restricted_file(act, engine, town, zoe, db):
    restrict(act, town)
    content = "Prénom*;Nom*;Date de naissance*\nDana;Benali;14/03/1999\n".encode()
    answers = imports.Answers(town.programme.id, town.today, None)
    with act() as session:
        run = imports.prepare(session, content, name="l.csv", agency_id=town.mission.id,
                              answers=answers, actor=town.actor("zoe"))  # fmt: skip
    assert run.report["counts"]["created"] == 1
    with act() as session:
        run = imports.prepare(session, content, name="l.csv", agency_id=town.mission.id,
                              answers=answers, actor=town.actor("alice"))  # fmt: skip
    assert run.report["counts"]["created"] == 1


def test_the_page_restricts_and_lifts(visit, town, zoe, key, db):
    alice, at = visit("alice"), f"/parcours/{town.journey.id}/acces-restreint"
    assert visit("zoe").get(at).status_code == 200
    page = soup(alice.get(at))
    assert [box.get("checked") for box in page.select("input[name=named]")] == [None]
    sent = {"_key": key(), "reason": "staff"}
    assert alice.post(at, data=sent).status_code == 200  # followed to the page
    assert "membre du personnel" in alice.get(at).text
    assert visit("zoe").get(at).status_code == 404
    own = db.exec(select(Reach).where(Reach.person_id == town.dana.id,
                                      Reach.kind == ReachKind.OWN)).all()  # fmt: skip
    assert {row.professional_id for row in own if row.until_at is None} == {town.alice.id}
    alice.post(at + "/lever", data={"_key": key()})
    assert visit("zoe").get(at).status_code == 200


def test_without_a_reason_nothing_is_restricted(visit, town, key, db):
    at = f"/parcours/{town.journey.id}/acces-restreint"
    assert visit("alice").post(at, data={"_key": key()}).status_code == 422
    assert db.exec(select(Restriction)).all() == []
