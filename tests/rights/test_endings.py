"""An agreement that ends is proposed again, once, thirty days before."""

import pytest
from sqlmodel import select

from coordination import assembly, outbox, worker
from coordination.agencies.models import Membership, Professional, Role
from coordination.journeys.models import Referent
from coordination.outbox import Notice, NoticeState
from coordination.postman import agreements as letters
from tests.conftest import soup
from tests.rights.test_pages import here, looked, proof, said


@pytest.fixture
def signed(visit, town, key):
    """Sami signed for three months, today: until 4 September 2026."""
    answer = visit("alice").post(
        here(town), data=said(town, key, months="3"), files=proof(), follow_redirects=False
    )
    return answer.headers["location"]


def run(engine):
    return assembly.JOBS["rights.endings"](engine, {})


def waiting(client):
    """The panel of agreements that end, as text."""
    panel = soup(client.get("/aujourdhui")).select_one("#panel-accords-echus")
    return panel.find_parent("section").text if panel else ""


def notices(db):
    return looked(db, select(Notice).where(Notice.kind == "rights.ending"))


def test_the_word_leaves_once_on_the_thirtieth_day_before(engine, db, town, signed, stopped_clock):
    stopped_clock.later(days=61)  # 4 August: 31 days are left
    assert run(engine) == {"told": 0}
    stopped_clock.later(days=1)
    assert run(engine) == {"told": 1}
    stopped_clock.later(days=3)
    assert run(engine) == {"told": 0}
    [notice] = notices(db)
    assert notice.professional_id == town.alice.id
    [mail] = letters.LETTERS["rights.ending"](db, notice)
    assert mail.to == "alice@example.org"
    assert "4\u00a0septembre 2026" in mail.text
    assert signed in mail.text
    for word in ("Sami", "ORTEGA", "CCAS"):
        assert word not in mail.text


def test_it_waits_on_the_morning_page_of_who_follows_the_person(visit, town, signed, stopped_clock):
    before = waiting(visit("alice"))
    assert "BENALI Dana" in before and "oral" in before
    assert "ORTEGA Sami" not in before
    stopped_clock.later(days=62)
    assert "ORTEGA Sami" in waiting(visit("alice"))
    assert signed in visit("alice").get("/aujourdhui").text
    for other in ("bruno", "chloe", "eva"):
        assert "ORTEGA Sami" not in visit(other).get("/aujourdhui").text


def test_a_longer_agreement_with_the_same_agency_ends_the_reminder(
    visit, town, engine, key, signed, stopped_clock
):
    stopped_clock.later(days=62)
    renewal = {"way": "paper", "months": "12", "attested": "1", "_key": key()}
    visit("alice").post(f"{signed}/renouveler", data=renewal, files=proof())
    assert run(engine) == {"told": 0}
    assert "ORTEGA Sami" not in waiting(visit("alice"))


def test_an_oral_agreement_has_its_own_reminder_only(engine, db, town):
    assert run(engine) == {"told": 0}  # Dana's two are oral, and end in thirty days
    assert notices(db) == []


def test_a_letter_about_what_was_taken_back_stays_here(
    visit, town, engine, db, key, signed, stopped_clock
):
    stopped_clock.later(days=62)
    run(engine)
    visit("alice").post(f"{signed}/retirer", data={"what": "whole", "_key": key()})
    with pytest.raises(outbox.Stale):
        letters.LETTERS["rights.ending"](db, notices(db)[0])
    db.commit()
    worker.deliver(engine)
    assert notices(db)[0].state is NoticeState.DROPPED


def test_when_who_recorded_it_has_left_the_referent_hears(
    act, engine, db, town, signed, stopped_clock
):
    with act() as session:
        session.merge(town.alice).disabled = True
        nina = Professional(given_name="Nina", usual_name="Roche", email="nina@example.org")
        session.add(nina)
        session.flush()
        session.add(
            Membership(professional_id=nina.id, agency_id=town.mission.id, role=Role.ADVISER,
                       from_on=town.today)
        )  # fmt: skip
        session.add(
            Referent(journey_id=town.sami_journey.id, professional_id=nina.id, from_on=town.today)
        )
    stopped_clock.later(days=62)
    assert run(engine) == {"told": 1}
    assert notices(db)[0].professional_id == nina.id
