"""Asking for an examination, withdrawing it, setting an alert aside: in a browser."""

from datetime import timedelta

import pytest
from sqlmodel import select

from coordination.agencies.models import Agency, AgencyKind
from coordination.audit import AuditEntry
from coordination.committees.models import (
    AgendaItem,
    CommitteeAgency,
    Decision,
    DecisionOutcome,
    DecisionState,
    Section,
)
from coordination.outbox import Notice, Stale
from coordination.postman import signals as letters
from coordination.signals import demands, life
from coordination.signals.models import Demand, DemandState, Signal, SignalCode, SignalState
from tests.conftest import soup

ANSWERS = {
    "question": "Quelle suite après la remobilisation ?",
    "tried": "Deux immersions en espaces verts.",
    "wish": "« Travailler dehors, pas trop loin. »",
    "told": "oui",
}


def sent(key, **more):
    return ANSWERS | {"_key": key()} | more


def rows(db, kind):
    db.commit()
    return db.exec(select(kind)).all()


@pytest.fixture
def address(town):
    return f"/parcours/{town.journey.id}/demande"


@pytest.fixture
def asked(act, town):
    with act() as session:
        return demands.ask(
            session,
            town.journey,
            question="Quelle suite ?",
            tried="",
            wish="Dehors",
            told=True,
            agencies=[],
            actor=town.actor("alice"),
        )


def test_a_demand_is_kept_raises_its_alert_and_tells_the_secretary(visit, town, db, key, address):
    answer = visit("alice").post(
        address, data=sent(key, agencies=[str(town.ccas.id)]), follow_redirects=False
    )
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    (demand,) = rows(db, Demand)
    assert demand.question == ANSWERS["question"]
    assert demand.wish == ANSWERS["wish"]
    assert demand.told is True
    assert demand.agencies == [str(town.ccas.id)]
    alert = next(s for s in rows(db, Signal) if s.code is SignalCode.DEMANDE_EXAMEN)
    assert alert.subject_id == demand.id
    assert (alert.severity, alert.sentence) == (
        3,
        "Demande d’examen déposée le 4\u00a0juin 2026",
    )
    notice = next(n for n in rows(db, Notice) if n.kind == "signals.demand")
    (mail,) = letters.demand(db, notice)
    assert mail.to == "sophie@example.org"
    assert "Mission locale du Lodévois" in mail.text
    for told in ("BENALI", "Benali", "Dana", "remobilisation", "dehors"):
        assert told not in mail.text


def test_what_people_typed_is_not_in_the_journal(db, asked):
    said = "".join(db.exec(select(AuditEntry.entry)).all())
    assert "signals.ask" in said
    assert "Quelle suite" not in said


def test_the_page_offers_the_agencies_of_the_committee_but_ours(visit, town, db, address):
    stranger = Agency(name="Loin d’ici", kind=AgencyKind.CCAS, territory_id=town.territory.id)
    left = Agency(name="Partie hier", kind=AgencyKind.CCAS, territory_id=town.territory.id)
    db.add_all([stranger, left])
    db.flush()
    db.add(
        CommitteeAgency(
            committee_id=town.committee.id,
            agency_id=left.id,
            from_on=town.today - timedelta(days=9),
            until_on=town.today - timedelta(days=1),
        )
    )
    db.commit()
    page = soup(visit("alice").get(address))
    offered = [box["value"] for box in page.select("input[name=agencies]")]
    assert offered == [str(town.greta.id), str(town.ccas.id)]
    assert "BENALI Dana" in page.select_one("main").text


def test_an_agency_that_is_not_on_the_committee_is_refused(visit, town, db, key, address):
    answer = visit("alice").post(address, data=sent(key, agencies=str(town.elsewhere.id)))
    assert answer.status_code == 422
    assert rows(db, Demand) == []


