"""The moves on a database: what each needs, and what it leaves."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.agencies.models import Agency
from coordination.audit import AuditEntry
from coordination.consent import events, rule
from coordination.consent.models import Purpose, Reach
from coordination.directory import queries as directory
from coordination.directory.models import Service
from coordination.errors import Invalid, NotAllowed, NotFound, Refused
from coordination.journeys.models import JourneyDue
from coordination.outbox import Notice
from coordination.persons.categories import Category, bits
from coordination.referrals import guards, moves, sending
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.reasons import Reason
from coordination.referrals.states import By, Side, Status, Verb
from tests.referrals import scene
from tests.referrals.scene import alice, at, chloe, do, manager, prepared, sent

S = Status


def steps(db, referral):
    db.flush()
    found = select(ReferralStep).where(ReferralStep.referral_id == referral.id)
    return db.exec(found.order_by(ReferralStep.created_at, ReferralStep.id)).all()


def readable(db, referral):
    db.flush()
    found = rule.readable(db, agency_id=referral.recipient_id, persons=[referral.person_id])
    return set(found.get(referral.person_id, {}))


def test_sending_fixes_what_goes_opens_the_reach_and_tells_the_recipient(engine, town, act):
    with act() as db:
        referral = sent(db, town)
        assert referral.status is S.SENT
        assert referral.clock_side is Side.RECIPIENT
        assert referral.categories == bits((Category.IDENTITY, Category.TRAINING, Category.STEPS))
        assert referral.consent_id == town.referral_consent.id
        assert "identity.name" in referral.snapshot["fields"]
        assert referral.snapshot["recipient"] == "CCAS de Lunel"
        assert len(referral.snapshot_sha256) == 64
        assert "Benali" not in str(referral.snapshot)
        assert [s.verb for s in steps(db, referral)] == ["prepare", "send"]
        assert readable(db, referral) == {Category.IDENTITY, Category.TRAINING, Category.STEPS}
    with act() as db:
        notice = db.exec(select(Notice)).one()
        assert (notice.kind, notice.agency_id) == ("referral.sent", town.ccas.id)
        verbs = [a.entry.split('"verb":"')[1].split('"')[0] for a in db.exec(select(AuditEntry))]
        assert verbs == ["referral.prepare", "referral.send"]
        assert db.exec(select(JourneyDue)).all() is not None


def test_without_consent_it_waits_and_the_recipient_learns_nothing(db, town):
    referral = sent(db, town, recipient_id=town.greta.id)
    assert referral.status is S.AWAITING_CONSENT
    assert referral.clock_side is Side.SENDER
    assert referral.sent_at is None
    assert readable(db, referral) == set()
    kinds = {(n.kind, n.agency_id) for n in db.exec(select(Notice))}
    assert kinds == {("referral.consent_to_collect", None)}
    assert moves.send_or_wait(db, referral, actor=alice(db, town)).status is S.AWAITING_CONSENT
    assert [s.verb for s in steps(db, referral)] == ["prepare", "ask_agreement"]


def test_a_second_one_for_the_same_destination_is_refused_with_its_number(db, town):
    first = sent(db, town)
    with pytest.raises(Refused, match=first.number):
        prepared(db, town)


def test_the_sender_confirms_what_goes_before_it_leaves(db, town):
    referral = prepared(db, town)
    with pytest.raises(Invalid):
        moves.move(db, referral, "send", actor=alice(db, town), side="sender")
    assert referral.status is S.DRAFT


def test_a_closed_agency_receives_nothing_more(db, town):
    referral = prepared(db, town)
    db.get_one(Agency, town.ccas.id).closed_on = clock.today()
    with pytest.raises(Refused, match="ne reçoit plus"):
        moves.send_or_wait(db, referral, actor=alice(db, town))


def test_only_the_carrying_agency_or_a_committee_prepares(db, town):
    with pytest.raises(NotAllowed):
        prepared(db, town, actor=chloe(db, town))
    made = prepared(db, town, actor=town.actor("paul"), origin_label="COPASS")
    assert made.sender_id == town.mission.id
    assert made.professional_id == town.alice.id  # the référent follows it
    assert steps(db, made)[0].side is None


def test_asking_for_more_turns_the_clock_to_the_sender_and_answering_turns_it_back(
    db, town, stopped_clock
):
    referral = sent(db, town)
    stopped_clock.later(days=2)
    do(db, town, referral, Verb.ASK_MORE)
    assert (referral.clock_side, referral.clock_from) == (Side.SENDER, clock.now())
    assert referral.acknowledged_at == clock.now()
    do(db, town, referral, Verb.ANSWER)
    assert (referral.status, referral.clock_side) == (S.ACKNOWLEDGED, Side.RECIPIENT)


def test_an_answer_needs_the_agreement_and_takes_what_was_agreed_since(db, town):
    from tests.town import agree

    referral = at(db, town, S.INFO_REQUESTED)
    agree(db, town, town.dana, Purpose.REFERRAL, "ccas", categories=(Category.MOBILITY,))
    do(db, town, referral, Verb.ANSWER)
    assert referral.categories & Category.MOBILITY.bit


def test_an_acceptance_needs_the_agreement_but_a_refusal_does_not(db, town):
    referral = sent(db, town)
    events.end(db, town.referral_consent, town.dana, actor=alice(db, town))
    with pytest.raises(guards.NoConsent):
        do(db, town, referral, Verb.ACCEPT)
    assert do(db, town, referral, Verb.REFUSE).status is S.REFUSED


def test_two_acceptances_of_the_last_place_give_one_and_a_waiting_list(db, town):
    service = Service(agency_id=town.ccas.id, name="Garage solidaire", places=1)
    other = Service(agency_id=town.ccas.id, name="Auto-école", places=5)
    db.add_all([service, other])
    db.flush()
    first = sent(db, town, service_id=service.id)
    second = sent(db, town, service_id=other.id)
    second.service_id = service.id  # the recipient moves it to the same service
    do(db, town, first, Verb.ACCEPT)
    assert directory.places_left(db, service.id) == 0
    with pytest.raises(guards.NoPlaceLeft, match="liste d’attente"):
        do(db, town, second, Verb.ACCEPT)
    assert do(db, town, second, Verb.WAITLIST).status is S.WAITLISTED
    do(db, town, first, Verb.UNDO)
    assert do(db, town, second, Verb.OFFER_PLACE).status is S.ACCEPTED


def test_the_sender_says_why_it_sends_where_no_place_is_left(db, town):
    service = Service(agency_id=town.ccas.id, name="Garage solidaire", places=0)
    db.add(service)
    db.flush()
    referral = prepared(db, town, service_id=service.id)
    with pytest.raises(Invalid) as refused:
        moves.send_or_wait(db, referral, actor=alice(db, town))
    assert refused.value.field == "despite"
    moves.send_or_wait(db, referral, actor=alice(db, town), despite="Une place se libère lundi.")
    assert referral.status is S.SENT


def test_the_review_of_a_waiting_list_comes_within_sixty_days(db, town):
    referral = sent(db, town)
    for days in (0, 61):
        with pytest.raises(Invalid):
            do(db, town, referral, Verb.WAITLIST, review_on=clock.today() + timedelta(days=days))
    do(db, town, referral, Verb.WAITLIST, review_on=clock.today() + timedelta(days=60))


def test_an_entry_is_neither_before_the_sending_nor_to_come(db, town, stopped_clock):
    referral = at(db, town, S.ACCEPTED)
    stopped_clock.later(days=5)
    for wrong in (clock.today() + timedelta(days=1), clock.today() - timedelta(days=6), None):
        with pytest.raises(Invalid):
            do(db, town, referral, Verb.START, on_day=wrong)
    do(db, town, referral, Verb.START, on_day=clock.today() - timedelta(days=1))
    assert referral.started_on == clock.today() - timedelta(days=1)


def test_from_its_start_the_recipient_may_also_follow_together(db, town):
    referral = at(db, town, S.STARTED)
    db.flush()
    found = select(Reach.purpose).where(Reach.source_id == referral.id)
    assert set(db.exec(found)) == {Purpose.REFERRAL, Purpose.FOLLOW_UP}


def test_the_five_dates_are_five(db, town, stopped_clock):
    referral = sent(db, town)
    for verb in (Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.START, Verb.COMPLETE):
        stopped_clock.later(days=3)
        do(db, town, referral, verb)
    assert referral.sent_at < referral.acknowledged_at < referral.accepted_at
    assert clock.local(referral.accepted_at).date() < referral.started_on < referral.met_on
    assert referral.ended_at == clock.now()


@pytest.mark.parametrize(
    "status", [S.REFUSED, S.DECLINED, S.COMPLETED, S.FAILED], ids=lambda s: s.value
)
def test_once_ended_nothing_is_read_any_more(db, town, stopped_clock, status):
    referral = sent(db, town)
    stopped_clock.later(hours=1)
    for verb in scene.PATHS[status]:
        do(db, town, referral, verb)
    assert readable(db, referral) == set()


def test_someone_with_two_reaches_loses_access_with_the_last_one(db, town, stopped_clock):
    service = Service(agency_id=town.ccas.id, name="Garage solidaire")
    db.add(service)
    db.flush()
    first, second = sent(db, town), sent(db, town, service_id=service.id)
    stopped_clock.later(hours=1)
    do(db, town, first, Verb.REFUSE)
    assert readable(db, second)
    do(db, town, second, Verb.REFUSE)
    assert not readable(db, second)


def test_a_refusal_says_why_and_other_is_explained(db, town):
    referral = sent(db, town)
    with pytest.raises(Invalid):
        do(db, town, referral, Verb.REFUSE, reasons=())
    with pytest.raises(Invalid):
        do(db, town, referral, Verb.REFUSE, reasons=(Reason.AUTRE,), note=" ")
    with pytest.raises(Invalid):
        do(db, town, referral, Verb.REFUSE, reasons=(Reason.DOUBLON,))
    do(db, town, referral, Verb.REFUSE, next_step="Le PLIE")
    assert steps(db, referral)[-1].note.endswith("Suite proposée : Le PLIE")


def test_the_committee_returns_a_refusal_once(db, town):
    referral = at(db, town, S.REFUSED)
    paul = town.actor("paul")
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "return", actor=chloe(db, town), side="committee", note="Revoir")
    moves.move(db, referral, "return", actor=paul, side="committee", note="Revoir")
    assert (referral.status, referral.ended_at) == (S.ACKNOWLEDGED, None)
    assert readable(db, referral)
    do(db, town, referral, Verb.REFUSE)
    with pytest.raises(Refused, match="déjà"):
        moves.move(db, referral, "return", actor=paul, side="committee", note="Encore")


def test_an_acceptance_is_undone_within_48_hours(db, town, stopped_clock):
    referral = at(db, town, S.ACCEPTED)
    stopped_clock.later(hours=49)
    with pytest.raises(guards.WrongMoment):
        do(db, town, referral, Verb.UNDO)
    stopped_clock.later(hours=-2)
    do(db, town, referral, Verb.UNDO)
    assert (referral.status, referral.accepted_at) == (S.ACKNOWLEDGED, None)
    assert referral.clock_side is Side.RECIPIENT


def test_a_reopening_takes_both_managers_within_thirty_days(db, town, stopped_clock):
    referral = at(db, town, S.REFUSED)
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "ask_reopen", actor=alice(db, town), side="sender", note="Erreur")
    anna, clara = manager(db, town.alice, town.mission), manager(db, town.chloe, town.ccas)
    moves.move(db, referral, "ask_reopen", actor=anna, side="sender", note="Erreur")
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "reopen", actor=anna, side="sender", note="Oui")
    stopped_clock.later(days=31)
    with pytest.raises(Refused):
        moves.move(db, referral, "reopen", actor=clara, side="recipient", note="Oui")
    stopped_clock.later(days=-2)
    moves.move(db, referral, "reopen", actor=clara, side="recipient", note="Oui")
    assert (referral.status, referral.clock_side) == (S.SENT, Side.RECIPIENT)


def test_an_error_once_sent_takes_two_people_and_then_the_recipient_sees_nothing(db, town):
    referral = sent(db, town)
    anna, clara = manager(db, town.alice, town.mission), manager(db, town.chloe, town.ccas)
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "mark_error", actor=anna, side="sender")
    moves.move(db, referral, "report_error", actor=anna, side="sender", note="Doublon")
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "mark_error", actor=anna, side="sender")
    moves.move(db, referral, "mark_error", actor=clara, side="recipient")
    assert referral.status is S.ENTERED_IN_ERROR
    with pytest.raises(NotFound):
        do(db, town, referral, Verb.SEEN)


def test_a_reroute_makes_a_new_draft_and_the_first_ones_notes_stay(db, town):
    referral = at(db, town, S.REFUSED)
    do(db, town, referral, Verb.REROUTE, recipient_id=town.greta.id)
    assert referral.status is S.REROUTED
    db.flush()
    new = db.exec(select(Referral).where(Referral.id != referral.id)).one()
    assert (new.status, new.recipient_id, new.need_id) == (S.DRAFT, town.greta.id, town.need.id)
    assert new.consent_id is None
    assert [s.note for s in steps(db, new)] == [""]


def test_cancelling_always_succeeds_and_what_was_queued_no_longer_leaves(db, town):
    referral = sent(db, town)
    events.end(db, town.referral_consent, town.dana, actor=alice(db, town))
    clara = chloe(db, town)
    db.get_one(Agency, town.ccas.id).closed_on = clock.today()
    moves.cancel(db, referral, reasons=["retrait_accord"], actor=alice(db, town))
    assert (referral.status, referral.reasons) == (S.CANCELLED, ["retrait_accord"])
    db.flush()
    waiting = [n.kind for n in db.exec(select(Notice).where(Notice.state == "waiting"))]
    assert waiting == ["referral.cancelled"]
    assert moves.cancel(db, referral, reasons=["doublon"], actor=alice(db, town)).reasons == [
        "retrait_accord"
    ]
    moves.move(db, referral, "seen", actor=clara, side="recipient")
    assert referral.cancellation_seen_at


def test_when_the_first_in_rank_is_refused_the_second_leaves_or_waits(db, town):
    first = sent(db, town)
    second = prepared(db, town, recipient_id=town.greta.id, rank=2)
    assert moves.send_or_wait(db, second, actor=alice(db, town)).status is S.DRAFT
    do(db, town, first, Verb.REFUSE)
    assert second.status is S.AWAITING_CONSENT
    assert steps(db, second)[-1].side is None


def test_accepting_shows_the_others_that_may_be_cancelled(db, town):
    first = sent(db, town)
    second = prepared(db, town, recipient_id=town.greta.id, rank=2)
    do(db, town, first, Verb.ACCEPT)
    assert sending.siblings(db, first) == [second]
    assert second.status is S.DRAFT


def test_a_move_that_the_state_does_not_allow_keeps_nothing(db, town):
    referral = sent(db, town)
    before = len(steps(db, referral))
    for verb in (Verb.START, Verb.COMPLETE, Verb.OFFER_PLACE, Verb.UNDO):
        with pytest.raises(guards.WrongMoment):
            do(db, town, referral, verb)
    assert len(steps(db, referral)) == before


def test_each_side_makes_only_its_own_moves(db, town):
    referral = sent(db, town)
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "accept", actor=alice(db, town), side="sender")
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "acknowledge", actor=town.actor("eva"), side="recipient")
    with pytest.raises(NotAllowed):
        moves.move(db, referral, "expire", actor=chloe(db, town), side="clock")
    assert moves.side_of(town.actor("eva"), referral) is None
    assert moves.side_of(chloe(db, town), referral) is By.RECIPIENT
