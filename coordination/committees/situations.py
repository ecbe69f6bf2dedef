"""How an item about a person shows to someone: by name where consent opens it, else as an anonymous
situation. The one place that decides it, for agendas, sessions, screens and documents."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import labels
from coordination.committees.models import AgendaItem
from coordination.consent import rule
from coordination.consent.models import ReachKind
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity

# In committee a name stands on one's own file, on being party to the journey, or on an agreement
# to be discussed there; never on an agreement given for something else.
IN_COMMITTEE = (ReachKind.OWN, ReachKind.PARTY, ReachKind.MEETING)


class Situation(NamedTuple):
    """One item as its reader may see it. Without `name` it is anonymous: number, programme,
    carrying agency and sentences, nothing else. `readable` tells the categories and why."""

    item_id: UUID
    person_id: UUID | None
    title: str
    name: str | None
    programme: str
    agency: str
    sentences: tuple[str, ...]
    readable: rule.Readable

    @property
    def anonymous(self) -> bool:
        return self.name is None

    def reads(self, category: Category) -> bool:
        return category in self.readable


def for_agency(
    db: Session,
    items: Iterable[AgendaItem],
    *,
    agency_id: UUID | None,
    professional_id: UUID | None = None,
) -> dict[UUID, Situation]:
    """Each item that is about a person, as one agency (and professional) may read it today."""
    about = [item for item in items if item.person_id]
    persons = {item.person_id for item in about if item.person_id}
    readable = rule.readable(
        db,
        agency_id=agency_id,
        professional_id=professional_id,
        persons=persons,
        kinds=IN_COMMITTEE,
    )
    return _show(db, about, readable)


def for_room(
    db: Session, items: Iterable[AgendaItem], *, agencies: Collection[UUID]
) -> dict[UUID, Situation]:
    """Each item as every one of these agencies may read it: what may be projected."""
    about = [item for item in items if item.person_id]
    persons = {item.person_id for item in about if item.person_id}
    common: dict[UUID, rule.Readable] = {}
    for rank, agency in enumerate(sorted(agencies)):
        theirs = rule.readable(db, agency_id=agency, persons=persons, kinds=IN_COMMITTEE)
        for person in persons:
            mine = theirs.get(person, {})
            if rank == 0:
                common[person] = dict(mine)
            else:
                common[person] = {c: b for c, b in common[person].items() if c in mine}
    return _show(db, about, common)


def named(shown: dict[UUID, Situation]) -> set[UUID]:
    """The persons whom these situations name."""
    return {one.person_id for one in shown.values() if one.person_id}


def uncovered(
    db: Session, items: Iterable[AgendaItem], *, agencies: Collection[UUID]
) -> dict[UUID, set[UUID]]:
    """For each item about a person: the agencies that may not know who it is."""
    about = [item for item in items if item.person_id]
    persons = {item.person_id for item in about if item.person_id}
    found: dict[UUID, set[UUID]] = {item.id: set() for item in about}
    for agency in agencies:
        theirs = rule.readable(db, agency_id=agency, persons=persons, kinds=IN_COMMITTEE)
        for item in about:
            if item.person_id and Category.IDENTITY not in theirs.get(item.person_id, {}):
                found[item.id].add(agency)
    return found


def snapshot(
    *, programme: str, agency: str, sensitive: bool, sentences: Iterable[str]
) -> dict[str, Any]:
    """What the anonymous form of an item may show, kept on the item when it is proposed."""
    return {
        "programme": programme,
        "agency": "une structure partenaire" if sensitive else agency,
        "sentences": list(sentences),
    }


def anonymous_title(item: AgendaItem) -> str:
    """Situation n° 7; before the agenda is frozen it has no number yet."""
    return f"Situation n°\u00a0{item.number}" if item.number else "Situation sans nom"


def _show(
    db: Session, items: list[AgendaItem], readable: dict[UUID, rule.Readable]
) -> dict[UUID, Situation]:
    named = {p for p, categories in readable.items() if Category.IDENTITY in categories}
    names = {
        identity.person_id: identity.name
        for identity in db.exec(
            select(PersonIdentity).where(col(PersonIdentity.person_id).in_(named))
        )
    }
    shown = {}
    for item in items:
        assert item.person_id is not None
        name = names.get(item.person_id)
        shown[item.id] = Situation(
            item_id=item.id,
            person_id=item.person_id if name else None,
            title=name or anonymous_title(item),
            name=name,
            programme=item.snapshot.get("programme", ""),
            agency=item.snapshot.get("agency", ""),
            sentences=tuple(item.snapshot.get("sentences", [])),
            readable=readable.get(item.person_id, {}) if name else {},
        )
    return shown


def categories_in_words(readable: rule.Readable) -> list[str]:
    return [labels.of(category) for category in Category if category in readable]
