"""What leaves by mail: a number and an address, never a word about the person."""

import pytest
from sqlmodel import select

from coordination import assembly, clock
from coordination.agencies.models import Agency
from coordination.consent import events
from coordination.db import transaction
from coordination.links import Link
from coordination.outbox import Notice, Stale
from coordination.postman import referrals as letters
from coordination.referrals import moves, steps
from coordination.referrals.states import Status, Verb
from tests.referrals import scene
from tests.referrals.scene import alice, at, do, sent

S = Status


def last(db) -> Notice:
    db.flush()
    return db.exec(select(Notice).order_by(Notice.created_at.desc(), Notice.id.desc())).first()


def written(db, notice):
    return letters.LETTERS[notice.kind](db, notice)


def test_every_move_that_is_told_has_its_letter():
    assert set(steps.TOLD.values()) <= set(letters.LETTERS)
    assert set(letters.LETTERS) <= set(assembly.LETTERS)


def test_the_recipient_gets_a_number_and_a_link_and_nothing_else(db, town, visit):
    referral = sent(db, town)
    (mail,) = written(db, last(db))
    assert mail.to == "accueil@ccas.example"
    assert referral.number in mail.subject
    for told in ("Dana", "Benali", "BENALI", "micro-crédit", "Mobilité", "Déclic"):
        assert told not in mail.subject + mail.text
    assert "jeudi" not in mail.text and "11\u00a0juin 2026" in mail.text
    assert db.exec(select(Link)).one().about_id == referral.id
    address = next(w for w in mail.text.split() if w.startswith("http"))
    db.commit()
    page = visit(None).get(address.removeprefix("http://testserver"))
    assert page.status_code == 200


def test_the_name_of_a_sensitive_sender_stays_out_of_the_mail(db, town):
    db.get_one(Agency, town.mission.id).sensitive = True
    sent(db, town)
    (mail,) = written(db, last(db))
    assert "Mission locale" not in mail.text
    assert "Une structure partenaire" in mail.text


@pytest.mark.parametrize(
    "status", [S.ACKNOWLEDGED, S.ACCEPTED, S.WAITLISTED, S.REFUSED, S.STARTED, S.COMPLETED]
)
def test_the_one_who_follows_it_is_told_each_answer(db, town, status):
    referral = at(db, town, status)
    (mail,) = written(db, last(db))
    assert mail.to == "alice@example.org"
    assert f"/orientations/{referral.id}" in mail.text
    assert "Benali" not in mail.text + mail.subject


def test_what_no_longer_stands_does_not_leave(db, town):
    referral = sent(db, town)
    notice = last(db)
    do(db, town, referral, Verb.ACKNOWLEDGE)
    with pytest.raises(Stale):
        written(db, notice)


def test_without_consent_at_the_moment_of_sending_it_stays(db, town):
    sent(db, town)
    notice = last(db)
    events.end(db, town.referral_consent, town.dana, actor=alice(db, town))
    with pytest.raises(Stale):
        written(db, notice)
    assert db.exec(select(Link)).all() == []


def test_a_cancellation_is_told_even_when_consent_is_gone(db, town):
    referral = sent(db, town)
    events.end(db, town.referral_consent, town.dana, actor=alice(db, town))
    moves.cancel(db, referral, reasons=["retrait_accord"], actor=alice(db, town))
    (mail,) = written(db, last(db))
    assert "annulée" in mail.subject


def test_without_an_address_those_who_work_there_sign_in(db, town):
    db.get_one(Agency, town.ccas.id).email = ""
    referral = sent(db, town)
    (mail,) = written(db, last(db))
    assert mail.to == "chloe@example.org"
    assert f"/orientations/{referral.id}" in mail.text
    assert "/lien/" not in mail.text


def test_an_agreement_to_collect_is_told_to_the_referent_at_once(db, town):
    sent(db, town, recipient_id=town.greta.id)
    (mail,) = written(db, last(db))
    assert mail.to == "alice@example.org"
    assert "accord" in mail.subject


def test_every_letter_can_be_written_in_each_of_its_standings(engine, town, act):
    """Whatever the state, a letter is a mail or says that it is stale: never a fault."""
    with act() as db:
        referral = sent(db, town)
        to = {"agency": town.ccas.id}, {"professional": town.alice.id}
    for kind in letters.LETTERS:
        for status in Status:
            for who in to:
                with transaction(engine) as db:
                    found = db.merge(referral)
                    found.accepted_at, found.started_on = clock.now(), clock.today()
                    found.status = status
                    notice = Notice(kind=kind, about_id=found.id,
                                    agency_id=who.get("agency"),
                                    professional_id=who.get("professional"))  # fmt: skip
                    try:
                        mails = written(db, notice)
                    except Stale:
                        mails = []
                    assert all("Benali" not in mail.text for mail in mails)
    assert scene.PATHS
