"""The life of a meeting: planned without gaps, changed, postponed, cancelled, opened, closed."""

import threading
from datetime import date, timedelta

import pytest
from sqlmodel import select

from coordination import clock
from coordination.agencies import actors
from coordination.committees import members
from coordination.committees.agenda.freezing import freeze
from coordination.committees.live import attendance
from coordination.committees.meetings import calendar, days, states
from coordination.committees.models import (
    AgendaItem,
    ItemState,
    Meeting,
    MeetingMove,
    MeetingState,
    Section,
)
from coordination.consent import reach, rule
from coordination.consent.models import Reach, ReachKind
from coordination.errors import Invalid, Refused
from coordination.persons.categories import Category
from coordination.signals.models import Demand, DemandState, Signal, SignalCode, SignalState
from tests.committees.worlds import another_committee
from tests.conftest import soup

DAY = timedelta(days=1)
NEW = {"day": "2026-09-10", "starts": "09:30", "ends": "12:30", "place": "Salle 2"}


def plan(db, town, *, on=None, actor="sophie"):
    starts = on or clock.at(town.today + 30 * DAY, 14)
    return calendar.plan(
        db,
        town.committee,
        starts_at=starts,
        ends_at=starts + timedelta(hours=3),
        actor=actors.of_professional(db, getattr(town, actor).id),
    )


@pytest.mark.parametrize("verb", states.MOVES)
def test_a_move_starts_only_where_the_table_says(verb):
    for state in MeetingState:
        if states.allows(verb, state):
            assert states.after(verb, state) in MeetingState
        else:
            with pytest.raises(states.WrongMoment):
                states.after(verb, state)


def test_what_is_over_stays_over():
    for state in (MeetingState.CLOSED, MeetingState.CANCELLED):
        assert not any(states.allows(verb, state) for verb in states.MOVES)


def test_numbers_follow_each_other_by_committee_and_year(db, town):
    numbers = [plan(db, town).number for _ in range(3)]
    next_year = plan(db, town, on=clock.at(town.today.replace(year=2027), 14))
    assert numbers == [2, 3, 4]
    assert (next_year.year, next_year.number) == (2027, 1)


def test_the_year_of_a_number_is_the_one_lived_in_paris(db, town):
    eve = clock.at(town.today.replace(month=12, day=31), 23, 30)
    new_year = clock.at(town.today.replace(year=2027, month=1, day=1), 0, 30)
    assert plan(db, town, on=eve).year == 2026
    assert plan(db, town, on=new_year).year == 2027


def test_two_plans_at_once_take_two_numbers(act, town):
    def one():
        with act() as db:
            plan(db, town)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with act() as db:
        assert sorted(db.exec(select(Meeting.number))) == [1, 2, 3, 4, 5, 6, 7]


def test_a_meeting_that_ends_before_it_starts_is_refused(db, town):
    starts = clock.at(town.today + DAY, 14)
    with pytest.raises(Invalid):
        calendar.plan(
            db, town.committee, starts_at=starts, ends_at=starts, actor=town.actor("sophie")
        )


def test_every_move_leaves_a_step_and_grows_the_version(db, town):
    meeting, paul = plan(db, town), town.actor("paul")
    before = meeting.version
    calendar.open_meeting(db, meeting, actor=paul)
    calendar.suspend(db, meeting, actor=paul)
    calendar.resume(db, meeting, actor=paul)
    calendar.adjourn(db, meeting, actor=paul)
    db.flush()
    steps = db.exec(select(MeetingMove).where(MeetingMove.meeting_id == meeting.id)).all()
    assert sorted(s.verb for s in steps) == ["adjourn", "open", "plan", "resume", "suspend"]
    assert meeting.version == before + 4
    assert meeting.state is MeetingState.ADJOURNED
    assert meeting.opened_at == meeting.adjourned_at == clock.now()


def test_a_meeting_closes_only_once_its_minutes_are_sent(db, town):
    meeting, paul = plan(db, town), town.actor("paul")
    calendar.open_meeting(db, meeting, actor=paul)
    calendar.adjourn(db, meeting, actor=paul)
    with pytest.raises(Refused, match="relevé"):
        calendar.close(db, meeting, actor=paul)


def test_postponing_and_cancelling_need_a_reason(db, town):
    meeting = plan(db, town)
    for verb in (calendar.postpone, calendar.cancel):
        with pytest.raises(Invalid):
            verb(db, meeting, reason="", actor=town.actor("sophie"))
    assert meeting.state is MeetingState.PLANNED


def frozen(db, town):
    """Planned in thirty days, Dana's case its only point."""
    meeting = plan(db, town)
    point = AgendaItem(
        meeting_id=meeting.id, section=Section.SITUATIONS, rank=1, person_id=town.dana.id,
        journey_id=town.journey.id, agency_id=town.mission.id, state=ItemState.ACCEPTED,
    )  # fmt: skip
    db.add(point)
    freeze(db, meeting, actor=town.actor("sophie"))
    return meeting


