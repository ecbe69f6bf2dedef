"""What an import would do, row by row, before anything is written. The same rows and the same base
give the same plan, so the report that was read is what the confirmation writes."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlmodel import Session

from coordination import clock
from coordination.journeys.imports import known as knowing
from coordination.journeys.imports.columns import Cleaned
from coordination.journeys.imports.known import Known
from coordination.journeys.imports.lines import (
    Answers,
    Line,
    Plan,
    Verdict,
    Who,
    folded,
    identifiers,
    kept,
    who,
    word,
)
from coordination.persons.records import fold

WITHOUT_JOURNEY = "à compléter : sans parcours, le dispositif ou l’entrée manque"
NEAR_KNOWN = "proche d’une personne déjà connue de votre structure : à vérifier"
_TOLD = 2000
_COMPARED = 50  # namesakes born the same day: more than any real list has


def in_silence(line: int) -> None:
    """Nobody waits to hear how far it went."""


def make(
    db: Session,
    rows: list[Cleaned],
    *,
    agency_id: UUID,
    answers: Answers,
    notes: list[str],
    tell: Callable[[int], None] = in_silence,
) -> Plan:
    """`tell` hears now and then how many lines were looked at."""
    known = knowing.look_up(
        db,
        agency_id=agency_id,
        identifiers={pair for row in rows for pair in identifiers(row).items()},
        names={folded(row) for row in rows},
        births={day for row in rows if (day := row.day("birth_on"))},
    )
    maker, lines = _Maker(known, answers), []
    for number, row in enumerate(rows):
        if number % _TOLD == 0:
            tell(number)
        lines.append(maker.line(row))
    return Plan(agency_id, lines, notes)


class _Maker:
    """Goes down the file; remembers what the lines above will have made."""

    def __init__(self, known: Known, answers: Answers) -> None:
        self.known, self.answers = known, answers
        self.named: dict[tuple[str, date | None], Line] = {}
        self.numbered: dict[tuple[str, str], Line] = {}
        self.placed: dict[UUID, Line] = {}
        self.born: dict[tuple[date, str], list[Line]] = {}
        self.folded: dict[str, Line] = {}

    def line(self, row: Cleaned) -> Line:
        line = Line(row, Verdict.CREATED, list(row.notes))
        if refusal := row.refused or self._answers(line):
            line.verdict, line.reasons = Verdict.REFUSED, [refusal]
            return line
        says = who(row)
        if above := self._above(says):
            return self._repeated(line, above, says)
        line.person_id = self._person(line, says)
        if line.person_id is None:
            line.opens_journey, line.identifiers = _may_open(line), self._free(says)
            if not line.opens_journey:
                line.reasons.append(WITHOUT_JOURNEY)
            line.adds = row.values  # all that is kept of it
            self._say_neighbours(line, says)
        elif line.verdict is not Verdict.REFUSED:
            self._complete(line, says)
        self._remember(line, says)
        return line

    def _answers(self, line: Line) -> str:
        """Programme, dates and référent of the row; says what is wrong with them."""
        values = line.row.values
        line.programme_id = self.answers.programme_id
        if said := values.get("programme"):
            found = self.known.programmes.get(fold(said))
            if found is None:
                return "ce dispositif n’est pas au catalogue"
            line.programme_id = found
        line.entered_on = line.row.day("entered_on") or self.answers.entered_on
        line.planned_end_on = line.row.day("planned_end_on") or self.answers.planned_end_on
        if line.entered_on and line.planned_end_on and line.planned_end_on <= line.entered_on:
            return "la fin prévue vient avant l’entrée"
        born = line.row.day("birth_on")
        if born and born > clock.today():
            return "la date de naissance est dans l’avenir"
        if line.entered_on and (line.entered_on - clock.today()).days > 366:
            return "l’entrée est à plus d’un an d’ici"
        if said := values.get("referent"):
            first = said.replace(";", ",").split(",")[0].strip()
            line.referent_id = self.known.referents.get(first.casefold()) or (
                self.known.referents.get(fold(first))
            )
            if line.referent_id is None:
                line.reasons.append("à compléter : référent·e inconnu·e de votre structure")
        return ""

    def _above(self, says: Who) -> Line | None:
        """The line above that is the same person."""
        for pair in says.identifiers.items():
            if found := self.numbered.get(pair):
                return found
            if (person := self.known.by_identifier.get(pair)) and person in self.placed:
                return self.placed[person]
        return self.named.get(says.name)

    def _repeated(self, line: Line, above: Line, says: Who) -> Line:
        line.verdict, line.same_as = Verdict.LEFT, above
        line.person_id, line.journey_id = above.person_id, above.journey_id
        line.reasons.append(f"doublon : ressemble à la ligne {above.row.line}, une seule personne")
        line.identifiers = self._free(says)
        for pair in says.identifiers.items():
            self.numbered.setdefault(pair, above)
        differ = [
            word(name)
            for name, value in line.row.values.items()
            if kept(name) and above.row.values.get(name, value) != value
        ]
        if differ:
            line.reasons.append(f"ligne {above.row.line} gardée pour : {', '.join(differ)}")
        return line

    def _person(self, line: Line, says: Who) -> UUID | None:
        """A person the agency already knows, by identifier, else by name and birth date."""
        for pair in says.identifiers.items():
            found = self.known.by_identifier.get(pair)
            if found and found in self.known.persons:
                held = self.known.persons[found]
                same_name = fold(f"{held.usual_name} {held.given_names}") == says.folded
                same_birth = held.birth_on == says.born
                if not same_name and not same_birth:
                    line.verdict, line.reasons = (
                        Verdict.REFUSED,
                        ["cet identifiant est déjà celui d’une autre personne"],
                    )
                elif not same_name:
                    line.reasons.append("nom ou prénom différent de celui connu, laissé tel quel")
                return found
        return self.known.by_name.get(says.name)

    def _complete(self, line: Line, says: Who) -> None:
        person_id = line.person_id
        assert person_id is not None
        self._fill(line, person_id)
        journey = self._journey(line, person_id)
        if journey is None and _may_open(line):
            line.opens_journey, line.verdict = True, Verdict.CREATED
            line.reasons.append("personne déjà connue, parcours à créer")
        elif journey is None:
            line.verdict = Verdict.COMPLETED if line.adds else Verdict.UNCHANGED
        else:
            line.journey_id = journey.id
            if journey.planned_end_on is None and line.planned_end_on:
                line.adds["planned_end_on"] = line.planned_end_on.isoformat()
            line.verdict = Verdict.COMPLETED if line.adds else Verdict.UNCHANGED
        line.identifiers = self._free(says)
        if line.adds:
            line.reasons.append("complété : " + ", ".join(word(name) for name in line.adds))

    def _fill(self, line: Line, person_id: UUID) -> None:
        """Only what was empty is filled in; what is written stays."""
        held, facts = self.known.persons[person_id], self.known.facts.get(person_id, {})
        left = []
        for name, value in line.row.values.items():
            if not kept(name):
                continue
            fact = name.startswith("fact:")
            now = facts.get(name.removeprefix("fact:"), "") if fact else getattr(held.contact, name)
            if not now:
                line.adds[name] = value
            elif now != value:
                left.append(word(name))
        if left:
            line.reasons.append("déjà renseigné autrement, laissé : " + ", ".join(left))

    def _journey(self, line: Line, person_id: UUID) -> knowing.HeldJourney | None:
        """Without a programme said, the one that goes on."""
        same = [
            j
            for j in self.known.journeys.get(person_id, [])
            if line.programme_id in (None, j.programme_id)
        ]
        return next((j for j in same if j.entered_on == line.entered_on), None) or next(
            (j for j in same if j.live), None
        )

    def _free(self, says: Who) -> dict[str, str]:
        return {
            system: value
            for system, value in says.identifiers.items()
            if (system, value) not in self.known.by_identifier
            and (system, value) not in self.known.hidden
            and (system, value) not in self.numbered
        }

    def _say_neighbours(self, line: Line, says: Who) -> None:
        """The same name, or the same birth date and given names close: said, never decided."""
        above = self.folded.get(says.folded)
        key, given = says.birth, line.row.values["given_names"]
        for other in self.born.get(key, [])[:_COMPARED] if key else []:
            if above is None and knowing.close_names(given, other.row.values["given_names"]):
                above = other
        if above:
            line.reasons.append(f"proche de la ligne {above.row.line} : à vérifier")
            return
        for held in self.known.by_birth.get(key, [])[:_COMPARED] if key else []:
            if knowing.close_names(given, held.given_names):
                line.reasons.append(NEAR_KNOWN)
                return
        if says.folded in self.known.folded:
            line.reasons.append(NEAR_KNOWN)

    def _remember(self, line: Line, says: Who) -> None:
        if line.verdict is Verdict.REFUSED:
            return
        self.named.setdefault(says.name, line)
        self.folded.setdefault(says.folded, line)
        for pair in says.identifiers.items():
            self.numbered.setdefault(pair, line)
        if line.person_id:
            self.placed.setdefault(line.person_id, line)
        if says.birth:
            self.born.setdefault(says.birth, []).append(line)


def _may_open(line: Line) -> bool:
    return line.programme_id is not None and line.entered_on is not None
