"""What the clock proposes for an agenda, and why."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.agencies.models import AgencyKind
from coordination.committees import situations
from coordination.committees.agenda import carrying, dossiers, edit, fit
from coordination.committees.agenda.propose import propose, propose_due
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionDestination,
    DecisionOutcome,
    DecisionState,
    FollowUp,
    ItemState,
    Meeting,
    MeetingState,
    Section,
)
from coordination.consent import events
from coordination.consent.models import Consent, Purpose, Reach, ReachKind
from coordination.errors import Invalid, Refused
from coordination.journeys.models import JourneyState
from coordination.persons.models import PersonIdentity
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Side, Status
from coordination.signals.models import Demand, DemandState, Signal, SignalCode, SignalState
from tests import town as towns


@pytest.fixture(autouse=True)
def _kept(db, town):
    """The town's rows, in this session: what a verb changes is written."""
    for name in ("meeting", "committee", "mission", "dana", "journey", "sami_journey"):
        row = getattr(town, name)
        setattr(town, name, db.get_one(type(row), row.id))
    town.committee_consent = db.get_one(Consent, town.committee_consent.id)


def signal(db, journey, *, code=SignalCode.SANS_CONTACT, subject=None, score=2.0, sentence=""):
    found = Signal(
        journey_id=journey.id,
        person_id=journey.person_id,
        agency_id=journey.agency_id,
        code=code,
        subject_id=subject or journey.id,
        since_on=clock.today() - timedelta(days=10),
        score=score,
        sentence=sentence or "Aucun contact depuis 42 jours ; cadence du dispositif : 15 jours",
    )
    db.add(found)
    db.flush()
    return found


def more_journeys(db, town, number):
    made = []
    for rank in range(number):
        who = towns.person(db, town, f"Prénom{rank}", f"Nom{rank}", clock.today())
        journey = towns.journey(db, town, who, number=f"J-1{rank:03}")
        signal(db, journey, score=1.0 + rank / 100)
        made.append(journey)
    return made


def earlier_meeting(db, town, *, days=40, state=MeetingState.ADJOURNED):
    starts = clock.now() - timedelta(days=days)
    made = Meeting(
        committee_id=town.committee.id,
        year=starts.year,
        number=100 + days,
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        state=state,
        frozen_at=starts,
    )
    db.add(made)
    db.flush()
    return made


def situations_of(items):
    return [item for item in items if item.section is Section.SITUATIONS]


def test_what_fits_is_proposed_and_the_rest_waits_in_overflow(db, town):
    town.committee.cases = 50
    more_journeys(db, town, 30)
    found = situations_of(propose(db, town.meeting))
    proposed = [item for item in found if item.state is ItemState.PROPOSED]
    assert len(found) == 30
    assert len(proposed) == 17  # 180 minutes, less 10 for the partnership, by 10
    assert {item.state for item in found[17:]} == {ItemState.OVERFLOW}


def test_no_more_cases_than_the_committee_takes(db, town):
    town.committee.cases = 4
    more_journeys(db, town, 8)
    found = situations_of(propose(db, town.meeting))
    assert [i.state for i in found].count(ItemState.PROPOSED) == 4


def test_a_point_says_why_and_its_anonymous_form_names_nobody(db, town):
    signal(db, town.sami_journey)
    (item,) = situations_of(propose(db, town.meeting))
    assert item.because == ["Aucun contact depuis 42 jours ; cadence du dispositif : 15 jours."]
    assert item.snapshot == {
        "programme": "Déclic",
        "agency": "Mission locale du Lodévois",
        "sentences": item.because,
    }


