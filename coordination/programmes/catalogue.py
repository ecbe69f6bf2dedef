"""The programmes the product ships with: facts of the guide, each with its page.

It only reads its file. What a Région edits afterwards lives in `ProgrammeRule`, with dates.
"""

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from coordination.programmes.models import Commitment, ProgrammeKind

FILE = Path(__file__).parent / "catalogue.json"


class EntryMode(StrEnum):
    PERMANENT = "permanent"
    PACED = "paced"
    FIXED_DATES = "fixed_dates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a programme asks or allows; None or empty: it says nothing about it.

    Durations leave suspensions out. `max_duration_weeks` is there for those that count in weeks.
    """

    max_duration_months: int | None = None
    max_duration_weeks: int | None = None
    min_duration_weeks: int | None = None
    fixed_duration: bool = False  # the maximum is the length for everyone
    continues_after_job: bool = False

    suspension_allowed: bool | None = None
    suspension_max_months: int | None = None

    block_weeks: int | None = None  # an interview ends each block
    block_renewals: int | None = None
    block_parts: tuple[int, ...] = ()  # weeks inside one block, in order

    interstitial_max_months: int | None = None
    interstitial_status_kept: bool | None = None
    interstitial_contract: str | None = None

    contact_every_days: int | None = None  # the longest gap allowed
    contact_target_days: int | None = None  # the usual one, when it is shorter
    coaching_every_days: int | None = None
    appointment_delay_days: int | None = None

    caseload_active_min: int | None = None
    caseload_active_max: int | None = None
    caseload_total_min: int | None = None
    caseload_total_max: int | None = None
    referent_roles: tuple[str, ...] = ()  # a role may come twice
    referents_per_hub: int | None = None
    mentor_by_choice: bool = False
    group_every_days: int | None = None  # a collective session

    commitment: Commitment | None = None
    commitment_within_days: int | None = None
    contract_makes_entry: bool = False  # the last signature is the entry

    follow_up_months: tuple[int, ...] = ()  # months after the exit when a contact is due
    follow_up_continuous: bool = False  # support lasts until the last of them
    follow_up_every_days: int | None = None
    follow_up_employer: bool = False
    follow_up_with: tuple[str, ...] = ()
    support_continues_after_exit: bool = False

    deferred_exit_weeks: int | None = None
    reentry_months: int | None = None

    prerequisites: tuple[str, ...] = ()
    required_modules: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    diagnosis_dimensions: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()  # ways side by side
    entry_mode: EntryMode | None = None
    group_size_min: int | None = None
    group_size_max: int | None = None
    rhythm: str | None = None
    age_min: int | None = None
    age_max: int | None = None

    status_path: tuple[str, ...] = ()
    pay_must_be_continuous: bool = False
    single_contract: bool = False
    flexible_budget: bool = False
    exceptional_help: bool = False

    def given(self) -> dict[str, Any]:
        """Only the rules that say something."""
        blank = Rules()
        return {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if getattr(self, f.name) != getattr(blank, f.name)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    slug: str
    name: str
    carrier: str
    regions: tuple[str, ...]  # INSEE codes; empty: several places or not said
    kind: ProgrammeKind
    page: int  # of the guide
    other_pages: tuple[int, ...] = ()
    description: str
    sensitive: bool = False  # being in it tells something of the person by itself
    rules: Rules = Rules()
    assumed: frozenset[str] = frozenset()  # fields the guide does not give: to be confirmed


@cache
def entries() -> tuple[CatalogueEntry, ...]:
    """The whole catalogue, in the order of the file."""
    written = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(_entry(**row) for row in written["programmes"])


def entry(slug: str) -> CatalogueEntry | None:
    return next((e for e in entries() if e.slug == slug), None)


def of_region(region: str) -> tuple[CatalogueEntry, ...]:
    """What a Région starts from: its own programmes first, then those of no named région."""
    own = tuple(e for e in entries() if region in e.regions)
    return own + tuple(e for e in entries() if not e.regions)


def _entry(
    *, kind: str, rules: dict[str, Any], assumed: tuple[str, ...] = (), **row: Any
) -> CatalogueEntry:
    return CatalogueEntry(
        kind=ProgrammeKind(kind), rules=read(**rules), assumed=frozenset(assumed), **_frozen(row)
    )


def read(*, commitment: str | None = None, entry_mode: str | None = None, **row: Any) -> Rules:
    """Rules from the words and lists of a file or of a row."""
    return Rules(
        commitment=Commitment(commitment) if commitment else None,
        entry_mode=EntryMode(entry_mode) if entry_mode else None,
        **_frozen(row),
    )


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
