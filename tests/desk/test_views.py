"""The list of journeys: filters in the address, kept under a name, taken away as a typed sheet."""

from datetime import datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from sqlmodel import select

from coordination import db
from coordination.agencies import actors
from coordination.audit import AccessLine
from coordination.desk.models import SavedView
from coordination.journeys import contacts
from coordination.journeys.models import Channel, Contact, Journey, Presence, Referent
from coordination.persons.models import PersonIdentity
from tests import furnished
from tests.conftest import soup


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


def names(answer):
    return [a.text for a in soup(answer).select("tbody th a")]


def sheet(answer):
    assert answer.status_code == 200
    return openpyxl.load_workbook(BytesIO(answer.content)).active


def test_the_list_opens_on_my_journeys_and_everyone_s_are_one_word_away(visit, act, town):
    with act() as session:
        held = select(Referent).where(Referent.journey_id == town.sami_journey.id)
        session.exec(held).one().until_on = town.today
    browser = visit("alice")
    assert names(browser.get("/parcours")) == ["BENALI Dana"]
    assert names(browser.get("/parcours?miens=0")) == ["BENALI Dana", "ORTEGA Sami"]
    assert len(soup(browser.get("/parcours")).select("input[name=miens][checked]")) == 1


def test_who_holds_no_journey_sees_those_of_the_agency(visit, act, town):
    with act() as session:
        for row in session.exec(select(Referent)):
            row.until_on = town.today
    assert len(names(visit("alice").get("/parcours"))) == 2


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("contact=30", ["ORTEGA Sami"]),
        ("contact=60", ["ORTEGA Sami"]),
        ("fin=2", ["BENALI Dana"]),
        ("fin=12", ["BENALI Dana"]),
        ("alerte=duree_excessive", ["BENALI Dana"]),
        ("alerte=sans_contact", []),
        ("alerte=nimporte", ["BENALI Dana", "ORTEGA Sami"]),
        ("fin=3", ["BENALI Dana", "ORTEGA Sami"]),
    ],
)
def test_each_filter_narrows_the_list(visit, act, town, asked, found):
    with act() as session:
        dana = session.get(Journey, town.journey.id)
        dana.planned_end_on = town.today + timedelta(days=14)
        contacts.record(session, dana, on_day=town.today - timedelta(days=29),
                        channel=Channel.PHONE,
                        actor=actors.of_professional(session, town.alice.id))  # fmt: skip
    with act() as session:
        session.add(furnished.signal(session.get(Journey, town.journey.id)))
    assert names(visit("alice").get(f"/parcours?miens=0&{asked}")) == found


def test_an_absence_is_not_a_contact(visit, act, town):
    with act() as session:
        contacts.record(session, session.get(Journey, town.journey.id), on_day=town.today,
                        channel=Channel.PHONE, presence=Presence.ABSENT,
                        actor=actors.of_professional(session, town.alice.id))  # fmt: skip
    assert len(names(visit("alice").get("/parcours?contact=15"))) == 2


def test_by_referent_and_by_territory(visit, town):
    browser = visit("alice")
    for asked, number in (
        (f"referent={town.alice.id}", 2), (f"referent={town.bruno.id}", 0),
        (f"territoire={town.territory.id}", 2), (f"territoire={town.need.id}", 0),
    ):  # fmt: skip
        assert len(names(browser.get(f"/parcours?{asked}"))) == number, asked


def test_a_contact_is_one_gesture_with_who_was_there(visit, key, town, look):
    browser = visit("alice")
    form = soup(browser.get("/parcours?etat=entered")).select_one(".quick-contact")
    assert [b["value"] for b in form.select("button")] == ["present", "excused", "absent"]
    sent = {i["name"]: i["value"] for i in form.select("input")}
    answer = browser.post(form["action"], data=sent | {"channel": "phone", "presence": "excused"},
                          follow_redirects=False)  # fmt: skip
    assert answer.headers["location"] == sent["back"]
    assert look(Contact.presence) == [Presence.EXCUSED]


