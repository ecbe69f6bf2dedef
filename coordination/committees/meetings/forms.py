"""What the forms of meetings bring, as values."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from coordination import clock
from coordination.committees.models import Committee, Meeting
from coordination.web.forms import Form


class Slot(NamedTuple):
    """When and where."""

    starts_at: datetime
    ends_at: datetime
    place: str
    video_url: str


def slot(form: Form) -> Slot | None:
    """None when something is wrong: `form.check()` then says all of it."""
    latest = date(clock.today().year + 3, 12, 31)
    starts = None
    form.day("day", earliest=date(2015, 1, 1), latest=latest)
    if "day" not in form.errors:
        starts = form.moment("day", "starts")
    ends = form.moment("day", "ends") if "day" not in form.errors else None
    place = form.text("place", required=False)
    video_url = form.text("video_url", required=False)
    if video_url and not video_url.startswith("https://"):
        form.wrong("video_url", "Une adresse qui commence par https:// est attendue.")
    if starts and ends and ends <= starts:
        form.wrong("ends", "La séance doit finir après avoir commencé.")
    if form.errors or starts is None or ends is None:
        return None
    return Slot(starts, ends, place, video_url)


def first(committee: Committee | None) -> Form:
    """The form of a new meeting, filled with what the committee usually does."""
    if committee is None:
        return Form()
    start = clock.at(clock.today(), 9, 30)
    return Form(
        {
            "comite": committee.id,
            "starts": "09:30",
            "ends": f"{clock.local(start + timedelta(minutes=committee.length_minutes)):%H:%M}",
            "place": committee.place,
            "video_url": committee.video_url,
        }
    )


def of_meeting(meeting: Meeting) -> Form:
    """The form of a meeting, filled with what stands."""
    starts, ends = clock.local(meeting.starts_at), clock.local(meeting.ends_at)
    return Form(
        {
            "day": starts.date().isoformat(),
            "starts": f"{starts:%H:%M}",
            "ends": f"{ends:%H:%M}",
            "place": meeting.place,
            "video_url": meeting.video_url,
        }
    )
