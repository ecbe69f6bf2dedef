"""Searching: what finds someone, who is never found, and by which index."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlmodel import select

from coordination import db as base
from coordination.audit import AccessLine
from coordination.consent import reach, restricted
from coordination.consent.models import ReachKind, RestrictionReason
from coordination.desk import search
from coordination.persons import records, tokens
from coordination.persons.models import PersonIdentity, PersonToken
from tests import town as small
from tests.conftest import HTMX, soup


@pytest.fixture(name="lea")
def _lea(town, engine):
    with base.transaction(engine) as session:
        made = records.record(
            session, agency_id=town.mission.id, given_names="Léa-Marie", usual_name="D’Œstres",
            birth_on=date(2001, 2, 3), phone="06 39 98 12 34", birth_name="Abadie",
            identifiers={"france_travail": "12345678901", "agency": "ML-42"},
        )  # fmt: skip
        reach.open_to(session, person_id=made.id, agency_id=town.mission.id, kind=ReachKind.OWN)
    return made


def found(web, actor, typed: str) -> list[str]:
    with base.reading(web, context=actor.context) as session:
        return [one.name for one in search.people(session, actor, typed).people]


@pytest.mark.parametrize(
    "typed",
    ["lea", "LÉA", "lea marie", "marie d'oe", "oestr", "D’Œstres Léa", "abad", "03/02/2001",
     "3 février 2001", "2001-02-03", "lea 03/02/2001", "06 39 98 12 34", "+33639981234",
     "0639981234", "12345678901", "ml-42", "ML 42"],
)  # fmt: skip
def test_someone_is_found_by_what_is_known_of_them(web, town, lea, typed):
    assert found(web, town.actor("alice"), typed) == ["D’ŒSTRES Léa-Marie"]


@pytest.mark.parametrize(
    "typed", ["le", "éa", "stres", "lea martin", "04/02/2001", "06 39 98 12 35", "", "   ", "%",
              "ŒSTRESS", "lea-marie-jeanne", "1234567890"],
)  # fmt: skip
def test_nobody_is_found_by_something_else(web, town, lea, typed):
    assert found(web, town.actor("alice"), typed) == []


def test_by_the_reference_and_by_the_number_of_a_journey(web, town, lea):
    alice = town.actor("alice")
    assert found(web, alice, lea.reference) == ["D’ŒSTRES Léa-Marie"]
    assert found(web, alice, lea.reference.lower().replace("-", " ")) == ["D’ŒSTRES Léa-Marie"]
    assert found(web, alice, "J-0001") == ["BENALI Dana"]


def test_a_name_longer_than_its_token_is_compared_to_its_end(web, town, lea):
    alice = town.actor("alice")
    assert found(web, alice, "ortega") == ["ORTEGA Sami"]
    assert found(web, alice, "ortegal") == []


def test_each_agency_finds_its_own_and_those_opened_to_it(web, town, db, lea):
    for name in ("bruno", "chloe", "eva"):
        assert found(web, town.actor(name), "benali") == []
    reach.open_to(db, person_id=town.dana.id, agency_id=town.ccas.id, kind=ReachKind.REFERRAL,
                  source_id=town.need.id)  # fmt: skip
    reach.open_to(db, person_id=town.sami.id, agency_id=town.ccas.id, kind=ReachKind.REFERRAL,
                  source_id=town.need.id)  # fmt: skip
    reach.open_to(db, person_id=town.sami.id, agency_id=town.greta.id, kind=ReachKind.PARTY,
                  source_id=town.sami_journey.id)  # fmt: skip
    db.commit()
    assert found(web, town.actor("chloe"), "benali") == ["BENALI Dana"]  # who agreed
    assert found(web, town.actor("chloe"), "ortega") == []  # who did not
    assert found(web, town.actor("bruno"), "ortega") == ["ORTEGA Sami"]  # followed together


def test_a_meeting_does_not_make_someone_searchable(web, town, db):
    reach.open_to(db, person_id=town.dana.id, agency_id=town.ccas.id, kind=ReachKind.MEETING,
                  source_id=town.meeting.id)  # fmt: skip
    db.commit()
    assert found(web, town.actor("chloe"), "benali") == []


def test_a_restricted_file_is_found_by_those_named_only(web, town, act, db):
    colleague = small._add(db, type(town.alice)(given_name="Zoé", usual_name="Lind", email="z@e.x"))
    town.zoe = colleague
    db.add(small.Membership(professional_id=colleague.id, agency_id=town.mission.id,
                            role=small.Role.ADVISER, from_on=date(2026, 1, 1)))  # fmt: skip
    reach.open_to(db, person_id=town.dana.id, agency_id=town.ccas.id, kind=ReachKind.REFERRAL,
                  source_id=town.need.id)  # fmt: skip
    db.commit()
    assert found(web, town.actor("zoe"), "benali") == ["BENALI Dana"]
    with act() as session:
        dana = session.get(type(town.dana), town.dana.id)
        restricted.restrict(session, dana, reason=RestrictionReason.VIOLENCE, named=[],
                            actor=town.actor("alice"))  # fmt: skip
    assert found(web, town.actor("alice"), "benali") == ["BENALI Dana"]
    for typed in ("benali", "J-0001", town.dana.reference, "14/03/1999"):
        assert found(web, town.actor("zoe"), typed) == []
        assert found(web, town.actor("chloe"), typed) == []


def test_the_tokens_are_those_of_the_rows_and_are_written_anew_by_the_command(engine, town, lea):
    with base.transaction(engine) as session:
        identity = session.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == lea.id)
        ).one()
        identity.usual_name = "Zamora"
        before = kept(session, lea)
    assert tokens.rebuild(engine) == 3
    with base.reading(engine) as session:
        after = kept(session, lea)
    assert tokens.of_names("Zamora") <= after
    assert not tokens.of_names("Zamora") & before
    assert tokens.of_names("Abadie") <= after & before


def kept(session, person) -> set[str]:
    return set(session.exec(select(PersonToken.token).where(PersonToken.person_id == person.id)))


def test_a_token_says_nothing_of_the_name_without_the_key():
    assert all(len(token) == 16 and int(token, 16) >= 0 for token in tokens.of_names("Benali"))


def test_the_page_shows_who_was_found_and_where_to_go_and_leaves_one_line(visit, town, db):
    alice = visit("alice")
    page = soup(alice.get("/recherche?q=benali"))
    assert page.select_one("#found .row-title").text == "BENALI Dana"
    assert page.select_one("#found a")["href"] == f"/parcours/{town.journey.id}"
    alice.get("/recherche?q=ortega")
    lines = db.exec(select(AccessLine).where(AccessLine.route == "search:index")).all()
    assert [line.professional_id for line in lines] == [town.alice.id]


def test_who_is_found_by_nobody_leaves_no_line(visit, town, db):
    answer = visit("eva").get("/recherche?q=benali")
    assert "Personne de ce nom ici" in answer.text
    assert db.exec(select(AccessLine).where(AccessLine.route == "search:index")).all() == []


def test_what_is_swapped_is_what_the_page_shows(visit, town):
    alice = visit("alice")
    page = soup(alice.get("/recherche?q=benali")).select_one("#found")
    part = soup(alice.get("/recherche?q=benali", headers=HTMX)).select_one("#found")
    assert part.prettify() == page.prettify()


def test_past_thirty_searches_a_minute_one_waits(visit, town, stopped_clock):
    alice = visit("alice")
    answers = [alice.get("/recherche?q=zzz").status_code for _ in range(search.A_MINUTE + 1)]
    assert answers == [200] * search.A_MINUTE + [429]
    assert visit("chloe").get("/recherche?q=zzz").status_code == 200
    stopped_clock.later(seconds=61)
    assert alice.get("/recherche?q=zzz").status_code == 200


def test_the_search_is_answered_by_the_tokens_index_behind_the_walls_too(engine, web, town, db):
    _crowd(db, town, 400)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    asked = tokens.asked("benali dana")
    alice = town.actor("alice")
    with base.reading(web, context=alice.context) as session:
        wanted = search._wanted(alice, asked, set())
        plan = explained(session, wanted)
    scanned = [line for line in plan if "person_token" in line and "can" in line.lower()]
    assert any("pk_person_token" in line or "PRIMARY KEY" in line for line in plan), plan
    assert not any("Seq Scan on person_token" in line for line in scanned), plan
    assert not any("SCAN person_token" in line for line in plan), plan


def _crowd(db, town, how_many: int) -> None:
    for number in range(how_many):
        small.person(db, town, f"Prénom{number:03}", f"Nom{number:03}", date(1990, 1, 1))
    db.commit()


def explained(session, wanted) -> list[str]:
    compiled = wanted.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
    sqlite = session.get_bind().dialect.name == "sqlite"
    said = text(
        ("EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN ") + str(compiled).replace(":", r"\:")
    )
    return [str(row[-1] if sqlite else row[0]) for row in session.execute(said)]
