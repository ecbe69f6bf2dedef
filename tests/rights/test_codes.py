"""A one-time code: it reaches the person, proves their agreement once, and nothing else does."""

import re

import pytest
from sqlmodel import select

from coordination import settings, worker
from coordination.consent import rule
from coordination.consent.models import Collected, Consent, ConsentCode, ConsentEvent, EventKind
from coordination.persons.models import PersonIdentity
from coordination.postman import delivery
from tests.conftest import soup
from tests.rights.test_pages import LEAST, consents, covered, here, looked, proof, said

MAIL, PHONE = "sami.ortega@example.org", "06 12 34 56 78"


@pytest.fixture
def reached(act, town):
    """Sami can be reached, by mail and by phone."""
    with act() as db:
        identity = db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == town.sami.id)
        ).one()
        identity.email, identity.phone = MAIL, PHONE
        db.add(identity)


@pytest.fixture
def read_aloud(engine):
    """The code that just reached this address, as the person reads it."""

    def read(to=MAIL):
        worker.deliver(engine)
        latest = delivery.kept(settings.load().mail_folder, to=to)[0]
        return re.search(r"\b\d{6}\b", latest.text)[0]

    return read


def asked(visit, town, key, **changes):
    """The page of an agreement that waits for its code."""
    fields = {"way": "code", "channel": "mail"} | changes
    answer = visit("alice").post(here(town), data=said(town, key, **fields), follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def enter(visit, key, page, code):
    return visit("alice").post(f"{page}/code", data={"code": code, "_key": key()})


def test_the_code_read_aloud_confirms_the_agreement_once(visit, town, db, key, reached, read_aloud):
    page = asked(visit, town, key)
    assert covered(db, town.sami, town.ccas) == 0
    code = read_aloud()
    assert "l’accord est confirmé" in enter(visit, key, page, code).text
    assert covered(db, town.sami, town.ccas) == LEAST
    [confirmed] = looked(db, select(ConsentEvent).where(ConsentEvent.kind == EventKind.CONFIRMED,
                         ConsentEvent.collected == Collected.CODE))  # fmt: skip
    assert confirmed.details["channel"] == "mail"
    again = visit("alice").post(f"{page}/code", data={"code": code, "_key": key()})
    assert again.status_code == 409


def test_the_base_never_holds_the_code_nor_does_the_message_say_who(
    visit, town, db, key, reached, read_aloud
):
    asked(visit, town, key)
    code = read_aloud()
    [kept] = looked(db, select(ConsentCode))
    assert code not in str(kept.model_dump())
    message = delivery.kept(settings.load().mail_folder, to=MAIL)[0]
    for word in ("Sami", "Ortega", "Mission", "CCAS", "insertion"):
        assert word.casefold() not in (message.subject + message.text).casefold()


def test_a_text_message_goes_to_the_mobile_phone(visit, town, key, reached, read_aloud, db):
    page = asked(visit, town, key, channel="sms")
    enter(visit, key, page, read_aloud("+33612345678"))
    assert covered(db, town.sami, town.ccas) == LEAST


def test_five_wrong_codes_close_it_even_for_the_right_one(
    visit, town, db, key, reached, read_aloud
):
    page = asked(visit, town, key)
    code = read_aloud()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert "Il reste 4" in enter(visit, key, page, wrong).text
    for _ in range(4):
        enter(visit, key, page, wrong)
    assert "ne vaut plus rien" in enter(visit, key, page, code).text
    assert covered(db, town.sami, town.ccas) == 0


def test_a_code_is_too_late_after_ten_minutes(
    visit, town, db, key, reached, read_aloud, stopped_clock
):
    page = asked(visit, town, key)
    code = read_aloud()
    stopped_clock.later(minutes=10)
    assert "ne vaut plus rien" in enter(visit, key, page, code).text
    assert covered(db, town.sami, town.ccas) == 0


def test_another_code_closes_the_one_before(visit, town, db, key, reached, read_aloud):
    page = asked(visit, town, key)
    first = read_aloud()
    visit("alice").post(f"{page}/code/envoi", data={"channel": "sms", "_key": key()})
    second = read_aloud("+33612345678")
    if first != second:
        enter(visit, key, page, first)
        assert covered(db, town.sami, town.ccas) == 0
    enter(visit, key, page, second)
    assert covered(db, town.sami, town.ccas) == LEAST


def test_five_codes_an_hour_for_one_person_and_no_more(
    visit, town, db, key, reached, stopped_clock
):
    page = asked(visit, town, key)
    alice = visit("alice")
    again = {"channel": "mail"}
    for _ in range(4):
        assert alice.post(f"{page}/code/envoi", data=again | {"_key": key()}).status_code == 200
    refused = alice.post(f"{page}/code/envoi", data=again | {"_key": key()})
    assert refused.status_code == 409
    assert "Cinq codes" in refused.text
    assert len(looked(db, select(ConsentCode))) == 5
    stopped_clock.later(minutes=61)
    assert alice.post(f"{page}/code/envoi", data=again | {"_key": key()}).status_code == 200


def test_without_a_phone_or_a_mail_no_code_is_offered_and_none_is_sent(visit, town, db, key):
    page = soup(visit("alice").get(here(town)))
    assert page.select("input[name=way][value=code]") == []
    answer = visit("alice").post(
        here(town), data=said(town, key, way="code", channel="mail"), follow_redirects=False
    )
    assert answer.status_code == 422
    assert consents(db, town.sami) == []


def test_a_code_does_not_speak_for_a_representative(visit, town, db, key, reached):
    answer = visit("alice").post(
        here(town),
        data=said(town, key, way="code", channel="mail", expressed_by="guardian",
                  expressed_name="LEGRAND Anne"),
        follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "ne prouve que l’accord de la personne" in answer.text
    assert consents(db, town.sami) == []


def test_a_withdrawal_leaves_nothing_for_the_code_to_confirm(
    visit, town, db, key, reached, read_aloud
):
    page = asked(visit, town, key)
    code = read_aloud()
    visit("alice").post(f"{page}/retirer", data={"what": "whole", "_key": key()})
    assert enter(visit, key, page, code).status_code == 409
    assert covered(db, town.sami, town.ccas) == 0


def test_a_code_that_leaves_too_late_stays_here(
    visit, town, key, reached, engine, stopped_clock, db
):
    asked(visit, town, key)
    stopped_clock.later(minutes=61)
    worker.deliver(engine)
    [kept] = looked(db, select(ConsentCode))
    assert kept.code_hmac == ""


def test_what_waits_for_a_paper_may_be_confirmed_by_a_code(
    visit, town, db, key, reached, read_aloud
):
    page = asked(visit, town, key, way="later")
    visit("alice").post(f"{page}/code/envoi", data={"channel": "mail", "_key": key()})
    enter(visit, key, page, read_aloud())
    assert covered(db, town.sami, town.ccas) == LEAST


def test_a_newer_agreement_without_its_code_leaves_the_confirmed_one(visit, town, db, key, reached):
    first = visit("alice").post(
        here(town), data=said(town, key), files=proof(), follow_redirects=False
    )
    page = first.headers["location"]
    renewal = {"way": "code", "channel": "mail", "months": "24", "attested": "1", "_key": key()}
    assert visit("alice").post(f"{page}/renouveler", data=renewal).status_code == 200
    [consent] = looked(db, select(Consent).where(Consent.person_id == town.sami.id))
    assert rule.covered_by(
        db, person_id=town.sami.id, agency_id=town.ccas.id, purpose=consent.purpose
    ) == (LEAST, consent.id)
    assert "Saisir le code" in visit("alice").get(page).text
