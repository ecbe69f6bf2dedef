"""« Ouvrir le parcours chez nous » : what a referral says of the person is not typed a second time,
nothing else of theirs is taken, and what the sender holds stays as it is."""

import json
from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import clock, links
from coordination import db as base
from coordination.agencies import actors
from coordination.agencies.models import Membership, Professional, Role
from coordination.audit import AccessLine, AuditEntry
from coordination.consent import restricted, rule
from coordination.consent.models import Purpose, Reach, RestrictionReason
from coordination.directory.models import Service
from coordination.journeys.models import Journey, JourneyState, Party, Referent
from coordination.monitoring import facts
from coordination.monitoring.models import TransitionFact
from coordination.persons import records
from coordination.persons.categories import Category
from coordination.persons.models import (
    Compared,
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
)
from coordination.referrals.models import Referral
from coordination.referrals.states import Status
from coordination.rights import withdrawal
from coordination.rights.merging import across
from coordination.web import french
from tests import town as small
from tests.conftest import soup
from tests.referrals import scene

NUMBER = "01234567890"
SAID = {
    "usual_name": "Benali", "given_names": "Dana", "birth_on": "1999-03-14",
    "phone": "0612345678", "email": "dana@example.org", "address": "3 rue des Lilas",
    "postcode": "34400", "commune_name": "Lunel", "language": "es", "france_travail": NUMBER,
}  # fmt: skip


@pytest.fixture(name="referral")
def _referral(act, town):
    """Dana, told fully by the mission, referred to a service of the ccas that runs the programme;
    accepted."""
    with act() as db:
        identity = db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == town.dana.id)
        ).one()
        for name in ("phone", "email", "address", "postcode", "commune_name", "language"):
            setattr(identity, name, SAID[name])
        identity.commune_code = "34145"
        db.add(PersonIdentifier(person_id=town.dana.id, agency_id=town.mission.id,
                                system="france_travail", value=NUMBER))  # fmt: skip
        db.add(PersonFact(person_id=town.dana.id, agency_id=town.mission.id, code="rqth",
                          category=Category.HEALTH, value="secretcanari"))  # fmt: skip
        service = Service(agency_id=town.ccas.id, name="Déclic au CCAS",
                          programme_id=town.programme.id)  # fmt: skip
        db.add(service)
        db.flush()
        return scene.at(db, town, Status.ACCEPTED, service_id=service.id)


@pytest.fixture(name="here")
def _here(referral):
    return f"/orientations/{referral.id}/ouvrir-chez-nous"


@pytest.fixture(name="typed")
def _typed(town):
    return SAID | {"programme": str(town.programme.id), "entered_on": clock.today().isoformat()}


@pytest.fixture(name="post")
def _post(visit, key, here, typed):
    def send(who="chloe", *, keys=None, **said):
        sent = typed | {"_key": keys or key()} | said
        return visit(who).post(here, data=sent, follow_redirects=False)

    return send


@pytest.fixture(name="look")
def _look(engine):
    def all_of(*columns):
        with base.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


@pytest.fixture(name="known")
def _known(act, town):
    """As the ccas had recorded her, with another given name beside."""
    with act() as db:
        return small.person(db, town, "Dana Marie", "Benali", date(1999, 3, 14), "ccas")


def opened(look, town):
    return next(j for j in look(Journey) if j.agency_id == town.ccas.id)


def test_the_page_is_filled_with_what_they_read_and_nothing_else(visit, here, town, look):
    answer = visit("chloe").get(here)
    page = soup(answer)
    shown = {name: page.select_one(f"[name={name}]").get("value") for name in SAID
             if name != "language"}  # fmt: skip
    assert shown == {name: said for name, said in SAID.items() if name != "language"}
    chosen = {one.parent["name"]: one["value"] for one in page.select("form option[selected]")}
    assert chosen == {"language": "es", "programme": str(town.programme.id)}
    assert page.select_one("[name=entered_on]")["value"] == clock.today().isoformat()
    assert "secretcanari" not in answer.text
    assert not page.select("[name=file]")
    lines = [one for one in look(AccessLine) if one.route == "referrals:open_here"]
    assert [(one.person_id, one.categories) for one in lines] == [
        (town.dana.id, Category.IDENTITY.bit)
    ]
    assert lines[0].standing_on.startswith("referral:")


