"""What can be done along a journey is offered on its page when it can be done, not otherwise."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import db
from coordination.agencies import actors
from coordination.errors import Refused
from coordination.journeys import appointments, commitments, exits, moves, referents
from coordination.journeys.models import Journey, Referent, Step
from coordination.journeys.models_along import (
    Commitment,
    CommitmentKind,
    ReferentAbsence,
    Signer,
    StepPrerequisite,
)
from coordination.programmes.models import ProgrammeRule
from tests.conftest import soup


@pytest.fixture
def along(act, town):
    """along(verb, …) → what the verb made on Dana's journey, by Alice."""

    def make(verb, **said):
        with act() as session:
            journey = session.get(Journey, town.journey.id)
            alice = actors.of_professional(session, town.alice.id)
            return verb(session, journey, actor=alice, **said)

    return make


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


@pytest.fixture
def do(visit, key, town):
    def post(gesture, **said):
        path = f"/parcours/{town.journey.id}/faire/{gesture}"
        return visit("alice").post(path, data=said | {"_key": key()}, follow_redirects=False)

    return post


@pytest.fixture
def offered(visit, town):
    """The gestures that the journey's page offers."""

    def read(who="alice"):
        page = soup(visit(who).get(f"/parcours/{town.journey.id}"))
        start = f"/parcours/{town.journey.id}/faire/"
        return {
            link["href"].removeprefix(start).partition("?")[0]
            for link in page.select(f'a[href^="{start}"]')
        }

    return read


def test_each_turn_of_a_journey_is_offered_where_it_may_be_made(along, offered):
    assert {"entre-deux", "annoncer-sortie"} <= offered()
    along(exits.announce)
    assert "poursuivre" in offered()
    assert "entre-deux" not in offered()
    along(exits.come_back)
    along(moves.abandon, reason="Déménagement")
    assert {"revenir", "demander-retour"} <= offered()
    assert not {"poursuivre", "annoncer-sortie", "entre-deux"} & offered()


def test_a_partner_is_offered_no_turn(act, town, offered):
    assert not {"entre-deux", "annoncer-sortie"} & offered("chloe")


def test_an_absence_without_an_end_is_ended_by_a_return(act, along, do, look, town, offered):
    with act() as session:
        referent = session.exec(
            select(Referent).where(Referent.journey_id == town.journey.id)
        ).one()
        absence = referents.away(
            session, referent, from_on=town.today - timedelta(days=9), actor=town.actor("alice")
        )
    assert "referent-revenu" in offered()
    assert "referent-absent" not in offered()
    answer = do("referent-revenu", about=str(absence.id), on="2026-06-03")
    assert answer.status_code == 303
    assert look(ReferentAbsence.until_on) == [town.today - timedelta(days=2)]
    assert do("referent-revenu", about=str(absence.id), on="2026-06-03").status_code == 409
    assert "referent-absent" in offered()


def test_who_never_left_was_never_away(act, do, look, town):
    with act() as session:
        referent = session.exec(
            select(Referent).where(Referent.journey_id == town.journey.id)
        ).one()
        absence = referents.away(session, referent, from_on=town.today, actor=town.actor("alice"))
    assert do("referent-revenu", about=str(absence.id), on="2026-06-04").status_code == 303
    assert look(ReferentAbsence.id) == []


def test_a_step_towards_a_programme_asks_what_that_programme_asks(act, do, look, town):
    with act() as session:
        session.exec(select(ProgrammeRule)).one().more = {"prerequisites": ["CléA"]}
    answer = do("prevoir-etape", kind="qualification", planned_from="2026-09-01",
                programme=str(town.programme.id), prerequisites="Niveau B1")  # fmt: skip
    assert answer.status_code == 303
    assert look(Step.programme_id) == [town.programme.id]
    assert sorted(look(StepPrerequisite.label)) == ["CléA", "Niveau B1"]
    unknown = do("prevoir-etape", kind="job", planned_from="2026-09-01",
                 programme=str(town.journey.id))  # fmt: skip
    assert unknown.status_code == 422


def test_an_appointment_to_come_says_with_whom_and_when_it_is_late(act, along, visit, town):
    with act() as session:
        session.exec(select(ProgrammeRule)).one().more = {"appointment_delay_days": 1}
    along(appointments.give, on_day=town.today + timedelta(days=20))
    awaited = soup(visit("alice").get(f"/parcours/{town.journey.id}")).select_one("#attendu")
    said = " ".join(awaited.text.split())
    assert "Rendez-vous le 24 juin 2026" in said
    assert "MARTIN Alice" in said
    assert "le dispositif le voulait avant le 5 juin 2026" in said


def test_a_commitment_broken_off_waits_for_nobody_and_binds_no_more(along, do, look, offered, act):
    contract = along(commitments.propose, kind=CommitmentKind.RECIPROCAL,
                     signers={Signer.PERSON: None, Signer.CARRIER: None})  # fmt: skip
    assert {"signature", "engagement-fini"} <= offered()
    assert do("engagement-fini", about=str(contract.id), on="2026-06-04").status_code == 303
    assert not {"signature", "engagement-fini"} & offered()
    assert do("engagement-fini", about=str(contract.id), on="2026-06-04").status_code == 409
    with act() as session, pytest.raises(Refused, match="ne lie plus"):
        held = session.get_one(Commitment, contract.id)
        commitments.sign(session, held, signer=Signer.PERSON, actor=actors.CLOCK)
