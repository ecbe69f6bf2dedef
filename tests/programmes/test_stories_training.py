"""What each training programme of the guide promises, told with one person: its pauses, its waits,
its contracts, its statuses."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination.errors import Invalid, Refused
from coordination.journeys import (
    appointments,
    blocks,
    commitments,
    groups,
    interstitial,
    moves,
    parties,
    queries,
    referents,
    statuses,
    steps,
)
from coordination.journeys.models import (
    Channel,
    Journey,
    JourneyState,
    Outcome,
    PartyRole,
    ReferentRole,
    StepKind,
    Suspension,
    SuspensionCause,
)
from coordination.journeys.models_along import (
    Block,
    BlockOutcome,
    CommitmentKind,
    ExitContact,
    Interstitial,
    Pay,
    PersonStatus,
    Signer,
)
from coordination.programmes.rules import months_after

pytestmark = pytest.mark.sqlite_first


def joins(db, journey, *, agency_id, role, actor):
    return parties.join(db, journey, agency_id=agency_id, role=role)


def test_daq_bourgogne_franche_comte(story, town):
    """Suspension, resumption where it stopped, a référent for six months after the exit."""
    told = story("daq-bourgogne-franche-comte")
    told.opens()
    told.later(months=2)
    resumes = told.today + timedelta(days=90)
    told.do(
        moves.suspend,
        cause=SuspensionCause.JOB,
        planned_resume_on=resumes,
        keeps_contact="Alice Martin",
        contact_every_days=30,
        acquired="CléA : deux domaines sur sept",
    )
    told.later(months=3)
    assert "suspension_longue" not in told.alerts()
    told.later(months=2, days=12)
    alerts = told.alerts()
    assert alerts["suspension_longue"].endswith(
        "depuis 5 mois et 12 jours ; maximum du dispositif : 6 mois"
    )
    assert "reprise_depassee" in alerts

    told.do(moves.resume)
    assert {"suspension_longue", "reprise_depassee"}.isdisjoint(told.alerts())
    (pause,) = told.rows(select(Suspension))
    assert (pause.acquired, pause.keeps_contact) == (
        "CléA : deux domaines sur sept", "Alice Martin",
    )  # fmt: skip
    told.later(months=4)
    told.do(moves.end, on=told.today, outcome=Outcome.TRAINING)
    (due,) = told.rows(select(ExitContact))
    assert told.ask(referents.in_post) == [town.alice.id]
    told.later(days=(due.due_on - told.today).days - 30)
    assert "suivi_apres_sortie_du" not in told.alerts()
    told.later(days=30)
    assert "suivi_apres_sortie_du" in told.alerts()
    told.meets()
    assert "suivi_apres_sortie_du" not in told.alerts()


def test_habilitation_nouvelle_aquitaine(story):
    """Twenty-four months without the suspensions; a suspension of six at most."""
    told = story("habilitation-premier-niveau-nouvelle-aquitaine")
    told.opens()
    told.later(months=12)
    told.do(moves.suspend, cause=SuspensionCause.FAMILY,
            planned_resume_on=told.today + timedelta(days=150))  # fmt: skip
    told.later(months=6, days=1)
    assert "maximum du dispositif : 6 mois" in told.alerts()["suspension_longue"]
    told.do(moves.resume)
    told.later(months=6)  # 24 months and a day since the entry, 18 lived
    assert "duree_excessive" not in told.alerts()
    told.later(months=6)
    said = told.alerts()["duree_excessive"]
    assert "pauses déduites" in said
    assert said.endswith("maximum du dispositif : 24 mois")


def test_prepa_bretagne(story, town):
    """Support between two steps, a contract between three, the trainee's status kept."""
    told = story("prepa-bretagne")
    told.opens()
    told.do(statuses.record, status=PersonStatus.TRAINEE, pay=Pay.SECURED)
    first = told.do(steps.plan, kind=StepKind.SKILLS, planned_from=told.today, label="Prépa")
    told.do(steps.begin, first)
    told.later(months=3)
    told.do(steps.finish, first)
    next_one = told.do(
        steps.plan, kind=StepKind.QUALIFICATION, label="Titre professionnel",
        planned_from=told.today + timedelta(days=120), supported_meanwhile=True,
    )  # fmt: skip
    contract = told.do(
        commitments.propose,
        kind=CommitmentKind.TRIPARTITE,
        signers={Signer.PERSON: None, Signer.TRAINING_BODY: town.greta.id,
                 Signer.SUPPORT: town.mission.id},
    )  # fmt: skip
    wait = {"contract": contract, "next_step": next_one,
            "trainer_id": town.bruno.id, "adviser_id": town.alice.id}  # fmt: skip
    told.do(commitments.sign, contract, signer=Signer.PERSON)
    told.do(commitments.sign, contract, signer=Signer.TRAINING_BODY)
    with pytest.raises(Refused, match="signé par tous"):
        told.do(interstitial.begin, **wait)
    contract = told.do(commitments.sign, contract, signer=Signer.SUPPORT)
    with pytest.raises(Invalid, match="6 mois au plus"):
        told.do(interstitial.begin, **wait | {
            "contract": contract, "until_on": told.today + timedelta(days=200)})  # fmt: skip

    told.do(interstitial.begin, **wait | {"contract": contract})
    (waiting,) = told.rows(select(Interstitial))
    assert told.journey.state is JourneyState.INTERSTITIAL
    assert waiting.status_kept
    assert (waiting.trainer_id, waiting.adviser_id) == (town.bruno.id, town.alice.id)
    assert statuses.breaks(told.rows(statuses.of(told.journey))) == []
    told.later(months=4)
    told.do(interstitial.end)
    assert told.journey.state is JourneyState.ENTERED
    assert told.step("Titre professionnel").from_on == told.today
    assert told.rows(select(Interstitial))[0].ended_on == told.today


