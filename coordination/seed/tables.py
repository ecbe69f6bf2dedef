"""Committees, who sits and since when, and the dates of their meetings: written before the
journeys, which then come to these tables."""

import json

from coordination.agencies.models import AgencyKind, Grant, Role
from coordination.committees.models import (
    DEFAULT_SECTIONS,
    Circuit,
    Committee,
    CommitteeAgency,
    CommitteeKind,
    Mandate,
    MandateRole,
    MeetingState,
)
from coordination.seed.ground import Ground, House, Place, Sitting, Table
from coordination.seed.places import SINCE

CADENCE = 56  # days
PAST = 7
KINDS = (
    ("copass", "COPASS", 8, 10, Circuit.SIMPLE),
    ("commission-orientation", "Commission d’orientation", 7, 12, Circuit.SIMPLE),
    ("copiter", "COPITER", 26, 15, Circuit.SIMPLE),
)
_SITS = {
    MandateRole.CHAIR: Role.CHAIR,
    MandateRole.VICE_CHAIR: Role.MEMBER,
    MandateRole.SECRETARY: Role.SECRETARY,
    MandateRole.TITULAR: Role.MEMBER,
    MandateRole.SUBSTITUTE: Role.MEMBER,
}


class Tables:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        kind = shelf(
            CommitteeKind,
            "id created_at slug name circuit cadence_weeks minutes_per_case sections",
        )
        self._committee = shelf(
            Committee,
            "id created_at region_id territory_id kind_id name place length_minutes cases"
            " controllers",
        )
        self._agency = shelf(
            CommitteeAgency, "id created_at committee_id agency_id from_on until_on"
        )
        self._mandate = shelf(
            Mandate, "id created_at committee_id professional_id agency_id role from_on until_on"
        )
        self._grant = shelf(Grant, "id created_at professional_id role scope_id from_on until_on")
        self._kinds: dict[str, tuple[str, str]] = {}
        sections = json.dumps([s.value for s in DEFAULT_SECTIONS])
        for slug, name, weeks, minutes, circuit in KINDS:
            key = ground.keys.new()
            self._kinds[slug] = (key, name)
            kind((key, ground.days.night(SINCE), slug, name, circuit.value, weeks, minutes,
                  sections))  # fmt: skip

    def lay(self, stage: Place) -> None:
        """A COPASS everywhere; on the stage also a commission and a COPITER run by the same
        people, and a meeting that is convened."""
        for place in self.g.places:
            copass = self._lay_one(place, "copass", f"COPASS {place.name}", soon=place is stage)
            if place is stage:
                commission = f"Commission d’orientation {place.name}"
                self._lay_one(place, "commission-orientation", commission, copass)
                self._lay_one(place, "copiter", "COPITER Occitanie", copass)

    def grant(self, professional: str, role: Role, scope: str | None) -> None:
        days = self.g.days
        self._grant((self.g.keys.new(), days.night(SINCE), professional, role.value, scope,
                     days.on(SINCE), None))  # fmt: skip

    def _lay_one(
        self, place: Place, kind: str, name: str, same: Table | None = None, *, soon: bool = False
    ) -> Table:
        g, days = self.g, self.g.days
        kind_id, word = self._kinds[kind]
        host = place.of_kind(AgencyKind.MDE)[0]
        region = place.of_kind(AgencyKind.REGION)[0]
        members = [h for h in place.houses if h not in (host, region)]
        room = f"{host.name}, salle {g.between(1, 4)}, {place.seat.nom}"
        table = Table(
            id=g.keys.new(), name=name, kind=word, place=room,
            chair=same.chair if same else (region.staff[0], region.id),
            secretary=same.secretary if same else (host.staff[0], host.id),
            members=[(h.staff[0], h.id) for h in members], agencies=members,
        )  # fmt: skip
        self._committee(
            (table.id, days.night(SINCE), place.region, place.id, kind_id, name, room, 180, 16,
             f"Région Occitanie et {host.name}")
        )  # fmt: skip
        self._seat(table, members)
        self._date(table, kind, soon)
        place.tables.append(table)
        return table

    def _seat(self, table: Table, members: list[House]) -> None:
        g, days = self.g, self.g.days
        since = SINCE + 600
        for house in members:
            self._agency((g.keys.new(), days.night(since), table.id, house.id, days.on(since),
                          None))  # fmt: skip
        seats = [(*table.chair, MandateRole.CHAIR), (*table.secretary, MandateRole.SECRETARY)]
        for house in members:
            seats.append((house.staff[0], house.id, MandateRole.TITULAR))
            seats.append((house.staff[1], house.id, MandateRole.SUBSTITUTE))
        for professional, agency, role in seats:
            self._mandate((g.keys.new(), days.night(since), table.id, professional, agency,
                           role.value, days.on(since), None))  # fmt: skip
            self._grant((g.keys.new(), days.night(since), professional, _SITS[role].value,
                         table.id, days.on(since), None))  # fmt: skip

    def _date(self, table: Table, kind: str, soon: bool) -> None:
        """The past year's meetings, then one to come."""
        g, days = self.g, self.g.days
        if kind == "copiter":
            past, coming = [-200, -18], 160
        elif kind == "commission-orientation":
            past, coming = [-1 - 49 * n for n in reversed(range(PAST))], 13
        else:
            last = -51 if soon else -g.between(6, 40)
            past = [last - CADENCE * n for n in reversed(range(PAST))]
            coming = 5 if soon else last + CADENCE
        dates = [days.working_day(n) for n in past] + [days.open_day(coming)]
        counts: dict[int, int] = {}
        for on in dates:
            year = days.date(on).year
            counts[year] = counts.get(year, 0) + 1
            state = MeetingState.CLOSED if on < 0 else MeetingState.PLANNED
            table.sittings.append(
                Sitting(g.keys.new(), on, year, counts[year], g.pick((7, 8, 12)), state.value)
            )
        if kind == "commission-orientation":  # its minutes wait to be sent
            table.sittings[-2].state = MeetingState.ADJOURNED.value
