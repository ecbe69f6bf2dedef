"""The journeys of the stage that show all that a page can show: every channel, absences, a mentor,
a partner and an employer around the table."""

from coordination.agencies.models import AgencyKind
from coordination.consent.models import Reach, ReachKind
from coordination.consent.reach import PARTY_OPENS
from coordination.journeys.models import Party, PartyRole, Referent, ReferentRole
from coordination.journeys.models_along import Copied, Transcription
from coordination.seed.alongside import Alongside
from coordination.seed.ground import Ground
from coordination.seed.sketch import KnownTo, Sketch

TALKS = (
    (-3, "phone", "present"), (-6, "video", "present"), (-9, "meeting", "absent"),
    (-13, "home", "present"), (-17, "meeting", "absent"), (-21, "group", "present"),
    (-24, "sms", "present"), (-27, "meeting", "absent"), (-33, "email", "present"),
    (-38, "meeting", "excused"),
)  # fmt: skip


class Shown:
    def __init__(self, ground: Ground, alongside: Alongside) -> None:
        self.g, self._alongside = ground, alongside
        shelf = ground.store.shelf
        self._party = shelf(Party, "id created_at journey_id agency_id role from_on")
        self._reach = shelf(Reach, "id created_at person_id agency_id kind opens source_id from_at")
        self._mentor = shelf(
            Referent,
            "id created_at journey_id professional_id role label chosen_by_person from_on",
        )
        self._copied = shelf(
            Transcription,
            "id created_at journey_id agency_id professional_id about about_id tool done_on"
            " reference",
        )

    def along(self, sketch: Sketch, journey: str, known: KnownTo, by: str) -> None:
        g, days = self.g, self.g.days
        for day, channel, presence in TALKS:
            self._alongside.contact(sketch, journey, by, day, channel, presence)
        others = [who for who in sketch.house.staff if who != by] or [by]
        at, on = days.at(-30, 9), days.on(-30)
        self._mentor((g.keys.new(), at, journey, others[-1], ReferentRole.MENTOR.value, "mentor", 1,
                      on))  # fmt: skip
        self._join(sketch, journey, known)
        self._copied(
            (g.keys.new(), days.at(-10, 9), journey, sketch.house.id, by, Copied.JOURNEY.value,
             journey, "i-MILO", days.on(-10), "D-40417")
        )  # fmt: skip

    def _join(self, sketch: Sketch, journey: str, known: KnownTo) -> None:
        """A partner reads by its mission; an employer is called, and reads nothing."""
        g, days, place = self.g, self.g.days, sketch.place
        partner = next(h for h in place.of_kind(AgencyKind.CCAS) if h.id != sketch.house.id)
        hires = next(iter(place.of_kind(AgencyKind.EMPLOYER, AgencyKind.SIAE,
                                        AgencyKind.ASSOCIATION)), None)  # fmt: skip
        for house, role in ((partner, PartyRole.PARTNER), (hires, PartyRole.EMPLOYER)):
            if house is not None:
                self._party((g.keys.new(), days.at(-30, 9), journey, house.id, role.value,
                             days.on(-30)))  # fmt: skip
        self._reach((g.keys.new(), days.at(-30, 9), known.id, partner.id, ReachKind.PARTY.value,
                     PARTY_OPENS, journey, days.at(-30, 9)))  # fmt: skip
