"""A list imported beside files that share a hash: it joins them, completes them, is taken back."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import db as base
from coordination.consent.models import Purpose
from coordination.persons import records
from coordination.persons.models import Person, PersonIdentity
from tests import town as small
from tests.conftest import soup
from tests.rights.two_agencies import borne, link, meet

BORN = date(2000, 5, 6)
LOU = "Identifiant;Prénom;Nom;Date de naissance\n7;Lou;Roy;06/05/2000\n"


@pytest.fixture(name="bring")
def _bring(visit, key, town):
    """bring(text) imports a list as Alice; its page comes back."""

    def list_of(content: str) -> str:
        alice = visit("alice")
        answer = alice.post(
            "/parcours/importer", follow_redirects=False,
            data={"programme": str(town.programme.id), "entered_on": "2026-03-02", "_key": key()},
            files={"file": ("liste.csv", content.encode())},
        )  # fmt: skip
        path = answer.headers["location"]
        assert alice.post(f"{path}/confirmer", data={"_key": key()}).status_code == 200
        return path

    return list_of


@pytest.fixture(name="pair")
def _pair(act, town):
    """Lou as the greta knows her, and as the ccas, who may compare them, does."""
    with act() as session:
        theirs = small.person(session, town, "Lou", "Roy", BORN, "greta")
        small.agree(session, town, theirs, Purpose.COMMITTEE, "ccas")
        meet(session, town, theirs, "ccas")
        return small.person(session, town, "Lou", "Roy-Petit", BORN, "ccas"), theirs


def imported(engine) -> Person:
    with base.reading(engine) as session:
        return session.exec(
            select(Person)
            .join(PersonIdentity, PersonIdentity.person_id == Person.id)
            .where(PersonIdentity.usual_name == "Roy")
            .order_by(Person.created_at.desc(), Person.id.desc())
        ).first()


def test_who_is_imported_bears_the_hash_that_her_other_files_share(act, engine, town, bring, pair):
    link(act, town, *pair)
    bring(LOU)
    assert len(set(borne(engine, *pair, imported(engine)))) == 1


def test_an_import_is_taken_back_though_two_other_agencies_were_compared_since(
    act, visit, engine, town, bring, pair, key
):
    path = bring(LOU)
    own = borne(engine, imported(engine))
    link(act, town, *pair)
    with base.reading(engine) as session:
        before = len(session.exec(select(Person)).all())
        session.expunge_all()
    assert borne(engine, imported(engine)) == borne(engine, pair[0])
    assert own != borne(engine, pair[0]) or own != borne(engine, pair[1])
    answer = visit("alice").post(f"{path}/annuler", data={"_key": key()}, follow_redirects=False)
    assert answer.status_code == 303
    with base.reading(engine) as session:
        assert len(session.exec(select(Person)).all()) == before - 1


def test_why_an_import_is_held_never_tells_that_another_agency_compared(
    act, visit, engine, town, bring, pair, key
):
    path = bring(LOU)
    hers = imported(engine)
    with act() as session:
        small.agree(session, town, hers, Purpose.COMMITTEE, "ccas")
        meet(session, town, hers, "ccas")
    said = [why_held(visit("alice").post(f"{path}/annuler", data={"_key": key()}))]
    link(act, town, pair[0], hers)
    said.append(why_held(visit("alice").post(f"{path}/annuler", data={"_key": key()})))
    assert said[0] == said[1]
    assert "ligne 2" in said[0]


def why_held(answer) -> str:
    assert answer.status_code == 409
    return soup(answer).select_one("main").get_text(" ", strip=True)


def test_a_birth_date_that_comes_later_keeps_the_link(act, engine, town, bring, pair):
    bring(LOU.replace("06/05/2000", ""))
    hers = imported(engine)
    with act() as session:
        small.agree(session, town, hers, Purpose.COMMITTEE, "ccas")
        meet(session, town, hers, "ccas")
    assert borne(engine, hers) == [None]
    link(act, town, pair[0], hers)
    bring(LOU)
    assert imported(engine).id == hers.id
    mine, theirs, known_elsewhere = borne(engine, hers, *pair)
    assert mine == theirs == known_elsewhere  # the greta spells her name as this list does
    assert imported(engine).own_hash == records.human_hash(
        given_names="Lou", usual_name="Roy", birth_on=BORN
    )
