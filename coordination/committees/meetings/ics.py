"""The calendar file of a meeting: one recipient, one UID, wall time of Paris.

Nothing of a person or of a case: the committee's name, the day, the place, an address of ours.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import icalendar

from coordination import clock

# icalendar's own Europe/Paris starts summer time at 03:00; the law says 02:00.
PARIS = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19810329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""


class Entry(NamedTuple):
    """What one recipient's calendar holds of one meeting."""

    uid: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    video_url: str
    url: str
    organizer: str  # an e-mail address
    organizer_name: str
    attendee: str  # an e-mail address


def request(entry: Entry) -> bytes:
    """The entry to write into the recipient's calendar, or what it has become."""
    return _file(entry, "REQUEST", "CONFIRMED")


def cancellation(entry: Entry) -> bytes:
    """The same entry, taken away."""
    return _file(entry, "CANCEL", "CANCELLED")


def _file(entry: Entry, method: str, status: str) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Passerelles//Passerelles//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(icalendar.Timezone.from_ical(PARIS))
    calendar.add_component(_event(entry, status))
    return calendar.to_ical()


def _event(entry: Entry, status: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{entry.uid}@passerelles")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", clock.now())
    event.add("dtstart", clock.local(entry.starts_at))
    event.add("dtend", clock.local(entry.ends_at))
    event.add("summary", entry.summary)
    event.add("status", status)
    event.add("class", "PRIVATE")
    if location := " — ".join(part for part in (entry.place, entry.video_url) if part):
        event.add("location", location)
    event.add("url", entry.url)
    organizer = icalendar.vCalAddress(f"mailto:{entry.organizer}")
    organizer.params["cn"] = icalendar.vText(entry.organizer_name)
    event.add("organizer", organizer)
    attendee = icalendar.vCalAddress(f"mailto:{entry.attendee}")
    attendee.params["role"] = icalendar.vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = icalendar.vText("NEEDS-ACTION")
    attendee.params["rsvp"] = icalendar.vText("FALSE")
    event.add("attendee", attendee)
    return event
