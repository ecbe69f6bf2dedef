"""Inviting, and the calendar file: one entry per guest, SEQUENCE that grows, nothing personal."""

from datetime import date, datetime, timedelta
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical
from sqlmodel import select

from coordination import assembly, clock, outbox
from coordination.agencies.models import Professional
from coordination.committees import members
from coordination.committees.meetings import calendar, ics, invitations
from coordination.committees.models import (
    Circuit,
    FollowUp,
    Invitation,
    Mandate,
    Meeting,
    MeetingState,
)
from coordination.errors import Refused
from coordination.outbox import Notice
from tests.conftest import soup

CANARY = "Benali"
PARIS = ZoneInfo("Europe/Paris")


def held(db, town) -> Meeting:
    return db.get_one(Meeting, town.meeting.id)


def invite(db, town):
    return calendar.invite(db, held(db, town), actor=town.actor("sophie"))


def move_by(db, town, days=7):
    meeting = held(db, town)
    later = timedelta(days=days)
    return calendar.change(
        db,
        meeting,
        starts_at=meeting.starts_at + later,
        ends_at=meeting.ends_at + later,
        place=meeting.place,
        reason="Salle prise",
        actor=town.actor("sophie"),
    )


def waiting(db, kind=""):
    db.flush()
    found = db.exec(select(Notice).where(Notice.kind.startswith(kind))).all()
    return [n for n in found if n.kind.startswith("meeting.")]


def mails(db, kind=""):
    """Every mail that the waiting notices of this kind make now; the stale ones make none."""
    made = []
    for notice in waiting(db, kind):
        try:
            made += assembly.LETTERS[notice.kind](db, notice)
        except outbox.Stale:
            continue
    return made


def event(mail):
    """The calendar of the mail's file and its one event, parsed back."""
    (file,) = mail.attachments
    parsed = icalendar.Calendar.from_ical(file.content)
    (found,) = parsed.walk("VEVENT")
    return parsed, found


def test_inviting_convenes_and_posts_one_notice_each(db, town):
    new = invite(db, town)
    assert len(new) == 5
    assert held(db, town).state is MeetingState.CONVENED
    assert len(waiting(db, "meeting.invited")) == 5
    names = {i.name: i.function for i in new}
    assert names["BERNARD Sophie"] == "Secrétariat"


def test_the_name_of_the_day_stays(db, town):
    invite(db, town)
    db.get_one(Professional, town.alice.id).usual_name = "Durand"
    db.flush()
    kept = db.exec(select(Invitation.name).where(Invitation.professional_id == town.alice.id)).one()
    assert kept == "MARTIN Alice"


def test_nobody_is_invited_twice(db, town):
    invite(db, town)
    with pytest.raises(Refused, match="déjà invitées"):
        invite(db, town)
    assert len(waiting(db)) == 5


def test_a_formal_committee_freezes_its_agenda_first(db, town):
    town.kind.circuit = Circuit.FORMAL
    db.add(town.kind)
    db.flush()
    with pytest.raises(Refused, match="Figez"):
        invite(db, town)
    assert waiting(db) == []


def test_a_past_meeting_invites_nobody(db, town, stopped_clock):
    stopped_clock.later(days=30)
    with pytest.raises(Refused, match="passée"):
        invite(db, town)


def test_the_file_reads_back_as_what_was_planned(db, town):
    invite(db, town)
    made = mails(db)
    assert len(made) == 5
    parsed, found = event(made[0])
    meeting = held(db, town)
    assert parsed["method"] == "REQUEST"
    assert made[0].attachments[0].media_type.startswith("text/calendar; method=REQUEST")
    assert found["uid"] == f"{meeting.uid}@passerelles"
    assert found["sequence"] == 0
    assert found.decoded("dtstart") == meeting.starts_at
    assert found.decoded("dtend") == meeting.ends_at
    assert found["dtstart"].params["TZID"] == "Europe/Paris"
    assert found["summary"] == "COPASS du Lodévois — séance du 18 juin 2026"
    assert str(meeting.id) in found["url"]
    assert "RRULE" not in found


def test_each_file_has_its_recipient_and_no_other(db, town):
    invite(db, town)
    for mail in mails(db):
        _, found = event(mail)
        assert str(found["attendee"]) == f"mailto:{mail.to}"
        others = {m.to for m in mails(db)} - {mail.to}
        assert not any(other.encode() in mail.attachments[0].content for other in others)


