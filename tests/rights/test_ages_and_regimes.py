"""What the controller sets: the age from which a minor agrees alone, and where informing is
enough."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import assembly, clock
from coordination.agencies.models import AgencyKind
from coordination.consent import minors, regimes, rule
from coordination.consent.models import (
    Consent,
    ConsentEvent,
    EventKind,
    MinorRule,
    Purpose,
    Regime,
    RegimeRule,
)
from coordination.errors import Invalid
from coordination.persons.models import PersonIdentity
from tests.conftest import soup
from tests.rights.test_pages import LEAST, consents, covered, here, looked, proof, said

LAW = "Code de l’action sociale et des familles, article L. 115-2-1"
TEXT = "Ces structures échangent ce qui est nécessaire à l’accompagnement de la personne."


@pytest.fixture
def born(act, town):
    """born(date): Sami's birth date."""

    def on(day):
        with act() as db:
            identity = db.exec(
                select(PersonIdentity).where(PersonIdentity.person_id == town.sami.id)
            ).one()
            identity.birth_on = day
            db.add(identity)

    return on


@pytest.fixture
def informing(act, town):
    """The mission may inform rather than ask, in the COPASS, for a CCAS."""

    def from_(kind=AgencyKind.CCAS, purpose=Purpose.COMMITTEE, regime=Regime.INFORMATION, **more):
        with act() as db:
            regimes.set_rule(
                db,
                purpose=purpose,
                committee_kind="copass" if purpose is Purpose.COMMITTEE else "",
                from_kind=AgencyKind.MISSION_LOCALE,
                to_kind=kind,
                regime=regime,
                title=LAW,
                text=TEXT,
                from_on=more.get("from_on", clock.today()),
                actor=town.actor("adam"),
            )

    return from_


def informed(town, key, **changes):
    return said(town, key, way="informed", **changes)


@pytest.mark.parametrize(
    ("rules", "ages"),
    [
        ([], {0: 15, 40: 15}),
        ([(0, 13)], {0: 13, 40: 13}),
        ([(0, 13), (30, 16)], {0: 13, 29: 13, 30: 16}),
        ([(30, 16), (0, 13)], {0: 13, 30: 16}),
        ([(0, 13), (0, 14)], {0: 14}),
    ],
)
def test_the_latest_row_of_the_day_says_the_age(db, town, rules, ages):
    for days, age in rules:
        minors.set_rule(
            db, purpose=Purpose.COMMITTEE, alone_from=age, note="",
            from_on=town.today + timedelta(days=days), actor=town.actor("adam"),
        )  # fmt: skip
    for days, age in ages.items():
        day = town.today + timedelta(days=days)
        assert minors.alone_from(db, Purpose.COMMITTEE, day) == age
        assert minors.alone_from(db, Purpose.REFERRAL, day) == 15


def test_a_setting_never_changes_the_past(db, town):
    with pytest.raises(Invalid):
        minors.set_rule(
            db, purpose=Purpose.COMMITTEE, alone_from=13, note="",
            from_on=town.today - timedelta(days=1), actor=town.actor("adam"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("birth", "day"),
    [
        (date(2008, 6, 4), date(2026, 6, 4)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2006, 2, 28), date(2024, 2, 28)),
    ],
)
def test_majority_is_the_first_day_of_eighteen(birth, day):
    assert minors.majority(birth) == day
    assert minors.age(birth, day) == 18
    assert minors.age(birth, day - timedelta(days=1)) == 17


def test_the_age_set_for_a_purpose_is_asked_on_its_screen(visit, town, db, key, born):
    born(date(2012, 1, 1))  # fourteen
    visit("adam").post("/administration/partage/ages", data={
        "age_purpose": "committee", "alone_from": "13", "age_from_on": town.today.isoformat(),
        "note": "Délibération du 2 juin 2026", "_key": key(),
    })  # fmt: skip
    assert [r.alone_from for r in looked(db, select(MinorRule))] == [13]
    alice = visit("alice")
    assert alice.post(here(town), data=said(town, key), files=proof()).status_code == 200
    assert covered(db, town.sami, town.ccas) == LEAST
    refused = alice.post(here(town), data=said(town, key, phrase="suivi"), files=proof())
    assert refused.status_code == 422
    assert "Avant 15 ans" in refused.text
    [made] = consents(db, town.sami)
    assert made.notice_version.endswith("-13")


@pytest.mark.parametrize("by", ["parent", "guardian"])
def test_what_a_representative_said_ends_at_eighteen_and_is_proposed_to_the_person(
    visit, town, db, key, born, by, stopped_clock
):
    born(date(2008, 6, 24))  # eighteen in twenty days
    visit("alice").post(
        here(town), data=said(town, key, expressed_by=by, expressed_name="ORTEGA Luis"),
        files=proof(),
    )  # fmt: skip
    assert covered(db, town.sami, town.ccas) == LEAST
    morning = visit("alice").get("/aujourdhui").text
    assert "veille des 18 ans" in morning
    stopped_clock.later(days=19)
    assert covered(db, town.sami, town.ccas) == LEAST
    stopped_clock.later(days=1)
    assert covered(db, town.sami, town.ccas) == 0


def test_without_a_row_the_agreement_is_needed_everywhere(visit, town, db, key):
    page = soup(visit("alice").get(here(town)))
    assert page.select("input[name=way][value=informed]") == []
    assert "Mission d’intérêt public" in page.select_one("#apercu").text
    assert "nécessaire" in page.select_one("#apercu").text
    answer = visit("alice").post(here(town), data=informed(town, key))
    assert answer.status_code == 422
    assert consents(db, town.sami) == []


