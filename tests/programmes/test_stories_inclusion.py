"""What each inclusion programme of the guide promises, told with one person: its contracts, its
rhythm, its team, its exits."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination.errors import Invalid, Refused
from coordination.journeys import (
    appointments,
    commitments,
    exits,
    groups,
    moves,
    needs,
    parties,
    queries,
    referents,
    statuses,
    steps,
)
from coordination.journeys.models import (
    Channel,
    Journey,
    JourneyPeriod,
    JourneyState,
    Outcome,
    PartyRole,
    ReferentRole,
    Step,
    StepKind,
    SuspensionCause,
)
from coordination.journeys.models_along import (
    CommitmentKind,
    ExitContact,
    Followed,
    Pay,
    PersonStatus,
    Signer,
)
from coordination.persons.categories import Category

pytestmark = pytest.mark.sqlite_first


def joins(db, journey, *, agency_id, role, actor):
    return parties.join(db, journey, agency_id=agency_id, role=role)


def signed_by_both(told, agency, kind=CommitmentKind.RECIPROCAL):
    made = told.do(commitments.propose, kind=kind,
                   signers={Signer.PERSON: None, Signer.CARRIER: agency.id})  # fmt: skip
    told.do(commitments.sign, made, signer=Signer.PERSON)
    return made


def test_combo77(story, town):
    """A diagnosis all around, six modules, the signature is the entry; three months after, and
    coming back."""
    told = story("combo77")
    told.is_prescribed()
    for code, category, situation, objective in (
        ("27", Category.HOUSING, "Hébergement précaire", "Accéder à un logement"),
        ("24", Category.MOBILITY, "Sans permis", "Se déplacer seul"),
    ):
        told.do(needs.open_need, code=code, label=situation, category=category,
                situation=situation, objective=objective)  # fmt: skip
    with pytest.raises(Refused, match="avant l’entrée"):
        told.do(moves.enter, on=told.today)
    contract = signed_by_both(told, town.mission)
    assert told.journey.state is JourneyState.PRESCRIBED
    told.later(days=2)
    told.do(commitments.sign, contract, signer=Signer.CARRIER)
    assert (told.journey.state, told.journey.entered_on) == (JourneyState.ENTERED, told.today)

    for module in told.rules.modules:
        told.do(steps.plan, kind=StepKind.SUPPORT, module=module, planned_from=told.today)
    with pytest.raises(Invalid, match="pas prévu"):
        told.do(steps.plan, kind=StepKind.SUPPORT, module="poterie")
    assert len(told.rows(select(Step))) == 6

    told.later(months=6)
    told.do(moves.end, on=told.today, outcome=Outcome.EMPLOYMENT)
    told.later(months=2)
    told.do(exits.ask_return)
    assert "retour_possible" in told.alerts()
    told.do(moves.re_enter, on=told.today)
    assert {"retour_possible", "suivi_apres_sortie_du"}.isdisjoint(told.alerts())
    assert len(told.rows(select(JourneyPeriod).where(
        JourneyPeriod.journey_id == told.journey_id))) == 2  # fmt: skip
    told.do(moves.end, on=told.today, outcome=Outcome.EMPLOYMENT)
    told.later(months=3)
    assert "suivi_apres_sortie_du" in told.alerts()
    told.later(days=1)
    with pytest.raises(Refused, match="n’était possible que jusqu’au"):
        told.do(exits.ask_return)


def test_asld_41(story):
    """Two tracks side by side: employment, and the lifting of barriers, the language among them."""
    told = story("plateforme-integration-competences-asld41")
    told.opens()
    work, barriers = told.rules.tracks
    french = told.do(needs.open_need, code="26", label="Français",
                     category=Category.LANGUAGE)  # fmt: skip
    job = told.do(steps.plan, kind=StepKind.IMMERSION, track=work, label="Découverte en atelier",
                  planned_from=told.today)  # fmt: skip
    lessons = told.do(steps.plan, kind=StepKind.SKILLS, track=barriers, module="français",
                      label="Cours de français", planned_from=told.today)  # fmt: skip
    told.do(steps.begin, job)
    told.do(steps.begin, lessons)
    told.later(months=2)
    told.do(steps.finish, job)
    told.later(months=2)
    assert "attente_entre_etapes" not in told.alerts()  # the other track goes on
    told.do(needs.mobilise, french, service="Cours de français")
    told.do(steps.finish, lessons)
    told.later(weeks=4, days=1)
    assert "attente_entre_etapes" in told.alerts()
    with pytest.raises(Invalid, match="voie"):
        told.do(steps.plan, kind=StepKind.SKILLS, track="loisirs")


def test_adventus(story, town):
    """Twenty-four months; then six months with the person and with the employer, who reads
    nothing."""
    told = story("adventus")
    told.opens()
    assert told.ask(referents.missing) == ["référent", "référent", "lien employeur"]
    told.do(referents.appoint, professional_id=town.bruno.id, label="lien employeur",
            role=ReferentRole.EMPLOYER_LINK)  # fmt: skip
    told.later(months=20)
    told.do(joins, agency_id=town.elsewhere.id, role=PartyRole.EMPLOYER)
    employer = town.actor("eva")
    assert told.rows(queries.visible_to(employer)) == []
    told.later(months=3)
    assert "maximum du dispositif : 24 mois" in told.alerts()["duree_excessive"]
    told.do(moves.end, on=told.today, outcome=Outcome.EMPLOYMENT)
    assert {d.whom for d in told.rows(select(ExitContact))} == set(Followed)
    told.later(months=6)
    assert "suivi_apres_sortie_du" in told.alerts()
    told.meets(Channel.PHONE)
    assert "suivi_apres_sortie_du" in told.alerts()  # the employer too
    told.meets(Channel.PHONE, with_person=False, with_employer=True)
    assert "suivi_apres_sortie_du" not in told.alerts()


def test_parcours_experience_3d(story, town):
    """Signed first; a contact every fifteen days at least; then at months one, two and three."""
    told = story("parcours-experience-3d")
    told.is_prescribed()
    contract = signed_by_both(told, town.mission)
    with pytest.raises(Refused):
        told.do(moves.enter, on=told.today)
    told.do(commitments.sign, contract, signer=Signer.CARRIER)
    told.do(moves.enter, on=told.today)
    assert (told.rules.contact_target_days, told.rules.contact_every_days) == (7, 15)
    told.later(days=15)
    told.meets()
    told.later(days=29)
    assert "sans_contact" not in told.alerts()
    told.later(days=1)
    assert "sans_contact" in told.alerts()  # twice the cadence
    told.meets(Channel.PHONE)
    assert "sans_contact" not in told.alerts()

    told.do(moves.end, on=told.today, outcome=Outcome.TRAINING)
    for _ in (1, 2, 3):
        told.later(months=1)
        assert "suivi_apres_sortie_du" in told.alerts()
        told.meets(Channel.PHONE)
        assert "suivi_apres_sortie_du" not in told.alerts()
    told.later(months=2)
    assert "suivi_apres_sortie_du" not in told.alerts()


def test_realise_tes_reves(story, town):
    """One référent with a small caseload, a contact a week, a commitment given by word."""
    told = story("realise-tes-reves")
    told.opens()
    assert (told.rules.caseload_active_max, told.rules.caseload_total_max) == (20, 50)
    before = told.ask(referents.caseload, town.alice.id)
    other = told.opens("Autre")
    told.do(moves.suspend, other, cause=SuspensionCause.FAMILY,
            planned_resume_on=told.today + timedelta(days=30))  # fmt: skip
    now = told.ask(referents.caseload, town.alice.id)
    assert (now.active - before.active, now.total - before.total) == (0, 1)
    told.later(days=13)
    assert "sans_contact" not in told.alerts()
    told.later(days=1)
    assert "sans_contact" in told.alerts()
    told.later(days=21)
    assert "engagement_non_signe" in told.alerts()
    given = told.do(commitments.propose, kind=CommitmentKind.MORAL, signers={Signer.PERSON: None})
    told.do(commitments.sign, given, signer=Signer.PERSON)
    assert "engagement_non_signe" not in told.alerts()


def test_dest_1(story, town):
    """Fifteen months whatever happens, a job found included; the next day; two coaches."""
    told = story("dest-1")
    told.opens(agency="mission")
    assert told.journey.planned_end_on == date(2027, 9, 4)
    friday = told.later(days=1)
    assert friday.weekday() == 4
    quick = told.do(appointments.give, on_day=friday + timedelta(days=3))
    slow = told.do(appointments.give, on_day=friday + timedelta(days=4))
    assert [appointments.is_late(a) for a in (quick, slow)] == [False, True]

    first = told.rows(referents.of(told.journey))[0]
    told.do(joins, agency_id=town.mde.id, role=PartyRole.PARTNER)  # the other coach's house
    told.do(referents.appoint, professional_id=town.sophie.id, role=ReferentRole.COACH)
    assert told.rules.referents_per_hub == 2
    away = {"from_on": told.today, "until_on": told.today + timedelta(days=10)}
    told.do(referents.away, first, replacement_id=town.sophie.id, **away)
    assert told.ask(referents.in_post) == [town.sophie.id]
    assert "referent_absent" not in told.alerts()

    told.later(months=5)
    told.do(statuses.record, status=PersonStatus.EMPLOYEE, pay=Pay.SECURED)
    assert told.rules.continues_after_job
    assert told.journey.state is JourneyState.ENTERED
    told.do(moves.suspend, cause=SuspensionCause.JOB,
            planned_resume_on=told.today + timedelta(days=60))  # fmt: skip
    told.later(months=2)
    told.do(moves.resume)
    told.later(months=8)
    said = told.alerts()["duree_excessive"]  # the pause did not make it longer
    assert said == "En parcours depuis 15 mois et 1 jour ; maximum du dispositif : 15 mois"


def test_teame(story, town):
    """Ten weeks in a group of twelve at most; a team of complementary trades on one journey."""
    told = story("teame")
    entered = told.opens()
    assert entered.planned_end_on == told.today + timedelta(weeks=10)
    for who, role, label in (
        (town.bruno, ReferentRole.TRAINER, "référent pédagogique"),
        (town.chloe, ReferentRole.SOCIAL, "accompagnement socioprofessionnel"),
    ):
        told.do(referents.appoint, professional_id=who.id, role=role, label=label)
    assert told.ask(referents.missing) == []
    assert told.ask(referents.in_post) == [town.alice.id, town.bruno.id, town.chloe.id]
    cohort = told.group("Équipe de juin")
    assert cohort.rhythm == "du lundi matin au jeudi après-midi"
    for rank in range(12):
        told.do(groups.join, cohort, told.opens(f"Jeune {rank}"))
    with pytest.raises(groups.Full, match="12 personnes"):
        told.do(groups.join, cohort, told.journey)


def test_mobil_emploi_and_bimbamjob(story, town):
    """Three paths with passerelles from one to another in the same journey; three référents;
    twelve months."""
    told = story("mobil-emploi")
    told.opens()
    for who, label in zip(
        (town.alice, town.bruno, town.chloe), told.rules.referent_roles, strict=True
    ):
        told.do(referents.appoint, professional_id=who.id, label=label)
    assert told.ask(referents.missing) == []
    assert told.rules.tracks == ("insertion", "formation", "emploi")
    for track in told.rules.tracks:
        step = told.do(steps.plan, kind=StepKind.SUPPORT, track=track, planned_from=told.today)
        told.do(steps.begin, step)
        told.later(months=3)
        told.do(steps.finish, step)
    lived = told.rows(steps.of(told.journey))
    assert [s.track for s in lived] == list(told.rules.tracks)
    assert {s.journey_id for s in lived} == {told.journey_id}
    told.later(months=2)
    assert told.alerts()["duree_excessive"].endswith("maximum du dispositif : 12 mois")


def test_tous_mobilises_aurore(story):
    """The exit is declared only after a while: meanwhile, and after, the person may come back."""
    told = story("tous-mobilises-aurore")
    told.opens()
    told.later(months=4)
    told.do(exits.announce)
    assert told.journey.state is JourneyState.EXIT_PENDING
    told.later(weeks=3)
    with pytest.raises(Refused, match="peut encore revenir"):
        told.do(exits.confirm, outcome=Outcome.UNKNOWN)
    told.do(exits.come_back)
    assert told.journey.state is JourneyState.ENTERED
    assert "sortie_a_confirmer" not in told.alerts()

    told.do(exits.announce)
    told.later(weeks=8)
    assert "sortie_a_confirmer" in told.alerts()
    told.do(exits.confirm, outcome=Outcome.MOVED)
    assert told.journey.state is JourneyState.ENDED
    assert "sortie_a_confirmer" not in told.alerts()
    told.later(months=1)
    asked = told.do(exits.ask_return)
    assert asked.until_on == told.ask(exits.last_return)
    assert "retour_possible" in told.alerts()
    told.do(moves.re_enter, on=told.today)
    assert told.journey.state is JourneyState.ENTERED


def test_promo_16_18(story, town):
    """Six months more after the end, with the mission locale."""
    told = story("promo-16-18")
    told.opens(agency="greta", by="bruno", prescriber_id=town.mission.id)
    assert told.rules.follow_up_with == ("mission locale",)
    told.later(months=4)
    told.do(moves.end, by="bruno", on=told.today, outcome=Outcome.END_OF_TERM)
    told.later(months=5, days=20)
    alice = town.actor("alice")
    assert told.rows(queries.followed_by(alice).where(Journey.id == told.journey_id))
    told.meets(Channel.HOME)  # by Alice, of the mission locale, ten days before its day
    told.later(months=1)
    assert "suivi_apres_sortie_du" not in told.alerts()
    (due,) = told.rows(select(ExitContact))
    assert due.done_on is not None


def test_fil_vers(story, town):
    """Eight services, each from a member of the consortium, as the person needs; eighteen
    months."""
    told = story("fil-vers")
    told.opens()
    palette = told.rules.modules
    assert len(palette) == 8
    consortium = (town.mission, town.greta, town.ccas)
    for agency in consortium[1:]:
        told.do(joins, agency_id=agency.id, role=PartyRole.PARTNER)
    for rank, service in enumerate(palette):
        drawn = told.do(steps.plan, kind=StepKind.SUPPORT, module=service, label=service,
                        agency_id=consortium[rank % 3].id, planned_from=told.today)  # fmt: skip
        if service != "sport":
            told.do(steps.begin, drawn)
    told.do(steps.drop, told.step("sport"))
    assert {s.module for s in told.rows(select(Step))} == set(palette) - {"sport"}
    told.later(months=17)
    assert told.alerts()["duree_excessive"].endswith("maximum du dispositif : 18 mois")


def test_women_in_digital_93(story, town):
    """A mentor only if the person chooses; a session together every week."""
    told = story("women-in-digital-93")
    told.opens()
    mentor = {"professional_id": town.chloe.id, "role": ReferentRole.MENTOR, "label": "mentor"}
    with pytest.raises(Invalid, match="choisit"):
        told.do(referents.appoint, **mentor)
    chosen = told.do(referents.appoint, chosen_by_person=True, **mentor)
    assert chosen.chosen_by_person
    assert told.rules.group_every_days == 7
    cohort = told.group("Promotion de juin")
    assert "chaque semaine" in cohort.rhythm
    told.do(groups.join, cohort, told.journey)
    for _ in range(3):
        told.later(weeks=1)
        told.meets(Channel.GROUP)
    assert "sans_contact" not in told.alerts()
    told.later(weeks=2)
    assert "sans_contact" in told.alerts()
    told.do(referents.leave, chosen)  # she stops when she wants
    assert town.chloe.id not in told.ask(referents.in_post)