def test_without_a_question_nothing_is_kept_and_nothing_typed_is_lost(visit, db, key, address):
    answer = visit("alice").post(address, data=sent(key, question="", told=""))
    assert answer.status_code == 422
    page = soup(answer)
    assert page.select_one("textarea[name=tried]").text.strip() == ANSWERS["tried"]
    assert {a["href"] for a in page.select(".error-summary a")} == {"#f-question", "#f-told"}
    assert rows(db, Demand) == []


def test_a_delicate_word_is_shown_once_then_kept_if_the_author_says_so(visit, db, key, address):
    told = sent(key, tried="Sorti de prison en mars.")
    answer = visit("alice").post(address, data=told)
    assert answer.status_code == 422
    assert "«\u00a0prison\u00a0» touche à la justice" in answer.text
    assert rows(db, Demand) == []
    again = sent(key, tried="Sorti de prison en mars.", reread="1")
    assert visit("alice").post(address, data=again, follow_redirects=False).status_code == 303
    assert len(rows(db, Demand)) == 1


def test_a_tag_in_the_question_is_shown_not_run(visit, key, address):
    visit("alice").post(address, data=sent(key, question="<script>alert(1)</script> et après ?"))
    assert "<script>alert(1)" not in visit("alice").get(address).text


def test_a_second_demand_waits_for_the_first(visit, db, key, address, asked):
    answer = visit("alice").post(address, data=sent(key))
    assert answer.status_code == 409
    assert "déjà déposée" in answer.text
    assert len(rows(db, Demand)) == 1


def test_a_double_click_asks_once(visit, db, key, address):
    told = sent(key)
    for _ in range(2):
        assert visit("alice").post(address, data=told, follow_redirects=False).status_code == 303
    assert len(rows(db, Demand)) == 1


def test_withdrawing_ends_the_alert_and_holds_the_letter_back(visit, db, key, address, asked):
    answer = visit("alice").post(
        f"{address}/{asked.id}/retirer", data={"_key": key(), "_version": "1"}
    )
    assert "Votre demande est retirée." in answer.text
    (demand,) = rows(db, Demand)
    assert demand.state is DemandState.WITHDRAWN
    alerts = [s for s in rows(db, Signal) if s.code is SignalCode.DEMANDE_EXAMEN]
    assert [a.ended_at is None for a in alerts] == [False]
    notice = next(n for n in rows(db, Notice) if n.kind == "signals.demand")
    with pytest.raises(Stale):
        letters.demand(db, notice)


def test_an_old_page_cannot_withdraw(visit, db, key, address, asked):
    url = f"{address}/{asked.id}/retirer"
    answer = visit("alice").post(url, data={"_key": key(), "_version": "7"})
    assert answer.status_code == 409
    assert rows(db, Demand)[0].state is DemandState.OPEN


def test_previous_demands_show_what_was_answered(visit, town, db, address, asked):
    db.add(town.meeting)
    item = AgendaItem(
        meeting_id=town.meeting.id,
        section=Section.SITUATIONS,
        rank=1,
        demand_id=asked.id,
        journey_id=town.journey.id,
    )
    db.add(item)
    db.flush()
    for state, text in (
        (DecisionState.CONFIRMED, "Proposer un essai en espaces verts."),
        (DecisionState.RECORDED, "Pas encore confirmée."),
    ):
        db.add(
            Decision(
                item_id=item.id,
                meeting_id=town.meeting.id,
                outcome=DecisionOutcome.MAINTAIN,
                text=text,
                state=state,
            )
        )
    db.commit()
    page = soup(visit("alice").get(address)).select_one(f"#demande-{asked.id}").text
    assert "Proposer un essai en espaces verts." in page
    assert "Pas encore confirmée." not in page


@pytest.mark.parametrize(
    ("who", "status"),
    [("chloe", 404), ("bruno", 404), ("eva", 404), ("sophie", 403), ("regine", 403)],
)
def test_only_the_carrying_agency_finds_the_page(visit, db, key, address, who, status):
    assert visit(who).get(address).status_code == status
    assert visit(who).post(address, data=sent(key)).status_code == status
    assert rows(db, Demand) == []


