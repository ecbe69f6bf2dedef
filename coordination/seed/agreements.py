"""Consents in every state, as the events that lead there, and what they cover today."""

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple, cast

from coordination.consent import states
from coordination.consent.cover import FOREVER
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentCover,
    ConsentEvent,
    ConsentState,
    Effect,
    EventKind,
    Purpose,
)
from coordination.persons.categories import Category, bits
from coordination.seed.ground import Ground
from coordination.seed.sketch import KnownTo

COMMITTEE = bits((Category.IDENTITY, Category.TRAINING, Category.EMPLOYMENT, Category.MOBILITY,
                  Category.STEPS))  # fmt: skip
REFERRAL = bits((Category.IDENTITY, Category.TRAINING, Category.EMPLOYMENT, Category.STEPS))
LEAST = bits((Category.IDENTITY, Category.STEPS))
WORDS = "Oui, je suis d’accord pour que vous en parliez ensemble."
YEAR, ORAL = 365, 30

E = EventKind
KINDS: dict[str, tuple[EventKind, ...]] = {
    "asked": (E.ASKED,),
    "collected": (E.ASKED, E.GIVEN),
    "valid": (E.ASKED, E.GIVEN, E.CONFIRMED),
    "oral": (E.GIVEN, E.CONFIRMED),
    "refused": (E.ASKED, E.REFUSED),
    "withdrawn": (E.GIVEN, E.CONFIRMED, E.WITHDRAWN),
    "expired": (E.GIVEN, E.CONFIRMED, E.EXPIRED),
    "narrowed": (E.GIVEN, E.CONFIRMED, E.NARROWED),
    "renewed": (E.GIVEN, E.CONFIRMED, E.RENEWED, E.CONFIRMED),
    "revoked": (E.GIVEN, E.CONFIRMED, E.REVOKED),
    "invalidated": (E.ASKED, E.GIVEN, E.CONFIRMED, E.INVALIDATED),
}
USUAL = (
    ("valid", 50), ("", 16), ("oral", 8), ("collected", 6), ("asked", 5), ("refused", 4),
    ("withdrawn", 4), ("narrowed", 3), ("expired", 3), ("renewed", 1),
)  # fmt: skip
AGES = {  # kind → how many days ago the first word was said
    "asked": (2, 25), "collected": (1, 15), "oral": (2, 25), "expired": (370, 400),
    "renewed": (372, 400),
}  # fmt: skip


class Said(NamedTuple):
    """An event as `states.fold` reads it."""

    kind: EventKind
    recipients: tuple[str, ...] = ()
    categories: int = 0
    valid_from: date | None = None
    valid_until: date | None = None
    collected: Collected | None = None
    details: Mapping[str, str] = MappingProxyType({})


class Agreements:
    def __init__(self, ground: Ground) -> None:
        self.g = ground
        shelf = ground.store.shelf
        self._consent = shelf(Consent, "id created_at person_id agency_id purpose notice_version")
        self._event = shelf(
            ConsentEvent,
            "id created_at consent_id kind recipients categories valid_from valid_until collected"
            " collected_place words_used attested proof_file_id proof_sha256 professional_id"
            " agency_id",
        )
        self._cover = shelf(
            ConsentCover,
            "id created_at consent_id person_id agency_id purpose effect categories from_at"
            " until_at",
        )

    def agree(
        self,
        known: KnownTo,
        kind: str,
        *,
        purpose: Purpose,
        recipients: Sequence[str],
        categories: int,
        by: str,
        on: int,
    ) -> str:
        """Write one consent of this kind, whose first word was said on that day (or as long ago as
        its kind asks); returns its id."""
        g, key = self.g, self.g.keys.new()
        if kind in AGES:
            on = max(-g.between(*AGES[kind]), known.since)
        chosen = tuple(sorted({r for r in recipients if r != known.house.id}))
        self._consent((key, g.days.at(on, 8), known.id, known.house.id, purpose.value, "2026-01"))
        story = self._story(kind, chosen, categories, on)
        for rank, (said, day) in enumerate(story):
            self._write(key, said, day, rank, known, by)
        known.agreements += len(story)
        self._project(key, known, purpose, [said for said, _ in story], on)
        return key

    def _story(
        self, kind: str, chosen: tuple[str, ...], categories: int, on: int
    ) -> list[tuple[Said, int]]:
        """The events with their days, none in the future."""
        collected = Collected.ORAL if kind == "oral" else Collected.PAPER
        told: list[tuple[Said, int]] = []
        day, date = on, self.g.days.date
        for event in KINDS[kind]:
            said = Said(event)
            if event in (E.GIVEN, E.RENEWED):
                if event is E.RENEWED:
                    day = min(on + YEAR - 5, 0)
                said = Said(event, chosen, categories, date(day), date(day + YEAR), collected)
            elif event is E.CONFIRMED:
                said = Said(event, collected=collected)
            elif event is E.REFUSED:
                said = Said(event, chosen, categories, date(day))
            elif event is E.NARROWED:
                day = min(day + 6, 0)
                said = Said(event, chosen[: max(1, len(chosen) // 2)], categories & LEAST)
            elif event is E.EXPIRED:
                day = min(on + YEAR + 1, 0)
            elif event in (E.WITHDRAWN, E.REVOKED, E.INVALIDATED):
                day = min(max(on + 9, on // 2), 0)
            told.append((said, day))
        return told

    def _write(
        self, consent: str, said: Said, day: int, rank: int, known: KnownTo, by: str
    ) -> None:
        g, days = self.g, self.g.days
        first = said.kind in (E.GIVEN, E.RENEWED)
        oral = said.collected is Collected.ORAL
        proof = said.kind is E.CONFIRMED and not oral
        self._event(
            (g.keys.new(), days.at(day, 8, 1 + rank), consent, said.kind.value,
             _listed(said.recipients), said.categories,
             said.valid_from.isoformat() if said.valid_from else None,
             said.valid_until.isoformat() if said.valid_until else None,
             said.collected.value if said.collected else None,
             known.house.commune.nom if first else "", WORDS if first and oral else "",
             int(first), known.house.proof if proof else None,
             known.house.proof_sha256 if proof else "", by, known.house.id)
        )  # fmt: skip

    def _project(
        self, consent: str, known: KnownTo, purpose: Purpose, story: list[Said], on: int
    ) -> None:
        """What `cover.covers` makes of the fold of these events (a test compares the two)."""
        standing = states.fold(cast("list[ConsentEvent]", story))
        if standing.state not in {ConsentState.VALID, ConsentState.REFUSED}:
            return
        days, refused = self.g.days, standing.state is ConsentState.REFUSED
        assert standing.valid_from is not None
        start = (standing.valid_from - days.today).days
        if standing.valid_until:
            until = days.night((standing.valid_until - days.today).days + 1)
        else:
            until = days.written(days.moment(start) + FOREVER)
        effect = (Effect.DENY if refused else Effect.ALLOW).value
        for agency in sorted(standing.recipients):
            self._cover(
                (self.g.keys.new(), days.at(on, 8, 9), consent, known.id, agency, purpose.value,
                 effect, standing.categories, days.night(start), until)
            )  # fmt: skip


def _listed(keys: tuple[str, ...]) -> str:
    """A list of keys as JSON, written as everywhere outside columns: with their dashes."""
    return '["' + '", "'.join(map(_dashed, keys)) + '"]' if keys else "[]"


def _dashed(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