def test_one_click_opens_the_journey_in_ones_own_file(post, look, town, referral, typed):
    before = {one.id: one.model_dump() for one in look(Journey)}
    answer = post()
    journey = opened(look, town)
    assert answer.headers["location"] == f"/parcours/{journey.id}"
    assert (journey.state, journey.entered_on) == (JourneyState.ENTERED, clock.today())
    assert journey.territory_id == town.territory.id
    assert [r.professional_id for r in look(Referent) if r.journey_id == journey.id] == [
        town.chloe.id
    ]
    mine = next(one for one in look(PersonIdentity) if one.person_id == journey.person_id)
    kept = {name: getattr(mine, name) for name in SAID if name != "france_travail"}
    assert kept | {"birth_on": str(mine.birth_on)} == {
        name: said for name, said in SAID.items() if name != "france_travail"
    }
    assert (mine.agency_id, mine.commune_code) == (town.ccas.id, "34145")
    numbers = [n.value for n in look(PersonIdentifier) if n.person_id == journey.person_id]
    assert numbers == [NUMBER]
    left = next(one for one in look(Referral) if one.id == referral.id)
    assert (left.person_id, left.journey_id) == (town.dana.id, town.journey.id)
    assert (left.status, left.opened_journey_id) == (Status.ACCEPTED, journey.id)
    assert {k: one.model_dump() for one in look(Journey) if (k := one.id) in before} == before


def test_the_sender_gains_no_reading_and_no_part(post, look, town, visit, referral):
    alice = visit("alice")
    before = soup(alice.get(f"/orientations/{referral.id}")).select_one("main").text
    post()
    journey = opened(look, town)
    assert journey.prescriber_id is None
    assert [p.agency_id for p in look(Party) if p.journey_id == journey.id] == [town.ccas.id]
    assert {r.agency_id for r in look(Reach) if r.person_id == journey.person_id} == {town.ccas.id}
    assert soup(alice.get(f"/orientations/{referral.id}")).select_one("main").text == before
    assert alice.get(f"/parcours/{journey.id}").status_code == 404
    with base.reading(town.web, context=town.actor("alice").context) as session:
        actor = town.actor("alice")
        assert rule.for_actor(session, actor, [journey.person_id]) == {}


def test_both_files_are_noted_as_one_persons_and_the_figures_follow(post, look, town, engine):
    with base.transaction(engine) as session:
        ended = session.get(Journey, town.journey.id)
        ended.state, ended.ended_on = JourneyState.ENDED, clock.today() - timedelta(days=10)
    post(given_names="Dana-Lou", france_travail="")
    journey = opened(look, town)
    said = look(Compared)
    assert [(one.person_id, one.other_id, one.agency_id) for one in said] == [
        (journey.person_id, town.dana.id, town.ccas.id)
    ]
    hashes = {one.human_hash for one in look(Person)
              if one.id in {journey.person_id, town.dana.id}}  # fmt: skip
    assert len(hashes) == 1
    facts.refresh(engine)
    assert [(one.days, one.passage.value) for one in look(TransitionFact)] == [(10, "transition")]


def test_the_acts_are_chained(post, look, town, referral):
    post()
    rows = sorted(look(AuditEntry), key=lambda one: one.seq)
    verbs = [json.loads(one.entry)["verb"] for one in rows]
    assert verbs[-4:] == ["journey.open", "person.link", "person.link", "referral.opened_here"]


def test_an_entry_to_come_is_awaited_and_its_day_is_kept(post, look, town, visit):
    day = clock.today() + timedelta(days=20)
    post(entered_on=day.isoformat())
    journey = opened(look, town)
    assert (journey.state, journey.entered_on) == (JourneyState.PRESCRIBED, None)
    page = soup(visit("chloe").get(f"/parcours/{journey.id}"))
    assert f"Entrée attendue le {french.day(day)}" in page.main.text


def test_the_card_offers_it_then_says_what_was_opened(visit, post, look, town, referral, here):
    chloe, card = visit("chloe"), f"/orientations/{referral.id}"
    assert soup(chloe.get(card)).select_one(f'a[href="{here}"]')
    assert not soup(visit("alice").get(card)).select_one(f'a[href="{here}"]')
    post()
    journey = opened(look, town)
    page = soup(chloe.get(card))
    assert not page.select_one(f'a[href="{here}"]')
    said = page.select_one("section[aria-labelledby=chez-nous-titre]")
    assert journey.number in said.select_one(f'a[href="/parcours/{journey.id}"]').text
    back = soup(chloe.get(f"/parcours/{journey.id}"))
    assert referral.number in back.select_one(f'a[href="{card}"]').text


def test_by_a_signed_address_it_is_not_offered(visit, act, town, referral, here):
    with act() as db:
        token = links.make(db, links.LinkKind.REFERRAL, agency=town.ccas.id, about=referral.id)
    page = visit(None).get(f"/lien/{token}/orientation")
    assert page.status_code == 200
    assert "ouvrir-chez-nous" not in page.text


