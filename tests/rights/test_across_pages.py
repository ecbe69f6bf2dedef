"""The pages where files of two agencies are compared, and the line that joins them afterwards."""

from datetime import date

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from coordination import db as base
from coordination import links
from coordination.agencies.models import Agency
from coordination.audit import AccessLine
from coordination.consent import known_as, restricted
from coordination.consent.models import (
    Purpose,
    RestrictionReason,
)
from coordination.errors import NotFound
from coordination.persons.models import Compared, Person
from coordination.rights import withdrawal
from coordination.rights.merging import across
from tests import town as small
from tests.conftest import soup
from tests.rights.two_agencies import BORN, borne, link, meet


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


def known(client, address: str) -> list[tuple[str, str | None]]:
    page = soup(client.get(address)).select_one("main")
    line = next((p for p in page.select("p") if "Aussi connue sous" in p.text), None)
    if line is None:
        return []
    return [(one.text, one.get("href")) for one in line.select("a, strong")]


def test_each_file_leads_to_the_other_for_who_reads_both(visit, db, town, lea, linked):
    chloe = visit("chloe")
    hers, theirs = f"/parcours/{town.durand_journey.id}", f"/orientations/{town.sent.id}"
    journey = f"/parcours/{town.lea_journey.id}"
    assert known(chloe, hers) == [("MARTIN Léa", journey)]
    assert known(chloe, journey) == known(chloe, theirs) == [("MARTIN-DURAND Léa", hers)]
    lines = db.exec(select(AccessLine).where(AccessLine.route == "journeys:show")).all()
    assert {line.person_id for line in lines} == {town.durand.id, lea.id}
    alice = visit("alice")
    assert known(alice, f"/parcours/{town.lea_journey.id}") == []
    assert known(alice, theirs) == []


def test_who_found_one_is_told_that_it_is_the_other_too(visit, town, linked):
    page = soup(visit("chloe").get("/recherche?q=martin"))
    said = [row.get_text(" ", strip=True) for row in page.select("#found li")]
    assert len(said) == 2
    assert any("Même personne que MARTIN-DURAND Léa" in row for row in said)
    assert any("Même personne que MARTIN Léa" in row for row in said)
    assert "Même personne" not in visit("alice").get("/recherche?q=martin").text


def test_when_the_agreement_ends_the_line_goes_and_the_hash_stays(
    act, visit, engine, town, lea, linked
):
    with act() as session:
        withdrawal.withdraw(session, session.get(Person, lea.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    chloe = visit("chloe")
    assert known(chloe, f"/parcours/{town.durand_journey.id}") == []
    assert known(chloe, f"/orientations/{town.sent.id}") == []
    assert "Même personne" not in chloe.get("/recherche?q=martin").text
    assert len(set(borne(engine, lea, town.durand))) == 1


def test_a_restricted_file_leads_nowhere(act, visit, town, lea, linked):
    with act() as session:
        restricted.restrict(session, session.get(Person, lea.id), named=[],
                            reason=RestrictionReason.VIOLENCE,
                            actor=town.actor("alice"))  # fmt: skip
    assert known(visit("chloe"), f"/parcours/{town.durand_journey.id}") == []


def test_an_address_that_opens_one_referral_tells_of_no_other_file(visit, engine, town, linked):
    with base.transaction(engine) as session:
        token = links.make(session, links.LinkKind.REFERRAL, agency=town.ccas.id,
                           about=town.sent.id)  # fmt: skip
    page = visit(None).get(f"/lien/{token}/orientation")
    assert page.status_code == 200 and "MARTIN Léa" in page.text
    assert "Aussi connue" not in page.text


def test_the_search_asks_as_many_questions_for_five_as_for_one(
    act, visit, engine, town, lea, linked, counting
):
    chloe = visit("chloe")
    chloe.get("/recherche?q=martin")
    counting.clear()
    chloe.get("/recherche?q=martin")
    for_one = len(counting)
    with act() as session:
        pairs = []
        for number in range(4):
            mine = small.person(session, town, f"Ana{number}", "Martin", BORN, "ccas")
            other = small.person(session, town, f"Ana{number}", "Martins", BORN)
            small.agree(session, town, other, Purpose.COMMITTEE, "ccas")
            meet(session, town, other, "ccas")
            pairs.append((mine, other))
    for pair in pairs:
        link(act, town, *pair)
    counting.clear()
    assert chloe.get("/recherche?q=martin").text.count("Même personne que") == 6
    assert len(counting) == for_one