@pytest.mark.parametrize(
    ("code", "records", "seen"),
    [
        (SignalCode.SUIVI_APRES_SORTIE_DU, True, True),
        (SignalCode.SUIVI_APRES_SORTIE_DU, False, False),
        (SignalCode.RETOUR_POSSIBLE, False, True),
        (SignalCode.SANS_CONTACT, True, False),
    ],
)
def test_of_a_journey_that_is_over_only_what_is_still_owed_is_proposed(
    db, town, code, records, seen
):
    town.mission.records_contacts = records
    town.journey.state, town.journey.ended_on = JourneyState.ENDED, clock.today()
    owed = signal(db, town.journey, code=code, sentence="Après la sortie : contact prévu")
    found = situations_of(propose(db, town.meeting))
    assert [(i.journey_id, i.signals) for i in found] == (
        [(town.journey.id, [str(owed.id)])] if seen else []
    )
    owed.ended_at = clock.now()  # the contact was noted
    assert situations_of(propose(db, town.meeting)) == []


def test_proposing_twice_changes_nothing(db, town):
    signal(db, town.journey)
    more_journeys(db, town, 3)
    first = [(i.model_dump()) for i in propose(db, town.meeting)]
    db.info.pop("acts", None)
    second = [(i.model_dump()) for i in propose(db, town.meeting)]
    assert first == second
    assert "acts" not in db.info


def test_what_lost_its_reason_goes_and_what_was_decided_stays(db, town):
    dana, sami = signal(db, town.journey), signal(db, town.sami_journey)
    for item in situations_of(propose(db, town.meeting)):
        if item.journey_id == town.journey.id:
            edit.accept(db, item, actor=town.actor("sophie"))
    dana.ended_at = sami.ended_at = clock.now()
    left = situations_of(propose(db, town.meeting))
    assert [(i.journey_id, i.state) for i in left] == [(town.journey.id, ItemState.ACCEPTED)]


def test_a_refused_point_is_not_proposed_again_for_this_meeting(db, town):
    raised = signal(db, town.journey)
    (item,) = situations_of(propose(db, town.meeting))
    edit.refuse(db, item, reason="Déjà vu", actor=town.actor("sophie"))
    (again,) = situations_of(propose(db, town.meeting))
    assert (again.id, again.state, again.reason) == (item.id, ItemState.REFUSED, "Déjà vu")
    assert raised.state is SignalState.RAISED


def test_a_frozen_agenda_is_not_proposed_again(engine, db, town):
    propose(db, town.meeting)
    edit.accept_all(db, town.meeting, actor=town.actor("sophie"))
    edit.freeze(db, town.meeting, actor=town.actor("sophie"))
    signal(db, town.journey)
    with pytest.raises(Refused):
        propose(db, town.meeting)
    db.commit()
    assert propose_due(engine) == 0


def test_the_clock_proposes_for_the_meetings_within_three_weeks(engine, town, db):
    signal(db, town.journey)
    db.commit()
    assert propose_due(engine) == 1
    assert len(db.exec(select(AgendaItem)).all()) == 2


def test_the_ends_of_a_training_body_are_reviewed_line_by_line(db, town):
    who = towns.person(db, town, "Inès", "Vidal", clock.today(), agency="greta")
    journey = towns.journey(db, town, who, number="J-2001", ends_in=30)
    signal(db, journey, code=SignalCode.FIN_SANS_SUITE, sentence="Fin dans 30 jours, sans suite")
    items = propose(db, town.meeting)
    (line,) = [i for i in items if i.section is Section.ENDS]
    assert line.because == ["Fin prévue le 4\u00a0juillet 2026."]
    assert situations_of(items) == []  # the line is enough until its body asks for more
    journey.review = "to_examine"
    assert [i.journey_id for i in situations_of(propose(db, town.meeting))] == [journey.id]