def test_itineraires_competences_grand_est(story, town):
    """One référent from the positioning to the exit, and for three months after the training."""
    told = story("itineraires-competences-grand-est")
    told.is_prescribed()
    told.do(appointments.give, on_day=told.today)
    assert told.ask(referents.in_post) == [town.alice.id]
    told.later(weeks=1)
    told.do(moves.enter, on=told.today)
    told.later(months=8)
    assert told.ask(referents.in_post) == [town.alice.id]
    told.do(moves.end, on=told.today, outcome=Outcome.EMPLOYMENT)
    told.later(months=3)
    assert told.ask(referents.in_post) == [town.alice.id]
    assert "suivi_apres_sortie_du" in told.alerts()
    told.meets(Channel.PHONE)
    assert "suivi_apres_sortie_du" not in told.alerts()


def test_cfa_metiers_de_nos_territoires(story):
    """A positioning interview, groups of fifteen at most, ten months."""
    told = story("prepa-apprentissage-metiers-de-nos-territoires")
    told.is_prescribed()
    told.do(appointments.give, on_day=told.today + timedelta(days=3))
    told.later(days=3)
    entered = told.do(moves.enter, on=told.today)
    assert entered.planned_end_on == months_after(told.today, 10)
    cohort = told.group("Groupe de juin")
    told.do(groups.join, cohort, told.journey)
    others = [told.opens(f"Jeune {rank}") for rank in range(15)]
    for other in others[:14]:
        told.do(groups.join, cohort, other)
    assert told.ask(groups.size, cohort) == 15
    with pytest.raises(groups.Full, match="15 personnes au plus"):
        told.do(groups.join, cohort, others[14])
    told.do(groups.leave, cohort, others[0])
    told.do(groups.join, cohort, others[14])
    assert told.ask(groups.size, cohort) == 15


def test_graines_de_patissier(story, town):
    """Three partners; the one who follows day by day stays, whatever the exit."""
    told = story("graines-de-patissier")
    told.opens()
    for agency in (town.greta, town.ccas):
        told.do(joins, agency_id=agency.id, role=PartyRole.PARTNER)
    for who, role, label in (
        (town.bruno, ReferentRole.TRAINER, "formation métier"),
        (town.chloe, ReferentRole.SOCIAL, "suivi quotidien"),
    ):
        told.do(referents.appoint, professional_id=who.id, role=role, label=label)
    assert told.ask(referents.missing) == ["réseau professionnel"]
    told.later(months=5)
    told.do(moves.abandon, reason="Préfère un autre métier")
    assert told.rules.support_continues_after_exit
    told.later(months=2)
    chloe = town.actor("chloe")
    assert told.rows(queries.followed_by(chloe).where(Journey.id == told.journey_id))
    held = told.meets(Channel.PHONE, by="chloe")
    assert held.agency_id == town.ccas.id


