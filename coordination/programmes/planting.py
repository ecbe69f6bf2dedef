"""Bringing the shipped catalogue into a base: new or old, as many times as one likes."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, select

from coordination.programmes import catalogue, rules
from coordination.programmes.models import Programme, ProgrammeRule

SINCE = date(2020, 1, 1)  # from when the shipped rules hold


class Planted(NamedTuple):
    added: int  # programmes
    tidied: int  # rows whose rules found their column


def plant(db: Session) -> Planted:
    """Add the programmes that are missing, each with its rules. What stands is never overwritten;
    rules kept in `more` before they had a column are only moved there."""
    known = set(db.exec(select(Programme.slug)))
    missing = [entry for entry in catalogue.entries() if entry.slug not in known]
    for entry in missing:
        _add(db, entry)
    return Planted(len(missing), _tidy(db))


def _add(db: Session, entry: catalogue.CatalogueEntry) -> None:
    programme = Programme(
        slug=entry.slug,
        name=entry.name,
        kind=entry.kind,
        carrier=entry.carrier,
        summary=entry.description,
        guide_page=entry.page,
    )
    db.add(programme)
    db.flush()
    row = rules.as_row(entry.rules)
    db.add(ProgrammeRule(programme_id=programme.id, from_on=SINCE, **row))


def _tidy(db: Session) -> int:
    tidied = 0
    for row in db.exec(select(ProgrammeRule)):
        if row.more.keys() & set(rules.COLUMNS):
            for name, value in rules.as_row(rules.of_row(row)).items():
                setattr(row, name, value)
            tidied += 1
    return tidied