def looking(db, meeting):
    """The agencies that have business to look, because of this meeting."""
    db.flush()
    return set(
        db.exec(
            select(Reach.agency_id).where(Reach.source_id == meeting.id, Reach.until_at.is_(None))
        )
    )


def ids(town, *agencies):
    return {getattr(town, agency).id for agency in agencies}


def sit(db, town, agency):
    members.add_agency(db, town.committee, getattr(town, agency), actor=town.actor("sophie"))


def open_for(db, town, meeting):
    return reach.open_to(
        db,
        person_id=town.dana.id,
        agency_id=town.ccas.id,
        kind=ReachKind.MEETING,
        source_id=meeting.id,
    )


def reads(db, town):
    """Whether Chloé's agency reads Dana's name in committee."""
    db.flush()
    found = rule.for_actor(db, town.actor("chloe"), [town.dana.id])
    return Category.IDENTITY in found.get(town.dana.id, {})


def test_a_postponed_meeting_closes_what_it_opened_and_opens_it_again(db, town, stopped_clock):
    meeting, sophie = frozen(db, town), town.actor("sophie")
    stopped_clock.later(days=1)
    assert reads(db, town)
    calendar.postpone(db, meeting, reason="Salle prise", actor=sophie)
    db.flush()
    assert not reads(db, town)
    stopped_clock.later(days=2)
    starts = clock.at(town.today + 60 * DAY, 9)
    calendar.change(db, meeting, starts_at=starts, ends_at=starts + DAY / 8, place="", actor=sophie)
    db.flush()
    assert reads(db, town)
    assert meeting.state is MeetingState.PLANNED
    assert looking(db, meeting) == ids(town, "mission", "greta", "ccas", "mde")


def test_who_sits_once_a_meeting_is_adjourned_looks_at_none_of_its_cases(db, town):
    meeting, sophie = frozen(db, town), town.actor("sophie")
    calendar.open_meeting(db, meeting, actor=sophie)
    calendar.adjourn(db, meeting, actor=sophie)
    sit(db, town, "elsewhere")
    assert looking(db, meeting) == ids(town, "mission", "greta", "ccas", "mde")


@pytest.mark.parametrize("days", [3, 40])
def test_who_sits_the_day_a_meeting_opens_looks_whatever_day_was_planned(
    db, town, stopped_clock, days
):
    """Before its day, or after it: nobody changed the date."""
    meeting, sophie = frozen(db, town), town.actor("sophie")
    stopped_clock.later(days=days)
    members.remove_agency(db, town.committee, town.ccas.id, actor=sophie)
    stopped_clock.later(days=1)
    sit(db, town, "elsewhere")
    calendar.open_meeting(db, meeting, actor=sophie)
    assert looking(db, meeting) == ids(town, "mission", "greta", "mde", "elsewhere")
    assert {seat.agency_id for seat in attendance.seats(db, meeting)} == (
        looking(db, meeting) - ids(town, "elsewhere")  # member, but nobody named yet
    )


def test_a_cancelled_meeting_gives_back_what_it_held(db, town, stopped_clock):
    meeting = plan(db, town)
    open_for(db, town, meeting)
    signal = Signal(
        journey_id=town.journey.id,
        person_id=town.dana.id,
        agency_id=town.mission.id,
        code=SignalCode.SANS_CONTACT,
        subject_id=town.journey.id,
        since_on=town.today,
        sentence="Aucun contact depuis 40 jours.",
        state=SignalState.ON_AGENDA,
    )
    demand = Demand(
        journey_id=town.journey.id,
        person_id=town.dana.id,
        agency_id=town.mission.id,
        professional_id=town.alice.id,
        asked_on=town.today,
        question="Quelle suite ?",
        state=DemandState.ON_AGENDA,
    )
    db.add_all([signal, demand])
    db.flush()
    item = AgendaItem(
        meeting_id=meeting.id,
        section=Section.SITUATIONS,
        rank=1,
        state=ItemState.ACCEPTED,
        demand_id=demand.id,
        signals=[str(signal.id)],
    )
    db.add(item)
    db.flush()
    stopped_clock.later(hours=1)
    calendar.cancel(db, meeting, reason="Pas assez de situations", actor=town.actor("sophie"))
    db.flush()
    assert not reads(db, town)
    assert (signal.state, demand.state) == (SignalState.RAISED, DemandState.OPEN)
    assert item.state is ItemState.WITHDRAWN


@pytest.mark.parametrize(
    ("day", "says"),
    [
        ("2026-07-14", "jour férié"),
        ("2026-06-06", "samedi"),
        ("2026-07-20", "vacances scolaires (zone c)"),
        ("2029-03-06", "pas encore connu"),
    ],
)
def test_what_to_know_of_a_day_is_said(day, says):
    assert any(says in word for word in days.about_day(date.fromisoformat(day), "76"))


