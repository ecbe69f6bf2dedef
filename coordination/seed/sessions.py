"""Meetings as they were held: invitations, attendance, items, decisions, actions, minutes."""

import hashlib
import json
from typing import Any

from coordination.committees.models import (
    AgendaItem,
    AgendaSnapshot,
    Attendance,
    Decision,
    DecisionDestination,
    DecisionState,
    Extract,
    FollowUp,
    Invitation,
    ItemState,
    Meeting,
    MeetingMove,
    MeetingState,
    Minutes,
    MinutesState,
    Section,
)
from coordination.committees.situations import snapshot
from coordination.consent.models import Purpose, Reach, ReachKind
from coordination.db import as_json
from coordination.directory.reference import ingredients
from coordination.seed.ground import Case, Ground, Sitting, Table

FREEZE, READ_ON = 7, 15  # days before the meeting; days after the minutes were sent
PRESENCES = (("present", 78), ("remote", 7), ("excused", 10), ("absent", 5))
REPORTED = (("done", 90), ("impossible", 6), ("not_done", 4))
PARTNERSHIP = (
    "Places disponibles en formation",
    "Présentation du service mobilité",
    "Actualité des recrutements du bassin",
    "Calendrier des prochaines entrées",
)
TEXTS = {
    "referral": "Orientation décidée pour répondre au besoin déclaré.",
    "maintain": "Le parcours continue comme prévu ; point au prochain comité.",
    "usual_follow_up": "Le suivi habituel répond à la question ; rien à ajouter pour l’instant.",
    "adjourn": "Report au prochain comité : la personne souhaite y réfléchir.",
    "hand_over": "Un relais est organisé ; une rencontre à trois le présente.",
}