def test_an_october_meeting_keeps_its_wall_time_over_the_change_of_hour(db, town):
    """Sunday 25 October 2026 ends summer time: the 22nd is at +2, the 29th at +1."""
    hours = {}
    for day in (date(2026, 10, 22), date(2026, 10, 25), date(2026, 10, 29)):
        starts = clock.at(day, 14)
        meeting = calendar.plan(
            db, town.committee, starts_at=starts, ends_at=starts + timedelta(hours=2),
            actor=town.actor("sophie"),
        )  # fmt: skip
        calendar.invite(db, meeting, actor=town.actor("sophie"))
        mail = next(m for m in mails(db) if str(meeting.id) in m.text)
        assert f"DTSTART;TZID=Europe/Paris:{day:%Y%m%d}T140000".encode() in (
            mail.attachments[0].content
        )
        hours[day.day] = event(mail)[1].decoded("dtstart").astimezone(clock.UTC).hour
    assert hours == {22: 12, 25: 13, 29: 13}


def test_our_rules_of_paris_say_what_the_zone_says():
    ours = tzical(StringIO(ics.PARIS)).get("Europe/Paris")
    for year in range(1997, 2038):
        for month, day in ((3, 20), (3, 31), (10, 20), (10, 31), (1, 1), (7, 14)):
            for hour in (0, 1, 4, 12):
                wall = datetime(year, month, day, hour)
                assert wall.replace(tzinfo=ours).utcoffset() == (
                    wall.replace(tzinfo=PARIS).utcoffset()
                ), wall


def test_summer_time_begins_at_two_and_ends_at_three():
    ours = tzical(StringIO(ics.PARIS)).get("Europe/Paris")
    spring, autumn = datetime(2026, 3, 29), datetime(2026, 10, 25)
    assert spring.replace(hour=1, minute=59, tzinfo=ours).utcoffset() == timedelta(hours=1)
    assert spring.replace(hour=3, tzinfo=ours).utcoffset() == timedelta(hours=2)
    assert autumn.replace(hour=1, minute=59, tzinfo=ours).utcoffset() == timedelta(hours=2)
    assert autumn.replace(hour=3, tzinfo=ours).utcoffset() == timedelta(hours=1)


def test_the_sequence_grows_with_each_change_and_the_identifier_stays(db, town):
    invite(db, town)
    uid = held(db, town).uid
    seen = []
    for _ in range(2):
        move_by(db, town)
        made = mails(db)
        assert len(made) == 5
        found = event(made[0])[1]
        seen.append(found["sequence"])
        assert found["uid"] == f"{uid}@passerelles"
        assert "a changé" in made[0].text
    assert seen == [1, 2]


def test_saving_without_a_change_tells_nobody(db, town):
    invite(db, town)
    move_by(db, town, days=0)
    assert held(db, town).sequence == 0
    assert waiting(db, "meeting.changed") == []


def test_an_older_notice_still_waiting_does_not_leave(db, town):
    invite(db, town)
    move_by(db, town)
    assert mails(db, "meeting.invited") == []
    assert len(mails(db, "meeting.changed")) == 5


def end_mandate_of(db, town, name):
    who = getattr(town, name).id
    mandate = db.exec(select(Mandate).where(Mandate.professional_id == who)).one()
    members.end(db, town.committee, mandate, actor=town.actor("sophie"))


