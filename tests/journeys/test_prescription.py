"""Prescribing an entry: five fields, or two for someone known; nothing leaves without an agreement;
the committee may be asked who takes the person on."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import assembly, db
from coordination.committees.agenda import propose
from coordination.committees.models import AgendaItem, Meeting
from coordination.consent import rule
from coordination.consent.models import Reach
from coordination.errors import NotAllowed
from coordination.journeys import moves
from coordination.journeys.models import Journey, JourneyState, Party
from coordination.persons.models import Person, PersonIdentity
from coordination.signals import runner
from coordination.signals.models import Demand, Signal, SignalCode
from tests import town as small
from tests.conftest import soup

HERE = "/parcours/prescrire"


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


@pytest.fixture
def five(town):
    return {"usual_name": "Ferrer", "given_names": "Inès", "birth_on": "2004-11-02",
            "programme": str(town.programme.id), "prescribed_on": "2026-06-01"}  # fmt: skip


@pytest.fixture
def post(visit, key):
    def send(who="alice", **said):
        return visit(who).post(HERE, data=said | {"_key": key()}, follow_redirects=False)

    return send


@pytest.fixture
def waiting(act, town):
    """Someone whom the mission recorded and who is in no journey."""
    with act() as session:
        return small.person(session, town, "Lou", "Perrin", date(2004, 1, 2))


def made(look):
    return next(j for j in look(Journey) if j.state is JourneyState.PRESCRIBED)


def test_five_fields_prescribe_an_entry_in_ones_own_agency(post, look, five, town, visit):
    answer = post(**five)
    journey = made(look)
    assert answer.headers["location"] == f"/parcours/{journey.id}"
    assert (journey.agency_id, journey.prescribed_on) == (town.mission.id, date(2026, 6, 1))
    assert journey.entered_on is None
    page = soup(visit("alice").get(f"/parcours/{journey.id}"))
    assert page.select_one(f'a[href="/parcours/{journey.id}/faire/entrer"]')
    assert "Demander une entrée au comité" in page.main.text
    assert "Interrompre" in page.main.text


def test_nothing_leaves_the_agency_that_prescribes(post, look, five, town, visit):
    post(**five)
    journey = made(look)
    assert [one.agency_id for one in look(Party) if one.journey_id == journey.id] == [
        town.mission.id
    ]
    assert {one.agency_id for one in look(Reach) if one.person_id == journey.person_id} == {
        town.mission.id
    }
    for who in ("bruno", "chloe", "eva"):
        assert visit(who).get(f"/parcours/{journey.id}").status_code == 404
        assert "Ferrer" not in visit(who).get("/parcours?etat=tous&miens=0").text


def test_prescribing_in_another_agency_is_refused_by_the_verb(act, town):
    with act() as session, pytest.raises(NotAllowed, match="orientation"):
        moves.prescribe(
            session, person=session.get_one(Person, town.dana.id), agency_id=town.greta.id,
            programme_id=town.programme.id, actor=town.actor("alice"),
        )  # fmt: skip


def test_someone_known_needs_two_fields(post, look, town, waiting, visit):
    listed = soup(visit("alice").get("/parcours/a-completer"))
    assert listed.select_one(f'a[href="{HERE}?personne={waiting.id}"]')
    page = soup(visit("alice").get(HERE, params={"personne": str(waiting.id)}))
    assert "PERRIN Lou" in page.main.text
    assert page.select_one("#f-usual_name") is None
    answer = post(personne=str(waiting.id), programme=str(town.programme.id),
                  prescribed_on="2026-06-04")  # fmt: skip
    assert answer.status_code == 303
    assert made(look).person_id == waiting.id
    assert len(look(Person.id)) == 3


def test_from_a_journey_that_ended_one_more_is_prescribed(act, post, look, town):
    with act() as session:
        moves.abandon(session, session.get_one(Journey, town.journey.id), reason="Déménagement",
                      actor=town.actor("alice"))  # fmt: skip
    said = {"parcours": str(town.journey.id), "programme": str(town.programme.id),
            "prescribed_on": "2026-06-04"}  # fmt: skip
    assert post(**said).status_code == 303
    assert made(look).person_id == town.dana.id


def test_the_same_programme_is_not_prescribed_twice(post, look, town):
    answer = post(parcours=str(town.journey.id), programme=str(town.programme.id),
                  prescribed_on="2026-06-04")  # fmt: skip
    assert answer.status_code == 422
    assert town.journey.number in soup(answer).select_one("#f-programme-error").text
    assert len(look(Journey.id)) == 2


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("birth_on", "31/02/2001", "n’existe pas"), ("prescribed_on", "2029-01-01", "entre le"),
     ("prescribed_on", "", "nécessaire"), ("usual_name", "12", "une lettre"),
     ("programme", "rien", "de la liste")],
)  # fmt: skip
def test_a_wrong_field_is_said_and_nothing_typed_is_lost(post, look, five, field, value, said):
    answer = post(**(five | {field: value}))
    assert answer.status_code == 422
    assert said in soup(answer).select_one(f"#f-{field}-error").text
    assert 'value="Inès"' in answer.text
    assert len(look(Person.id)) == 2


def test_a_namesake_is_shown_before_someone_new_is_recorded(post, look, five, town):
    dana = five | {"usual_name": "Bénali", "given_names": "Dana", "birth_on": "1999-03-14"}
    answer = post(**dana)
    assert answer.status_code == 422
    assert town.journey.number in answer.text
    assert post(**dana, someone_else="1").status_code == 303
    assert "Bénali" in look(PersonIdentity.usual_name)


@pytest.mark.parametrize("who", ["bruno", "chloe", "eva"])
def test_a_stranger_s_person_and_journey_do_not_exist(visit, post, look, town, waiting, who):
    for about in ({"parcours": str(town.journey.id)}, {"personne": str(waiting.id)}):
        assert visit(who).get(HERE, params=about).status_code == 404
        assert post(who, programme=str(town.programme.id), prescribed_on="2026-06-04",
                    **about).status_code == 404  # fmt: skip
    assert visit("alice").get(HERE, params={"parcours": "rien"}).status_code == 404
    assert len(look(Journey.id)) == 2


@pytest.mark.parametrize("who", ["sophie", "regine", "adam"])
def test_who_follows_no_journey_is_told_so(visit, post, five, who):
    assert visit(who).get(HERE).status_code == 403
    assert post(who, **five).status_code == 403


def test_the_entry_is_recorded_then_or_dropped_with_a_reason(post, look, five, visit, key):
    post(**five)
    journey, browser = made(look), visit("alice")
    where = f"/parcours/{journey.id}"
    silent = browser.post(f"{where}/interrompre", data={"_key": key(), "_version": "1"})
    assert silent.status_code == 422
    entered = browser.post(f"{where}/faire/entrer", data={"on": "2026-06-03", "_key": key()},
                           follow_redirects=False)  # fmt: skip
    assert entered.status_code == 303
    (now,) = [j for j in look(Journey) if j.id == journey.id]
    assert (now.state, now.entered_on) == (JourneyState.ENTERED, date(2026, 6, 3))


def test_the_committee_is_asked_who_takes_on_someone_whom_nobody_follows(
    post, look, town, waiting, visit, key
):
    answer = post(personne=str(waiting.id), programme=str(town.programme.id), then="comite",
                  prescribed_on="2026-06-04")  # fmt: skip
    journey = made(look)
    assert answer.headers["location"] == f"/parcours/{journey.id}/demande"
    asking = soup(visit("alice").get(answer.headers["location"]))
    assert "Demander une entrée au comité" in asking.h1.text
    asked = visit("alice").post(
        f"/parcours/{journey.id}/demande", follow_redirects=False,
        data={"question": "Qui peut l’accueillir en septembre ?", "wish": "Trouver un métier",
              "told": "oui", "_key": key()},
    )  # fmt: skip
    assert asked.status_code == 303
    assert [one.person_id for one in look(Demand)] == [waiting.id]
    raised = {one.code: one.sentence for one in look(Signal)}
    said = " ".join(raised[SignalCode.DEMANDE_EXAMEN].split())
    assert said == "Demande d’entrée déposée le 4 juin 2026"


def test_without_an_agreement_the_proposed_entry_comes_to_the_table_without_a_name(
    engine, act, look, town, waiting
):
    with act() as session:
        journey = moves.prescribe(
            session, person=session.get_one(Person, waiting.id), programme_id=town.programme.id,
            agency_id=town.mission.id, territory_id=town.territory.id, actor=town.actor("alice"),
        )  # fmt: skip
        session.flush()
        session.add(Demand(
            journey_id=journey.id, person_id=waiting.id, agency_id=town.mission.id,
            professional_id=town.alice.id, asked_on=town.today, question="Qui peut l’accueillir ?",
        ))  # fmt: skip
    runner.run(engine, assembly.RULES)
    with act() as session:
        meeting = session.exec(select(Meeting)).one()
        propose.propose(session, meeting)
    (item,) = [one for one in look(AgendaItem) if one.person_id == waiting.id]
    told = f"{item.title} {item.because} {item.snapshot}"
    assert "Demande d’entrée" in told
    for word in ("Perrin", "PERRIN", "Lou", "accueillir"):
        assert word not in told
    for who in ("bruno", "chloe"):
        with db.reading(engine) as session:
            assert not rule.for_actor(session, town.actor(who), [waiting.id]).get(waiting.id)
