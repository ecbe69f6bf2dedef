"""What every part of the generator holds: the draw, the keys, the days, and where things stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, TypeVar

from coordination.agencies.models import AgencyKind
from coordination.directory.reference.geography import Commune
from coordination.programmes.catalogue import Rules
from coordination.seed.keys import Days, Keys, Numbers
from coordination.seed.store import Store

T = TypeVar("T")


@dataclass(slots=True)
class House:
    """An agency, as the generator needs it."""

    id: str
    name: str
    kind: AgencyKind
    code: str  # of the ingredients: greta, cidff…
    territory: str
    sensitive: bool
    commune: Commune
    staff: list[str] = field(default_factory=list)  # professionals
    services: list[str] = field(default_factory=list)
    proof: str = ""  # the file of its signed forms
    proof_sha256: str = ""


@dataclass(slots=True)
class Sitting:
    """A meeting, past or to come, and what it decided: filled while journeys grow."""

    id: str
    on: int
    year: int
    number: int
    hour: int
    state: str
    cases: list["Case"] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A committee, with who sits."""

    id: str
    name: str
    kind: str
    place: str
    chair: tuple[str, str]  # professional, agency
    secretary: tuple[str, str]
    members: list[tuple[str, str]]  # professional, agency
    agencies: list[House]
    sittings: list[Sitting] = field(default_factory=list)

    readers: list[str] = field(init=False)  # agencies at the table, those who run it included

    def __post_init__(self) -> None:
        self.readers = sorted({h.id for h in self.agencies} | {self.chair[1], self.secretary[1]})


@dataclass(slots=True)
class Place:
    """A territory."""

    id: str
    region: str
    name: str
    seat: Commune
    communes: list[Commune]
    weights: list[int]
    houses: list[House] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def of_kind(self, *kinds: AgencyKind) -> list[House]:
        return [house for house in self.houses if house.kind in kinds]


@dataclass(slots=True)
class Course:
    """A programme that journeys are opened in."""

    id: str
    slug: str
    name: str
    family: str
    days: int  # its usual longest length
    max_days: int | None
    cadence: int | None
    sensitive: bool
    rules: Rules


@dataclass(slots=True)
class Case:
    """A situation that came, or will come, to a table."""

    journey: str
    person: str
    house: House
    course: Course
    sentences: list[str]
    outcome: str
    covered: list[str] = field(default_factory=list)  # agencies that the agreement names
    decision: str = ""
    need: str | None = None
    referral: str | None = None
    recipient: str | None = None
    service: str | None = None
    until: int | None = None
    demand: str | None = None


class Ground:
    """The seed's own Random: nothing here asks the system for chance."""

    def __init__(self, store: Store, today: date, seed: int) -> None:
        self.rng = Random(seed)
        self.random = self.rng.random
        self.store = store
        self.today = today
        self.keys = Keys(self.rng, today)
        self.days = Days(today)
        self._weights: dict[int, float] = {}  # of each table of odds
        self.places: list[Place] = []
        self.courses: dict[str, Course] = {}
        self.names: dict[str, tuple[str, str]] = {}  # professional → name of the day, function
        self.references = Numbers(self.rng, 8)
        self.numbers = Numbers(self.rng, 5)
        self.referral_numbers = Numbers(self.rng, 6)

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.random() * len(options))]

    def between(self, low: int, high: int) -> int:
        """Both included."""
        return low + int(self.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.random() < share

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """(option, weight) pairs; a short list, kept by whoever calls."""
        known = self._weights.get(id(options))
        if known is None:
            known = self._weights[id(options)] = sum(weight for _, weight in options)
        at = self.random() * known
        for option, weight in options:
            at -= weight
            if at <= 0:
                return option
        return options[-1][0]

    def some(self, options: Sequence[T], most: int) -> list[T]:
        return self.rng.sample(list(options), min(most, len(options)))


Row = tuple[Any, ...]