@pytest.mark.parametrize(
    ("status", "offered"),
    [(Status.ACKNOWLEDGED, False), (Status.WAITLISTED, True), (Status.STARTED, True),
     (Status.COMPLETED, False)],
)  # fmt: skip
def test_it_is_offered_once_accepted_and_until_the_end(act, town, visit, status, offered, post):
    with act() as db:
        referral = scene.at(db, town, status)
    here = f"/orientations/{referral.id}/ouvrir-chez-nous"
    chloe = visit("chloe")
    card = soup(chloe.get(f"/orientations/{referral.id}"))
    assert bool(card.select_one(f'a[href="{here}"]')) is offered
    assert chloe.get(here).status_code == (200 if offered else 409)


def test_a_stranger_knows_nothing_of_it_and_the_sender_may_not(visit, post, here, look):
    count = len(look(Journey))
    for who, status in (("eva", 404), ("bruno", 404), ("alice", 403), ("sophie", 403)):
        assert visit(who).get(here).status_code == status
        assert post(who).status_code == status
    assert len(look(Journey)) == count


def test_without_the_identity_nothing_is_offered(act, town, visit, key):
    with act() as db:
        nour = small.person(db, town, "Nour", "Haddad", date(2001, 5, 6))
        journey = small.journey(db, town, nour, number="J-0007")
        small.agree(db, town, nour, Purpose.REFERRAL, "ccas", categories=(Category.TRAINING,))
        referral = scene.at(db, town, Status.ACCEPTED, journey=journey,
                            need=small.need(db, town, journey))  # fmt: skip
    card = visit("chloe").get(f"/orientations/{referral.id}")
    assert card.status_code == 200
    assert "ouvrir-chez-nous" not in card.text
    answer = visit("chloe").get(f"/orientations/{referral.id}/ouvrir-chez-nous")
    assert answer.status_code == 409
    assert "HADDAD" not in answer.text.upper()


