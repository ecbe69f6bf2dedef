"""Withdrawal: what the person takes back, and everything that follows, at once."""

import json

import pytest
from sqlmodel import select

from coordination import files, links, outbox
from coordination.agencies import actors
from coordination.audit import AuditEntry
from coordination.committees import situations
from coordination.committees.models import (
    AgendaItem,
    Extract,
    Minutes,
    MinutesState,
    Section,
)
from coordination.consent import rule
from coordination.consent.models import Collected, Consent, Purpose, Reach, ReachKind
from coordination.errors import Gone
from coordination.links import LinkKind
from coordination.outbox import Notice, NoticeState
from coordination.persons import records
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.postman import rights as letters
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Status
from coordination.rights import agreements, withdrawal
from tests import town as small_town


@pytest.fixture
def take_back(act, town):
    """take_back(…) withdraws Dana's agreements as Alice records it."""

    def taken(*names, **what):
        with act() as db:
            dana = db.get_one(Person, town.dana.id)
            if names:
                what["consents"] = [db.get_one(Consent, getattr(town, n).id) for n in names]
            alice = actors.of_professional(db, town.alice.id)
            return withdrawal.withdraw(db, dana, actor=alice, **what)

    return taken


def reads(db, town, name, person=None):
    about = (person or town.dana).id
    found = rule.for_actor(db, actors.of_professional(db, getattr(town, name).id), [about])
    return set(found.get(about, {}))


def notices(db, kind):
    return db.exec(select(Notice).where(Notice.kind == kind)).all()


def test_reading_closes_at_once_and_an_item_shows_without_a_name(act, town, convened, take_back):
    with act() as db:
        assert Category.IDENTITY in reads(db, town, "chloe")
    take_back("committee_consent")
    with act() as db:
        assert reads(db, town, "chloe") == set()
        item = AgendaItem(
            meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=1, person_id=town.dana.id
        )
        db.add(item)
        db.flush()
        shown = situations.for_agency(db, [item], agency_id=town.ccas.id)[item.id]
        assert shown.anonymous
        assert "BENALI" not in str(shown)


def test_the_agency_that_recorded_the_person_still_reads_its_own_file(act, town, take_back):
    take_back(everything=True)
    with act() as db:
        assert reads(db, town, "alice") == set(Category)


def test_a_referral_not_started_is_cancelled_with_its_letters_and_links(
    act, town, referral, take_back
):
    sent = referral.sent()
    with act() as db:
        token = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=sent.id)
        outbox.post(db, "referral.sent", agency=town.ccas.id, about=sent.id, person=town.dana.id)
    done = take_back("referral_consent")
    assert done.cancelled == (sent.id,)
    with act() as db:
        held = db.get_one(Referral, sent.id)
        assert held.status is Status.CANCELLED
        assert held.reasons == ["retrait_accord"]
        steps = db.exec(select(ReferralStep).where(ReferralStep.referral_id == sent.id)).all()
        assert [step.after for step in steps].count(Status.CANCELLED) == 1
        assert {n.state for n in notices(db, "referral.sent")} == {NoticeState.DROPPED}
        with pytest.raises(Gone):
            links.find(db, token)
        assert reads(db, town, "chloe") == set()


def test_a_referral_that_stands_on_another_agreement_goes_on(act, town, referral, take_back):
    sent = referral.sent()
    take_back("committee_consent")
    with act() as db:
        assert db.get_one(Referral, sent.id).status is Status.SENT


def test_one_category_less_leaves_the_referral_and_no_identity_ends_it(
    act, town, referral, take_back
):
    sent = referral.sent()
    assert take_back("referral_consent", category=Category.TRAINING).cancelled == ()
    with act() as db:
        assert reads(db, town, "chloe") == {Category.IDENTITY, Category.STEPS}
    assert take_back("referral_consent", category=Category.IDENTITY).cancelled == (sent.id,)


def test_a_started_referral_goes_on_but_sharing_stops_both_ways(act, town, referral, take_back):
    with act() as db:
        small_town.agree(db, town, db.get_one(Person, town.dana.id), Purpose.FOLLOW_UP, "ccas")
    started = referral.started()
    take_back(everything=True)
    with act() as db:
        assert db.get_one(Referral, started.id).status is Status.STARTED
        assert reads(db, town, "chloe") == set()
        live = select(Reach).where(Reach.source_id == started.id, Reach.until_at.is_(None))
        assert db.exec(live).all() == []


def test_a_person_who_agrees_again_is_read_again_where_the_referral_goes_on(
    act, town, referral, take_back, visit
):
    started = referral.started()
    take_back(everything=True)
    page = f"/orientations/{started.id}"
    assert "BENALI" not in visit("chloe").get(page).text
    with act() as db:
        person = db.get_one(Person, town.dana.id)
        small_town.agree(db, town, person, Purpose.REFERRAL, "ccas")
        agreements.touch_all(db, person)
    assert "BENALI" in visit("chloe").get(page).text


