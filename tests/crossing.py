"""Four persons recorded by three agencies, who agreed to different things: the scene of the walls,
and what each agency may read of it, worked out from what they said and from nothing of the house.

The mission recorded Dana and Sami (tests/town.py). The *ccas* recorded Nour, who agreed that the
mission and the training body discuss her. The *refuge*, whose name alone would tell something,
recorded Lena: the mission may discuss her, the ccas may receive her. Ines works at the refuge.
"""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from coordination.agencies import actors
from coordination.agencies.models import Agency, AgencyKind, Membership, Professional, Role
from coordination.committees.models import AgendaItem, DecisionDestination, ItemState
from coordination.consent import events, reach
from coordination.consent.models import Collected, Purpose, ReachKind
from coordination.journeys.models import Journey, Referent
from coordination.persons.categories import Category
from coordination.persons.models import Person
from coordination.referrals import moves
from coordination.signin import sessions
from tests import seated
from tests import town as small

REFUGE = "Zqrefuge des sortants"
OWNERS = {"dana": "mission", "sami": "mission", "nour": "ccas", "lena": "refuge"}
SEATED = frozenset({"mission", "greta", "ccas", "mde"})  # who sits on the committee
ANY = frozenset({"committee", "referral"})


class Said(NamedTuple):
    """What someone said once: for what, to whom, of what; or that they refuse it."""

    purpose: str
    to: frozenset[str]
    categories: frozenset[str]
    refused: bool = False


def _said(purpose: str, to: str, categories: str, *, refused: bool = False) -> Said:
    return Said(purpose, frozenset(to.split()), frozenset(categories.split()), refused)


AGREED = {
    "dana": (
        _said("committee", "mission ccas", "identity training steps"),
        _said("referral", "ccas", "identity training steps"),
    ),
    "sami": (),
    "nour": (
        _said("committee", "mission", "identity steps housing"),
        _said("committee", "greta", "identity steps housing mobility"),
        _said("committee", "greta", "housing mobility", refused=True),
    ),
    "lena": (
        _said("committee", "mission", "identity health"),
        _said("referral", "ccas", "identity mobility"),
    ),
}
RECEIVES = {("dana", "ccas"), ("lena", "ccas")}  # a referral about them was sent there


def may_read(agency: str, person: str, category: str, purposes: frozenset[str] = ANY) -> bool:
    """What the agreements say, without the house's rule: one's own files, else an agreement for a
    purpose that one has, less what was refused for it."""
    if OWNERS[person] == agency:
        return True
    for purpose in purposes:
        has = agency in SEATED if purpose == "committee" else (person, agency) in RECEIVES
        mine = [s for s in AGREED[person] if s.purpose == purpose and agency in s.to]
        opened = {c for s in mine if not s.refused for c in s.categories}
        refused = {c for s in mine if s.refused for c in s.categories}
        if has and category in opened - refused:
            return True
    return False


def build(db: Session, town: SimpleNamespace) -> None:
    """Writes Nour and Lena, their agreements, their points and one referral into the full town."""
    _refuge(db, town)
    town.nour = small.person(db, town, "Nour", "Haddad", date(2001, 5, 6), agency="ccas")
    town.lena = small.person(db, town, "Lena", "Morvan", date(1997, 7, 8), agency="refuge")
    town.nour_journey = small.journey(db, town, town.nour, number="J-0003")
    town.lena_journey = small.journey(db, town, town.lena, number="J-0004")
    authors = {"nour": town.chloe, "lena": town.ines}
    for name, author in authors.items():
        db.execute(
            update(Referent)
            .where(col(Referent.journey_id) == getattr(town, f"{name}_journey").id)
            .values(professional_id=author.id)
        )
    for name, author in authors.items():
        for said in AGREED[name]:
            _say(db, town, getattr(town, name), author, said)
    for name in authors:
        who, journey = getattr(town, name), getattr(town, f"{name}_journey")
        for meeting, state in (
            (town.meeting, ItemState.PROPOSED), (town.open, ItemState.ACCEPTED),
            (town.held, ItemState.EXAMINED),
        ):  # fmt: skip
            seated.point(db, town, meeting, who, journey, state)
            for _, agency in seated.MEMBERS:
                reach.open_to(db, person_id=who.id, agency_id=getattr(town, agency).id,
                              kind=ReachKind.MEETING, source_id=meeting.id)  # fmt: skip
    ines = actors.of_professional(db, town.ines.id)
    town.lena_referral = moves.prepare(
        db, need=small.need(db, town, town.lena_journey), journey=town.lena_journey,
        recipient_id=town.ccas.id, question="Un véhicule ?", actor=ines,
    )  # fmt: skip
    moves.send_or_wait(db, town.lena_referral, actor=ines)
    assert town.lena_referral.sent_at, "the scene says that it left"
    chloe = actors.of_professional(db, town.chloe.id)
    moves.move(db, town.lena_referral, "accept", actor=chloe, side="recipient")
    db.add(DecisionDestination(decision_id=town.taken.id, agency_id=town.refuge.id, rank=1))
    db.flush()
    db.info.pop("acts", None)


def journeys(town: SimpleNamespace) -> dict[str, Journey]:
    """Of each of the four who is there."""
    known = {"dana": "journey", "sami": "sami_journey"}
    of = {name: known.get(name, f"{name}_journey") for name in OWNERS}
    return {name: getattr(town, word) for name, word in of.items() if hasattr(town, word)}


def points(db: Session, person: Person) -> list[UUID]:
    return list(db.exec(select(AgendaItem.id).where(AgendaItem.person_id == person.id)))


def _refuge(db: Session, town: SimpleNamespace) -> None:
    town.refuge = Agency(
        name=REFUGE, kind=AgencyKind.JUSTICE, region_id=town.region.id,
        territory_id=town.territory.id, email="accueil@refuge.example", sensitive=True,
    )  # fmt: skip
    town.ines = Professional(given_name="Ines", usual_name="Kerr", email="ines@example.org")
    db.add_all((town.refuge, town.ines))
    db.flush()
    db.add(
        Membership(professional_id=town.ines.id, agency_id=town.refuge.id, role=Role.ADVISER,
                   from_on=town.today - timedelta(days=400))
    )  # fmt: skip
    town.cookies["ines"] = sessions.open_session(db, town.ines.id, means="link")


def _say(
    db: Session, town: SimpleNamespace, person: Person, author: Professional, said: Said
) -> None:
    about = {
        "purpose": Purpose(said.purpose),
        "recipients": [getattr(town, name).id for name in said.to],
        "categories": [Category(name) for name in said.categories],
        "actor": actors.of_professional(db, author.id),
    }
    if said.refused:
        events.refuse(db, person, **about)
        return
    events.give(
        db,
        person,
        collected=Collected.ORAL,
        words_used="Oui, je le veux bien.",
        attested=True,
        **about,
    )
