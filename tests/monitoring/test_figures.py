"""The Région's figures against a world made by hand, and the page that shows them."""

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlmodel import select

from coordination import clock
from coordination.agencies.models import Grant, Professional, Role
from coordination.journeys.models import Journey, JourneyState, Outcome
from coordination.monitoring import facts, figures, periods
from coordination.monitoring.figures import ALL, EXITS, KNOWN, PASSED
from coordination.monitoring.models import Passage, TransitionFact
from coordination.persons.models import Person, PersonIdentity
from coordination.programmes.models import Programme, ProgrammeKind
from tests.conftest import soup

K = ProgrammeKind
TODAY = date(2026, 6, 4)


@pytest.fixture
def world(db, town) -> SimpleNamespace:
    """live(human, family, from, until): a journey of a human being, days counted from today."""
    made = SimpleNamespace(count=0, programmes={K.REMOBILISATION: town.programme})

    def programme(kind):
        if kind not in made.programmes:
            made.programmes[kind] = Programme(slug=kind.value, name=kind.value, kind=kind)
            db.add(made.programmes[kind])
            db.flush()
        return made.programmes[kind]

    def live(human, kind, entered, ended=None, agency=town.mission):
        made.count += 1
        person = Person(
            agency_id=agency.id, reference=f"P-{made.count}", human_hash=human, salt="s"
        )
        db.add(person)
        db.flush()
        journey = Journey(
            number=f"T-{made.count}",
            person_id=person.id,
            agency_id=agency.id,
            programme_id=programme(kind).id,
            territory_id=town.territory.id,
            state=JourneyState.ENDED if ended is not None else JourneyState.ENTERED,
            entered_on=TODAY + timedelta(days=entered),
            ended_on=None if ended is None else TODAY + timedelta(days=ended),
            outcome=Outcome.UNKNOWN if ended is not None else None,
        )
        db.add(journey)
        db.flush()

    made.live = live
    return made


def refreshed(db, engine):
    db.commit()
    facts.refresh(engine)
    return {
        fact.days: fact
        for fact in db.exec(select(TransitionFact).order_by(TransitionFact.left_on)).all()
    }


@pytest.mark.parametrize(
    ("left", "entered", "passage", "days"),
    [
        (-200, -200, Passage.TRANSITION, 0),
        (-200, -110, Passage.TRANSITION, 90),
        (-200, -109, Passage.BREAK, 91),
        (-200, -201, Passage.OVERLAP, -1),
        (-200, None, Passage.BREAK, None),
        (-91, None, Passage.BREAK, None),
        (-90, None, Passage.UNKNOWN, None),
        (-10, 20, Passage.UNKNOWN, None),  # planned: it has not happened
    ],
)
def test_what_follows_an_exit(db, engine, world, town, left, entered, passage, days):
    world.live("h1", K.REMOBILISATION, -400, left)
    if entered is not None:
        world.live("h1", K.QUALIFICATION, entered, None, town.greta)
    (fact,) = refreshed(db, engine).values()
    assert (fact.passage, fact.days) == (passage, days)
    assert fact.next_family == (K.QUALIFICATION if days is not None else None)
    assert fact.region_id == town.region.id


def test_the_next_entry_is_that_of_the_same_human_being_in_their_order(db, engine, world, town):
    world.live("h1", K.REMOBILISATION, -400, -300)
    world.live("h1", K.EMPLOI, -150, -100)
    world.live("h1", K.PRE_QUALIFICATION, -290, -200, town.greta)
    world.live("h2", K.SUIVI, -299, None)
    world.live(None, K.SUIVI, -298, None)  # no hash: nobody else
    found = refreshed(db, engine)
    assert found[10].next_family is K.PRE_QUALIFICATION
    assert found[50].next_family is K.EMPLOI
    assert len({fact.human for fact in found.values()}) == 1


def test_refreshing_twice_changes_no_figure(db, engine, world):
    world.live("h1", K.REMOBILISATION, -400, -300)
    refreshed(db, engine)
    refreshed(db, engine)
    assert len(db.exec(select(TransitionFact)).all()) == 1


def year(db, **more):
    return figures.over(db, periods.asked("", TODAY), regions=None, **more)


def test_figures_of_a_year_made_by_hand(db, engine, world):
    """To the last finished quarter: from 1 April 2025 to 31 March 2026."""
    for n in range(20):  # 20 pass, after 0 to 19 days
        world.live(f"a{n}", K.REMOBILISATION, -300, -200)
        world.live(f"a{n}", K.QUALIFICATION, -200 + n, None)
    for n in range(12):  # 12 are lost
        world.live(f"b{n}", K.REMOBILISATION, -300, -199)
    world.live("old", K.REMOBILISATION, -900, -800)  # another year
    refreshed(db, engine)
    found = year(db)
    assert found.shown["remobilisation", "qualification"].value == 20
    assert found.shown["remobilisation", PASSED].value == 20
    assert found.shown["remobilisation", KNOWN].value == 32
    assert found.shown[ALL, EXITS].value == 32
    assert found.rates["remobilisation"] == found.rates[ALL] == 62
    assert found.waits["remobilisation"] == 9.5