def test_each_recipient_that_had_something_is_told_once_without_a_name(
    act, town, convened, take_back
):
    take_back("committee_consent")
    take_back("committee_consent")
    with act() as db:
        told = notices(db, "rights.withdrawn")
        assert [notice.agency_id for notice in told] == [town.ccas.id]
        [mail] = letters.withdrawn(db, told[0])
    assert mail.to == town.ccas.email
    assert town.dana.reference in mail.text
    for word in ("Dana", "BENALI", "Benali", "Mission locale"):
        assert word not in mail.subject + mail.text


def test_who_was_only_named_on_the_form_is_not_told_that_the_person_exists(act, town, take_back):
    assert take_back("committee_consent").told == ()


def test_one_recipient_taken_back_touches_only_that_one(act, town, convened, take_back):
    with act() as db:
        dana = db.get_one(Person, town.dana.id)
        small_town.agree(db, town, dana, Purpose.COMMITTEE, "greta")
    take_back(recipient=town.ccas.id)
    with act() as db:
        assert reads(db, town, "chloe") == set()
        assert Category.IDENTITY in reads(db, town, "bruno")


def test_letters_to_others_still_leave(act, town, convened, take_back):
    with act() as db:
        for agency in ("ccas", "mission"):
            outbox.post(db, "test.letter", agency=getattr(town, agency).id, person=town.dana.id)
    take_back("committee_consent")
    with act() as db:
        states = {n.agency_id: n.state for n in notices(db, "test.letter")}
    assert states == {town.ccas.id: NoticeState.DROPPED, town.mission.id: NoticeState.WAITING}


def annex(db, town, agency):
    minutes = Minutes(meeting_id=town.meeting.id, state=MinutesState.SENT)
    db.add(minutes)
    kept = files.keep(db, b"%PDF-1.7 BENALI", name="annexe.pdf", media_type="application/pdf")
    db.flush()
    made = Extract(
        minutes_id=minutes.id,
        agency_id=agency.id,
        file_id=kept.id,
        sha256=kept.sha256,
        persons=[str(town.dana.id)],
    )
    db.add(made)
    db.flush()
    return made


def test_an_annex_already_sent_is_called_back_destroyed_and_made_again(
    act, town, convened, take_back
):
    with act() as db:
        made = annex(db, town, town.ccas)
    assert take_back("committee_consent").recalled == (made.id,)
    with act() as db:
        old = db.get_one(Extract, made.id)
        assert old.recalled_at is not None
        with pytest.raises(Gone):
            files.read(db, old.file_id)
        assert old.sha256
        new = db.exec(
            select(Extract).where(Extract.agency_id == town.ccas.id, Extract.id != made.id)
        ).one()
        assert (new.minutes_id, new.number, new.recalled_at) == (old.minutes_id, 2, None)
        [mail] = letters.withdrawn(db, notices(db, "rights.withdrawn")[0])
        assert "COPASS du Lodévois" in mail.text


def test_an_annex_of_the_carrying_agency_stays(act, town, take_back):
    with act() as db:
        annex(db, town, town.mission)
    assert take_back(everything=True).recalled == ()


@pytest.fixture
def twin(act, town):
    """Dana as the greta knows her: the same human being, another row, shared with the ccas."""
    with act() as db:
        made = records.record(
            db,
            agency_id=town.greta.id,
            given_names="Dana",
            usual_name="Bénali",
            birth_on=small_town.date(1999, 3, 14),
        )
        assert made.human_hash == db.get_one(Person, town.dana.id).human_hash
        small_town.agree(db, town, made, Purpose.COMMITTEE, "ccas", "mission")
        small_town.agree(db, town, made, Purpose.FOLLOW_UP, "ccas")
        small_town.reach.open_to(
            db, person_id=made.id, agency_id=town.ccas.id, kind=ReachKind.MEETING
        )
        return made


def test_a_withdrawal_reaches_every_row_of_the_same_human_being(act, town, twin, take_back):
    with act() as db:
        assert reads(db, town, "chloe", twin)
    take_back("committee_consent")
    with act() as db:
        assert reads(db, town, "chloe", twin) == set()
        kept, _ = rule.covered_by(
            db, person_id=twin.id, agency_id=town.ccas.id, purpose=Purpose.FOLLOW_UP
        )
        assert kept, "another purpose was not taken back"
        [told] = notices(db, "rights.ended_elsewhere")
        assert told.person_id == twin.id