class Sessions:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._meeting = shelf(
            Meeting,
            "id created_at committee_id year number state starts_at ends_at place uid frozen_at"
            " agenda_version opened_at adjourned_at version",
        )
        self._move = shelf(
            MeetingMove, "id created_at meeting_id verb before after professional_id"
        )
        self._invitation = shelf(
            Invitation, "id created_at meeting_id professional_id agency_id name function"
        )
        self._attendance = shelf(
            Attendance,
            "id created_at meeting_id professional_id agency_id name function presence arrived_at",
        )
        self._item = shelf(
            AgendaItem,
            "id created_at meeting_id section rank number state title minutes journey_id person_id"
            " agency_id because snapshot started_at ended_at version",
        )
        self._frozen = shelf(AgendaSnapshot, "id created_at meeting_id number content sha256")
        self._decision = shelf(
            Decision,
            "id created_at item_id meeting_id outcome text need_id teller_id tell_by told_on"
            " professional_id state confirmed_at version",
        )
        self._destination = shelf(
            DecisionDestination, "id created_at decision_id agency_id service_id referral_id"
        )
        self._follow_up = shelf(
            FollowUp,
            "id created_at committee_id meeting_id item_id person_id agency_id owner_id what due_on"
            " state report reported_at confirmed",
        )
        self._minutes = shelf(
            Minutes, "id created_at meeting_id number state sent_at professional_id version"
        )
        self._extract = shelf(Extract, "id created_at minutes_id agency_id number")
        self._reach = shelf(
            Reach, "id created_at person_id agency_id kind purpose source_id from_at until_at"
        )
        self._actions = [a.text for a in ingredients.actions() if not a.slots]

    def hold(self, table: Table) -> None:
        for sitting in table.sittings:
            if sitting.on < 0:
                self._held(table, sitting)
            else:
                self._planned(table, sitting)

    def _planned(self, table: Table, sitting: Sitting) -> None:
        g, at, hour = self.g, self.g.days.at, sitting.hour
        made = at(-35, 10)
        self._meeting(
            (sitting.id, made, table.id, sitting.year, sitting.number, "planned",
             at(sitting.on, hour), at(sitting.on, hour + 3), table.place, g.keys.new(), None, 0,
             None, None, 2)
        )  # fmt: skip
        self._move((g.keys.new(), made, sitting.id, "plan", "draft", "planned",
                    table.secretary[0]))  # fmt: skip

    def _held(self, table: Table, sitting: Sitting) -> None:
        g, at, on, hour = self.g, self.g.days.at, sitting.on, sitting.hour
        frozen, opened, ended = at(on - FREEZE, 9), at(on, hour, 2), at(on, hour + 2, 50)
        closed = sitting.state == MeetingState.CLOSED
        self._meeting(
            (sitting.id, at(on - 60, 10), table.id, sitting.year, sitting.number, sitting.state,
             at(on, hour), at(on, hour + 3), table.place, g.keys.new(), frozen, 1, opened, ended,
             6 if closed else 5)
        )  # fmt: skip
        self._trail(table, sitting, closed)
        self._sat(table, sitting)
        self._agenda(table, sitting, closed)
        minutes, sent = g.keys.new(), at(on, 17, 30) if closed else None
        self._minutes(
            (minutes, at(on, hour + 3), sitting.id, 1,
             (MinutesState.SENT if closed else MinutesState.DRAFT).value,
             sent, table.secretary[0], 2 if closed else 1)
        )  # fmt: skip
        for agency in table.readers if closed else ():
            self._extract((g.keys.new(), sent, minutes, agency, 1))

    def _trail(self, table: Table, sitting: Sitting, closed: bool) -> None:
        g, at, on, hour = self.g, self.g.days.at, sitting.on, sitting.hour
        chair, secretary = table.chair[0], table.secretary[0]
        moves = [
            ("plan", "draft", "planned", secretary, at(on - 60, 10)),
            ("invite", "planned", "convened", secretary, at(on - FREEZE, 9, 30)),
            ("open", "convened", "open", chair, at(on, hour, 2)),
            ("adjourn", "open", "adjourned", chair, at(on, hour + 2, 50)),
            ("close", "adjourned", "closed", secretary, at(on, 17, 45)),
        ]
        for verb, before, after, who, when in moves if closed else moves[:-1]:
            self._move((g.keys.new(), when, sitting.id, verb, before, after, who))

    def _sat(self, table: Table, sitting: Sitting) -> None:
        g, at, on = self.g, self.g.days.at, sitting.on
        for rank, (who, agency) in enumerate((table.chair, table.secretary, *table.members)):
            name, function = g.names[who]
            presence = "present" if rank < 2 else g.weighted(PRESENCES)
            self._invitation((g.keys.new(), at(on - FREEZE, 9, 30), sitting.id, who, agency, name,
                              function))  # fmt: skip
            self._attendance(
                (g.keys.new(), at(on, sitting.hour), sitting.id, who, agency, name, function,
                 presence,
                 at(on, sitting.hour) if presence in ("present", "remote") else None)
            )  # fmt: skip

    def _agenda(self, table: Table, sitting: Sitting, closed: bool) -> None:
        """Follow-up, situations, partnership: numbered in the order they were taken."""
        g = self.g
        titles: list[tuple[Section, str, Case | None]] = []
        titles += [(Section.FOLLOW_UP, "Suites de la dernière séance", None)]
        titles += [(Section.SITUATIONS, "", case) for case in sitting.cases]
        titles += [(Section.PARTNERSHIP, g.pick(PARTNERSHIP), None)]
        sections: dict[str, list[dict[str, Any]]] = {}
        for number, (section, title, case) in enumerate(titles, start=1):
            sections.setdefault(section.value, []).append(_line(number, title, case))
            item = self._point(table, sitting, section, title, case, number)
            if case:
                self._decide(table, sitting, case, item)
                self._open_dossiers(table, sitting, case, closed)
        content = {
            "meeting": {"year": sitting.year, "number": sitting.number},
            "starts_at": g.days.at(sitting.on, sitting.hour),
            "place": table.place,
            "sections": [{"section": name, "items": lines} for name, lines in sections.items()],
        }
        self._frozen(
            (g.keys.new(), g.days.at(sitting.on - FREEZE, 9), sitting.id, 1, json.dumps(content),
             hashlib.sha256(as_json(content).encode()).hexdigest())
        )  # fmt: skip

    def _point(
        self,
        table: Table,
        sitting: Sitting,
        section: Section,
        title: str,
        case: Case | None,
        number: int,
    ) -> str:
        key, at, on = self.g.keys.new(), self.g.days.at, sitting.on
        minute = min(9 * number, 165)
        known = _known(case)
        self._item(
            (key, at(on - FREEZE - 5, 9), sitting.id, section.value, number, number,
             ItemState.EXAMINED.value, title, 10, case.journey if case else None,
             case.person if case else None, case.house.id if case else None,
             json.dumps(case.sentences if case else [], ensure_ascii=False),
             json.dumps(known, ensure_ascii=False),
             at(on, sitting.hour + (minute - 9) // 60, (minute - 9) % 60),
             at(on, sitting.hour + minute // 60, minute % 60), 3)
        )  # fmt: skip
        return key

    def _decide(self, table: Table, sitting: Sitting, case: Case, item: str) -> None:
        g, on, at = self.g, sitting.on, self.g.days.at
        decision, ended = case.decision or g.keys.new(), at(sitting.on, sitting.hour + 2, 50)
        tell = on + 7
        told = g.days.on(on + g.between(1, 6)) if on < -8 else None
        self._decision(
            (decision, at(on, sitting.hour + 1), item, sitting.id, case.outcome,
             TEXTS[case.outcome], case.need, case.house.staff[0], g.days.on(tell), told,
             table.chair[0], DecisionState.CONFIRMED.value, ended, 2)
        )  # fmt: skip
        if case.recipient:
            self._destination((g.keys.new(), ended, decision, case.recipient, case.service,
                               case.referral))  # fmt: skip
        if g.chance(0.4):
            self._act(table, sitting, case, item)

    def _act(self, table: Table, sitting: Sitting, case: Case, item: str) -> None:
        g, on, at = self.g, sitting.on, self.g.days.at
        owner, agency = g.pick(table.members)
        done = g.chance(0.92 if on < -70 else 0.45) and on < -10
        state = g.weighted(REPORTED) if done else "open"
        report = "" if state in ("open", "done") else "Situation changée depuis la séance."
        self._follow_up(
            (g.keys.new(), at(on, sitting.hour + 1), table.id, sitting.id, item, case.person,
             agency, owner, g.pick(self._actions), g.days.on(on + g.between(14, 45)), state,
             report, None if state == "open" else at(min(on + 9, -1), 10), 1)
        )  # fmt: skip

    def _open_dossiers(self, table: Table, sitting: Sitting, case: Case, closed: bool) -> None:
        """Every agency at the table had business to look, until a fortnight after the minutes."""
        g, on = self.g, sitting.on
        since = g.days.at(on - FREEZE, 9)
        until = g.days.at(on + READ_ON, 17, 30) if closed else None
        for agency in table.readers:
            if agency != case.house.id:
                self._reach(
                    (g.keys.new(), since, case.person, agency, ReachKind.MEETING.value,
                     Purpose.COMMITTEE.value, sitting.id, since, until)
                )  # fmt: skip


def _known(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {}
    return snapshot(
        programme=case.course.name,
        agency=case.house.name,
        sensitive=case.house.sensitive,
        sentences=case.sentences,
    )


def _line(number: int, title: str, case: Case | None) -> dict[str, Any]:
    known = _known(case)
    return {
        "number": number,
        "title": f"Situation n°\u00a0{number}" if case else title,
        "minutes": 10,
        "withdrawn": False,
        "programme": known.get("programme", ""),
        "agency": known.get("agency", ""),
        "because": case.sentences if case else [],
    }
