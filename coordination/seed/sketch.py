"""What a journey will be, drawn before anything is written: who, where, from when to when, and what
happens on the way. Days are counted from today."""

from dataclasses import dataclass, field
from datetime import date

from coordination.directory.reference.geography import Commune
from coordination.referrals.states import Status
from coordination.seed.ground import Course, House, Place, Sitting


@dataclass(slots=True)
class Human:
    """A human being; each agency that knows them has its own row for them."""

    given: str
    usual: str
    birth_on: date
    commune: Commune
    language: str = "fr"
    rows: dict[str, "KnownTo"] = field(default_factory=dict)  # agency → their row


@dataclass(slots=True)
class KnownTo:
    """The person as one agency knows them: written last, when their agreements are counted."""

    id: str
    house: House
    since: int
    agreements: int = 0
    destinations: set[str] = field(default_factory=set)  # of live referrals


@dataclass(slots=True)
class Asked:
    """A referral to grow: its state, and where it goes when that matters."""

    status: Status
    house: House | None = None
    sitting: Sitting | None = None


@dataclass(slots=True)
class Sketch:
    place: Place
    house: House
    course: Course
    entered: int
    planned: int
    ended: int | None = None
    abandoned: bool = False
    followed: bool = False  # another journey follows
    state: str = "entered"
    consent: str = ""  # a word of `agreements.KINDS`, or nothing was asked
    referrals: list[Asked] = field(default_factory=list)
    referent: str = ""
    silent_for: int = 10  # days since the last contact
    paused_from: int | None = None
    resumes: int = 0
    waiting: bool = False  # between two steps
    next_step: bool = False  # something is planned after the end
    asks: bool = False  # someone asked a committee to examine it
    review: str = ""
    expected: str = ""  # the step that is awaited, once it is written
    returns: bool = False  # left, and asks to come back
    full: bool = False  # shows everything that a journey's page can show
    examined: Sitting | None = None  # a past meeting that spoke of it
    outcome: str = "maintain"  # and what it decided

    @property
    def live(self) -> bool:
        return self.ended is None
