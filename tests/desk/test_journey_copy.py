"""Copier pour mon logiciel: what the reader reads, as text, and what was done where."""

import pytest
from sqlmodel import select

from coordination import db
from coordination.agencies import actors
from coordination.committees.models import Decision
from coordination.desk import journey_copy
from coordination.errors import NotFound
from coordination.journeys import parties
from coordination.journeys.models import Journey, PartyRole
from coordination.journeys.models_along import Transcription
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact
from coordination.referrals import moves
from tests.conftest import soup


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


def text(answer):
    return soup(answer).select_one("#copy-text").text


def test_the_text_is_dated_plain_and_says_what_the_page_says(visit, town):
    said = text(visit("alice").get(f"/parcours/{town.journey.id}/copier"))
    assert said.startswith("BENALI Dana · J-0001")
    assert "Dispositif" in said
    assert "Mobilité, depuis le" in said
    assert "Passerelles, jeudi 4 juin 2026." in said.replace("\u00a0", " ")
    assert "<" not in said


def test_a_party_copies_no_more_than_it_reads(visit, act, town):
    with act() as session:
        session.add(PersonFact(person_id=town.dana.id, agency_id=town.mission.id,
                               category=Category.HEALTH, code="rqth", value="Oui"))  # fmt: skip
        journey = session.get(Journey, town.journey.id)
        parties.join(session, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    said = text(visit("bruno").get(f"/parcours/{town.journey.id}/copier"))
    assert "BENALI Dana" in said
    assert "Mobilité" not in said
    assert "RQTH" not in said


@pytest.mark.parametrize("who", ["chloe", "bruno", "eva"])
def test_a_stranger_copies_nothing(visit, key, town, who, look):
    path = f"/parcours/{town.journey.id}/copier"
    said = {"_key": key(), "tool": "i-MILO", "done_on": "2026-06-04"}
    assert visit(who).get(path).status_code == 404
    assert visit(who).post(path, data=said).status_code == 404
    assert look(Transcription.id) == []


def test_what_was_done_elsewhere_is_noted_once_by_tool_and_stays_in_its_agency(
    visit, key, town, look, act
):
    path = f"/parcours/{town.journey.id}/copier"
    said = {"tool": "i-MILO", "done_on": "2026-06-03", "reference": "D-778"}
    for reference in ("D-778", "D-779"):
        data = said | {"_key": key(), "reference": reference}
        answer = visit("alice").post(path, data=data, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert look(Transcription.reference) == ["D-779"]
    assert "référence D-779" in visit("alice").get(path).text
    with act() as session:
        journey = session.get(Journey, town.journey.id)
        parties.join(session, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    assert "D-779" not in visit("bruno").get(path).text


def test_a_day_to_come_is_refused_and_the_reference_stays(visit, key, town):
    data = {"_key": key(), "tool": "i-MILO", "done_on": "2026-06-05", "reference": "D-778"}
    answer = visit("alice").post(f"/parcours/{town.journey.id}/copier", data=data)
    assert answer.status_code == 422
    assert 'value="D-778"' in answer.text


def test_the_tools_are_those_of_the_agency_then_of_its_territory(visit, act, town):
    with act() as session:
        for name, tool in (("mission", "Mon outil"), ("ccas", "Outil du CCAS")):
            agency = session.get(type(town.ccas), getattr(town, name).id)
            agency.tool, agency.territory_id = tool, town.territory.id
        far = session.get(type(town.ccas), town.elsewhere.id)
        far.tool, far.territory_id = "Outil d’ailleurs", None
    page = soup(visit("alice").get(f"/parcours/{town.journey.id}/copier"))
    tools = [option["value"] for option in page.select("datalist option")]
    assert tools[:2] == ["Mon outil", "Outil du CCAS"]
    assert "Outil d’ailleurs" not in tools


def test_a_referral_is_copied_by_both_sides_with_what_each_reads(visit, act, key, town, look):
    with act() as session:
        made = moves.prepare(
            session, need=session.merge(town.need), journey=session.merge(town.journey),
            recipient_id=town.ccas.id, question="Une place mardi ?",
            actor=actors.of_professional(session, town.alice.id),
        )  # fmt: skip
        moves.send_or_wait(session, made, actor=actors.of_professional(session, town.alice.id))
        path = f"/orientations/{made.id}/copier"
    for who in ("alice", "chloe"):
        assert "Une place mardi" in text(visit(who).get(path))
    assert visit("bruno").get(path).status_code == 404
    data = {"_key": key(), "tool": "Outil du CCAS", "done_on": "2026-06-04"}
    assert visit("chloe").post(path, data=data, follow_redirects=False).status_code == 303
    assert look(Transcription.agency_id) == [town.ccas.id]


def test_a_decision_of_another_journey_does_not_exist(db, town):
    journey = db.merge(town.journey)
    with pytest.raises(NotFound):
        journey_copy.of_decision(db, journey, "BENALI Dana", town.need.id)
    assert db.exec(select(Decision)).all() == []