def test_who_leaves_is_uninvited_from_the_future_and_the_others_are_not_told(db, town):
    invite(db, town)
    end_mandate_of(db, town, "chloe")
    (mail,) = mails(db, "meeting.uninvited")
    parsed, found = event(mail)
    assert mail.to == town.chloe.email
    assert (parsed["method"], found["status"], found["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert len(mails(db, "meeting.invited")) == 4


def test_cancelling_reaches_who_left_too(db, town):
    invite(db, town)
    end_mandate_of(db, town, "chloe")
    calendar.cancel(db, held(db, town), reason="Trop peu de points", actor=town.actor("sophie"))
    made = mails(db)
    assert {m.to for m in made} == {
        f"{name}@example.org" for name in ("sophie", "paul", "alice", "bruno", "chloe")
    }
    for mail in made:
        parsed, found = event(mail)
        assert parsed["method"] == "CANCEL"
        assert "method=CANCEL" in mail.attachments[0].media_type
        assert found["sequence"] == (2 if mail.to.startswith("chloe") else 1)


def test_a_postponed_meeting_invites_again_with_the_same_identifier(db, town):
    invite(db, town)
    calendar.postpone(db, held(db, town), reason="Grève", actor=town.actor("sophie"))
    assert {event(m)[0]["method"] for m in mails(db)} == {"CANCEL"}
    move_by(db, town, days=21)
    invite(db, town)
    made = mails(db)
    assert len(made) == 5
    parsed, found = event(made[0])
    assert (parsed["method"], found["sequence"]) == ("REQUEST", 2)
    assert found["uid"] == f"{held(db, town).uid}@passerelles"


def test_no_mail_and_no_file_carries_a_name_or_a_case(db, town):
    """The place and the reason are the only texts typed: the reason stays on the page."""
    invite(db, town)
    move_by(db, town)
    calendar.cancel(db, held(db, town), reason=f"Mme {CANARY}", actor=town.actor("sophie"))
    db.flush()
    people = [w for p in (town.alice, town.bruno, town.sophie) for w in (p.usual_name,)]
    for mail in mails(db):
        said = mail.subject + mail.text + mail.attachments[0].name
        said += mail.attachments[0].content.decode()
        for word in (CANARY, *people):
            assert word not in said


def test_the_page_shows_who_receives_and_then_who_was_invited(visit, town, key):
    here = f"/seances/{town.meeting.id}/invitation"
    page = soup(visit("sophie").get(here))
    assert "Envoyer les 5 invitations" in page.select_one("main").text
    answer = visit("sophie").post(here, data={"_version": "1", "_key": key()})
    assert answer.status_code == 200
    assert "5\u00a0invitations partent" in answer.text
    assert "Tout le monde est invité." in answer.text


def test_a_double_click_invites_once(visit, town, key, db):
    db.commit()
    here, twice = f"/seances/{town.meeting.id}/invitation", {"_version": "1", "_key": key()}
    first = visit("sophie").post(here, data=twice)
    again = visit("sophie").post(here, data=twice)
    assert (first.status_code, again.status_code) == (200, 200)
    assert len(waiting(db)) == 5


def test_a_name_with_markup_is_escaped_on_the_page(visit, town, act):
    with act() as db:
        db.get_one(Professional, town.alice.id).usual_name = "<script>O’Brien"
    text = visit("sophie").get(f"/seances/{town.meeting.id}/invitation").text
    assert "<SCRIPT>" not in text
    assert "&lt;SCRIPT&gt;O’BRIEN" in text


def test_an_unknown_meeting_does_not_exist(visit, town):
    assert visit("sophie").get(f"/seances/{UUID(int=7)}/invitation").status_code == 404


def test_guests_are_those_who_sit_that_day(db, town):
    mandate = db.exec(select(Mandate).where(Mandate.professional_id == town.bruno.id)).one()
    mandate.until_on = town.today + timedelta(days=3)
    db.flush()
    guests = {who.id for who, _, _ in invitations.guests(db, held(db, town))}
    assert town.bruno.id not in guests
    assert town.alice.id in guests


def letter(db, kind, **given):
    notice = outbox.post(db, kind, **given)
    db.flush()
    return assembly.LETTERS[kind](db, notice)


def test_minutes_are_announced_to_those_who_sit_for_the_agency(db, town):
    (mail,) = letter(db, "minutes.sent", agency=town.ccas.id, about=town.meeting.id)
    assert mail.to == town.chloe.email
    assert f"/seances/{town.meeting.id}/releve" in mail.text
    (other,) = letter(db, "minutes.sent", agency=town.elsewhere.id, about=town.meeting.id)
    assert other.to == town.elsewhere.email


def test_an_action_is_announced_without_saying_what(db, town):
    action = FollowUp(
        committee_id=town.committee.id,
        meeting_id=town.meeting.id,
        agency_id=town.ccas.id,
        what=f"Appeler Mme {CANARY}",
        due_on=town.today,
    )
    db.add(action)
    db.flush()
    (mail,) = letter(db, "action.decided", agency=town.ccas.id, about=action.id)
    assert mail.to == town.ccas.email
    assert CANARY not in mail.subject + mail.text
    assert "4\u00a0juin 2026" in mail.text
