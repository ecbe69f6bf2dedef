"""What was tried against agreements: an old form, a refusal lifted, a code for something else, a
form key used twice, a namesake, a colleague of a restricted file."""

from datetime import date

import pytest
from sqlmodel import select

from coordination import clock, links
from coordination.agencies.models import Agency, AgencyKind, Membership, Professional, Role
from coordination.consent import regimes, restricted
from coordination.consent.models import Purpose, Regime, RestrictionReason
from coordination.links import LinkKind
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.web.models import Deed
from tests import town as small_town
from tests.conftest import soup
from tests.rights.test_codes import asked, enter
from tests.rights.test_codes import reached as _reached
from tests.rights.test_codes import read_aloud as _read_aloud
from tests.rights.test_pages import LEAST, consents, covered, here, looked, proof, said

reached, read_aloud = _reached, _read_aloud


@pytest.fixture
def signed(visit, town, key):
    """signed(…): the address of an agreement recorded with its form."""

    def give(**changes):
        answer = visit("alice").post(
            here(town), data=said(town, key, **changes), files=proof(), follow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].partition("?")[0]

    return give


def test_lifting_a_refusal_does_not_wake_the_agreement_that_it_closed(visit, town, db, key, signed):
    alice, one = visit("alice"), signed(recipients=[str(town.ccas.id), str(town.greta.id)])
    alice.post(here(town) + "/refus", data=said(town, key))
    [refused] = [c for c in consents(db, town.sami) if str(c.id) not in one]
    alice.post(f"{here(town)}/{refused.id}/lever", data={"_key": key()})
    assert covered(db, town.sami, town.ccas) == 0
    assert covered(db, town.sami, town.greta) == LEAST


@pytest.mark.parametrize(
    ("taken", "category"), [("whole", "steps"), ("category:steps", "steps")], ids=["all", "one"]
)
def test_a_form_older_than_what_was_taken_back_does_not_open_it_again(
    visit, town, db, key, stopped_clock, signed, taken, category
):
    alice, one = visit("alice"), signed()
    stopped_clock.later(days=5)
    alice.post(f"{one}/retirer", data={"what": taken, "_key": key()})
    stopped_clock.later(days=5)
    fields = {"on": "2026-06-08", "categories": [category]}
    again = alice.post(here(town), data=said(town, key, **fields), files=proof())
    assert again.status_code == 422
    assert "la personne est revenue sur ce partage avec" in again.text
    assert covered(db, town.sami, town.ccas) & Category.STEPS.bit == 0
    signed(**(fields | {"on": "2026-06-14"}))
    assert covered(db, town.sami, town.ccas) & Category.STEPS.bit


def test_a_code_read_for_three_months_does_not_confirm_two_years(
    visit, town, db, key, reached, read_aloud
):
    page = asked(visit, town, key, months="3")
    code = read_aloud()
    longer = said(town, key, way="later", months="24")
    assert visit("alice").post(f"{page}/renouveler", data=longer).status_code == 200
    assert "ne vaut plus rien" in enter(visit, key, page, code).text
    assert covered(db, town.sami, town.ccas) == 0


def test_a_representative_renews_on_paper_never_by_the_code_of_the_person(
    visit, town, key, reached, signed
):
    fields = {"way": "code", "channel": "mail", "expressed_by": "parent",
              "expressed_name": "M. Ortega", "minor_agreed": "1"}  # fmt: skip
    answer = visit("alice").post(f"{signed()}/renouveler", data=said(town, key, **fields))
    assert answer.status_code == 422
    assert "faites signer le formulaire" in answer.text


def test_what_rests_on_a_dropped_text_is_not_renewed_before_the_night(visit, town, key, act):
    def decide(regime):
        with act() as db:
            regimes.set_rule(
                db, purpose=Purpose.COMMITTEE, committee_kind="copass", regime=regime,
                from_kind=AgencyKind.MISSION_LOCALE, to_kind=AgencyKind.CCAS, title="Code",
                text="Ces structures échangent.", from_on=clock.today(), actor=town.actor("adam"),
            )  # fmt: skip

    decide(Regime.INFORMATION)
    informed = visit("alice").post(here(town), data=said(town, key, way="informed"))
    page = str(informed.url).partition("?")[0]
    decide(Regime.AGREEMENT)
    again = visit("alice").post(f"{page}/renouveler", data=said(town, key, way="informed"))
    assert again.status_code == 422
    assert "Informer ne suffit pas" in again.text