def test_demarre_ta_story_cma79(story):
    """Thirteen weeks, renewable twice; an interview at the end of each; a stop is not a failure."""
    told = story("demarre-ta-story-cma79")
    told.opens()
    assert (told.rules.block_weeks, told.rules.block_parts) == (13, (8, 5))
    told.later(weeks=9)
    assert "renouvellement_a_decider" not in told.alerts()
    told.do(moves.suspend, cause=SuspensionCause.FAMILY,
            planned_resume_on=told.today + timedelta(days=14))  # fmt: skip
    told.later(weeks=2)
    told.do(moves.resume)  # two weeks away: the block ends two weeks later
    assert "renouvellement_a_decider" not in told.alerts()
    told.later(weeks=1)
    assert "renouvellement_a_decider" in told.alerts()

    told.later(weeks=3)
    told.do(blocks.hold_interview, on=told.today, outcome=BlockOutcome.RENEWED)
    assert "renouvellement_a_decider" not in told.alerts()
    told.later(weeks=13)
    told.do(blocks.hold_interview, on=told.today, outcome=BlockOutcome.RENEWED)
    told.later(weeks=12)
    with pytest.raises(Refused, match="2 fois au plus"):
        told.do(blocks.hold_interview, on=told.today, outcome=BlockOutcome.RENEWED)
    assert "duree_excessive" in told.alerts()  # near 39 weeks
    told.do(blocks.hold_interview, on=told.today, outcome=BlockOutcome.STOPPED)
    told.do(moves.end, on=told.today, outcome=Outcome.OTHER_POSITIVE)
    assert told.journey.outcome is Outcome.OTHER_POSITIVE
    lived = told.rows(select(Block).order_by(Block.number))
    assert [(b.number, b.outcome) for b in lived] == [
        (1, BlockOutcome.RENEWED), (2, BlockOutcome.RENEWED), (3, BlockOutcome.STOPPED),
    ]  # fmt: skip


def test_passerelles_formation_emploi(story):
    """Job seeker, trainee, employee: the pay of each is certain before it begins."""
    told = story("passerelles-formation-emploi")
    told.opens()
    assert told.rules.status_path == ("demandeur d’emploi", "stagiaire", "salarié")
    told.do(statuses.record, status=PersonStatus.JOB_SEEKER, pay=Pay.SECURED)
    told.do(statuses.record, status=PersonStatus.TRAINEE, pay=Pay.SECURED,
            from_on=told.today + timedelta(days=20))  # fmt: skip
    assert "changement_de_statut" not in told.alerts()
    hired = told.do(statuses.record, status=PersonStatus.EMPLOYEE, pay=Pay.TO_CONFIRM,
                    from_on=told.today + timedelta(days=80))  # fmt: skip
    assert told.ask(statuses.must_not_break)
    assert "changement_de_statut" in told.alerts()
    assert statuses.breaks(told.rows(statuses.of(told.journey))) == [(hired.from_on, None)]
    told.do(statuses.secure_pay, hired, pay_label="Salaire de la branche")
    assert "changement_de_statut" not in told.alerts()
    told.later(days=80)
    assert told.journey.state is JourneyState.ENTERED  # the support goes on through the change
    assert statuses.breaks(told.rows(statuses.of(told.journey))) == []


def test_parcours_emploi_competences_advf(story, town):
    """Successive steps under one contract, up to a permanent one, with no day unpaid."""
    told = story("parcours-emploi-competences-advf")
    told.is_prescribed()
    with pytest.raises(Refused, match="avant l’entrée"):
        told.do(moves.enter, on=told.today)
    employer = town.elsewhere.id
    contract = told.do(commitments.propose, kind=CommitmentKind.EMPLOYMENT,
                       signers={Signer.PERSON: None, Signer.EMPLOYER: employer})  # fmt: skip
    told.do(commitments.sign, contract, signer=Signer.PERSON)
    told.do(commitments.sign, contract, signer=Signer.EMPLOYER)
    told.do(moves.enter, on=told.today)
    told.do(statuses.record, status=PersonStatus.ASSISTED_CONTRACT, pay=Pay.SECURED)
    training = told.do(steps.plan, kind=StepKind.QUALIFICATION, label="Titre ADVF",
                       planned_from=told.today + timedelta(days=60))  # fmt: skip
    job = told.do(steps.plan, kind=StepKind.JOB, label="Contrat durable",
                  planned_from=told.today + timedelta(days=240))  # fmt: skip
    told.later(days=60)
    told.do(steps.begin, training)
    kept = told.do(statuses.record, status=PersonStatus.TRAINEE, pay=Pay.SECURED)
    told.later(days=180)
    told.do(steps.finish, training)
    told.do(steps.begin, job)
    told.do(statuses.record, status=PersonStatus.EMPLOYEE, pay=Pay.SECURED)
    assert len(told.rows(commitments.of(told.journey))) == 1
    lived = told.rows(statuses.of(told.journey))
    assert [p.status for p in lived] == [
        PersonStatus.ASSISTED_CONTRACT, PersonStatus.TRAINEE, PersonStatus.EMPLOYEE,
    ]  # fmt: skip
    assert statuses.breaks(lived) == []
    gap = kept.from_on + timedelta(days=150)
    told.do(statuses.end, kept, on=gap)  # had the training stopped earlier: a month unpaid
    assert statuses.breaks(told.rows(statuses.of(told.journey))) == [(gap, told.today)]


def test_a_group_that_is_not_the_programmes_has_no_limit(story):
    told = story("daq-bourgogne-franche-comte")
    cohort = told.group("Plateforme de Dole")
    for rank in range(17):
        told.do(groups.join, cohort, told.opens(f"Personne {rank}"))
    assert told.ask(groups.size, cohort) == 17
