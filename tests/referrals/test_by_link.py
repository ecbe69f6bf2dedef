"""A partner without an account: the same card, the same moves, by the address of a mail."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock, links
from coordination.audit import AccessLine
from coordination.consent import events
from coordination.db import reading
from coordination.links import Link, LinkKind
from coordination.outbox import Notice
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Status
from tests.conftest import HTMX, same, soup, swapped
from tests.referrals.scene import alice, sent

S = Status


@pytest.fixture
def referral(act, town):
    with act() as db:
        return sent(db, town)


@pytest.fixture
def token(act, town, referral):
    with act() as db:
        return links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=referral.id)


def test_the_address_shows_the_same_card_and_its_opening_is_counted(
    visit, town, referral, token, engine
):
    page = visit(None).get(f"/lien/{token}/orientation")
    assert page.status_code == 200
    assert soup(page).h1.text == "BENALI Dana"
    assert "Identité et coordonnées" in page.text
    with reading(engine) as db:
        link = db.exec(select(Link)).one()
        line = db.exec(select(AccessLine).where(AccessLine.person_id == town.dana.id)).one()
        assert (link.opened, line.link_id, line.agency_id) == (1, link.id, town.ccas.id)
        assert db.get_one(Referral, referral.id).status is S.SENT  # opening is not acknowledging


def test_a_partner_answers_in_two_clicks(visit, town, referral, token, key, engine):
    nobody = visit(None)
    opened = soup(nobody.get(f"/lien/{token}/orientation", params={"geste": "accepter"}))
    form = opened.select_one(f'form[action="/lien/{token}/orientation/accepter"]')
    assert form
    said = nobody.post(
        form["action"], data={"_key": key(), "_version": referral.version, "ask_for": "Mme Roy"}
    )
    assert "Mme Roy" in said.text
    with reading(engine) as db:
        step = db.exec(select(ReferralStep).where(ReferralStep.verb == "accept")).one()
        assert step.by_link
        assert (step.agency_id, step.professional_id) == (town.ccas.id, None)


def test_a_wrong_answer_is_shown_again(visit, token, key):
    said = visit(None).post(
        f"/lien/{token}/orientation/refuser", data={"_key": key(), "note": "Désolés"}
    )
    assert said.status_code == 422
    assert "Désolés" in said.text


def test_the_swapped_part_is_the_page_reloaded(visit, token, key):
    nobody, here = visit(None), f"/lien/{token}/orientation"
    before = soup(nobody.get(here))
    part = nobody.post(f"{here}/prendre-en-compte", data={"_key": key()}, headers=HTMX)
    assert same(swapped(before, soup(part))) == same(soup(nobody.get(here)))


def test_the_address_opens_no_other_page(visit, referral, token):
    nobody = visit(None)
    nobody.get(f"/lien/{token}/orientation")
    for path in (f"/orientations/{referral.id}", "/orientations", "/aujourdhui"):
        assert nobody.get(path, follow_redirects=False).status_code == 303
    said = nobody.get(f"/lien/{token}", follow_redirects=False)
    assert said.headers["location"] == f"/lien/{token}/orientation"


def test_an_address_opens_only_the_referral_of_its_own_agency(act, visit, town, referral):
    with act() as db:
        stranger = links.make(db, LinkKind.REFERRAL, agency=town.elsewhere.id, about=referral.id)
        sender = links.make(db, LinkKind.REFERRAL, agency=town.mission.id, about=referral.id)
        other = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=town.need.id)
        signs_in = links.make(db, LinkKind.SIGN_IN, professional=town.chloe.id)
    for token in (stranger, sender, other, signs_in, "inconnu"):
        said = visit(None).get(f"/lien/{token}/orientation")
        assert said.status_code == 404
        assert referral.number not in said.text


def test_who_is_signed_in_elsewhere_acts_as_the_agency_of_the_address(
    visit, town, token, key, engine
):
    visit("eva").post(f"/lien/{token}/orientation/prendre-en-compte", data={"_key": key()})
    with reading(engine) as db:
        step = db.exec(select(ReferralStep).where(ReferralStep.verb == "acknowledge")).one()
        assert (step.agency_id, step.professional_id) == (town.ccas.id, None)


def test_an_expired_address_tells_nothing_and_offers_a_new_one_once_an_hour(
    visit, town, referral, token, key, engine, stopped_clock
):
    stopped_clock.later(days=7)
    nobody = visit(None)
    said = nobody.get(f"/lien/{token}/orientation")
    assert said.status_code == 410
    for told in (referral.number, "BENALI", "CCAS", "Mission locale"):
        assert told not in said.text
    assert (
        nobody.post(
            f"/lien/{token}/orientation/prendre-en-compte", data={"_key": key()}
        ).status_code
        == 410
    )
    for asked in (token, token, "inconnu"):
        nobody.post(f"/lien/{asked}/orientation/nouveau-lien", data={"_key": key()})
    with reading(engine) as db:
        again = db.exec(select(Notice).where(Notice.kind == "referral.link")).one()
        assert (again.agency_id, again.about_id) == (town.ccas.id, referral.id)


def test_a_consent_withdrawn_a_second_ago_leaves_a_stub(act, visit, town, token, stopped_clock):
    with act() as db:
        events.end(db, db.merge(town.referral_consent), db.merge(town.dana), actor=alice(db, town))
    stopped_clock.later(seconds=1)
    said = visit(None).get(f"/lien/{token}/orientation")
    assert "BENALI" not in said.text
    assert "ne couvre plus" in said.text
    with act() as db:
        links.revoke_about(db, db.exec(select(Referral.id)).one())
    assert visit(None).get(f"/lien/{token}/orientation").status_code == 410


def test_another_site_cannot_use_the_address(visit, token, key, engine):
    said = visit(None).post(
        f"/lien/{token}/orientation/prendre-en-compte",
        data={"_key": key()},
        headers={"Origin": "https://ailleurs.example"},
    )
    assert said.status_code == 403
    with reading(engine) as db:
        assert [s.verb for s in db.exec(select(ReferralStep))] == ["prepare", "send"]


def test_what_only_the_sender_may_do_is_not_done_by_the_address(visit, token, key, engine):
    said = visit(None).post(
        f"/lien/{token}/orientation/annuler",
        data={"_key": key(), "reasons": "doublon"},
    )
    assert said.status_code == 403
    with reading(engine) as db:
        assert db.exec(select(Referral)).one().status is S.SENT


def test_a_link_lasts_seven_days(engine, token):
    with reading(engine) as db:
        assert db.exec(select(Link)).one().expires_at == clock.now() + timedelta(days=7)