def came_back(db, town, status, code):
    past = earlier_meeting(db, town)
    item = AgendaItem(meeting_id=past.id, section=Section.SITUATIONS, rank=1, number=1,
                      state=ItemState.EXAMINED, journey_id=town.journey.id,
                      person_id=town.dana.id, agency_id=town.mission.id)  # fmt: skip
    db.add(item)
    db.flush()
    decision = Decision(item_id=item.id, meeting_id=past.id, outcome=DecisionOutcome.REFERRAL,
                        state=DecisionState.CONFIRMED)  # fmt: skip
    referral = Referral(number="O-1", need_id=town.need.id, person_id=town.dana.id,
                        journey_id=town.journey.id, sender_id=town.mission.id,
                        recipient_id=town.ccas.id, destination_id=town.ccas.id, status=status,
                        sent_at=clock.now() - timedelta(days=39))  # fmt: skip
    db.add_all([decision, referral])
    db.flush()
    db.add(DecisionDestination(decision_id=decision.id, agency_id=town.ccas.id,
                               referral_id=referral.id))  # fmt: skip
    for after, days in ((Status.SENT, 39), (Status.REFUSED, 20)):
        if status is not Status.AWAITING_CONSENT:
            db.add(ReferralStep(referral_id=referral.id, verb="move", after=after,
                                side=Side.SENDER,
                                created_at=clock.now() - timedelta(days=days)))  # fmt: skip
    if code:
        signal(db, town.journey, code=code, subject=referral.id, sentence="Orientation refusée")
    db.flush()
    return referral


def test_a_refused_referral_stands_in_the_next_proposal_with_its_history(db, town):
    referral = came_back(db, town, Status.REFUSED, SignalCode.ORIENTATION_REFUSEE)
    items = propose(db, town.meeting)
    (item,) = [i for i in items if i.referral_id]
    assert item.section is Section.FOLLOW_UP
    assert item.referral_id == referral.id
    assert item.because == [
        "Orientation décidée le 25\u00a0avril 2026\u00a0: envoyée le 26\u00a0avril 2026, "
        "refusée le 15\u00a0mai 2026."
    ]
    assert situations_of(items) == []  # once


def test_a_journey_that_came_back_stands_once_with_all_its_reasons(db, town):
    came_back(db, town, Status.REFUSED, SignalCode.ORIENTATION_REFUSEE)
    signal(db, town.journey)
    items = propose(db, town.meeting)
    (item,) = [i for i in items if i.journey_id]
    assert item.section is Section.FOLLOW_UP
    assert any("Aucun contact" in sentence for sentence in item.because)
    assert len(item.signals) == 2


def test_an_agreement_still_to_collect_stands_in_the_next_proposal(db, town):
    came_back(db, town, Status.AWAITING_CONSENT, None)
    (item,) = [i for i in propose(db, town.meeting) if i.referral_id]
    assert "en attente de l’accord" in item.because[0]


def test_open_actions_open_the_next_meeting_by_agency(db, town):
    past = earlier_meeting(db, town)
    for what, agency, about in (
        ("Inviter la plateforme mobilité", town.greta, None),
        ("Rappeler CANARI Dana", town.ccas, town.dana.id),
    ):
        db.add(FollowUp(committee_id=town.committee.id, meeting_id=past.id, agency_id=agency.id,
                        what=what, person_id=about, confirmed=True,
                        due_on=clock.today() - timedelta(days=2)))  # fmt: skip
    items = [i for i in propose(db, town.meeting) if i.follow_up_id]
    assert [i.title for i in items] == ["Inviter la plateforme mobilité", ""]
    assert items[1].because == [
        "Action confiée à CCAS de Lunel, pour le 2\u00a0juin 2026, en retard de 2\u00a0jours."
    ]


def two_agencies_know(db, town):
    """Dana is also known to the ccas, with her own row there."""
    again = towns.person(db, town, "Dana", "Benali", db.exec(
        select(PersonIdentity.birth_on).where(PersonIdentity.person_id == town.dana.id)
    ).one(), agency="ccas")  # fmt: skip
    other = towns.journey(db, town, again, number="J-3001")
    signal(db, town.journey, score=3)
    signal(db, other, sentence="Fin prévue le 30 juin 2026, sans suite")
    return again, other


def test_the_same_human_being_known_to_two_agencies_is_one_point_where_both_are_covered(db, town):
    two_agencies_know(db, town)
    (item,) = situations_of(propose(db, town.meeting))
    assert item.because[0] == "Deux structures ont demandé ce point."
    assert item.snapshot["agency"] == "Mission locale du Lodévois et CCAS de Lunel"
    assert len(item.signals) == 2