def test_where_informing_is_enough_the_screen_shows_the_text_and_reading_opens(
    visit, town, db, key, informing
):
    informing()
    query = f"?phrase=comite&choisi=1&recipients={town.ccas.id}&categories=identity"
    shown = soup(visit("alice").get(here(town) + query)).select_one("#apercu").text
    assert LAW in shown and TEXT in shown
    assert "peut s’opposer" in shown
    answer = visit("alice").post(here(town), data=informed(town, key))
    assert "peut s’opposer à tout moment" in answer.text
    [made] = consents(db, town.sami)
    assert (made.regime, made.notice_version) == (Regime.INFORMATION, "2026-1-information")
    given = looked(db, select(ConsentEvent).where(ConsentEvent.kind == EventKind.GIVEN,
                                                  ConsentEvent.consent_id == made.id))  # fmt: skip
    assert given[0].details == {"basis": LAW}
    assert covered(db, town.sami, town.ccas) == LEAST


@pytest.mark.parametrize("where", ["another kind", "another purpose", "tomorrow"])
def test_informing_elsewhere_opens_nothing_here(visit, town, db, key, informing, where):
    match where:
        case "another kind":
            informing(AgencyKind.TRAINING_BODY)
        case "another purpose":
            informing(purpose=Purpose.FOLLOW_UP)
        case "tomorrow":
            informing(from_on=town.today + timedelta(days=1))
    answer = visit("alice").post(here(town), data=informed(town, key))
    assert answer.status_code == 422
    assert "CCAS de Lunel" in answer.text
    assert consents(db, town.sami) == []


def test_an_objection_blocks_as_a_refusal_does(visit, town, db, key, informing):
    informing()
    alice = visit("alice")
    alice.post(here(town), data=informed(town, key))
    alice.post(f"{here(town)}/refus", data=informed(town, key))
    assert covered(db, town.sami, town.ccas) == 0
    page = alice.get(here(town)).text
    assert "Opposition" in page
    assert alice.post(here(town), data=informed(town, key)).status_code == 422


def test_when_the_controller_asks_again_for_agreement_what_rested_on_information_is_revoked(
    visit, town, db, key, informing, engine
):
    informing()
    visit("alice").post(here(town), data=informed(town, key))
    assert assembly.JOBS["rights.regimes"](engine, {}) == {"closed": 0}
    informing(regime=Regime.AGREEMENT)
    assert assembly.JOBS["rights.regimes"](engine, {}) == {"closed": 1}
    assert covered(db, town.sami, town.ccas) == 0
    [consent] = consents(db, town.sami)
    kinds = [e.kind for e in looked(db, select(ConsentEvent).where(
        ConsentEvent.consent_id == consent.id).order_by(ConsentEvent.id))]  # fmt: skip
    assert kinds[-1] is EventKind.REVOKED
    assert rule.covered_by(db, person_id=town.dana.id, agency_id=town.ccas.id,
                           purpose=Purpose.COMMITTEE)[0]  # fmt: skip


def test_the_regime_is_set_on_its_page_and_needs_its_text(visit, town, db, key):
    adam, fields = visit("adam"), {
        "purpose": "committee", "committee_kind": "copass", "from_kind": "mission_locale",
        "to_kind": "ccas", "regime": "information", "title": LAW, "text": "",
        "from_on": town.today.isoformat(),
    }  # fmt: skip
    refused = adam.post("/administration/partage/regimes", data=fields | {"_key": key()})
    assert refused.status_code == 422
    assert soup(refused).select_one("#f-title")["value"] == LAW
    assert looked(db, select(RegimeRule)) == []
    for wrong in ({"committee_kind": ""}, {"purpose": "referral"}, {"committee_kind": "zz"}):
        answer = adam.post("/administration/partage/regimes",
                           data=fields | {"text": TEXT, "_key": key()} | wrong)  # fmt: skip
        assert answer.status_code == 422, wrong
    done = adam.post("/administration/partage/regimes", data=fields | {"text": TEXT, "_key": key()})
    assert TEXT in done.text
    assert [r.regime for r in looked(db, select(RegimeRule))] == [Regime.INFORMATION]


def test_only_who_administers_sets_them(visit, key):
    for name in ("alice", "sophie", "diane", "regine"):
        assert visit(name).get("/administration/partage").status_code == 403
        for what in ("ages", "regimes"):
            answer = visit(name).post(f"/administration/partage/{what}", data={"_key": key()})
            assert answer.status_code == 403


def test_a_renewal_keeps_the_regime(visit, town, db, key, informing):
    informing()
    answer = visit("alice").post(here(town), data=informed(town, key))
    page = str(answer.url).split("?", maxsplit=1)[0]
    renewal = {"way": "oral", "words_used": "Oui, toujours d’accord.", "months": "24",
               "attested": "1"}  # fmt: skip
    assert (
        visit("alice").post(f"{page}/renouveler", data=renewal | {"_key": key()}).status_code == 422
    )
    renewal["way"] = "informed"
    assert (
        visit("alice").post(f"{page}/renouveler", data=renewal | {"_key": key()}).status_code == 200
    )
    assert len(looked(db, select(Consent).where(Consent.person_id == town.sami.id))) == 1
