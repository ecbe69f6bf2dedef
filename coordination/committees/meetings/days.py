"""What to know of a day before meeting on it: warnings in words, never a refusal.

Public holidays are computed for every year; school holidays are known to the end of 2028, and a
plan beyond says so rather than "no holiday".
"""

from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.models import Region
from coordination.committees.meetings import states
from coordination.committees.models import Committee, Mandate, MandateRole, Meeting
from coordination.web import french

SCHOOL_KNOWN_TO = date(2028, 12, 31)
_ZONES = {
    "Zone A": {"27", "75", "84"},
    "Zone B": {"24", "28", "32", "44", "52", "53", "93"},
    "Zone C": {"11", "76"},
}


def warnings(
    db: Session, committee: Committee, starts_at: datetime, *, besides: UUID | None = None
) -> list[str]:
    """What the secretary should know before choosing this moment. `besides`: the meeting itself."""
    day = clock.local(starts_at).date()
    region = db.get(Region, committee.region_id) if committee.region_id else None
    said = about_day(day, region.code if region else "")
    if day < clock.today():
        said.insert(0, "Cette date est passée.")
    said += _same_half_day(db, committee.id, starts_at, besides)
    return said


def about_day(day: date, region_code: str = "") -> list[str]:
    said = []
    if day.weekday() >= 5:
        said.append(f"C’est un {french.DAYS[day.weekday()]}.")
    if name := _public(day.year).get(day):
        said.append(f"C’est un jour férié\u202f: {name}.")
    if day > SCHOOL_KNOWN_TO:
        said.append("Le calendrier scolaire de cette année-là n’est pas encore connu.")
    elif (zone := _zone(region_code)) and (name := _school(day.year, zone).get(day)):
        said.append(f"Ce jour est en vacances scolaires ({zone.lower()}).")
    return said


def _same_half_day(
    db: Session, committee_id: UUID, starts_at: datetime, besides: UUID | None
) -> list[str]:
    """The chair cannot be in two places: their other committees' meetings of that half-day."""
    local = clock.local(starts_at)
    first = clock.at(local.date(), 0 if local.hour < 13 else 13)
    chairs = select(Mandate.professional_id).where(
        Mandate.committee_id == committee_id, Mandate.role == MandateRole.CHAIR
    )
    elsewhere = (
        select(Committee.name)
        .join(Meeting, col(Meeting.committee_id) == Committee.id)
        .join(Mandate, col(Mandate.committee_id) == Committee.id)
        .where(
            col(Mandate.professional_id).in_(chairs),
            Mandate.role == MandateRole.CHAIR,
            Committee.id != committee_id,
            col(Meeting.state).in_(states.COMING),
            Meeting.starts_at >= first,
            Meeting.starts_at < first + timedelta(hours=12),
        )
        .order_by(Committee.name)
    )
    said = [
        f"La présidence est déjà prise cette demi-journée par une autre séance\u202f: {name}."
        for name in db.exec(elsewhere).unique()
    ]
    same = select(Meeting.id).where(
        Meeting.committee_id == committee_id,
        col(Meeting.state).in_(states.COMING),
        Meeting.starts_at >= first,
        Meeting.starts_at < first + timedelta(hours=12),
    )
    if any(found != besides for found in db.exec(same)):
        said.append("Ce comité a déjà une séance cette demi-journée.")
    return said


@cache
def _public(year: int) -> dict[date, str]:
    import holidays  # a third of a second that most pages never need

    return holidays.country_holidays("FR", years=year, language="fr")


@cache
def _school(year: int, zone: str) -> dict[date, str]:
    import holidays

    return holidays.country_holidays(
        "FR", subdiv=zone, years=year, language="fr", categories=("school",)
    )


def _zone(region_code: str) -> str:
    return next((zone for zone, codes in _ZONES.items() if region_code in codes), "")