def test_without_an_agreement_for_both_they_stay_two_situations_that_nothing_links(db, town):
    events.end(db, town.committee_consent, town.dana, actor=town.actor("alice"))
    two_agencies_know(db, town)
    found = situations_of(propose(db, town.meeting))
    assert len(found) == 2
    assert all("Deux structures" not in " ".join(i.because) for i in found)


def test_two_agencies_asking_stay_one_point_when_the_weights_change(db, town):
    _, other = two_agencies_know(db, town)
    (item,) = situations_of(propose(db, town.meeting))
    edit.accept(db, item, actor=town.actor("sophie"))
    signal(db, other, code=SignalCode.DUREE_EXCESSIVE, score=9, sentence="Depuis 19 mois")
    (same,) = situations_of(propose(db, town.meeting))
    assert same.id == item.id


def reaches(db, town):
    return {
        (r.person_id, r.agency_id)
        for r in db.exec(select(Reach).where(Reach.source_id == town.meeting.id))
        if r.until_at is None
    }


def test_reach_opens_to_those_who_run_then_to_all_at_the_table(db, town, stopped_clock):
    signal(db, town.journey)
    (item,) = situations_of(propose(db, town.meeting))
    assert reaches(db, town) == {(town.dana.id, town.mde.id)}
    edit.accept(db, item, actor=town.actor("sophie"))
    edit.freeze(db, town.meeting, actor=town.actor("sophie"))
    table = {town.mde.id, town.mission.id, town.greta.id, town.ccas.id}
    assert reaches(db, town) == {(town.dana.id, agency) for agency in table}
    kinds = db.exec(select(Reach.kind).where(Reach.source_id == town.meeting.id)).all()
    assert set(kinds) == {ReachKind.MEETING}
    stopped_clock.later(minutes=5)
    edit.withdraw(db, item, reason="Parti·e", actor=town.actor("sophie"))
    assert reaches(db, town) == set()


def test_once_frozen_a_name_shows_only_to_the_agencies_that_the_agreement_covers(db, town):
    signal(db, town.journey)
    (item,) = situations_of(propose(db, town.meeting))
    edit.accept(db, item, actor=town.actor("sophie"))
    edit.freeze(db, town.meeting, actor=town.actor("sophie"))
    named = {
        name: situations.for_agency(db, [item], agency_id=getattr(town, name).id)[item.id].name
        for name in ("mission", "ccas", "greta", "mde")
    }
    assert named == {"mission": "BENALI Dana", "ccas": "BENALI Dana", "greta": None, "mde": None}


def test_a_demand_is_on_the_agenda_once_its_point_is_kept(db, town):
    demand = Demand(journey_id=town.journey.id, person_id=town.dana.id, agency_id=town.mission.id,
                    professional_id=town.alice.id, asked_on=clock.today(),
                    question="Quelle suite ?")  # fmt: skip
    db.add(demand)
    db.flush()
    signal(db, town.journey, code=SignalCode.DEMANDE_EXAMEN, subject=demand.id)
    (item,) = situations_of(propose(db, town.meeting))
    assert (item.demand_id, demand.state) == (demand.id, DemandState.OPEN)
    edit.accept(db, item, actor=town.actor("sophie"))
    assert demand.state is DemandState.ON_AGENDA
    edit.refuse(db, item, reason="Plus tard", actor=town.actor("sophie"))
    assert demand.state is DemandState.OPEN


def test_a_journey_on_a_coming_agenda_is_not_proposed_for_the_next_one(db, town):
    signal(db, town.journey)
    propose(db, town.meeting)
    starts = town.meeting.starts_at + timedelta(days=3)
    after = Meeting(committee_id=town.committee.id, year=2026, number=2, starts_at=starts,
                    ends_at=starts + timedelta(hours=2))  # fmt: skip
    db.add(after)
    db.flush()
    assert situations_of(propose(db, after)) == []


