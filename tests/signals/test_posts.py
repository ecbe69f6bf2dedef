"""Who holds the thread: a référent, else their replacement while they work there; and since when
nobody does. The day before, the day, the day after."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination.agencies.models import Membership, Professional, Role
from coordination.journeys.models import Referent
from coordination.journeys.models_along import ReferentAbsence

DAY = timedelta(days=1)
AROUND = pytest.mark.parametrize


@pytest.fixture(autouse=True)
def _quiet(db, town, met):
    """Dana was seen yesterday and her journey ends far away: only what a test says is raised."""
    db.add_all([town.journey, town.mission])
    met(town.journey, town.today - DAY)
    town.journey.planned_end_on = town.today + timedelta(days=400)


@pytest.fixture
def add(db, town):
    """add(Kind, …) → a row of Dana's journey."""

    def make(kind, /, **columns):
        row = kind(journey_id=town.journey.id, **columns)
        db.add(row)
        db.flush()
        return row

    return make


@pytest.fixture
def works(db, town):
    """What makes Nora a colleague of Alice's."""
    nora = Professional(given_name="Nora", usual_name="Petit", email="nora@example.org")
    db.add(nora)
    db.flush()
    row = Membership(professional_id=nora.id, agency_id=town.mission.id, role=Role.ADVISER,
                     from_on=date(2025, 9, 1))  # fmt: skip
    db.add(row)
    return row


def referent(db, town):
    return db.exec(select(Referent).where(Referent.journey_id == town.journey.id)).one()


@AROUND(("days", "raised"), [(1, False), (0, False), (-1, True)])
def test_who_is_away_is_replaced_as_long_as_the_replacement_works_there(
    db, town, said, add, works, days, raised
):
    works.until_on = town.today + timedelta(days=days)  # the last day
    add(ReferentAbsence, referent_id=referent(db, town).id, from_on=town.today - 30 * DAY,
        replacement_id=works.professional_id)  # fmt: skip
    assert ("referent_absent" in said()) is raised


def test_the_first_day_without_is_the_morrow_of_the_replacements_last(db, town, said, add, works):
    works.until_on = date(2026, 5, 31)
    away = add(ReferentAbsence, referent_id=referent(db, town).id, from_on=date(2026, 5, 4),
               replacement_id=works.professional_id)  # fmt: skip
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 1er juin 2026"}
    away.from_on = date(2026, 6, 2)
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 2 juin 2026"}


def test_a_replacement_whose_account_is_closed_or_who_works_elsewhere_replaces_nobody(
    db, town, said, add, works
):
    away = add(ReferentAbsence, referent_id=referent(db, town).id, from_on=date(2026, 6, 2),
               replacement_id=works.professional_id)  # fmt: skip
    assert said() == {}
    db.get_one(Professional, works.professional_id).disabled = True
    assert list(said()) == ["referent_absent"]
    away.replacement_id = town.bruno.id  # of an agency that does not follow the journey
    assert list(said()) == ["referent_absent"]


def test_a_replacement_from_another_journeys_agency_replaces_nobody_here(
    db, town, said, add, works
):
    add(ReferentAbsence, referent_id=referent(db, town).id, from_on=date(2026, 6, 2),
        replacement_id=town.bruno.id)  # fmt: skip
    elsewhere = db.exec(
        select(Membership.agency_id).where(Membership.professional_id == town.bruno.id)
    ).one()
    town.sami_journey.agency_id = elsewhere
    db.add(town.sami_journey)
    assert list(said()) == ["referent_absent"]


def test_of_two_referents_the_last_to_go_says_the_first_day_without(db, town, said, add, works):
    first = referent(db, town)
    add(ReferentAbsence, referent_id=first.id, from_on=date(2026, 3, 2))
    add(Referent, professional_id=works.professional_id, from_on=date(2026, 1, 5),
        until_on=date(2026, 5, 11))  # fmt: skip
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 11 mai 2026"}
    first.until_on = date(2026, 5, 20)  # ended while away already: nothing changes
    assert said() == {"referent_absent": "Sans référent·e en poste depuis le 11 mai 2026"}
