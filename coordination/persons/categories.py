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


# Every table that describes a person: a category, or BY_ROW where each row carries its own, or
# TECHNICAL where nothing of the person is said (keys, rights, events of the house).
BY_ROW = "by_row"
TECHNICAL = "technical"

TABLES: dict[str, Category | str] = {
    "person": TECHNICAL,
    "person_identity": Category.IDENTITY,
    "person_identifier": Category.IDENTITY,
    "person_fact": BY_ROW,
    "person_note": Category.NOTES,
    "file": BY_ROW,
    "consent": TECHNICAL,
    "consent_event": TECHNICAL,
    "consent_cover": TECHNICAL,
    "reach": TECHNICAL,
    "access_line": TECHNICAL,
    "notice": TECHNICAL,
    "journey": Category.STEPS,
    "need": BY_ROW,
    "signal": Category.STEPS,
    "demand": Category.STEPS,
    "agenda_item": Category.STEPS,
    "follow_up": Category.STEPS,
    "referral": Category.STEPS,
    "transition_fact": TECHNICAL,
    "transition_outcome": TECHNICAL,
}