def test_who_has_not_signed_in_is_led_to_the_door(visit, address):
    answer = visit(None).get(address, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/connexion")


def test_opening_the_page_is_remembered(visit, town, db, address):
    from coordination.audit import AccessLine

    visit("alice").get(address)
    (line,) = [line for line in rows(db, AccessLine) if line.person_id == town.dana.id]
    assert line.route == "signals:demand"


# ── setting an alert aside ────────────────────────────────────────────────────────────────────


@pytest.fixture
def alert(act, town):
    with act() as session:
        made = Signal(
            journey_id=town.journey.id,
            person_id=town.dana.id,
            agency_id=town.mission.id,
            code=SignalCode.SANS_CONTACT,
            subject_id=town.journey.id,
            since_on=town.today,
            sentence="Sans contact depuis 40 jours",
        )
        session.add(made)
    return made


def test_an_alert_is_set_aside_with_a_reason_until_a_day(visit, town, db, key, alert):
    until = town.today + timedelta(days=30)
    answer = visit("alice").post(
        f"/alertes/{alert.id}/ecarter",
        data={"_key": key(), "reason": "Contact pris par le partenaire", "until_on": str(until)},
        follow_redirects=False,
    )
    assert answer.headers["location"] == f"/parcours/{town.journey.id}"
    (row,) = rows(db, Signal)
    assert (row.state, row.dismissed_until) == (SignalState.DISMISSED, until)
    assert row.ended_at is not None


@pytest.mark.parametrize(
    ("reason", "until"),
    [("", "2026-07-01"), ("Vu", ""), ("Vu", "2026-02-31"), ("Vu", "2026-06-04"),
     ("Vu", "2027-06-06")],
)  # fmt: skip
def test_without_a_reason_and_a_day_to_come_it_stays(visit, db, key, alert, reason, until):
    data = {"_key": key(), "reason": reason, "until_on": until}
    answer = visit("alice").post(f"/alertes/{alert.id}/ecarter", data=data)
    assert answer.status_code == 422
    assert "Sans contact depuis 40 jours" in answer.text
    assert rows(db, Signal)[0].state is SignalState.RAISED


@pytest.mark.parametrize(
    ("who", "status"), [("chloe", 404), ("eva", 404), ("sophie", 403), ("diane", 403)]
)
def test_a_stranger_cannot_set_an_alert_aside(visit, db, key, alert, who, status):
    data = {"_key": key(), "reason": "Vu", "until_on": "2026-07-01"}
    assert visit(who).post(f"/alertes/{alert.id}/ecarter", data=data).status_code == status
    assert visit(who).get(f"/alertes/{alert.id}/ecarter").status_code == status
    assert rows(db, Signal)[0].state is SignalState.RAISED


def test_a_demand_is_withdrawn_not_set_aside(visit, db, key, asked):
    alert = next(s for s in rows(db, Signal) if s.code is SignalCode.DEMANDE_EXAMEN)
    data = {"_key": key(), "reason": "Vu", "until_on": "2026-07-01"}
    answer = visit("alice").post(f"/alertes/{alert.id}/ecarter", data=data)
    assert answer.status_code == 422
    assert "elle se retire" in answer.text


def test_on_an_agenda_then_treated_the_demand_is_examined(act, db, asked):
    ids = [s.id for s in rows(db, Signal) if s.code is SignalCode.DEMANDE_EXAMEN]
    with act() as session:
        assert life.put_on_agenda(session, [str(i) for i in ids]) == 1
    assert rows(db, Demand)[0].state is DemandState.ON_AGENDA
    db.expire_all()
    with act() as session:
        assert life.treat(session, ids) == 1
    db.expire_all()
    assert rows(db, Demand)[0].state is DemandState.EXAMINED
    treated = next(s for s in rows(db, Signal) if s.id == ids[0])
    assert (treated.state, treated.ended_at is None) == (SignalState.TREATED, False)
