"""The papers of a meeting to come: the agenda to print or project, the sheet to sign."""

from sqlmodel import Session, col, select

from coordination import labels, pdf
from coordination.agencies.models import Agency, Professional
from coordination.committees import queries
from coordination.committees.agenda import reading
from coordination.committees.models import (
    AgendaSnapshot,
    Committee,
    CommitteeKind,
    Mandate,
    MandateRole,
    Meeting,
)
from coordination.web import french, render

OBSERVERS = 4
UNEXPECTED = 3


def agenda(db: Session, meeting: Meeting) -> tuple[str, bytes, bool]:
    """(file name, PDF, whether it holds a name): what all at the table may read."""
    shown = reading.for_all(db, meeting)
    frozen = db.exec(
        select(AgendaSnapshot)
        .where(AgendaSnapshot.meeting_id == meeting.id)
        .order_by(col(AgendaSnapshot.number).desc())
        .limit(1)
    ).first()
    title = "Ordre du jour" if meeting.frozen_at else "Projet d’ordre du jour"
    html = render.text(
        "documents/agenda.html", document_title=title, agenda=shown, frozen=frozen,
        **_heading(db, meeting),
    )  # fmt: skip
    return f"ordre-du-jour-{_stem(meeting)}.pdf", pdf.render(html, title=title), bool(shown.named)


def sign_in_sheet(db: Session, meeting: Meeting) -> tuple[str, bytes]:
    """(file name, PDF): one line for each mandate of that day, a few for who else comes."""
    title = "Feuille d’émargement"
    html = render.text(
        "documents/sign_in_sheet.html", document_title=title, expected=_expected(db, meeting),
        blank_rows=UNEXPECTED, observers=OBSERVERS, **_heading(db, meeting),
    )  # fmt: skip
    return f"emargement-{_stem(meeting)}.pdf", pdf.render(html, title=title)


def _expected(db: Session, meeting: Meeting) -> list[tuple[str, str, str]]:
    """(agency, name, function) by agency, then titulars before substitutes."""
    on = queries.sitting_on(meeting)
    rows = db.execute(
        queries.mandates(meeting.committee_id, on=on)
        .join(Professional, col(Professional.id) == Mandate.professional_id)
        .outerjoin(Agency, col(Agency.id) == Mandate.agency_id)
        .with_only_columns(Mandate, Professional, Agency)
    ).all()
    order = list(MandateRole)
    seated = {agency.id for _, _, agency in rows if agency}
    lines = [
        (
            agency.name if agency else "",
            order.index(mandate.role),
            professional.name,
            " · ".join(w for w in (labels.of(mandate.role), professional.function) if w),
        )
        for mandate, professional, agency in rows
    ]
    for agency in db.exec(queries.member_agencies(meeting.committee_id, on=on)):
        if agency.id not in seated:
            lines.append((agency.name, len(order), "", ""))
    return [(agency, name, role) for agency, _, name, role in sorted(lines)]


def _heading(db: Session, meeting: Meeting) -> dict[str, object]:
    committee = db.get_one(Committee, meeting.committee_id)
    return {
        "meeting": meeting,
        "committee": committee,
        "kind": db.get_one(CommitteeKind, committee.kind_id),
        "when": french.moment(meeting.starts_at),
        "until": french.hour(meeting.ends_at),
    }


def _stem(meeting: Meeting) -> str:
    return f"{meeting.year}-{meeting.number:02}"
