"""Every gesture along a journey, from its page: what it says, what it writes, who may."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import audit, db
from coordination.agencies import actors
from coordination.directory.reference import needs as catalogue
from coordination.journeys import commitments, exits, moves, parties, statuses, steps
from coordination.journeys.gestures.pages import GESTURES
from coordination.journeys.models import (
    Journey,
    JourneyState,
    Need,
    Outcome,
    Party,
    PartyRole,
    Referent,
    Step,
    StepKind,
    Suspension,
    SuspensionCause,
)
from coordination.journeys.models_along import (
    Appointment,
    Commitment,
    CommitmentKind,
    Pay,
    PersonStatus,
    ReferentAbsence,
    ReturnRequest,
    Signature,
    Signer,
    StatusPeriod,
)
from coordination.persons.categories import Category
from coordination.programmes.models import ProgrammeRule
from tests.conftest import soup


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


@pytest.fixture
def do(visit, key, town):
    def post(gesture, who="alice", **said):
        path = f"/parcours/{town.journey.id}/faire/{gesture}"
        return visit(who).post(path, data=said | {"_key": key()}, follow_redirects=False)

    return post


@pytest.fixture
def see(visit, town):
    def get(gesture, who="alice", **query):
        return visit(who).get(f"/parcours/{town.journey.id}/faire/{gesture}", params=query)

    return get


@pytest.fixture
def along(act, town):
    """along(verb, …) → what the verb made on Dana's journey, by Alice."""

    def make(verb, **said):
        with act() as session:
            journey = session.get(Journey, town.journey.id)
            return verb(session, journey, actor=actors.of_professional(session, town.alice.id),
                        **said)  # fmt: skip

    return make


def ago(town, days):
    return (town.today - timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("gesture", "said", "where"),
    [
        ("prevoir-etape", {"kind": "skills", "planned_from": "2026-09-01"}, "#etapes"),
        ("rendez-vous", {"asked_on": "2026-06-04", "on_day": "2026-06-09"}, ""),
        ("annoncer-sortie", {}, ""),
        ("entre-deux", {"until_on": "2026-09-01", "status_kept": "1"}, ""),
        ("statut", {"status": "trainee", "from_on": "2026-06-01", "pay": "to_confirm"}, "#statuts"),
        ("besoin", {"code": "23", "situation": "6", "since_on": "2026-06-01"}, "#besoins"),
        ("engagement", {"kind": "moral", "signers": "person", "on": "2026-06-04"}, "#engagements"),
    ],
)
def test_a_gesture_is_done_once_and_comes_back_to_the_journey(
    do, visit, town, act, gesture, said, where
):
    if gesture == "besoin":
        with act() as session:
            session.delete(session.get(Need, town.need.id))
    answer = do(gesture, **said)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/parcours/{town.journey.id}{where}"
    assert visit("alice").get(f"/parcours/{town.journey.id}").status_code == 200


def test_every_gesture_says_what_will_happen_and_has_words_of_its_own():
    assert len({one.title for one in GESTURES.values()}) == len(GESTURES)
    assert all(one.button for one in GESTURES.values())


def test_a_page_says_what_will_happen_before_the_button(see):
    page = soup(see("annoncer-sortie"))
    assert "elle se déclare ensuite" in page.main.text
    assert page.select_one("main form button").text == "Annoncer la sortie"


def test_an_exit_announced_late_says_from_which_day_it_is_declared(see, act, town):
    with act() as session:
        rule = session.exec(select(ProgrammeRule)).one()
        rule.more = {"deferred_exit_weeks": 8}
    assert "30 juillet 2026" in soup(see("annoncer-sortie")).main.text.replace("\u00a0", " ")


@pytest.mark.parametrize("who", ["bruno", "chloe", "eva"])
@pytest.mark.parametrize("gesture", ["prevoir-etape", "statut", "structure", "besoin"])
def test_a_stranger_finds_nothing_and_changes_nothing(see, do, look, who, gesture):
    assert see(gesture, who).status_code == 404
    assert do(gesture, who, kind="skills", planned_from="2026-09-01").status_code == 404
    assert (look(Step.id), look(StatusPeriod.id)) == ([], [])


@pytest.mark.parametrize("who", ["sophie", "regine", "adam"])
def test_who_does_not_follow_journeys_is_told_so(see, do, who):
    assert see("prevoir-etape", who).status_code == 403
    assert do("prevoir-etape", who).status_code == 403


