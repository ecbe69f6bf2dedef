"""« Lever la séance » : read first, then all of it in one transaction."""

import pytest
from sqlmodel import select

from coordination import assembly
from coordination import db as base
from coordination.agencies import actors
from coordination.committees import actions
from coordination.committees.live import adjourning
from coordination.committees.models import (
    AgendaItem,
    Decision,
    DecisionState,
    FollowUp,
    FollowUpState,
    ItemState,
    Meeting,
    MeetingState,
)
from coordination.errors import Invalid
from coordination.outbox import Notice
from coordination.referrals.models import Referral
from coordination.signals.models import Demand, DemandState
from tests.committees import in_session
from tests.conftest import soup


@pytest.fixture
def scene(db, town):
    in_session.begin(db, town)
    in_session.point_at(db, town, town.item)
    return town


@pytest.fixture
def decided(visit, scene, db, key):
    """Dana is referred (covered), Sami too (not covered), an action is taken; point 3 waits."""
    sophie = visit("sophie")
    said = {
        "outcome": "referral",
        "text": "Un bilan mobilité",
        "need_code": "23",
        "destination_1": str(scene.ccas.id),
        "teller": str(scene.alice.id),
        "tell_by": "2026-06-11",
    }
    for item in (scene.item, scene.other):
        sent = said | {"item": str(item.id), "_key": key()}
        assert sophie.post(at(scene, "decisions"), data=sent).status_code == 200
    action = {"what": "Appeler la région", "agency": str(scene.greta.id), "due_on": "2026-06-20"}
    sent = action | {"item": str(scene.item.id), "_key": key()}
    assert sophie.post(at(scene, "actions"), data=sent).status_code == 200
    return scene


def at(scene, page: str) -> str:
    return f"/seances/{scene.meeting.id}/{page}"


def pulse(browser, scene) -> str:
    page = soup(browser.get(at(scene, "lever")))
    form = next(f for f in page.select("main form") if "lever" in f["action"])
    return form.select_one("[name=_version]")["value"]


def adjourn(browser, scene, key):
    data = {"_version": pulse(browser, scene), "_key": key()}
    return browser.post(at(scene, "lever"), data=data, follow_redirects=False)


def fresh(db):
    db.rollback()
    db.expire_all()


def test_the_page_says_what_will_leave_and_what_waits(visit, decided):
    page = soup(visit("paul").get(at(decided, "lever"))).select_one("main").text
    assert "1 orientation partira" in page and "1 attendra un accord" in page
    assert "Martin".upper() in page and "11\u00a0juin 2026" in page  # who tells, before when
    assert "Places en formation" in page  # carried over
    assert "BENALI" not in page  # the chair's agency is not covered


def test_reading_the_page_sends_nothing(visit, decided, db):
    visit("paul").get(at(decided, "lever"))
    fresh(db)
    assert db.exec(select(Referral)).all() == [] and db.exec(select(Notice)).all() == []


def test_confirming_makes_everything_and_adjourns(visit, decided, db, key):
    answer = adjourn(visit("paul"), decided, key)
    assert answer.status_code == 303
    fresh(db)
    assert db.get_one(Meeting, decided.meeting.id).state is MeetingState.ADJOURNED
    assert {r.status.value for r in db.exec(select(Referral))} == {"sent", "awaiting_consent"}
    states = {i.number: i.state for i in db.exec(select(AgendaItem))}
    assert states == {1: ItemState.EXAMINED, 2: ItemState.EXAMINED, 3: ItemState.CARRIED}
    assert db.get_one(Demand, decided.demand.id).state is DemandState.EXAMINED
    assert db.exec(select(FollowUp)).one().confirmed
    kinds = sorted(n.kind for n in db.exec(select(Notice)))
    assert kinds.count("decision.to_tell") == 2 and kinds.count("action.decided") == 1


def test_lifted_twice_nothing_happens_twice(visit, decided, db, key):
    paul = visit("paul")
    version, one = pulse(paul, decided), key()
    for again in (one, one, key()):
        paul.post(at(decided, "lever"), data={"_version": version, "_key": again})
    fresh(db)
    assert len(db.exec(select(Referral)).all()) == 2


