"""The sum behind the word, the delays of a territory, the portfolios of a team: pages and verbs."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import assembly
from coordination import db as house
from coordination.agencies.models import Membership, Role
from coordination.journeys.models import Journey, Referent
from coordination.programmes.models import ProgrammeRule
from coordination.signals import life, runner, teams
from coordination.signals.models import Patience, Signal, TeamSignal
from tests.conftest import soup

DAY = timedelta(days=1)


@pytest.fixture
def night(engine):
    return lambda: runner.run(engine, assembly.RULES)


def test_the_sum_is_on_demand_with_nothing_hidden(engine, town, visit, night):
    night()
    address = f"/parcours/{town.journey.id}/alertes"
    adviser = visit("alice")
    assert address in adviser.get(f"/parcours/{town.journey.id}").text
    page = soup(adviser.get(address))
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")]
            for row in page.select("tbody tr")]  # fmt: skip
    (said,) = [row for row in rows if row[0].startswith("Sans contact")]
    assert said[1:] == ["2", "× 2", "4"]
    assert page.select_one("#total").get_text(" ", strip=True) == "Somme\u202f: 4"
    assert page.select_one("#sum").get_text(strip=True) == "À examiner d’abord"


def test_past_alerts_keep_their_reason_and_their_day(act, engine, town, visit, night):
    night()
    with act() as session:
        signal = session.exec(
            select(Signal).where(Signal.journey_id == town.journey.id).with_for_update()
        ).one()
        life.dismiss(session, signal, reason="Vue à l’entretien", until_on=date(2026, 7, 1),
                     actor=town.actor("alice"))  # fmt: skip
    text = soup(visit("alice").get(f"/parcours/{town.journey.id}/alertes")).get_text(
        " ", strip=True
    )
    assert "Motif\u202f: Vue à l’entretien" in text
    assert "pas avant le 01/07/2026" in text
    assert "Aucune alerte" in text


def test_a_stranger_sees_no_sum(town, visit):
    for who in ("eva", "bruno"):
        assert visit(who).get(f"/parcours/{town.journey.id}/alertes").status_code == 404
    assert visit("regine").get(f"/parcours/{town.journey.id}/alertes").status_code == 403


# ── the patience of a territory ──────────────────────────────────────────────────────────────────


def change(visitor, town, **fields):
    page = soup(visitor.get("/administration/delais"))
    key = page.select_one("form[action='/administration/delais'] input[name=_key]")["value"]
    sent = {"_key": key, "territory": str(town.territory.id), "from_on": "2026-06-04"} | fields
    return visitor.post("/administration/delais", data=sent)


def test_the_administrator_changes_the_delays_of_a_territory_from_a_day(engine, town, visit):
    admin = visit("adam")
    assert change(admin, town, wait_weeks="2", need_weeks="12").status_code == 200
    assert change(admin, town, wait_weeks="3").status_code == 200  # said again for the same day
    assert change(admin, town, wait_weeks="6", from_on="2026-09-01").status_code == 200
    with house.reading(engine) as session:
        rows = session.exec(select(Patience).order_by(Patience.from_on)).all()
        assert [(r.from_on.isoformat(), r.wait_weeks, r.need_weeks) for r in rows] == [
            ("2026-06-04", 3, None), ("2026-09-01", 6, None),
        ]  # fmt: skip
    text = soup(admin.get("/administration/delais")).get_text(" ", strip=True)
    assert "Lodévois 01/09/2026 (à venir) 6 règle commune" in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [({}, "au moins un délai"), ({"wait_weeks": "0"}, "entre 1 et 52"),
     ({"wait_weeks": "2", "from_on": ""}, "date")],
)  # fmt: skip
def test_a_wrong_delay_is_refused_and_nothing_kept(engine, town, visit, fields, said):
    answer = change(visit("adam"), town, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    with house.reading(engine) as session:
        assert session.exec(select(Patience)).all() == []


def test_only_the_administrator_changes_delays(town, visit):
    for who in ("alice", "sophie", "regine"):
        assert visit(who).get("/administration/delais").status_code == 403


# ── portfolios ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def limited(engine, town):
    """limited(active=…, total=…): what the programme of the town holds reasonable."""

    def set_to(**limits):
        with house.transaction(engine) as session:
            rule = session.exec(
                select(ProgrammeRule).where(ProgrammeRule.programme_id == town.programme.id)
            ).one()
            for name, most in limits.items():
                setattr(rule, f"caseload_{name}_max", most)

    return set_to


def load(engine):
    with house.reading(engine) as session:
        rows = session.exec(select(TeamSignal).where(TeamSignal.ended_at.is_(None))).all()
        return [(row.agency_id, row.sentence.replace("\u00a0", " ")) for row in rows]


def test_a_portfolio_over_the_limit_is_said_of_the_agency_and_names_nobody(engine, town, limited):
    limited(active=2)
    assert teams.run(engine) == 0  # two journeys: at the limit
    limited(active=1)
    assert teams.run(engine) == 1
    assert load(engine) == [
        (
            town.mission.id,
            "1 portefeuille dépasse 1 parcours actif, maximum du dispositif ; le plus chargé en"
            " compte 2",
        )
    ]
    teams.run(engine)
    assert len(load(engine)) == 1  # the same night twice
    limited(active=2)
    teams.run(engine)
    assert load(engine) == []


def test_journeys_that_are_paused_weigh_on_the_whole_portfolio_only(engine, town, limited):
    with house.transaction(engine) as session:
        session.get_one(Journey, town.journey.id).state = "suspended"
    limited(active=1, total=2)
    assert teams.run(engine) == 0
    limited(total=1)
    assert teams.run(engine) == 1
    assert "1 portefeuille dépasse 1 parcours, maximum" in load(engine)[0][1]


def test_who_no_longer_holds_a_journey_is_not_counted(engine, town, limited):
    limited(active=1)
    with house.transaction(engine) as session:
        held = session.exec(select(Referent).where(Referent.journey_id == town.journey.id)).one()
        held.until_on = town.today
    assert teams.run(engine) == 0


def test_the_one_who_heads_the_team_reads_it_and_her_colleagues_do_not_this_morning(
    engine, town, limited, visit
):
    limited(active=1)
    teams.run(engine)
    assert "portefeuille dépasse" not in visit("alice").get("/aujourdhui").text
    assert "portefeuille dépasse" in visit("alice").get("/structure").text
    with house.transaction(engine) as session:
        session.add(Membership(professional_id=town.alice.id, agency_id=town.mission.id,
                               role=Role.MANAGER, from_on=town.today - DAY))  # fmt: skip
    assert "portefeuille dépasse" in visit("alice").get("/aujourdhui").text
    assert "portefeuille dépasse" not in visit("bruno").get("/structure").text