def test_the_pure_fit_lets_a_short_point_in_where_a_long_one_does_not_fit():
    sizes = [
        ("long", fit.Size(Section.SITUATIONS, 50)),
        ("short", fit.Size(Section.SITUATIONS, 10)),
    ]
    assert fit.fits(sizes, available=40) == {"short"}


def test_reading_the_ends_never_takes_more_than_a_quarter_of_the_time():
    lines = [(rank, fit.Size(Section.ENDS, 2)) for rank in range(60)]
    assert len(fit.fits(lines, available=80)) == 10


def carried(db, town, meeting, *, actor, **given):
    (item,) = situations_of(propose(db, meeting))
    edit.accept(db, item, actor=actor)
    edit.freeze(db, meeting, actor=actor)
    return item, carrying.carry_over(db, item, actor=actor, **given)


def test_a_point_carried_over_comes_back_linked_and_before_new_ones(db, town):
    signal(db, town.journey, score=1)
    sophie = town.actor("sophie")
    item, nothing = carried(db, town, town.meeting, actor=sophie)
    assert nothing is None  # no next meeting yet: its proposal takes it up
    signal(db, town.sami_journey, score=9)
    starts = town.meeting.starts_at + timedelta(days=60)
    after = Meeting(committee_id=town.committee.id, year=2026, number=2, starts_at=starts,
                    ends_at=starts + timedelta(hours=2))  # fmt: skip
    db.add(after)
    db.flush()
    first, second = situations_of(propose(db, after))
    assert (first.previous_id, first.journey_id) == (item.id, town.journey.id)
    assert first.because[0] == "Reporté de la séance du 18\u00a0juin 2026."
    assert second.journey_id == town.sami_journey.id


def test_the_second_time_a_point_is_carried_over_asks_why_and_until_when(db, town):
    signal(db, town.journey)
    sophie = town.actor("sophie")
    for number in (2, 3):
        starts = town.meeting.starts_at + timedelta(days=60 * number)
        db.add(Meeting(committee_id=town.committee.id, year=2026, number=number, starts_at=starts,
                       ends_at=starts + timedelta(hours=2)))  # fmt: skip
    db.flush()
    item, once = carried(db, town, town.meeting, actor=sophie)
    assert once.previous_id == item.id
    after = db.get_one(Meeting, once.meeting_id)
    edit.accept(db, once, actor=sophie)
    edit.freeze(db, after, actor=sophie)
    with pytest.raises(Invalid):
        carrying.carry_over(db, once, actor=sophie)
    twice = carrying.carry_over(
        db,
        once,
        actor=sophie,
        reason="Faute de temps",
        review_on=clock.today() + timedelta(days=90),
    )
    assert carrying.times_carried(db, twice) == 2


def test_a_sensitive_agency_is_not_named_in_the_anonymous_form(db, town):
    town.mission.sensitive = True
    signal(db, town.journey)
    (item,) = situations_of(propose(db, town.meeting))
    assert item.snapshot["agency"] == "une structure partenaire"


def test_a_proposal_asks_the_same_number_of_questions_for_five_or_twenty_journeys(
    db, town, counting
):
    more_journeys(db, town, 5)
    propose(db, town.meeting)
    counting.clear()
    propose(db, town.meeting)
    few = len(counting)
    for rank in range(15):
        who = towns.person(db, town, f"Autre{rank}", f"Autre{rank}", clock.today())
        signal(db, towns.journey(db, town, who, number=f"J-4{rank:03}"))
    propose(db, town.meeting)
    counting.clear()
    propose(db, town.meeting)
    assert len(counting) == few


def test_dossiers_settle_twice_open_nothing_more(db, town):
    signal(db, town.journey)
    propose(db, town.meeting)
    before = len(db.exec(select(Reach)).all())
    dossiers.settle(db, town.meeting)
    assert len(db.exec(select(Reach)).all()) == before
    assert Purpose.COMMITTEE in db.exec(select(Reach.purpose)).all()
    assert town.greta.kind is AgencyKind.TRAINING_BODY