def test_a_fault_at_the_end_keeps_nothing_and_it_can_be_done_again(engine, decided, db, act):
    def fault(session):
        raise OSError("the disk is full")

    with pytest.raises(OSError), base.transaction(engine, (*assembly.CLOSERS, fault)) as session:
        lift(session, decided)
    fresh(db)
    assert db.get_one(Meeting, decided.meeting.id).state is MeetingState.OPEN
    assert db.exec(select(Referral)).all() == [] and db.exec(select(Notice)).all() == []
    assert {d.state for d in db.exec(select(Decision))} == {DecisionState.RECORDED}
    db.rollback()
    with act() as session:
        lift(session, decided)
    fresh(db)
    assert len(db.exec(select(Referral)).all()) == 2


def lift(session, scene):
    paul = actors.of_professional(session, scene.paul.id)
    adjourning.adjourn(session, session.get_one(Meeting, scene.meeting.id), actor=paul)


def test_what_changed_since_is_read_again_first(visit, decided, db, key):
    paul = visit("paul")
    version = pulse(paul, decided)
    said = {"item": str(decided.free.id), "outcome": "usual_follow_up", "_key": key()}
    visit("sophie").post(at(decided, "decisions"), data=said)
    answer = paul.post(at(decided, "lever"), data={"_version": version, "_key": key()})
    assert answer.status_code == 409 and "relisez ce qui va partir" in answer.text
    fresh(db)
    assert db.exec(select(Referral)).all() == []


def test_a_decision_that_cannot_take_effect_is_named_and_nothing_leaves(visit, decided, db, key):
    said = {"item": str(decided.other.id), "outcome": "extend", "until_on": "2027-01-31",
            "_version": "1", "_key": key()}  # fmt: skip
    assert visit("sophie").post(at(decided, "decisions"), data=said).status_code == 200
    journey = decided.sami_journey
    journey.state, journey.ended_on = "ended", decided.today
    db.add(journey)
    db.commit()
    answer = adjourn(visit("paul"), decided, key)
    assert answer.status_code == 409 and "Point 2" in answer.text
    fresh(db)
    assert db.exec(select(Referral)).all() == []
    assert db.get_one(Meeting, decided.meeting.id).state is MeetingState.OPEN


def test_the_secretary_reads_but_the_chair_confirms(visit, decided, db, key):
    sophie = visit("sophie")
    page = sophie.get(at(decided, "lever"))
    assert "La présidence du comité confirme" in page.text
    answer = sophie.post(at(decided, "lever"), data={"_version": "1", "_key": key()})
    assert answer.status_code == 403
    fresh(db)
    assert db.get_one(Meeting, decided.meeting.id).state is MeetingState.OPEN


def test_one_decision_may_leave_before_the_end(visit, decided, db, key):
    first = db.exec(select(Decision).where(Decision.item_id == decided.item.id)).one().id
    db.rollback()
    paul = visit("paul")
    assert paul.post(f"/decisions/{first}/confirmer", data={"_key": key()}).status_code == 200
    fresh(db)
    assert len(db.exec(select(Referral)).all()) == 1
    db.rollback()
    assert "Déjà parti" in paul.get(at(decided, "lever")).text
    adjourn(paul, decided, key)
    fresh(db)
    assert len(db.exec(select(Referral)).all()) == 2


def test_an_action_is_reported_by_its_agency_once_it_has_left(visit, decided, db, act, key):
    def report(state, words=""):
        with act() as session:
            bruno = actors.of_professional(session, decided.bruno.id)
            found = session.exec(select(FollowUp)).one()
            actions.report(session, found, state=state, report=words, actor=bruno)

    with pytest.raises(actions.TooLate):
        report(FollowUpState.DONE)
    adjourn(visit("paul"), decided, key)
    with pytest.raises(Invalid):
        report(FollowUpState.IMPOSSIBLE)
    report(FollowUpState.IMPOSSIBLE, "Plus de place avant la rentrée")
    fresh(db)
    assert db.exec(select(FollowUp)).one().state is FollowUpState.IMPOSSIBLE


def test_an_action_may_be_dropped_until_it_leaves(visit, decided, db, key):
    url = f"/actions/{db.exec(select(FollowUp)).one().id}/retirer"
    db.rollback()
    assert visit("chloe").post(url, data={"_key": key()}).status_code == 403
    assert visit("sophie").post(url, data={"_key": key()}).status_code == 200
    fresh(db)
    assert db.exec(select(FollowUp)).all() == []


def test_an_action_asks_what_and_which_agency(visit, scene, db, key):
    said = {"item": str(scene.item.id), "what": "", "due_on": "31/02/2026", "_key": key()}
    answer = visit("sophie").post(at(scene, "actions"), data=said)
    assert answer.status_code == 422 and "Cette date n’existe pas" in answer.text
    assert db.exec(select(FollowUp)).all() == []