def test_what_the_controller_revokes_stays_on_its_own_row(act, town, twin, take_back):
    from coordination.consent.models import EventKind

    take_back("committee_consent", kind=EventKind.REVOKED)
    with act() as db:
        assert reads(db, town, "chloe", twin)


def test_someone_else_with_no_hash_is_never_taken_for_the_same(act, town, take_back):
    with act() as db:
        other = records.record(db, agency_id=town.mission.id, given_names="X", usual_name="Y")
        assert other.human_hash is None
        dana = db.get_one(Person, town.dana.id)
        dana.human_hash = None
        small_town.agree(db, town, other, Purpose.COMMITTEE, "ccas")
    take_back(everything=True)
    with act() as db:
        found, _ = rule.covered_by(
            db, person_id=other.id, agency_id=town.ccas.id, purpose=Purpose.COMMITTEE
        )
        assert found


def test_a_refusal_closes_what_an_agreement_had_opened(act, town, referral):
    sent = referral.sent()
    with act() as db:
        done = withdrawal.refuse(
            db,
            db.get_one(Person, town.dana.id),
            purpose=Purpose.REFERRAL,
            recipients=[town.ccas.id],
            categories=tuple(Category),
            actor=actors.of_professional(db, town.alice.id),
        )
    assert done.cancelled == (sent.id,)
    with act() as db:
        assert reads(db, town, "chloe") == set()


def test_lifting_a_refusal_opens_nothing_that_was_not_agreed(act, town):
    with act() as db:
        sami = db.get_one(Person, town.sami.id)
        alice = actors.of_professional(db, town.alice.id)
        withdrawal.refuse(
            db, sami, purpose=Purpose.COMMITTEE, recipients=[town.ccas.id],
            categories=tuple(Category), actor=alice,
        )  # fmt: skip
        refused = db.exec(select(Consent).where(Consent.person_id == sami.id)).one()
        withdrawal.lift_refusal(db, sami, refused, actor=alice)
        where = {"person_id": sami.id, "agency_id": town.ccas.id, "purpose": Purpose.COMMITTEE}
        assert rule.covered_by(db, **where) == (0, None)


def test_nothing_to_take_back_is_no_fault(act, town):
    with act() as db:
        sami = db.get_one(Person, town.sami.id)
        alice = actors.of_professional(db, town.alice.id)
        done = withdrawal.withdraw(db, sami, everything=True, actor=alice)
    assert done == ((), (), (), ())


def test_what_is_withdrawn_must_be_said(act, town, take_back):
    with pytest.raises(ValueError, match="say what"):
        take_back()


def test_the_sharing_version_grows_and_the_act_holds_no_name(act, town, take_back):
    before = town.dana.sharing_version
    take_back("committee_consent")
    with act() as db:
        assert db.get_one(Person, town.dana.id).sharing_version > before
        entries = [json.loads(e) for e in db.exec(select(AuditEntry.entry))]
    [said] = [e for e in entries if e["verb"] == "rights.withdrawn"]
    assert said["facts"]["consents"] == 1
    assert "Benali" not in json.dumps(entries)
    assert str(town.dana.id) not in json.dumps(entries)


def test_a_withdrawal_that_fails_keeps_nothing(act, town, referral):
    sent = referral.sent()
    with pytest.raises(RuntimeError), act() as db:
        alice = actors.of_professional(db, town.alice.id)
        withdrawal.withdraw(db, db.get_one(Person, town.dana.id), everything=True, actor=alice)
        raise RuntimeError("the machine stops here")
    with act() as db:
        assert db.get_one(Referral, sent.id).status is Status.SENT
        assert rule.covered_by(
            db, person_id=town.dana.id, agency_id=town.ccas.id, purpose=Purpose.REFERRAL
        )[0]


def test_a_signature_is_asked_only_while_it_is_missing(act, town):
    with act() as db:
        outbox.post(
            db, "rights.proof_asked", professional=town.alice.id, about=town.committee_consent.id
        )
    with act() as db:
        [asked] = notices(db, "rights.proof_asked")
        [mail] = letters.proof_asked(db, asked)
        assert mail.to == town.alice.email
        assert "Benali" not in mail.text
        assert f"/accords/{town.committee_consent.id}" in mail.text
        from coordination.consent import events

        dana = db.get_one(Person, town.dana.id)
        kept = files.keep_proof(
            db, b"%PDF-1.7", name="a.pdf", agency=None, person=dana.id, category="documents"
        )
        events.confirm(
            db, db.get_one(Consent, town.committee_consent.id), dana,
            actor=actors.of_professional(db, town.alice.id),
            collected=Collected.PAPER, proof=kept,
        )  # fmt: skip
        with pytest.raises(outbox.Stale):
            letters.proof_asked(db, asked)
