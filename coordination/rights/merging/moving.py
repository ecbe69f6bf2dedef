"""Every row about a person, moved from one file to another and back: found by the tables
themselves, so that a table that comes later moves too. What moved is written down by its keys."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlmodel import Session, SQLModel

from coordination.links import Link, LinkKind
from coordination.persons.models import Person, PersonFact
from coordination.rights.models import MergeMove, PersonMerge

# Not moved: what the file is, what is written anew, what stays true of the file it was written of.
STAYS = {
    "person_identity", "person_token", "person_merge", "set_apart", "restriction",
    "compared",  # said of the file that was compared; read through the one that it became
    "consent_cover",  # written anew from the agreements
    "access_line",  # never changed: who looked, at the file that they looked at
    "recall",  # numbered by file; found through both
}  # fmt: skip
_APART = {"person_fact", *STAYS}
_ASIDE = "~"  # before a fact's code, for the time that two of them change places


def move(db: Session, merge: PersonMerge, *, taken: set[str]) -> None:
    """`taken`: codes of the facts whose value is the absorbed file's."""
    db.flush()
    for table in SQLModel.metadata.sorted_tables:
        if "person_id" in table.columns and table.name not in _APART:
            _repoint(db, merge, table, "person_id", table.c.person_id == merge.absorbed_id)
    link = _table(Link)
    _repoint(db, merge, link, "about_id",
             (link.c.about_id == merge.absorbed_id) & (link.c.kind == LinkKind.PERSON))  # fmt: skip
    _facts(db, merge, taken)


def move_back(db: Session, merge: PersonMerge, moved: list[MergeMove]) -> None:
    """Each row that still stands where the merge put it goes back where it was."""
    db.flush()
    facts = _table(PersonFact)
    waited = {
        one.row_id
        for one in moved
        if one.table_name == facts.name and one.was_id == merge.person_id
    }
    db.execute(update(facts).where(facts.c.id.in_(waited)).values(code=_ASIDE + facts.c.code))
    for one in moved:
        table = SQLModel.metadata.tables[one.table_name]
        column = table.c[one.column_name]
        db.execute(update(table).where(table.c.id == one.row_id).values({column: one.was_id}))
    for row_id in sorted(waited):
        _code_back(db, facts, row_id)
    db.expire_all()


def _code_back(db: Session, facts: Table, row_id: UUID) -> None:
    """The fact takes its code again, unless a newer one took its place meanwhile."""
    mine = db.execute(select(facts).where(facts.c.id == row_id)).one_or_none()
    if mine is None:
        return
    code = mine.code.removeprefix(_ASIDE)
    newer = select(facts.c.id).where(
        facts.c.person_id == mine.person_id, facts.c.agency_id == mine.agency_id,
        facts.c.code == code,
    )  # fmt: skip
    if db.execute(newer).first():
        db.execute(facts.delete().where(facts.c.id == row_id))
    else:
        db.execute(update(facts).where(facts.c.id == row_id).values(code=code))


def _repoint(db: Session, merge: PersonMerge, table: Table, column: str, where: Any) -> None:
    keys = list(db.execute(select(table.c.id).where(where)).scalars())
    _remember(db, merge, table, column, keys, merge.absorbed_id)
    if keys:
        db.execute(
            update(table).where(table.c.id.in_(keys)).values({table.c[column]: merge.person_id})
        )


def _facts(db: Session, merge: PersonMerge, taken: set[str]) -> None:
    """Facts that one file alone has are kept; of two that differ, the one chosen: the other waits
    with the absorbed file."""
    facts = _table(PersonFact)
    mine, theirs = (
        {
            (row.agency_id, row.code): row.id
            for row in db.execute(select(facts).where(facts.c.person_id == person_id))
        }
        for person_id in (merge.person_id, merge.absorbed_id)
    )
    for key, row_id in theirs.items():
        if key in mine and key[1] not in taken:
            continue
        if key in mine:
            _remember(db, merge, facts, "person_id", [mine[key]], merge.person_id)
            _put(db, facts, mine[key], person_id=merge.absorbed_id, code=_ASIDE + key[1])
        _remember(db, merge, facts, "person_id", [row_id], merge.absorbed_id)
        _put(db, facts, row_id, person_id=merge.person_id)
        if key in mine:
            _put(db, facts, mine[key], code=key[1])


def _put(db: Session, table: Table, row_id: UUID, **values: Any) -> None:
    db.execute(update(table).where(table.c.id == row_id).values(values))


def _remember(
    db: Session, merge: PersonMerge, table: Table, column: str, keys: list[UUID], was: UUID
) -> None:
    for key in keys:
        db.add(
            MergeMove(
                merge_id=merge.id,
                table_name=table.name,
                row_id=key,
                column_name=column,
                was_id=was,
            )
        )
    db.flush()


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


def absorbed_by(db: Session, person: Person) -> list[UUID]:
    """The files that became this one."""
    wanted = select(Person.id).where(Person.merged_into_id == person.id)  # type: ignore[call-overload]
    return list(db.execute(wanted).scalars())