def test_someone_who_left_a_family_twice_counts_once_by_the_last_exit(db, engine, world):
    for n in range(15):
        world.live(f"a{n}", K.REMOBILISATION, -390, -350)
        world.live(f"a{n}", K.REMOBILISATION, -340, -250)
    refreshed(db, engine)
    found = year(db)
    assert found.shown["remobilisation", KNOWN].value == 15
    assert found.shown[ALL, str(Passage.BREAK)].value == 15


def test_periods_end_with_a_quarter_and_never_meet():
    offered = periods.offered(date(2026, 1, 15))
    assert [p.code for p in offered] == ["2025-T4", "2024-T4", "2023-T4"]
    assert offered[0].start == date(2025, 1, 1)
    assert offered[0].end == date(2025, 12, 31)
    for newer, older in pairwise(offered):
        assert older.end + timedelta(days=1) == newer.start
    assert periods.asked("2025-T3", date(2026, 1, 15)) is None
    assert periods.asked("nothing", date(2026, 1, 15)) is None
    assert periods.offered(TODAY)[0].end == date(2026, 3, 31)


@pytest.fixture
def small(db, engine, world):
    """Nine pass, thirty are lost: nine must not be read anywhere."""
    for n in range(9):
        world.live(f"a{n}", K.REMOBILISATION, -300, -200)
        world.live(f"a{n}", K.QUALIFICATION, -195, None)
    for n in range(30):
        world.live(f"b{n}", K.REMOBILISATION, -300, -199)
    refreshed(db, engine)


def test_the_page_hides_small_counts_and_what_would_give_them_back(visit, small):
    answer = visit("regine").get("/pilotage")
    assert answer.status_code == 200
    page = soup(answer)
    texts = [cell.get_text(strip=True) for cell in page.select("table.matrix td, table.table td")]
    assert "9" not in texts
    assert "39" not in texts or "30" not in texts  # 39 − 30 = 9
    assert any(text.startswith("‹") for text in texts)
    assert "moins de 11" in answer.text


def test_the_page_says_what_it_shows(visit, db, engine, world):
    for n in range(20):
        world.live(f"a{n}", K.REMOBILISATION, -300, -200)
        world.live(f"a{n}", K.QUALIFICATION, -195, None)
    refreshed(db, engine)
    page = soup(visit("regine").get("/pilotage"))
    assert page.select_one("details") is not None
    table = page.select_one("table.matrix tbody")
    row = table.find("th", string="Remobilisation").parent
    assert "20" in [td.get_text(strip=True) for td in row.select("td")]
    assert page.select_one("td.heat-5").get_text(strip=True) == "20"


def test_an_empty_year_says_so(visit):
    assert "Aucune sortie" in visit("regine").get("/pilotage").text


def test_no_query_of_the_page_reads_a_person_or_a_journey(visit, small, web):
    browser = visit("regine")
    seen = []
    event.listen(web, "before_cursor_execute", lambda c, cur, sql, *a: seen.append(sql))
    assert browser.get("/pilotage").status_code == 200
    assert any("transition_fact" in sql for sql in seen)
    for sql in (one for one in seen if "set_config" not in one):
        for table in ("person", "journey", "consent", "referral", "need", "contact"):
            assert f" {table}" not in sql.replace('"', " ").replace("(", " "), sql


def test_another_regions_pilot_sees_none_of_it(visit, db, small, town):
    other = Professional(given_name="O", usual_name="Autre", email="o@example.org")
    db.add(other)
    db.flush()
    db.add(Grant(professional_id=other.id, role=Role.PILOT, scope_id=town.meeting.id,
                 from_on=clock.today()))  # fmt: skip
    db.commit()
    town.other = other
    assert "Aucune sortie" in visit("other").get("/pilotage").text


def test_a_period_outside_the_lattice_does_not_exist(visit, small):
    assert visit("regine").get("/pilotage?periode=2026-T2").status_code == 404
    assert visit("regine").get("/pilotage?periode=2025-T1").status_code == 200


def test_only_who_looks_at_figures_may_enter(visit):
    for name in ("alice", "sophie", "adam", "diane"):
        assert visit(name).get("/pilotage").status_code == 403
    answer = visit(None).get("/pilotage", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")


def test_facts_lead_back_to_no_one(db, engine, world):
    world.live("h1", K.REMOBILISATION, -400, -300)
    (fact,) = refreshed(db, engine).values()
    known = {str(row.id) for kind in (Journey, Person, PersonIdentity)
             for row in db.exec(select(kind)).all()}  # fmt: skip
    assert str(fact.id) not in known
    assert fact.human not in {p.human_hash for p in db.exec(select(Person)).all()}
