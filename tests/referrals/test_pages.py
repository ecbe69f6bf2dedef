"""The list, one referral and its moves, as people see them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination import clock, labels
from coordination.audit import AccessLine
from coordination.consent import events
from coordination.consent.models import Purpose
from coordination.db import reading
from coordination.referrals import gestures, moves
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.states import Status, Verb
from tests import town as towns
from tests.conftest import HTMX, same, soup, swapped
from tests.referrals import scene
from tests.referrals.scene import alice, at, prepared, sent

S = Status
CANARY = "Benali"


@pytest.fixture
def referral(act, town):
    with act() as db:
        return sent(db, town)


def now_is(engine, referral):
    with reading(engine) as db:
        return db.get_one(Referral, referral.id)


def asked(town, key, **other):
    return {
        "_key": key(),
        "parcours": town.journey.id,
        "need": town.need.id,
        "destination": town.ccas.id,
        "question": "Un micro-crédit pour la voiture ?",
    } | other


def path(referral, verb=None):
    return f"/orientations/{referral.id}" + (f"/{gestures.SLUGS[verb]}" if verb else "")


def test_the_recipient_sees_exactly_the_consented_categories(visit, referral, engine):
    page = soup(visit("chloe").get(path(referral)))
    assert page.h1.text == "BENALI Dana"
    heads = [
        h.text
        for h in page.select("main h3")
        if h.text in labels.LABELS["persons.Category"].values()
    ]
    assert heads == ["Identité et coordonnées", "Formation", "Étapes et contacts"]
    assert "Mobilité" not in page.select_one("main").text  # the need's category is not shared
    with reading(engine) as db:
        line = db.exec(select(AccessLine).where(AccessLine.person_id == referral.person_id)).one()
        assert line.standing_on.startswith("referral:")


def test_the_buttons_are_those_of_the_table(visit, referral):
    page = soup(visit("chloe").get(path(referral)))
    text = page.select_one("main").text
    for verb in (Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.REFUSE, Verb.ASK_MORE, Verb.WAITLIST):
        assert labels.of(verb) in text
    assert labels.of(Verb.COMPLETE) not in text
    mine = soup(visit("alice").get(path(referral))).select_one("main").text
    assert labels.of(Verb.CANCEL) in mine
    assert labels.of(Verb.ACCEPT) not in mine


def test_an_answer_in_two_clicks(visit, referral, key, engine):
    chloe = visit("chloe")
    assert "Qui demander" in chloe.get(path(referral), params={"geste": "accepter"}).text
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    said = chloe.post(
        path(referral, Verb.ACCEPT),
        data={"_key": key(), "_version": referral.version, "ask_for": "Mme N’Diaye",
              "day": tomorrow, "hour": "14:30", "appointment_place": "Mairie, salle 3",
              "bring": "Une pièce d’identité"},
        follow_redirects=False,
    )  # fmt: skip
    assert said.status_code == 303
    found = now_is(engine, referral)
    assert (found.status, found.ask_for) == (S.ACCEPTED, "Mme N’Diaye")
    assert clock.local(found.appointment_at).hour == 14
    shown = visit("alice").get(path(referral)).text
    assert "Mairie, salle 3" in shown
    assert "vendredi 5\u00a0juin 2026 à 14\u00a0h\u00a030" in shown


def test_a_refusal_without_reason_is_shown_again_with_what_was_typed(visit, referral, key, engine):
    said = visit("chloe").post(
        path(referral, Verb.REFUSE), data={"_key": key(), "note": "Nous sommes <b>complets</b>"}
    )
    assert said.status_code == 422
    assert "Choisissez au moins une réponse" in said.text
    assert "Nous sommes &lt;b&gt;complets" in said.text
    assert now_is(engine, referral).status is S.SENT
    with reading(engine) as db:
        verbs = [s.verb for s in db.exec(select(ReferralStep))]
    assert verbs == ["prepare", "send"]


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        ("2026-02-31", "14:00"),
        ("12026-06-05", "14:00"),
        ("2026-06-05", ""),
        ("2020-01-01", "10:00"),
    ],
)
def test_an_impossible_appointment_is_named(visit, referral, key, day, hour):
    said = visit("chloe").post(
        path(referral, Verb.ACCEPT),
        data={"_key": key(), "ask_for": "Mme N’Diaye", "day": day, "hour": hour},
    )
    assert said.status_code == 422
    assert soup(said).select(".error")


def test_an_old_form_is_refused_and_nothing_typed_is_lost(visit, referral, key, engine):
    chloe = visit("chloe")
    chloe.post(path(referral, Verb.ACKNOWLEDGE), data={"_key": key(), "_version": referral.version})
    said = chloe.post(
        path(referral, Verb.ASK_MORE),
        data={"_key": key(), "_version": referral.version, "note": "Quel permis ?"},
    )
    assert said.status_code == 409
    assert "Quel permis ?" in said.text
    assert now_is(engine, referral).status is S.ACKNOWLEDGED


def test_a_double_click_makes_one_step(visit, referral, key, engine):
    chloe, body = visit("chloe"), {"_key": key()}
    for _ in range(2):
        chloe.post(path(referral, Verb.ACKNOWLEDGE), data=body)
    with reading(engine) as db:
        verbs = [s.verb for s in db.exec(select(ReferralStep))]
    assert verbs.count("acknowledge") == 1


def test_a_stranger_finds_nothing(visit, referral, key):
    eva = visit("eva")
    assert eva.get(path(referral)).status_code == 404
    assert eva.post(path(referral, Verb.ACKNOWLEDGE), data={"_key": key()}).status_code == 404
    assert referral.number not in eva.get("/orientations?sens=recues").text


def test_who_has_no_such_role_is_told_so_and_nobody_signs_in_first(visit, referral):
    for name in ("regine", "diane", "sophie"):
        assert visit(name).get(path(referral)).status_code == 403
    said = visit(None).get(path(referral), follow_redirects=False)
    assert (said.status_code, said.headers["location"]) == (
        303,
        f"/connexion?vers={path(referral)}",
    )


def test_another_site_cannot_answer(visit, referral, key, engine):
    said = visit("chloe").post(
        path(referral, Verb.ACKNOWLEDGE),
        data={"_key": key()},
        headers={"Origin": "https://ailleurs.example"},
    )
    assert said.status_code == 403
    assert now_is(engine, referral).status is S.SENT


def test_a_recipient_does_not_learn_that_one_waits_for_consent(act, town, visit):
    with act() as db:
        waiting = sent(db, town, recipient_id=town.greta.id)
    assert visit("bruno").get(path(waiting)).status_code == 404
    assert waiting.number not in visit("bruno").get("/orientations?sens=recues").text
    mine = visit("alice").get(path(waiting)).text
    assert "L’accord de la personne manque" in mine
    assert f"/parcours/{town.journey.id}/accords" in mine


@pytest.mark.parametrize("status", [S.REFUSED, S.COMPLETED, S.DECLINED, S.FAILED])
def test_once_ended_the_recipient_keeps_a_stub_with_its_own_notes(act, town, visit, status):
    with act() as db:
        ended = sent(db, town)
        for verb in scene.PATHS[status]:
            scene.do(db, town, ended, verb, note="Écrit par le CCAS.")
    page = visit("chloe").get(path(ended)).text
    assert CANARY not in page and CANARY.upper() not in page
    assert "micro-crédit" not in page
    assert ended.number in page
    assert "Écrit par le CCAS." in page
    listed = visit("chloe").get("/orientations?sens=recues&groupe=closes").text
    assert ended.number in listed
    assert CANARY.upper() not in listed
    assert CANARY.upper() in visit("alice").get(path(ended)).text


def test_what_is_withdrawn_is_gone_at_the_next_request(act, town, visit, referral):
    assert CANARY.upper() in visit("chloe").get(path(referral)).text
    with act() as db:
        events.end(db, db.merge(town.referral_consent), db.merge(town.dana), actor=alice(db, town))
    page = visit("chloe").get(path(referral)).text
    assert CANARY.upper() not in page
    assert "ne couvre plus" in page
    assert labels.of(Verb.REFUSE) in page
    assert CANARY.upper() not in visit("chloe").get("/orientations?sens=recues").text


def test_a_wider_agreement_given_later_shows_no_more_than_what_went(act, town, visit, referral):
    with act() as db:
        towns.agree(
            db, town, db.merge(town.dana), Purpose.REFERRAL, "ccas",
            categories=(*towns.SHARED, towns.Category.MOBILITY),
        )  # fmt: skip
    page = soup(visit("chloe").get(path(referral)))
    assert "Mobilité" not in [h.text for h in page.select("main h3")]


def test_the_part_that_is_swapped_is_the_page_reloaded(visit, referral, key):
    chloe = visit("chloe")
    before = soup(chloe.get(path(referral)))
    part = chloe.post(path(referral, Verb.ACKNOWLEDGE), data={"_key": key()}, headers=HTMX)
    assert part.status_code == 200
    after = soup(chloe.get(path(referral)))
    assert same(swapped(before, soup(part))) == same(after)


def test_the_whole_course_without_javascript(visit, referral, key, engine):
    chloe = visit("chloe")
    for verb, body in (
        (Verb.ACKNOWLEDGE, {}),
        (Verb.ACCEPT, {"ask_for": "Mme N’Diaye"}),
        (Verb.ABSENCE, {}),
        (Verb.START, {"on_day": clock.today().isoformat()}),
        (Verb.COMPLETE, {"outcome": "covered", "on_day": clock.today().isoformat()}),
    ):
        if verb not in gestures.DIRECT:
            form = soup(chloe.get(path(referral), params={"geste": gestures.SLUGS[verb]}))
            assert form.select_one(f'form[action="{path(referral, verb)}"]'), verb
        said = chloe.post(
            path(referral, verb), data={"_key": key(), **body}, follow_redirects=False
        )
        assert said.status_code == 303, (verb, said.text)
    found = now_is(engine, referral)
    assert (found.status, found.absences, found.met_on) == (S.COMPLETED, 1, clock.today())


def test_the_sender_prepares_reads_what_will_go_and_sends(visit, town, key, engine):
    alice = visit("alice")
    form = alice.get("/orientations/nouvelle", params={"parcours": str(town.journey.id)})
    assert "CCAS de Lunel" in form.text
    said = alice.post(
        "/orientations/nouvelle",
        data={"_key": key(), "parcours": town.journey.id, "need": town.need.id,
              "destination": town.ccas.id, "question": "Un micro-crédit pour la voiture ?"},
    )  # fmt: skip
    assert "Ce que la structure verra" in said.text
    with reading(engine) as db:
        draft = scene.one(db)
    assert draft.status is S.DRAFT
    assert alice.post(path(draft, Verb.SEND), data={"_key": key()}).status_code == 422
    alice.post(path(draft, Verb.SEND), data={"_key": key(), "previewed": "1"})
    assert now_is(engine, draft).status is S.SENT


def test_a_new_need_of_the_catalogue_is_opened_with_the_referral(visit, town, key, engine):
    visit("alice").post(
        "/orientations/nouvelle",
        data={"_key": key(), "parcours": town.journey.id, "need": "code:numerique",
              "destination": town.ccas.id, "question": "Apprendre à écrire un courriel."},
    )  # fmt: skip
    with reading(engine) as db:
        assert scene.one(db).need_id != town.need.id


@pytest.mark.parametrize(
    ("field", "value"),
    [("need", "code:rien"), ("need", "<script>"), ("destination", "x"), ("question", "court"),
     ("question", "x" * 2001)],
)  # fmt: skip
def test_a_wrong_answer_keeps_nothing(visit, town, key, engine, field, value):
    body = asked(town, key)
    said = visit("alice").post("/orientations/nouvelle", data=body | {field: value})
    assert said.status_code == 422
    with reading(engine) as db:
        assert db.exec(select(Referral)).all() == []


def test_a_journey_of_someone_else_cannot_be_referred(visit, town, key):
    for name in ("bruno", "eva", "chloe"):
        assert (
            visit(name).get(f"/orientations/nouvelle?parcours={town.journey.id}").status_code == 404
        )
    assert visit("alice").get("/orientations/nouvelle?parcours=none").status_code == 404


def test_without_a_journey_the_list_of_journeys_is_shown_with_a_word(visit):
    shown = visit("alice").get("/orientations/nouvelle")
    assert shown.url.path == "/parcours"
    assert "Choisissez d’abord un parcours" in soup(shown).get_text()


def test_a_second_one_for_the_same_place_is_said(visit, town, referral, key):
    body = asked(town, key)
    said = visit("alice").post("/orientations/nouvelle", data=body)
    assert said.status_code == 409
    assert referral.number in said.text


def test_several_are_taken_up_at_once(act, town, visit, key, engine):
    with act() as db:
        first = sent(db, town)
    said = visit("chloe").post(
        "/orientations/prendre-en-compte",
        data={"_key": key(), "ids": [f"{first.id}:{first.version}", "bad", str(town.dana.id)]},
    )
    assert said.status_code == 200
    assert now_is(engine, first).status is S.ACKNOWLEDGED
    assert (
        visit("chloe").post("/orientations/prendre-en-compte", data={"_key": key()}).status_code
        == 422
    )


def test_once_one_is_accepted_the_sender_may_cancel_the_others(act, town, visit, key, engine):
    with act() as db:
        taken = at(db, town, S.ACCEPTED)
        other = prepared(db, town, recipient_id=town.greta.id, rank=2)
    alice = visit("alice")
    assert other.number in alice.get(path(taken)).text
    alice.post(f"{path(taken)}/annuler-les-autres", data={"_key": key()})
    assert now_is(engine, other).status is S.CANCELLED
    said = visit("chloe").post(f"{path(taken)}/annuler-les-autres", data={"_key": key()})
    assert said.status_code == 403  # the recipient changes nothing by it
    assert now_is(engine, taken).status is S.ACCEPTED


def test_the_list_shows_what_waits_first_and_filters_stay_in_the_address(
    act, town, visit, stopped_clock
):
    with act() as db:
        late = sent(db, town)
        stopped_clock.later(days=20)
        person = towns.person(db, town, "Nour", "Haddad", clock.today() - timedelta(days=9000))
        journey = towns.journey(db, town, person, number="J-0009")
        towns.agree(db, town, person, Purpose.REFERRAL, "ccas")
        fresh = sent(db, town, journey=journey, need=towns.need(db, town, journey))
    page = soup(visit("chloe").get("/orientations?sens=recues"))
    rows = page.select("tbody tr")
    assert [r.th.text for r in rows] == ["BENALI Dana", "HADDAD Nour"]
    assert "is-late" in rows[0].get("class", [])
    assert rows[1].get("class") is None
    assert visit("chloe").get("/orientations?sens=recues&etat=refused").text.count("<tbody>") == 0
    assert len(soup(visit("chloe").get("/orientations?etat=sent&page=x")).select("tbody tr")) == 2
    mine = soup(visit("alice").get("/orientations?sens=envoyees&groupe=chez-la-structure"))
    assert {r.a["href"] for r in mine.select("tbody tr")} == {path(late), path(fresh)}


def test_the_number_of_queries_does_not_grow_with_the_list(act, town, visit, counting):
    def count():
        counting.clear()
        assert visit("chloe").get("/orientations?sens=recues").status_code == 200
        return len(counting)

    with act() as db:
        sent(db, town)
    visit("chloe").get("/orientations?sens=recues")
    before = count()
    with act() as db:
        for rank in range(6):
            person = towns.person(db, town, f"Nom{rank}", "Autre", clock.today())
            journey = towns.journey(db, town, person, number=f"J-1{rank}")
            towns.agree(db, town, person, Purpose.REFERRAL, "ccas")
            sent(db, town, journey=journey, need=towns.need(db, town, journey))
    assert count() == before


def test_a_sensitive_sender_is_not_named_in_a_stub(act, town, visit):
    with act() as db:
        ended = at(db, town, S.REFUSED)
        db.merge(town.mission).sensitive = True
    chloe = visit("chloe")
    assert "Mission locale" not in chloe.get(path(ended)).text
    assert "Une structure partenaire" in chloe.get("/orientations?sens=recues&groupe=closes").text


def test_the_manager_reopens_after_the_other_one_asked(act, town, visit, key, engine):
    with act() as db:
        ended = at(db, town, S.REFUSED)
        scene.manager(db, town.alice, town.mission)
        scene.manager(db, town.chloe, town.ccas)
    visit("alice").post(path(ended, Verb.ASK_REOPEN), data={"_key": key(), "note": "Une erreur"})
    said = visit("chloe").post(path(ended, Verb.REOPEN), data={"_key": key(), "note": "D’accord"})
    assert said.status_code == 200
    assert now_is(engine, ended).status is S.SENT


def test_every_gesture_has_a_word_in_the_address_and_a_form_that_opens(act, town, visit):
    assert set(gestures.SLUGS) | {Verb.PREPARE, Verb.RETURN, Verb.REMIND, Verb.EXPIRE} == set(Verb)
    with act() as db:
        one = sent(db, town)
    for by, name in (("recipient", "chloe"), ("sender", "alice")):
        chief, others = gestures.offered(one.status, moves.By(by), manager=False)
        for gesture in (*chief, *others):
            if not gesture.direct:
                page = soup(visit(name).get(path(one), params={"geste": gesture.slug}))
                assert page.select_one(f'form[action="{path(one, gesture.verb)}"] button'), gesture
