"""The categories of a person's information, and which table belongs to which. Pure."""

from collections.abc import Iterable
from enum import StrEnum


class Category(StrEnum):
    IDENTITY = "identity"  # identity and contact
    RESOURCES = "resources"  # administrative situation and resources
    TRAINING = "training"
    EMPLOYMENT = "employment"  # employment and project
    MOBILITY = "mobility"
    HOUSING = "housing"
    FAMILY = "family"  # family and childcare
    LANGUAGE = "language"  # language and basic skills
    DIGITAL = "digital"
    HEALTH = "health"  # health and disability: functional consequences only, never a diagnosis
    STEPS = "steps"  # steps and contacts
    NOTES = "notes"
    DOCUMENTS = "documents"

    @property
    def bit(self) -> int:
        return _BITS[self]


_BITS = {category: 1 << rank for rank, category in enumerate(Category)}
ALL = (1 << len(_BITS)) - 1

SENSITIVE = frozenset(
    {
        Category.RESOURCES,
        Category.HOUSING,
        Category.FAMILY,
        Category.HEALTH,
        Category.NOTES,
        Category.DOCUMENTS,
    }
)


def bits(categories: Iterable[Category]) -> int:
    total = 0
    for category in categories:
        total |= category.bit
    return total


def from_bits(value: int) -> list[Category]:
    """The categories in their order."""
    return [category for category in Category if value & category.bit]


# Every table that describes a person, by itself or by what its rows hang on: a category, or BY_ROW
# where each row carries its own, or TECHNICAL where nothing of the person is said (keys, rights,
# events of the house). A test walks the foreign keys: what they reach is here.
BY_ROW = "by_row"
TECHNICAL = "technical"

TABLES: dict[str, Category | str] = {
    "person": TECHNICAL,
    "person_identity": Category.IDENTITY,
    "person_identifier": Category.IDENTITY,
    "person_token": TECHNICAL,  # sealed: equality with what was asked, and nothing else
    "person_fact": BY_ROW,
    "person_note": Category.NOTES,
    "file": BY_ROW,
    "consent": TECHNICAL,
    "consent_event": TECHNICAL,
    "consent_cover": TECHNICAL,
    "consent_code": TECHNICAL,
    "reach": TECHNICAL,
    "restriction": Category.NOTES,
    "person_merge": Category.IDENTITY,
    "merge_move": TECHNICAL,
    "set_apart": TECHNICAL,
    "compared": TECHNICAL,
    "access_line": TECHNICAL,
    "recall": TECHNICAL,  # what was asked after a withdrawal: numbers, no word about the person
    "notice": TECHNICAL,
    "journey": Category.STEPS,
    "journey_move": Category.STEPS,
    "journey_period": Category.STEPS,
    "journey_due": TECHNICAL,
    "suspension": Category.STEPS,
    "party": Category.STEPS,
    "referent": Category.STEPS,
    "step": Category.STEPS,
    "contact": Category.STEPS,
    "need": BY_ROW,
    "commitment": Category.STEPS,
    "signature": Category.STEPS,
    "interstitial": Category.STEPS,
    "block": Category.STEPS,
    "announced_exit": Category.STEPS,
    "return_request": Category.STEPS,
    "exit_contact": Category.STEPS,
    "status_period": Category.RESOURCES,
    "step_prerequisite": Category.STEPS,
    "referent_absence": Category.STEPS,
    "appointment": Category.STEPS,
    "transcription": Category.STEPS,
    "cohort_member": Category.STEPS,
    "signal": Category.STEPS,
    "demand": Category.STEPS,
    "agenda_item": Category.STEPS,
    "decision": Category.STEPS,
    "decision_destination": Category.STEPS,
    "follow_up": Category.STEPS,
    "referral": Category.STEPS,
    "referral_step": Category.STEPS,
    "extract": TECHNICAL,  # which persons an annex names; its bytes are a file
    "draft": Category.STEPS,  # what its author types of a decision, theirs alone
    "transition_fact": TECHNICAL,
}

# Tables that describe nobody followed. Where a key or an identifier leads to a person all the
# same, why the row still tells nothing.
NOBODY: dict[str, str] = {
    "region": "", "territory": "", "agency": "", "professional": "", "membership": "",
    "grant": "", "signed_session": "", "programme": "", "programme_rule": "",
    "saved_view": "",
    "cohort": "", "patience": "", "team_signal": "", "minor_rule": "", "regime_rule": "",
    "service": "", "committee_kind": "", "committee": "", "committee_agency": "", "mandate": "",
    "meeting_move": "", "invitation": "", "attendance": "",
    "meeting": "the point being examined, by its identifier",
    "agenda_snapshot": "the anonymous form of each point, by construction",
    "minutes": "names nobody; the document is a file without a person",
    "import_run": "counts, and answers asked once; the file's cells are destroyed once confirmed",
    "import_part": "identifiers, and digests that the person's salt alone explains",
    "import_mapping": "which fields an agency's files hold; no heading, no cell",
    "place_hold": "the referral that holds the place, by its identifier",
    "link": "what it is about, by its identifier",
    "job": "identifiers only",
    "deed": "where the form led, by identifiers",
    "access_seal": "", "searched": "",
    "audit_entry": "a digest that the person's salt alone explains",
}  # fmt: skip


class Unmapped(LookupError):
    """A table that describes a person has no category: nothing of it may be shared."""


def of(table: str) -> Category:
    """The one category of a table; raises Unmapped when the map has none."""
    category = TABLES.get(table)
    if not isinstance(category, Category):
        raise Unmapped(f"{table}: say its category in persons/categories.py")
    return category