def test_a_view_is_kept_under_a_name_without_the_name_searched(visit, key, look):
    browser = visit("alice")
    data = {"_key": key(), "name": "Bientôt finis", "filters": "q=Benali&fin=4&miens=1&page=3"}
    answer = browser.post("/parcours/vues", data=data, follow_redirects=False)
    assert answer.headers["location"] == "/parcours?fin=4&miens=1"
    assert look(SavedView.filters) == ["fin=4&miens=1"]
    link = soup(browser.get("/parcours")).select_one("#saved-views a")
    assert (link.text, link["href"]) == ("Bientôt finis", "/parcours?fin=4&miens=1")
    assert soup(visit("bruno").get("/parcours")).select_one("#saved-views a") is None
    browser.post("/parcours/vues", data=data | {"_key": key(), "filters": "etat=suspended"})
    assert look(SavedView.filters) == ["etat=suspended"]


def test_a_view_is_taken_away_by_whoever_kept_it(visit, key, look):
    data = {"_key": key(), "name": "Bientôt finis", "filters": "fin=4"}
    visit("alice").post("/parcours/vues", data=data)
    path = f"/parcours/vues/{look(SavedView.id)[0]}/retirer"
    assert visit("bruno").post(path, data={"_key": key()}).status_code == 404
    assert len(look(SavedView.id)) == 1
    answer = visit("alice").post(path, data={"_key": key()}, follow_redirects=False)
    assert (answer.status_code, look(SavedView.id)) == (303, [])


@pytest.mark.parametrize(
    "filters", ["<script>", "q=" + "x" * 9000, "&".join("a=1" for _ in "x" * 30)]
)
def test_hostile_filters_are_kept_as_none(visit, key, look, filters):
    data = {"_key": key(), "name": "Essai", "filters": filters}
    assert visit("alice").post("/parcours/vues", data=data).status_code in {200, 422}
    assert set(look(SavedView.filters)) <= {"miens=0"}


def test_the_sheet_has_dates_that_are_dates_and_text_that_stays_text(visit, act, town):
    with act() as session:
        wanted = select(PersonIdentity).where(PersonIdentity.person_id == town.dana.id)
        session.exec(wanted).one().given_names = "=HYPERLINK(1)"
    rows = list(sheet(visit("alice").get("/parcours.xlsx?miens=0")).iter_rows(values_only=True))
    assert rows[0][:2] == ("Référence", "Personne")
    dana = next(row for row in rows if row[0] == "J-0001")
    assert dana[1] == "BENALI =HYPERLINK(1)"
    assert dana[5] == datetime(2025, 11, 16)
    assert len(rows) == 3


def test_the_sheet_follows_the_filters_and_is_told_to_the_journal(visit, look):
    rows = sheet(visit("alice").get("/parcours.xlsx?miens=0&q=sami")).max_row
    assert rows == 2
    assert any(k and k.startswith("journeys:sheet|") for k in look(AccessLine.list_key))


@pytest.mark.parametrize("who", ["eva", "chloe"])
def test_a_stranger_s_sheet_holds_nobody(visit, who):
    assert sheet(visit(who).get("/parcours.xlsx?etat=tous")).max_row == 1


def test_a_sheet_takes_the_same_number_of_queries_whatever_its_length(visit, act, town, counting):
    browser = visit("alice")
    browser.get("/parcours.xlsx?miens=0")
    counting.clear()
    browser.get("/parcours.xlsx?miens=0")
    few = len(counting)
    with act() as session:
        session.add_all(
            Journey(number=f"M-{n}", person_id=town.dana.id, agency_id=town.mission.id,
                    programme_id=town.programme.id, entered_on=town.today)
            for n in range(30)
        )  # fmt: skip
    counting.clear()
    assert sheet(browser.get("/parcours.xlsx?miens=0")).max_row == 33
    assert len(counting) == few
