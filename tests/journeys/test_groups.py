"""Groups of a programme: how many, who, until when; from their page and from the journey's."""

import threading
from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import assembly, audit, db
from coordination.agencies.models import Membership, Professional, Role
from coordination.consent import restricted
from coordination.consent.models import RestrictionReason
from coordination.errors import Invalid
from coordination.journeys import groups, moves
from coordination.journeys.models import Journey, Outcome
from coordination.journeys.models_along import Cohort, CohortMember
from coordination.persons.models import Person
from coordination.programmes.models import ProgrammeRule
from tests import town as small
from tests.conftest import soup

LIST = "/parcours/groupes"


@pytest.fixture
def group(act, town):
    """A group of the mission's that began ten days ago, with no limit."""
    with act() as session:
        return groups.open_group(
            session, agency_id=town.mission.id, programme_id=town.programme.id,
            label="Groupe de juin", from_on=town.today - timedelta(days=10),
            actor=town.actor("alice"),
        )  # fmt: skip


@pytest.fixture
def at_most(act):
    def limit(number):
        with act() as session:
            rule = session.exec(select(ProgrammeRule)).one()
            rule.more = {"group_size_max": number}

    return limit


@pytest.fixture
def several(act, town):
    """several(3) → three more journeys of the mission in the programme."""

    def make(number):
        with act() as session:
            return [
                small.journey(
                    session, town,
                    small.person(session, town, f"Jeune {rank}", "Renard", date(2005, 1, 2)),
                    number=f"J-01{rank:02}",
                )
                for rank in range(number)
            ]  # fmt: skip

    return make


@pytest.fixture
def join(act, town, group):
    def enter(journey, **said):
        with act() as session:
            groups.join(
                session,
                session.get_one(Cohort, group.id),
                session.get_one(Journey, journey.id),
                actor=town.actor("alice"),
                **said,
            )

    return enter


@pytest.fixture
def post(visit, key, group):
    def send(to, who="alice", **said):
        path = f"{LIST}/{group.id}/{to}" if to else f"{LIST}/nouveau"
        verb = {"entrees": "enter", "departs": "leave", "cloture": "close"}.get(to, "")
        sent = {"_verb": verb, "_key": key()} | said
        return visit(who).post(path, data=sent, follow_redirects=False)

    return send


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


def test_a_group_is_opened_in_a_programme_that_the_agency_runs(post, look, town, visit):
    said = {"programme": str(town.programme.id), "label": "Groupe de septembre",
            "from_on": "2026-09-01", "until_on": "2027-06-30"}  # fmt: skip
    answer = post("", **said)
    assert answer.status_code == 303
    made = next(one for one in look(Cohort) if one.label == "Groupe de septembre")
    assert (made.agency_id, made.until_on) == (town.mission.id, date(2027, 6, 30))
    listed = soup(visit("alice").get(LIST)).main.text
    assert "Groupe de septembre" in listed
    assert "Groupe de septembre" not in visit("eva").get(LIST).text


def test_an_agency_opens_no_group_in_a_programme_it_does_not_run(post, look, town):
    said = {"programme": str(town.programme.id), "label": "Groupe", "from_on": "2026-09-01"}
    answer = post("", "bruno", **said)
    assert answer.status_code == 422
    assert "ne porte encore aucun dispositif" in answer.text
    assert len(look(Cohort.id)) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("label", "", "nécessaire"), ("from_on", "31/02/2026", "n’existe pas"),
     ("until_on", "2026-01-01", "après son début"), ("label", "A" * 90, "80 caractères")],
)  # fmt: skip
def test_a_wrong_field_is_said_at_the_field_and_what_was_typed_stays(
    post, look, town, field, value, said
):
    typed = {"programme": str(town.programme.id), "label": "Été", "from_on": "2026-09-01"}
    answer = post("", **(typed | {field: value}))
    assert answer.status_code == 422
    assert said in soup(answer).select_one(f"#f-{field}-error").text
    assert f'value="{typed["label"] if field != "label" else "2026-09-01"}"' in answer.text
    assert len(look(Cohort.id)) == 1


def test_a_journey_comes_in_and_leaves_from_the_groups_page(post, look, town, visit, group):
    assert post("entrees", entry=str(town.journey.id), enter_on="2026-06-04").status_code == 303
    page = soup(visit("alice").get(f"{LIST}/{group.id}"))
    assert "BENALI Dana" in page.select_one("#presents").text
    assert [one["value"] for one in page.select("#f-entry option[value]:not([value=''])")] == [
        str(town.sami_journey.id)
    ]
    member = look(CohortMember.id)[0]
    assert post("departs", member=str(member), leave_on="2026-06-04").status_code == 303
    assert look(CohortMember.until_on) == [town.today]
    gone = soup(visit("alice").get(f"{LIST}/{group.id}"))
    assert gone.select_one("#presents") is not None
    assert "Ont quitté le groupe" in gone.main.text