def test_an_unknown_gesture_and_an_unknown_row_do_not_exist(see, do, town):
    assert see("danser").status_code == 404
    assert do("finir-etape", about=str(town.need.id)).status_code == 404
    assert do("finir-etape", about="rien").status_code == 404
    assert see("signature").status_code == 404


def test_a_party_adds_steps_and_does_not_govern_the_journey(act, town, see, do, look):
    with act() as session:
        journey = session.get(Journey, town.journey.id)
        parties.join(session, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    assert do("prevoir-etape", "bruno", kind="skills", planned_from="2026-09-01").status_code == 303
    assert look(Step.kind) == [StepKind.SKILLS]
    assert see("entre-deux", "bruno").status_code == 404
    assert see("statut", "bruno").status_code == 404


def test_a_row_of_another_journey_is_not_found(act, town, do):
    with act() as session:
        other = steps.plan(
            session, session.get(Journey, town.sami_journey.id), kind=StepKind.JOB,
            actor=actors.of_professional(session, town.alice.id),
        ).id  # fmt: skip
    assert do("commencer-etape", about=str(other), on="2026-06-01").status_code == 404


def test_a_step_is_begun_finished_and_a_prerequisite_met(along, do, look, town):
    step = along(steps.plan, kind=StepKind.SKILLS, prerequisites=["CléA"]).id
    assert do("commencer-etape", about=str(step), on=ago(town, 20)).status_code == 303
    assert do("commencer-etape", about=str(step), on=ago(town, 20)).status_code == 409
    assert do("finir-etape", about=str(step), on=ago(town, 5)).status_code == 303
    assert look(Step.until_on) == [town.today - timedelta(days=5)]


def test_a_step_that_never_began_may_be_taken_away(along, do, look):
    step = along(steps.plan, kind=StepKind.SKILLS).id
    assert do("retirer-etape", about=str(step)).status_code == 303
    assert look(Step.id) == []


def test_a_wrong_field_is_said_and_what_was_typed_stays(do, look):
    answer = do("prevoir-etape", kind="skills", label="Cuisine", planned_from="31/02/2026")
    assert answer.status_code == 422
    assert "n’existe pas" in answer.text
    assert 'value="Cuisine"' in answer.text
    assert look(Step.id) == []


def test_a_turn_on_an_older_page_is_refused(do, along, town):
    along(moves.extend, until_on=town.today + timedelta(days=200))
    answer = do("annoncer-sortie", _version="1")
    assert answer.status_code == 409


def test_a_turn_that_is_not_possible_from_here_is_said(see, do):
    assert see("revenir").status_code == 409
    assert do("poursuivre").status_code == 409


def test_a_referent_is_added_goes_away_with_a_replacement_and_leaves(do, look, town):
    who = str(town.alice.id)
    said = {"professional": who, "role": "coach", "from_on": ago(town, 0)}
    assert do("referent", **said).status_code == 303
    referent = str(look(Referent.id)[0])
    away = {"from_on": ago(town, 0), "until_on": "2026-06-20", "replacement": who}
    assert do("referent-absent", about=referent, **away).status_code == 422
    assert do("referent-absent", about=referent, from_on=ago(town, 0)).status_code == 303
    assert look(ReferentAbsence.replacement_id) == [None]
    assert do("referent-part", about=referent, on=ago(town, 0)).status_code == 303


def test_only_who_works_around_the_journey_may_hold_it(do, look, town):
    said = {"role": "coach", "from_on": ago(town, 0)}
    assert do("referent", professional=str(town.eva.id), **said).status_code == 422
    assert len(look(Referent.id)) == 2  # those of the town


def test_an_agency_that_joins_reads_and_the_journal_says_so(do, look, town, visit, act):
    with act() as session:
        session.get(type(town.greta), town.greta.id).territory_id = town.territory.id
    page = f"/parcours/{town.journey.id}"
    assert visit("bruno").get(page).status_code == 404
    said = {"agency": str(town.greta.id), "role": "partner", "from_on": ago(town, 0)}
    assert do("structure", **said).status_code == 303
    assert visit("bruno").get(page).status_code == 200
    party = next(p for p in look(Party) if p.agency_id == town.greta.id)
    assert do("structure-part", about=str(party.id), on=ago(town, 0)).status_code == 303
    assert visit("bruno").get(page).status_code == 404
    journal = "".join(look(audit.AuditEntry.entry))
    assert "party.join" in journal
    assert "party.leave" in journal


def test_the_carrier_stays_around_its_journey(do, look, town):
    carrier = next(p for p in look(Party) if p.journey_id == town.journey.id)
    assert do("structure-part", about=str(carrier.id), on=ago(town, 0)).status_code == 409


def test_needs_are_asked_in_two_pages_and_take_the_category_of_the_situation(see, do, look, act,
                                                                             town):  # fmt: skip
    with act() as session:
        session.delete(session.get(Need, town.need.id))
    assert soup(see("besoin")).select_one("main form")["method"] == "get"
    page = soup(see("besoin", code="23"))
    assert "Dépendant des transports en commun" in page.main.text
    said = {"code": "23", "since_on": ago(town, 3)}
    assert do("besoin", **said, situation="40").status_code == 303
    need = look(Need)[-1]
    assert (need.category, need.situation) == (Category.HEALTH, "40")
    assert do("besoin", **said, situation="6").status_code == 409


def test_what_the_diagnosis_knows_and_the_house_never_keeps_is_not_proposed(see, do, look):
    line = catalogue.constraint("29")
    one = next(objective for objective in line.objectives if objective.withheld)
    assert one.label not in see("besoin", code="29").text
    said = {"code": "29", "situation": line.situations[0].code, "since_on": "2026-06-01"}
    before = len(look(Need.id))
    assert do("besoin", **said, objective=one.code).status_code == 422
    assert len(look(Need.id)) == before


def test_a_service_is_mobilised_then_the_need_is_met(do, look, town, visit):
    need = str(town.need.id)
    assert do("service", about=need, service="  ", on=ago(town, 0)).status_code == 422
    assert do("service", about=need, service="Garage solidaire", on=ago(town, 0)).status_code == 303
    assert "Garage solidaire" in visit("alice").get(f"/parcours/{town.journey.id}").text
    assert do("besoin-regle", about=need, on=ago(town, 0)).status_code == 303
    assert do("besoin-regle", about=need, on=ago(town, 0)).status_code == 409
    assert look(Need.settled_on) == [town.today]


def test_a_contract_between_three_is_printed_and_signed_by_each(along, do, look, visit, town):
    three = dict.fromkeys((Signer.PERSON, Signer.TRAINING_BODY, Signer.SUPPORT))
    key = along(commitments.propose, kind=CommitmentKind.TRIPARTITE, signers=three).id
    paper = visit("alice").get(f"/parcours/{town.journey.id}/engagements/{key}.pdf")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    signatures = [str(one) for one in look(Signature.id)]
    for one in signatures:
        assert do("signature", about=one, on=ago(town, 0)).status_code == 303
    assert do("signature", about=signatures[0], on=ago(town, 0)).status_code == 409
    assert look(Commitment.signed_on) == [town.today]


@pytest.mark.parametrize("who", ["bruno", "chloe", "eva"])
def test_a_stranger_prints_no_contract(along, visit, town, who):
    made = along(commitments.propose, kind=CommitmentKind.MORAL, signers={Signer.PERSON: None})
    path = f"/parcours/{town.journey.id}/engagements/{made.id}.pdf"
    assert visit(who).get(path).status_code == 404
    assert visit("alice").get(path.replace(str(made.id), str(town.need.id))).status_code == 404


def test_a_break_of_pay_is_seen_on_the_page_until_it_is_secured(along, do, visit, town, look):
    along(statuses.record, status=PersonStatus.TRAINEE, pay=Pay.TO_CONFIRM,
          from_on=town.today - timedelta(days=40))  # fmt: skip
    page = f"/parcours/{town.journey.id}"
    assert "Sans rémunération assurée" in visit("alice").get(page).text
    period = str(look(StatusPeriod.id)[0])
    assert do("revenu", about=period, pay_label="ARE").status_code == 303
    assert "Sans rémunération assurée" not in visit("alice").get(page).text
    assert do("statut-fini", about=period, on=ago(town, 0)).status_code == 303


def test_statuses_are_for_who_may_read_resources(along, visit, act, town):
    along(statuses.record, status=PersonStatus.RSA, pay=Pay.SECURED)
    with act() as session:
        journey = session.get(Journey, town.journey.id)
        parties.join(session, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    page = f"/parcours/{town.journey.id}"
    assert "Bénéficiaire du RSA" in visit("alice").get(page).text
    assert "Bénéficiaire du RSA" not in visit("bruno").get(page).text
    assert "Bénéficiaire du RSA" not in visit("bruno").get(f"{page}/copier").text


def test_a_return_is_asked_for_declined_or_made(along, do, look, town):
    along(moves.end, on=town.today, outcome=Outcome.UNKNOWN)
    assert do("demander-retour").status_code == 303
    asked = str(look(ReturnRequest.id)[0])
    assert do("retour-impossible", about=asked).status_code == 422
    assert do("retour-impossible", about=asked, reason="Plus de place").status_code == 303
    assert do("revenir", on=ago(town, 0)).status_code == 303
    state = [j.state for j in look(Journey) if j.id == town.journey.id]
    assert state == [JourneyState.ENTERED]


def test_an_announced_exit_may_be_taken_back(along, do, look, town):
    along(exits.announce)
    assert do("poursuivre").status_code == 303
    state = [j.state for j in look(Journey) if j.id == town.journey.id]
    assert state == [JourneyState.ENTERED]


def test_an_appointment_and_referents_show_with_who_replaces_them(along, do, visit, town, look):
    do("rendez-vous", asked_on=ago(town, 1), on_day="2026-06-12")
    assert len(look(Appointment.id)) == 1
    with_away = next(r for r in look(Referent) if r.journey_id == town.journey.id)
    do("referent-absent", about=str(with_away.id), from_on=ago(town, 1), until_on="2026-06-20")
    page = soup(visit("alice").get(f"/parcours/{town.journey.id}"))
    assert "sans remplacement" in page.select_one("#autour").text
    assert "Rendez-vous (prévu)" in page.main.text


# ── a pause that goes on ─────────────────────────────────────────────────────────────────────────


@pytest.fixture
def paused(along, town):
    return along(
        moves.suspend, cause=SuspensionCause.WAITING, planned_resume_on=town.today + timedelta(9),
        keeps_contact="Alice Martin",
    )  # fmt: skip


def test_a_pause_is_shown_whole_and_may_be_said_again(visit, do, see, look, town, paused):
    (pause,) = look(Suspension)
    page = " ".join(soup(visit("alice").get(f"/parcours/{town.journey.id}")).main.text.split())
    assert "reprise prévue le 13 juin 2026 · garde le contact : Alice Martin" in page.replace(
        "\u00a0", " "
    )
    form = see("pause", sur=pause.id)
    assert "Alice Martin" in form.text
    said = {"about": str(pause.id), "planned_resume_on": "2026-09-01", "keeps_contact": "Léo",
            "contact_every_days": "15", "acquired": "Le code de la route"}  # fmt: skip
    assert do("pause", **said).status_code == 303
    (row,) = look(Suspension)
    assert (row.planned_resume_on, row.keeps_contact, row.contact_every_days, row.acquired) == (
        date(2026, 9, 1), "Léo", 15, "Le code de la route",
    )  # fmt: skip
    page = " ".join(soup(visit("alice").get(f"/parcours/{town.journey.id}")).main.text.split())
    for word in ("un contact tous les 15 jours", "Le code de la route", "1er septembre 2026"):
        assert word in page


@pytest.mark.parametrize("wrong", ["2026-06-03", "2026-06-04", ""])
def test_a_resumption_that_has_passed_is_refused(do, look, paused, wrong):
    (pause,) = look(Suspension)
    said = {"about": str(pause.id), "planned_resume_on": wrong, "keeps_contact": "Léo"}
    assert do("pause", **said).status_code == 422
    assert look(Suspension)[0].keeps_contact == "Alice Martin"


def test_a_pause_that_is_over_is_not_said_again(do, look, along, paused):
    (pause,) = look(Suspension)
    along(moves.resume)
    said = {"about": str(pause.id), "planned_resume_on": "2026-09-01", "keeps_contact": "Léo"}
    assert do("pause", **said).status_code in (404, 409)
    assert look(Suspension)[0].keeps_contact == "Alice Martin"


def test_who_keeps_up_support_between_two_steps_is_said(visit, do, town):
    said = {"until_on": "2026-09-01", "status_kept": "1", "adviser": str(town.alice.id)}
    assert do("entre-deux", **said).status_code == 303
    page = " ".join(soup(visit("alice").get(f"/parcours/{town.journey.id}")).main.text.split())
    assert "accompagné par MARTIN Alice, statut gardé, sans contrat" in page
