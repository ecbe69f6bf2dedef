"""The list of journeys and a journey's page: who reads what, and the gestures made from there."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import audit, db
from coordination.consent.models import Purpose, ReachKind
from coordination.consent.reach import open_to
from coordination.desk import journey_list, timeline
from coordination.desk.timeline import Event
from coordination.journeys import moves, parties
from coordination.journeys.models import (
    Contact,
    Journey,
    JourneyMove,
    JourneyState,
    Need,
    Outcome,
    PartyRole,
    Suspension,
)
from coordination.persons.categories import Category
from coordination.persons.models import PersonFact
from coordination.signals.models import Signal, SignalCode
from tests import town as scenes
from tests.conftest import HTMX, soup, swapped


@pytest.fixture
def page(town):
    return f"/parcours/{town.journey.id}"


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


def post(browser, path, key, **data):
    return browser.post(path, data=data | {"_key": key()}, follow_redirects=False)


def fact(town, category, code, value):
    return PersonFact(
        person_id=town.dana.id, agency_id=town.mission.id, category=category, code=code, value=value
    )


def test_the_carrying_agency_reads_everything_and_why(visit, act, page, town):
    with act() as session:
        session.add(fact(town, Category.HEALTH, "rqth", "Oui"))
        session.add(fact(town, Category.TRAINING, "training_level", "Niveau 3"))
    shown = soup(visit("alice").get(page))
    assert shown.h1.text == "BENALI Dana"
    text = shown.main.text
    for said in ("RQTH", "Niveau 3", "dossier de la structure", "MARTIN Alice", "Mobilité",
                 "CCAS de Lunel", "passage en comité".capitalize()):  # fmt: skip
        assert said in text


def test_a_party_reads_what_its_mission_opens_and_nothing_more(visit, act, page, town):
    with act() as session:
        session.add(fact(town, Category.HEALTH, "rqth", "Oui"))
        session.add(fact(town, Category.TRAINING, "training_level", "Niveau 3"))
        journey = session.get(Journey, town.journey.id)
        parties.join(session, journey, agency_id=town.greta.id, role=PartyRole.PARTNER)
    shown = visit("bruno").get(page)
    assert "BENALI Dana" in shown.text
    assert "Niveau 3" in shown.text
    assert "partie au parcours" in shown.text
    assert "RQTH" not in shown.text
    assert "Accords en vigueur" not in shown.text
    assert "Terminer" not in shown.text
    assert "Noter un contact" in shown.text


def test_a_reader_by_consent_reads_its_categories_with_the_agreement_they_stand_on(
    visit, act, page, town
):
    with act() as session:
        session.add(fact(town, Category.TRAINING, "training_level", "Niveau 3"))
        session.add(fact(town, Category.EMPLOYMENT, "rome", "N1104"))
        open_to(session, person_id=town.dana.id, agency_id=town.ccas.id, kind=ReachKind.REFERRAL,
                source_id=town.need.id)  # fmt: skip
    shown = visit("chloe").get(page)
    assert "Niveau 3" in shown.text
    assert "orientation, accord du 4" in shown.text
    assert "N1104" not in shown.text
    assert "Mobilité" not in soup(shown).main.text
    assert "Noter un contact" not in shown.text


def test_without_identity_the_reference_stands_for_the_name(visit, act, page, town):
    with act() as session:
        dana = session.merge(town.dana)
        scenes.agree(session, town, dana, Purpose.REFERRAL, "greta", categories=[Category.STEPS])
        open_to(session, person_id=dana.id, agency_id=town.greta.id, kind=ReachKind.REFERRAL,
                source_id=town.need.id)  # fmt: skip
    shown = visit("bruno").get(page)
    assert shown.status_code == 200
    assert town.dana.reference in shown.text
    assert "BENALI" not in shown.text


@pytest.mark.parametrize("verb", ["contacts", "suspendre", "terminer", "prolonger", "reprendre"])
def test_a_stranger_finds_nothing_and_changes_nothing(visit, page, key, look, verb):
    assert visit("eva").get(page).status_code == 404
    assert post(visit("eva"), f"{page}/{verb}", key, on_day="2026-06-04").status_code == 404
    assert look(JourneyMove.id) == []


@pytest.mark.parametrize("who", ["sophie", "regine", "adam", "diane"])
def test_who_does_not_follow_journeys_does_not_enter(visit, page, who):
    assert visit(who).get(page).status_code == 403
    assert visit(who).get("/parcours").status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(visit, page):
    for path in (page, "/parcours"):
        answer = visit(None).get(path, follow_redirects=False)
        assert answer.status_code == 303
        assert "/connexion" in answer.headers["location"]


def test_opening_the_page_leaves_its_line_and_the_list_one_a_quarter_of_an_hour(
    visit, page, look, town
):
    browser = visit("alice")
    browser.get(page)
    browser.get("/parcours")
    browser.get("/parcours")
    lines = look(audit.AccessLine.person_id, audit.AccessLine.list_key)
    assert [person for person, key in lines if person] == [town.dana.id]
    assert len([key for person, key in lines if key]) == 1


def test_a_contact_is_noted_in_four_fields_once(visit, page, key, look):
    browser = visit("alice")
    said = {"on_day": "2026-06-03", "channel": "phone", "presence": "present", "note": "<b>Oui</b>"}
    answer = browser.post(f"{page}/contacts", data=said | {"_key": "one-key-1"},
                          follow_redirects=False)  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    browser.post(f"{page}/contacts", data=said | {"_key": "one-key-1"}, follow_redirects=False)
    assert look(Contact.note) == ["<b>Oui</b>"]
    assert "&lt;b&gt;Oui&lt;/b&gt;" in browser.get(page).text


@pytest.mark.parametrize("day", ["31/02/2026", "04/06/12026", "2026-06-05", ""])
def test_a_contact_on_a_day_that_is_not_one_comes_back_with_its_message(
    visit, page, key, look, day
):
    answer = post(visit("alice"), f"{page}/contacts", key, _verb="contact", on_day=day,
                  channel="phone", note="Elle rappellera")  # fmt: skip
    assert answer.status_code == 422
    assert 'value="Elle rappellera"' in answer.text
    assert look(Contact.id) == []


def test_a_contact_from_the_list_comes_back_to_the_list(visit, key, look, page):
    shown = soup(visit("alice").get("/parcours?q=benali"))
    form = shown.select_one("#journeys tbody form")
    data = {field["name"]: field.get("value", "") for field in form.select("input")}
    answer = visit("alice").post(
        form["action"], data=data | {"channel": "sms"}, follow_redirects=False
    )
    assert answer.headers["location"] == "/parcours?q=benali"
    assert look(Contact.on_day) == [date(2026, 6, 4)]
    away = data | {"channel": "sms", "back": "https://ailleurs.example", "_key": key()}
    answer = visit("alice").post(form["action"], data=away, follow_redirects=False)
    assert answer.headers["location"] == page


def test_a_pause_then_a_resumption_from_the_page(visit, page, key, look, town):
    browser = visit("alice")
    said = {"_verb": "suspend", "cause": "family", "planned_resume_on": "2026-09-01"}
    answer = post(browser, f"{page}/suspendre", key, keeps_contact="Alice Martin", _version="1",
                  **said)  # fmt: skip
    assert answer.status_code == 303
    shown = browser.get(page).text
    assert "En pause" in shown
    assert "garde le contact\u00a0: Alice Martin" in shown
    assert post(browser, f"{page}/reprendre", key, _version="2").status_code == 303
    assert look(Suspension.ended_on) == [town.today]


def test_a_pause_that_ends_before_it_begins_shows_the_form_again_with_all_that_was_typed(
    visit, page, key, look
):
    answer = post(visit("alice"), f"{page}/suspendre", key, _verb="suspend", cause="family",
                  planned_resume_on="2026-01-01", keeps_contact="d’Orgeval")  # fmt: skip
    assert answer.status_code == 422
    again = soup(answer)
    assert again.select_one(".card #f-planned_resume_on")["value"] == "2026-01-01"
    assert "d’Orgeval" in answer.text
    assert look(Suspension.id) == []


def test_an_old_form_is_told_so_and_nothing_is_kept(visit, page, key, act, town, look):
    with act() as session:
        session.get(Journey, town.journey.id).version = 5
    answer = post(visit("alice"), f"{page}/prolonger", key, _verb="extend", until_on="2027-01-04",
                  _version="4", extend_reason="Pour finir le stage")  # fmt: skip
    assert answer.status_code == 409
    assert "Pour finir le stage" in answer.text
    assert look(JourneyMove.id) == []


def test_ending_twice_is_refused_the_second_time(visit, page, key, look):
    browser = visit("alice")
    said = {"_verb": "end", "on": "2026-06-01", "outcome": "employment"}
    assert post(browser, f"{page}/terminer", key, **said).status_code == 303
    assert post(browser, f"{page}/terminer", key, **said).status_code == 409
    assert look(JourneyMove.verb) == ["end"]
    assert "En emploi" in browser.get(page).text


def test_a_party_may_note_a_contact_but_not_end_the_journey(visit, page, key, act, town, look):
    with act() as session:
        parties.join(session, session.get(Journey, town.journey.id), agency_id=town.greta.id,
                     role=PartyRole.PARTNER)  # fmt: skip
    browser = visit("bruno")
    assert post(browser, f"{page}/contacts", key, on_day="2026-06-01", channel="phone")
    assert look(Contact.agency_id) == [town.greta.id]
    answer = post(browser, f"{page}/terminer", key, on="2026-06-01", outcome="employment")
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"BENALI Dana", "ORTEGA Sami"}),
        ("q=bénali", {"BENALI Dana"}),
        ("q=dana+BEN", {"BENALI Dana"}),
        ("q=j-0002", {"ORTEGA Sami"}),
        ("q=%25", set()),
        ("q=%27+OR+1%3D1", set()),
        ("q=%D8%A3%D9%85%D9%8A%D9%86%D8%A9", set()),
        ("alertes=1", {"ORTEGA Sami"}),
        ("miens=1", {"BENALI Dana", "ORTEGA Sami"}),
        ("etat=suspended", set()),
        ("etat=tous", {"BENALI Dana", "ORTEGA Sami"}),
        ("etat=rien&dispositif=rien&page=x", {"BENALI Dana", "ORTEGA Sami"}),
        ("dispositif=0198f000-0000-7000-8000-000000000000", set()),
        ("page=99", {"BENALI Dana", "ORTEGA Sami"}),
    ],
)
def test_the_address_filters_the_list(visit, act, town, query, names):
    with act() as session:
        journey = town.sami_journey
        session.add(
            Signal(journey_id=journey.id, person_id=town.sami.id, agency_id=town.mission.id,
                   code=SignalCode.SANS_CONTACT, subject_id=town.need.id, since_on=town.today,
                   sentence="Sans contact depuis 40 jours")
        )  # fmt: skip
    shown = soup(visit("alice").get(f"/parcours?{query}"))
    found = {link.text for link in shown.select("#journeys tbody th a")}
    assert found == names
    if "ORTEGA Sami" in names:
        assert "Sans contact depuis 40 jours" in shown.text


def test_the_list_shows_only_what_the_agency_follows(visit):
    assert "BENALI" not in visit("bruno").get("/parcours?etat=tous").text
    assert "BENALI" not in visit("eva").get("/parcours?q=benali").text


def test_the_list_swapped_is_the_list_reloaded(visit):
    browser = visit("alice")
    whole = soup(browser.get("/parcours"))
    part = soup(browser.get("/parcours?q=benali", headers=HTMX))
    page = swapped(whole, part).select_one("#journeys")
    again = soup(browser.get("/parcours?q=benali")).select_one("#journeys")
    for found in (page, again):
        for field in found.select("input[name=_key]"):
            field["value"] = ""
    assert page.prettify() == again.prettify()


def test_neither_the_list_nor_the_page_asks_more_when_there_is_more(
    visit, act, town, counting, page
):
    browser = visit("alice")

    def asked(path):
        counting.clear()
        assert browser.get(path).status_code == 200
        return len(counting)

    browser.get("/parcours")
    few = asked("/parcours"), asked(page)
    with act() as session:
        actor = scenes.actors.of_professional(session, town.alice.id)
        for n in range(60):
            who = scenes.person(session, town, f"Prénom{n}", f"Nom{n}", date(2000, 1, 1))
            scenes.journey(session, town, who, number=f"J-1{n:03}")
            moves_on = {"on_day": town.today - timedelta(days=n), "channel": "phone"}
            session.add(Contact(journey_id=town.journey.id, agency_id=town.mission.id, **moves_on))
            session.add(
                Need(person_id=town.dana.id, journey_id=town.journey.id, agency_id=town.mission.id,
                     category=Category.HOUSING, code=f"n{n}", label="Logement",
                     since_on=town.today)
            )  # fmt: skip
        assert actor is not None
    many = asked("/parcours"), asked(page)
    assert many == few
    assert len(soup(browser.get("/parcours")).select("#journeys tbody tr")) == 50
    assert "page 2 sur 2" in browser.get("/parcours?page=2").text


def test_the_page_works_for_every_state(visit, page, key, act, town):
    browser = visit("alice")
    with act() as session:
        actor = scenes.actors.of_professional(session, town.alice.id)
        journey = session.get(Journey, town.journey.id)
        moves.change(session, journey, "await_step", actor=actor)
    assert "Entre deux étapes" in browser.get(page).text
    with act() as session:
        journey = session.get(Journey, town.journey.id)
        moves.end(session, journey, on=town.today, outcome=Outcome.TRAINING, actor=actor)
        assert journey.state is JourneyState.ENDED
    shown = soup(browser.get(page))
    assert "En formation" in shown.text
    assert shown.select(".dialog") == []


def test_a_gap_of_more_than_four_weeks_is_seen():
    events = [
        Event(date(2026, 1, 5), "Entrée"),
        Event(date(2026, 1, 12), "Immersion", until=date(2026, 2, 2)),
        Event(date(2026, 4, 6), "Entretien"),
        Event(date(2026, 7, 1), "Qualification", planned=True),
    ]
    items = timeline.line(events, today=date(2026, 5, 4))
    assert [item.title for item in items] == [
        "Qualification (prévu)", "Entretien", "Immersion", "Entrée"
    ]  # fmt: skip
    assert [bool(item.gap) for item in items] == [False, False, True, False]
    assert items[2].gap.startswith("63")
    later = timeline.line(events, today=date(2026, 5, 5))
    assert "jusqu’à aujourd’hui" in later[1].gap


def test_past_so_many_journeys_nobody_counts(engine, town, visit, monkeypatch):
    monkeypatch.setattr(journey_list, "MOST", 100)
    with db.transaction(engine) as session:
        session.add_all(
            Journey(
                number=f"M-{n:05}",
                person_id=town.dana.id,
                agency_id=town.mission.id,
                programme_id=town.programme.id,
                entered_on=town.today - timedelta(days=5),
                planned_end_on=town.today + timedelta(days=300 + n) if n % 2 else None,
            )
            for n in range(130)
        )
    adviser = visit("alice")
    page = soup(adviser.get("/parcours?miens=0"))
    assert page.select_one("#journeys-total").get_text(" ", strip=True).startswith("Plus de 100")
    assert page.select_one("tbody a").get_text(strip=True) == "BENALI Dana"
    seen: list[str] = []
    for number in range(1, 4):
        rows = soup(adviser.get(f"/parcours?page={number}")).select("tbody th .muted")
        seen += [row.get_text(strip=True) for row in rows]
    assert len(seen) == len(set(seen)) == 132
    assert (
        soup(adviser.get("/parcours?q=sami"))
        .select_one("#journeys-total")
        .get_text(" ", strip=True)
        == "1 parcours"
    )
