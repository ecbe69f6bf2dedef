"""Where each alert of a journey's page leads: to what makes it fall, for who may open it."""

from datetime import timedelta

import pytest

from coordination.agencies.models import Membership, Professional, Role
from coordination.committees.models import AgendaItem, FollowUp, ItemState, Section
from coordination.signals.models import Signal, SignalCode
from tests.conftest import soup


@pytest.fixture
def late(act, town):
    """An action decided about Dana is overdue; Rosa works with Alice and sits nowhere."""
    with act() as db:
        rosa = Professional(given_name="Rosa", usual_name="Klein", email="rosa@example.org")
        item = AgendaItem(meeting_id=town.meeting.id, section=Section.SITUATIONS, rank=3,
                          journey_id=town.journey.id, person_id=town.dana.id,
                          state=ItemState.EXAMINED)  # fmt: skip
        db.add_all([rosa, item])
        db.flush()
        due_on = town.today - timedelta(days=3)
        action = FollowUp(committee_id=town.committee.id, meeting_id=town.meeting.id,
                          item_id=item.id, person_id=town.dana.id, agency_id=town.mission.id,
                          what="Appeler", due_on=due_on, confirmed=True)  # fmt: skip
        db.add_all([action, Membership(professional_id=rosa.id, agency_id=town.mission.id,
                                       role=Role.ADVISER, from_on=due_on)])  # fmt: skip
        db.flush()
        db.add(Signal(journey_id=town.journey.id, person_id=town.dana.id,
                      agency_id=town.mission.id, code=SignalCode.SUITE_EN_RETARD,
                      subject_id=action.id, since_on=due_on, sentence="En retard."))  # fmt: skip
    town.rosa = rosa
    return town


def ways(browser, town):
    page = soup(browser.get(f"/parcours/{town.journey.id}"))
    return {a["href"] for a in page.select("section[aria-labelledby=alerts] .row-actions a")}


def test_an_overdue_action_leads_to_where_it_is_settled(visit, late):
    alice = visit("alice")
    settled = f"/seances/{late.meeting.id}/suivi"
    assert settled in ways(alice, late) and "#fil" not in ways(alice, late)
    page = soup(alice.get(settled))
    assert page.select_one("#actions form.row-actions") is not None


def test_who_does_not_sit_there_is_led_to_the_journeys_thread(visit, late):
    rosa = visit("rosa")
    assert rosa.get(f"/seances/{late.meeting.id}/suivi").status_code in (403, 404)
    assert "#fil" in ways(rosa, late)
    assert not any("/seances/" in way for way in ways(rosa, late))
