"""What is typed about journeys, as values."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.errors import Invalid
from coordination.programmes.models import Programme
from coordination.web.forms import Form

LONGEST_NAME = 100


class Six(NamedTuple):
    """A person and a journey in six fields."""

    usual_name: str
    given_names: str
    birth_on: date
    programme_id: UUID
    entered_on: date
    planned_end_on: date | None


class Named(NamedTuple):
    """Who it is, in three fields."""

    usual_name: str
    given_names: str
    birth_on: date


class Answers(NamedTuple):
    programme_id: UUID
    entered_on: date
    planned_end_on: date | None


def six(form: Form, db: Session) -> Six:
    usual, given, born = _who(form)
    programme, entered, planned = _journey(form, db)
    form.check()
    assert born is not None
    assert entered is not None
    assert programme is not None
    return Six(usual, given, born, programme, entered, planned)


def named(form: Form) -> Named:
    usual, given, born = _who(form)
    form.check()
    assert born is not None
    return Named(usual, given, born)


def _who(form: Form) -> tuple[str, str, date | None]:
    usual = form.text("usual_name", most=LONGEST_NAME)
    given = form.text("given_names", most=LONGEST_NAME)
    for name, value in (("usual_name", usual), ("given_names", given)):
        if value and not any(c.isalpha() for c in value):
            form.wrong(name, "Un nom contient au moins une lettre.")
    return usual, given, form.day("birth_on", latest=clock.today())


def answers(form: Form, db: Session) -> Answers:
    """Asked once for a whole file."""
    programme, entered, planned = _journey(form, db)
    form.check()
    assert programme is not None
    assert entered is not None
    return Answers(programme, entered, planned)


def programmes(db: Session) -> list[tuple[str, str]]:
    """(id, name) of the catalogue's active programmes."""
    rows = db.exec(
        select(Programme.id, Programme.name)
        .where(col(Programme.active))
        .order_by(Programme.name, col(Programme.id))
    )
    return [(str(key), name) for key, name in rows]


def known_programme(db: Session, programme_id: UUID | None) -> bool:
    found = db.get(Programme, programme_id) if programme_id else None
    return found is not None and found.active


def _journey(form: Form, db: Session) -> tuple[UUID | None, date | None, date | None]:
    programme = form.key("programme")
    if programme and not known_programme(db, programme):
        form.wrong("programme", "Choisissez un dispositif de la liste.")
    entered = form.day("entered_on")
    planned = form.day("planned_end_on", required=False)
    return programme, entered, planned


def one_file(form: Form) -> tuple[str, bytes]:
    sent = form.upload("file")
    if sent is None:
        raise Invalid("Choisissez un fichier CSV ou XLSX.", field="file")
    return sent