def test_an_ordinary_day_raises_no_word():
    assert days.about_day(date(2026, 6, 9), "76") == []


def test_the_secretary_plans_a_meeting(visit, town, key):
    page = soup(visit("sophie").get(f"/seances/nouvelle?comite={town.committee.id}"))
    assert page.select_one("[name=place]")["value"] == town.committee.place
    sent = {**NEW, "comite": str(town.committee.id), "_key": key()}
    answer = visit("sophie").post("/seances/nouvelle", data=sent)
    assert answer.status_code == 200
    assert "Jeudi 10" in answer.text
    assert "séance 2 de 2026" in answer.text


def test_a_holiday_is_a_warning_and_not_a_wall(visit, town, key):
    sent = {**NEW, "day": "2026-07-14", "comite": str(town.committee.id), "_key": key()}
    answer = visit("sophie").post("/seances/nouvelle", data=sent)
    assert answer.status_code == 200
    assert "jour férié" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("day", "31/02/2026", "n’existe pas"),
        ("day", "12026-03-01", "n’existe pas"),
        ("day", "2050-03-01", "doit être entre"),
        ("starts", "25:00", "n’existe pas"),
        ("ends", "09:00", "finir après"),
        ("place", "x" * 300, "200 caractères au plus"),
        ("video_url", "javascript:alert(1)", "https://"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(visit, town, db, key, field, value, says):
    db.commit()
    sent = {**NEW, "comite": str(town.committee.id), "_key": key(), field: value}
    answer = visit("sophie").post("/seances/nouvelle", data=sent)
    assert answer.status_code == 422
    assert says in answer.text
    assert soup(answer).select_one("[name=_key]")
    assert len(db.exec(select(Meeting)).all()) == 1


def test_a_place_with_markup_or_in_arabic_is_kept_and_escaped(visit, town, key):
    place = "قاعة <script>alert(1)</script> l’été"
    sent = {**NEW, "place": place, "comite": str(town.committee.id), "_key": key()}
    answer = visit("sophie").post("/seances/nouvelle", data=sent)
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
    assert place in soup(answer).select_one("main").text


def test_a_second_change_on_an_old_page_is_told_and_loses_nothing(visit, town, key):
    browser, here = visit("sophie"), f"/seances/{town.meeting.id}/modifier"
    first = {**NEW, "_version": "1", "_which": "change"}
    assert browser.post(here, data={**first, "_key": key()}).status_code == 200
    answer = browser.post(here, data={**first, "_key": key(), "place": "Ailleurs"})
    assert answer.status_code == 409
    assert soup(answer).select_one("[name=place]")["value"] == "Ailleurs"
    assert "Salle 2" in answer.text


def test_a_change_after_inviting_needs_a_reason(visit, town, key, act):
    with act() as db:
        sophie = actors.of_professional(db, town.sophie.id)
        calendar.invite(db, db.get_one(Meeting, town.meeting.id), actor=sophie)
    here = f"/seances/{town.meeting.id}/modifier"
    sent = {**NEW, "_which": "change", "_key": key()}
    assert visit("sophie").post(here, data=sent).status_code == 422
    told = {**sent, "reason": "Salle prise", "_key": key()}
    answer = visit("sophie").post(here, data=told)
    assert "Salle prise" in answer.text


def test_the_secretary_cancels_from_the_page(visit, town, key):
    here = f"/seances/{town.meeting.id}/arreter"
    nothing = visit("sophie").post(here, data={"verb": "cancel", "_which": "stop", "_key": key()})
    assert nothing.status_code == 422
    sent = {"verb": "cancel", "why": "Pas assez de points", "_which": "stop", "_key": key()}
    answer = visit("sophie").post(here, data=sent)
    assert "Cette séance est annulée" in answer.text
    assert "Pas assez de points" in answer.text


HERE = ("", "/invitation", "/modifier")


@pytest.mark.parametrize("rest", HERE)
def test_for_a_stranger_the_meeting_does_not_exist(visit, town, rest, act):
    with act() as db:
        another_committee(db, town, "eva")
    assert visit("eva").get(f"/seances/{town.meeting.id}{rest}").status_code == 404


@pytest.mark.parametrize("rest", HERE[1:])
def test_a_member_reads_the_meeting_and_changes_nothing(visit, town, key, rest):
    assert visit("alice").get(f"/seances/{town.meeting.id}").status_code == 200
    assert visit("alice").get(f"/seances/{town.meeting.id}{rest}").status_code == 403
    answer = visit("alice").post(f"/seances/{town.meeting.id}{rest}", data={"_key": key()})
    assert answer.status_code == 403


def test_who_is_not_signed_in_is_asked_to(visit, town):
    answer = visit(None).get(f"/seances/{town.meeting.id}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/connexion")
