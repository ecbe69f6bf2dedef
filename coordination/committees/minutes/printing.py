"""Printing minutes. Called by the worker (what is sent) and by a page (a preview); the rendering
itself happens outside of any writing transaction."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import audit, clock, db, files, pdf
from coordination.agencies.models import Agency
from coordination.committees.minutes import content, sending
from coordination.committees.models import (
    Committee,
    CommitteeKind,
    Extract,
    Meeting,
    Minutes,
    Section,
)
from coordination.persons.models import Person
from coordination.web import render

MAIN, ANNEX = "documents/minutes.html", "documents/annex.html"


class Sheet(NamedTuple):
    """A document ready for the press: its page, its title, what it stands on."""

    html: str
    title: str
    dated: datetime
    withheld: int
    sharing: dict[str, int]  # person → sharing version


def main_sheet(session: Session, meeting: Meeting, minutes: Minutes | None) -> Sheet:
    """The nameless document."""
    said = content.nameless(session, meeting)
    return _sheet(session, meeting, minutes, said, MAIN, agency="")


def annex_sheet(
    session: Session,
    meeting: Meeting,
    minutes: Minutes | None,
    agency_id: UUID,
    *,
    professional_id: UUID | None = None,
) -> Sheet:
    """One agency's annex, as its rights are now; as one professional of it may read it."""
    said = content.for_agency(session, meeting, agency_id, professional_id=professional_id)
    name = session.get_one(Agency, agency_id).name
    return _sheet(session, meeting, minutes, said, ANNEX, agency=name)


def press(sheet: Sheet) -> bytes:
    return pdf.render(sheet.html, title=sheet.title, dated=sheet.dated)


def print_sent(engine: Engine, arguments: dict[str, Any]) -> dict[str, Any]:
    """The worker's job: print what of these minutes is sent and not printed yet, then tell. A
    withdrawal between reading and keeping sends the annex back to the press."""
    minutes_id = UUID(arguments["minutes"])
    with db.reading(engine) as session:
        minutes = session.get_one(Minutes, minutes_id)
        meeting = session.get_one(Meeting, minutes.meeting_id)
        main = None if minutes.file_id else main_sheet(session, meeting, minutes)
        waiting = session.exec(
            select(Extract).where(
                Extract.minutes_id == minutes_id,
                col(Extract.file_id).is_(None),
                col(Extract.recalled_at).is_(None),
            )
        ).all()
    if main is not None:
        _keep_main(engine, minutes_id, press(main))
    for extract in waiting:
        while not _print_annex(engine, minutes_id, extract):
            continue
    with db.transaction(engine) as session:
        sending.tell(session, session.get_one(Minutes, minutes_id))
    return {"annexes": len(waiting)}


def _keep_main(engine: Engine, minutes_id: UUID, printed: bytes) -> None:
    with db.transaction(engine) as session:
        minutes = session.get_one(Minutes, minutes_id, with_for_update=True)
        if minutes.file_id is None:
            kept = files.keep(session, printed, name="releve.pdf", media_type="application/pdf")
            session.flush()
            minutes.file_id, minutes.sha256 = kept.id, kept.sha256


def _print_annex(engine: Engine, minutes_id: UUID, extract: Extract) -> bool:
    """Print one annex; False when someone's agreement changed meanwhile."""
    with db.reading(engine) as session:
        minutes = session.get_one(Minutes, minutes_id)
        meeting = session.get_one(Meeting, minutes.meeting_id)
        sheet = annex_sheet(session, meeting, minutes, extract.agency_id)
    printed = press(sheet)
    with db.transaction(engine) as session:
        if not stands(session, sheet.sharing):
            return False
        row = session.get_one(Extract, extract.id, with_for_update=True)
        if row.file_id is None and row.recalled_at is None:
            kept = files.keep(
                session,
                printed,
                name="annexe.pdf",
                media_type="application/pdf",
                agency=row.agency_id,
            )
            session.flush()
            row.file_id, row.sha256, row.withheld = kept.id, kept.sha256, sheet.withheld
            row.sharing, row.persons = sheet.sharing, sorted(sheet.sharing)
    return True


def stands(session: Session, sharing: dict[str, int]) -> bool:
    """Whether nobody's agreements changed since a document was made."""
    rows = session.exec(
        select(Person.id, Person.sharing_version).where(
            col(Person.id).in_([UUID(person) for person in sharing])
        )
    )
    return {str(person): version for person, version in rows} == sharing


def _sheet(
    session: Session,
    meeting: Meeting,
    minutes: Minutes | None,
    said: content.Content,
    template: str,
    *,
    agency: str,
) -> Sheet:
    committee = session.get_one(Committee, meeting.committee_id)
    kind = session.get_one(CommitteeKind, committee.kind_id)
    number = f"{meeting.year}-{meeting.number:02}"
    word = kind.minutes_word[0].upper() + kind.minutes_word[1:]
    title = f"{word} {number}" if not agency else f"Annexe nominative {number} — {agency}"
    dated = (minutes.sent_at if minutes else None) or meeting.adjourned_at or clock.now()
    html = render.text(
        template,
        document_title=title,
        committee=committee,
        kind=kind,
        meeting=meeting,
        minutes=minutes,
        number=number,
        agency=agency,
        content=said,
        sections=[(s, [p for p in said.points if p.section is s]) for s in Section],
        dated=dated,
        head=audit.Head.read(minutes.audit_head) if minutes else None,
    )
    versions = session.exec(
        select(Person.id, Person.sharing_version).where(col(Person.id).in_(said.persons))
    )
    sharing = {str(person): version for person, version in versions}
    return Sheet(html, title, dated, said.withheld, sharing)