def test_an_agreement_withdrawn_after_the_page_refuses_and_keeps_nothing(
    visit, act, post, here, look, town
):
    assert visit("chloe").get(here).status_code == 200
    with act() as db:
        withdrawal.withdraw(db, db.get(Person, town.dana.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    before = len(look(Person)), len(look(Journey)), len(look(Compared))
    answer = post()
    assert answer.status_code == 409
    assert (len(look(Person)), len(look(Journey)), len(look(Compared))) == before
    for said in ("Benali", "dana@example.org", NUMBER):
        assert said not in soup(answer).select_one("main").text


def test_a_narrower_agreement_closes_it_too(visit, act, here, town, post):
    with act() as db:
        person = db.get(Person, town.dana.id)
        withdrawal.withdraw(db, person, everything=True, actor=town.actor("alice"))
        small.agree(db, town, person, Purpose.REFERRAL, "ccas", categories=(Category.TRAINING,))
    assert visit("chloe").get(here).status_code == 409
    assert post().status_code == 409


def test_a_double_click_opens_one_journey(post, look, town):
    first, second = post(keys="twice-0001"), post(keys="twice-0001")
    assert first.headers["location"] == second.headers["location"]
    assert len([j for j in look(Journey) if j.agency_id == town.ccas.id]) == 1


def test_two_pages_open_one_journey(post, look, town):
    post()
    assert post().status_code == 409
    assert len([j for j in look(Journey) if j.agency_id == town.ccas.id]) == 1
    assert len([p for p in look(Person) if p.agency_id == town.ccas.id]) == 1


def test_a_file_that_looks_alike_is_proposed_first(visit, here, known, post, look, town):
    page = soup(visit("chloe").get(here))
    assert "Vous avez déjà un dossier" in page.main.text
    choices = [one["value"] for one in page.select("[name=file]")]
    assert choices == [str(known.id), "nouveau"]
    assert not page.select("[name=file][checked]")
    answer = post()
    assert answer.status_code == 422
    assert "Dites dans quel dossier" in answer.text
    assert 'value="dana@example.org"' in answer.text
    post(file=str(known.id), phone="0699999999")
    journey = opened(look, town)
    assert journey.person_id == known.id
    mine = next(one for one in look(PersonIdentity) if one.person_id == known.id)
    assert (mine.given_names, mine.phone) == ("Dana Marie", "")
    assert [(c.person_id, c.other_id) for c in look(Compared)] == [(known.id, town.dana.id)]


def test_or_a_new_one_is_made(known, post, look, town):
    post(file="nouveau")
    assert opened(look, town).person_id != known.id


def test_a_likeness_with_what_was_corrected_is_proposed(act, town, post, look):
    with act() as db:
        small.person(db, town, "Diane", "Perez", date(1999, 3, 14), "ccas")
    answer = post(usual_name="Perez", given_names="Diane", france_travail="")
    assert answer.status_code == 422
    assert "PEREZ Diane" in answer.text


def test_a_file_chosen_before_is_tied_once(known, post, act, look, town):
    with act() as db:
        across.link(db, known.id, town.dana.id, actor=town.actor("chloe"))
    post(file=str(known.id))
    assert opened(look, town).person_id == known.id
    assert len(look(Compared)) == 1


def test_a_file_said_to_be_someone_elses_is_not_proposed(known, act, town, visit, here, post):
    with act() as db:
        across.set_apart(db, known.id, town.dana.id, actor=town.actor("chloe"))
    assert not soup(visit("chloe").get(here)).select("[name=file]")
    assert post(file=str(known.id)).status_code == 404


def test_no_other_file_can_be_named(act, town, post, look):
    with act() as db:
        other = small.person(db, town, "Zoé", "Autre", date(1980, 1, 1), "ccas")
    count = len(look(Journey))
    for key in (other.id, town.dana.id, town.sami.id):
        assert post(file=str(key)).status_code == 404
    assert post(file="n’importe quoi").status_code == 422
    assert len(look(Journey)) == count


def test_one_live_journey_of_a_file_in_a_programme(known, act, post, town, look):
    with act() as db:
        small.journey(db, town, db.get(Person, known.id), number="J-0099")
    answer = post(file=str(known.id))
    assert answer.status_code == 422
    assert "J-0099" in answer.text
    assert next(one for one in look(Referral)).opened_journey_id is None


def test_a_restricted_file_of_the_house_is_told_to_nobody(act, town, visit, here, post, look):
    with act() as db:
        hidden = records.record(
            db, agency_id=town.ccas.id, given_names="Dana", usual_name="Benali",
            birth_on=date(1999, 3, 14), identifiers={"france_travail": NUMBER},
        )  # fmt: skip
        nina = Professional(given_name="Nina", usual_name="Roy", email="nina@example.org")
        db.add(nina)
        db.flush()
        db.add(Membership(professional_id=nina.id, agency_id=town.ccas.id, role=Role.ADVISER,
                          from_on=date(2025, 1, 1)))  # fmt: skip
        db.flush()
        restricted.restrict(db, hidden, reason=RestrictionReason.VIOLENCE, named=[nina.id],
                            actor=actors.of_professional(db, nina.id))  # fmt: skip
    page = visit("chloe").get(here)
    assert not soup(page).select("[name=file]")
    assert hidden.reference not in page.text
    assert post().status_code == 303
    journey = opened(look, town)
    assert [n.person_id for n in look(PersonIdentifier) if n.agency_id == town.ccas.id] == [
        hidden.id
    ]
    assert journey.person_id != hidden.id


def test_a_number_that_a_file_bears_already_is_said_to_who_reads_it(act, town, post, look):
    with act() as db:
        small.person(db, town, "Dana", "Benali", date(1999, 3, 14), "ccas")
        db.flush()
        mine = db.exec(select(Person).where(Person.agency_id == town.ccas.id)).one()
        db.add(PersonIdentifier(person_id=mine.id, agency_id=town.ccas.id,
                                system="france_travail", value=NUMBER))  # fmt: skip
    answer = post(file="nouveau")
    assert answer.status_code == 422
    assert "porte déjà ce numéro" in answer.text
    assert post(file="nouveau", france_travail="").status_code == 303


@pytest.mark.parametrize(
    ("said", "message"),
    [({"usual_name": ""}, "nécessaire"), ({"france_travail": "12AB"}, "11 chiffres"),
     ({"programme": ""}, "Choisissez"), ({"language": "klingon"}, "Choisissez"),
     ({"address": "n° 1 85 05 78 006 084 36"}, "sécurité sociale")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(post, look, town, said, message):
    answer = post(**said)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="dana@example.org"' in answer.text
    assert [one for one in look(Person) if one.agency_id == town.ccas.id] == []


def test_the_journey_stays_with_the_agency_when_the_agreement_ends(
    post, look, act, town, visit, referral
):
    post()
    journey = opened(look, town)
    with act() as db:
        withdrawal.withdraw(db, db.get(Person, town.dana.id), everything=True,
                            actor=town.actor("alice"))  # fmt: skip
    chloe = visit("chloe")
    assert "BENALI" in chloe.get(f"/parcours/{journey.id}").text
    card = soup(chloe.get(f"/orientations/{referral.id}"))
    assert card.select_one(f'a[href="/parcours/{journey.id}"]')
    assert "BENALI" not in card.main.text


def test_the_page_asks_as_many_questions_for_ten_files_as_for_one(visit, here, act, town, counting):
    def asked():
        counting.clear()
        visit("chloe").get(here)
        return len(counting)

    with act() as db:
        small.person(db, town, "Dana", "Benali", date(1999, 3, 14), "ccas")
    asked()
    for_one = asked()
    with act() as db:
        for number in range(9):
            made = small.person(db, town, f"Dana {'abcdefghi'[number]}", "Benali",
                                date(1999, 3, 14), "ccas")  # fmt: skip
            small.journey(db, town, made, number=f"J-02{number:02}")
    assert asked() == for_one