def test_a_namesake_taking_everything_back_learns_nothing_of_the_other_file(
    visit, town, db, key, act
):
    with act() as session:
        twin = small_town.person(
            session, town, "Dana", "Benali", date(1999, 3, 14), agency="elsewhere"
        )
        hers = small_town.journey(session, town, twin, number="J-0009")
    answer = visit("eva").post(f"{here(town, hers)}/retirer", data={"_key": key()})
    assert "Rien n’était partagé" in answer.text
    assert covered(db, town.dana, town.ccas) == 0  # closing too much harms nobody


def test_the_same_key_about_something_else_is_another_deed(visit, town, db, key, signed):
    first, second = signed(), signed(phrase="orientation")
    alice, same = visit("alice"), {"what": "whole", "_key": key()}
    assert alice.post(f"{first}/retirer", data=same).status_code == 200
    assert alice.post(f"{second}/retirer", data=same).status_code == 409
    assert covered(db, town.sami, town.ccas, Purpose.REFERRAL)


def test_the_referral_of_a_restricted_file_does_not_exist_for_a_colleague(
    visit, town, db, key, act, referral
):
    sent = referral.sent()
    town.zoe = Professional(given_name="Zoé", usual_name="Lind", email="zoe@example.org")
    db.add(town.zoe)
    db.flush()
    db.add(Membership(professional_id=town.zoe.id, agency_id=town.mission.id, role=Role.ADVISER,
                      from_on=date(2026, 1, 1)))  # fmt: skip
    db.commit()
    zoe, page = visit("zoe"), f"/orientations/{sent.id}"
    assert "BENALI" in zoe.get(page).text
    with act() as session:
        dana, why = session.get(Person, town.dana.id), RestrictionReason.VIOLENCE
        restricted.restrict(session, dana, reason=why, named=[], actor=town.actor("alice"))
    assert zoe.get(page).status_code == 404
    assert zoe.post(f"{page}/annuler", data={"_key": key()}).status_code == 404
    sent_by_us = "/orientations?sens=envoyees"
    assert sent.number not in zoe.get(sent_by_us).text
    assert 'Non closes <span class="count">0</span>' in zoe.get(sent_by_us).text
    assert "BENALI" in visit("alice").get(page).text


def test_the_base_never_holds_the_token_of_an_address(visit, town, db, key, act):
    with act() as session:
        token = links.make(session, LinkKind.PERSON, about=town.dana.id)
    page, same = f"/lien/{token}/mes-informations", {"agency": "tout", "_key": key()}
    nobody = visit(None)
    first = nobody.post(f"{page}/arreter", data=same, follow_redirects=False)
    [deed] = looked(db, select(Deed))
    assert token not in deed.then
    again = nobody.post(f"{page}/arreter", data=same, follow_redirects=False)
    assert first.headers["location"] == again.headers["location"] == page


def test_the_address_of_an_agency_that_closed_opens_nothing(visit, town, act, referral):
    sent = referral.sent()
    with act() as session:
        token = links.make(session, LinkKind.REFERRAL, agency=town.ccas.id, about=sent.id)
    assert "BENALI" in visit(None).get(f"/lien/{token}/orientation").text
    with act() as session:
        session.get(Agency, town.ccas.id).closed_on = clock.today()
    assert visit(None).get(f"/lien/{token}/orientation").status_code == 404


@pytest.mark.parametrize(
    ("came", "goes"),
    [
        ("https://ailleurs.example/piege", None),
        ("http://testserver//ailleurs.example", None),
        ("http://testserver/parcours?etat=entered", "/parcours?etat=entered"),
    ],
)
def test_a_page_that_says_no_sends_back_to_our_own_pages_only(visit, town, key, came, goes):
    answer = visit("alice").post(
        f"{here(town)}/retirer",
        data={"_key": key()},
        headers={"Origin": "https://ailleurs.example", "Referer": came},
    )
    assert answer.status_code == 403
    back = soup(answer).find("a", string="Revenir à la page précédente")
    assert (back and back["href"]) == goes