def test_a_full_group_says_so_at_the_field(post, look, town, at_most, join, several, visit, group):
    at_most(15)
    for one in several(15):
        join(one)
    answer = post("entrees", entry=str(town.journey.id), enter_on="2026-06-04")
    assert answer.status_code == 422
    said = soup(answer).select_one("#f-entry-error").text.replace("\u202f", " ")
    assert said == "Ce groupe est complet : 15 personnes au plus."
    assert len(look(CohortMember.id)) == 15
    page = soup(visit("alice").get(f"{LIST}/{group.id}"))
    assert "15 sur 15" in page.main.text
    assert page.select_one("#f-entry") is None  # nothing to fill in when nobody may come


def test_two_people_never_take_the_last_place(engine, town, at_most, join, several, group):
    at_most(15)
    there = several(18)
    for one in there[:14]:
        join(one)
    actor, barrier, full = town.actor("alice"), threading.Barrier(4), []

    def enter(journey):
        barrier.wait()
        try:
            with db.transaction(engine, assembly.CLOSERS) as session:
                groups.join(session, session.get_one(Cohort, group.id),
                            session.get_one(Journey, journey.id), actor=actor)  # fmt: skip
        except groups.Full as refusal:
            full.append(str(refusal))

    threads = [threading.Thread(target=enter, args=[one]) for one in there[14:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(full) == 3
    with db.reading(engine) as session:
        assert groups.size(session, group) == 15


def test_one_group_at_a_time(act, town, join, group):
    join(town.journey)
    join(town.journey)  # already there: nothing more
    with act() as session:
        other = groups.open_group(
            session, agency_id=town.mission.id, programme_id=town.programme.id, label="Autre",
            from_on=town.today, actor=town.actor("alice"),
        )  # fmt: skip
        session.flush()
        with pytest.raises(Invalid, match="déjà dans le groupe"):
            groups.join(session, other, session.get_one(Journey, town.journey.id),
                        actor=town.actor("alice"))  # fmt: skip


def test_the_place_in_a_group_whose_last_day_has_passed_is_given_back(
    act, town, join, group, look, stopped_clock
):
    join(town.journey)
    with act() as session:
        session.get_one(Cohort, group.id).until_on = town.today + timedelta(days=3)
    stopped_clock.later(days=10)
    with act() as session:
        other = groups.open_group(
            session, agency_id=town.mission.id, programme_id=town.programme.id, label="Suivant",
            from_on=town.today, actor=town.actor("alice"),
        )  # fmt: skip
        groups.join(session, other, session.get_one(Journey, town.journey.id),
                    actor=town.actor("alice"))  # fmt: skip
    assert sorted(look(CohortMember.until_on), key=str) == [town.today + timedelta(days=3), None]


def test_a_group_takes_only_journeys_of_its_agency_and_programme(act, town, group, post):
    with act() as session:
        other = small.journey(
            session, town, small.person(session, town, "Léo", "Roy", date(2003, 1, 2), "greta"),
            number="J-0999",
        )  # fmt: skip
    assert post("entrees", entry=str(other.id), enter_on="2026-06-04").status_code == 404
    with act() as session, pytest.raises(Invalid, match="de ce dispositif"):
        groups.join(session, session.get_one(Cohort, group.id),
                    session.get_one(Journey, other.id), actor=town.actor("alice"))  # fmt: skip


def test_a_group_closed_is_left_by_all_and_takes_nobody(post, look, town, join, group, visit):
    join(town.journey)
    assert post("cloture", on="2026-06-04").status_code == 303
    assert look(CohortMember.until_on) == [town.today]
    answer = post("entrees", entry=str(town.sami_journey.id), enter_on="2026-06-04")
    assert (answer.status_code, len(look(CohortMember.id))) == (422, 1)
    assert post("cloture", on="2026-06-04").status_code == 409
    assert "Groupe de juin" not in visit("alice").get(LIST).text
    assert "Groupe de juin" in visit("alice").get(f"{LIST}?passes=1").text
    assert "Qui entre" not in visit("alice").get(f"{LIST}/{group.id}").text


def test_the_end_of_a_journey_gives_its_place_back(act, town, join, look):
    join(town.journey)
    with act() as session:
        moves.end(session, session.get_one(Journey, town.journey.id), on=town.today,
                  outcome=Outcome.EMPLOYMENT, actor=town.actor("alice"))  # fmt: skip
    assert look(CohortMember.until_on) == [town.today]


def test_a_colleague_counts_whom_they_may_not_know(act, town, join, group, visit):
    join(town.journey)
    join(town.sami_journey)
    with act() as session:
        zoe = Professional(given_name="Zoé", usual_name="Lind", email="z@e.x")
        session.add(zoe)
        session.flush()
        session.add(Membership(professional_id=zoe.id, agency_id=town.mission.id,
                               role=Role.ADVISER, from_on=date(2026, 1, 1)))  # fmt: skip
        dana, why = session.get_one(Person, town.dana.id), RestrictionReason.VIOLENCE
        restricted.restrict(session, dana, reason=why, named=[], actor=town.actor("alice"))
    town.zoe = zoe
    own, other = (soup(visit(who).get(f"{LIST}/{group.id}")).main for who in ("alice", "zoe"))
    assert "BENALI Dana" in own.text
    for word in ("Dana", town.journey.number, str(town.journey.id)):
        assert word not in str(other)
    assert "ORTEGA Sami" in other.text
    assert "Une personne" in other.text
    assert other.select_one("#presents .count").text == "2"


@pytest.mark.parametrize("who", ["bruno", "chloe", "eva"])
def test_for_another_agency_the_group_does_not_exist(visit, post, look, town, group, join, who):
    join(town.journey)
    assert visit(who).get(f"{LIST}/{group.id}").status_code == 404
    assert post("cloture", who, on="2026-06-04").status_code == 404
    assert (
        post("entrees", who, entry=str(town.journey.id), enter_on="2026-06-04").status_code == 404
    )
    assert look(CohortMember.until_on) == [None]


@pytest.mark.parametrize("who", ["sophie", "regine", "adam"])
def test_who_follows_no_journey_is_told_so(visit, post, group, who):
    assert visit(who).get(LIST).status_code == 403
    assert visit(who).get(f"{LIST}/{group.id}").status_code == 403
    assert post("cloture", who, on="2026-06-04").status_code == 403


def test_a_group_closed_on_an_older_page_is_refused(post, act, group):
    with act() as session:
        session.get_one(Cohort, group.id).version = 2
    assert post("cloture", on="2026-06-04", _version="1").status_code == 409


def test_from_the_journeys_page_one_enters_a_group_and_leaves_it(visit, key, town, group, look):
    browser, here = visit("alice"), f"/parcours/{town.journey.id}"
    assert "Entrer dans un groupe" in browser.get(here).text
    assert "Groupe de juin" in browser.get(f"{here}/faire/groupe").text
    said = {"entry": str(group.id), "on": "2026-06-04", "_key": key()}
    entered = browser.post(f"{here}/faire/groupe", data=said, follow_redirects=False)
    assert entered.headers["location"] == f"{here}#groupe"
    place = soup(browser.get(here)).select_one("#groupe")
    assert "Groupe de juin" in place.text
    assert "Entrer dans un groupe" not in place.text
    left = browser.post(f"{here}/faire/groupe-quitter", follow_redirects=False, data={
        "about": str(look(CohortMember.id)[0]), "on": "2026-06-04", "_key": key()})  # fmt: skip
    assert left.status_code == 303
    assert look(CohortMember.until_on) == [town.today]


def test_without_a_group_open_the_journey_says_nothing_of_groups(visit, town):
    assert soup(visit("alice").get(f"/parcours/{town.journey.id}")).select_one("#groupe") is None
    refused = visit("alice").get(f"/parcours/{town.journey.id}/faire/groupe")
    assert refused.status_code == 409
    assert "Aucun groupe" in refused.text


def test_the_list_asks_the_same_number_of_queries_whatever_its_length(
    visit, act, town, group, counting
):
    browser = visit("alice")

    def queries():
        counting.clear()
        assert browser.get(LIST).status_code == 200
        return len(counting)

    queries()
    few = queries()
    with act() as session:
        for rank in range(8):
            groups.open_group(
                session, agency_id=town.mission.id, programme_id=town.programme.id,
                label=f"Groupe {rank}", from_on=town.today, actor=town.actor("alice"),
            )  # fmt: skip
    assert queries() == few


def test_the_page_asks_the_same_number_of_queries_whatever_the_size(
    visit, town, group, join, several, counting
):
    browser = visit("alice")

    def queries():
        counting.clear()
        assert browser.get(f"{LIST}/{group.id}").status_code == 200
        return len(counting)

    join(town.journey)
    queries()
    few = queries()
    for one in several(9):
        join(one)
    assert queries() == few


def test_each_act_is_in_the_journal(act, town, join, group, look):
    join(town.journey)
    with act() as session:
        groups.close(session, session.get_one(Cohort, group.id), actor=town.actor("alice"))
    entries = [row.entry for row in look(audit.AuditEntry)]
    for verb in ("group.open", "group.join", "group.leave", "group.close"):
        assert any(f'"{verb}"' in entry for entry in entries), verb
