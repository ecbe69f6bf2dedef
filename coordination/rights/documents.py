"""What is printed: the form to sign, the receipts. Composed here, printed by `pdf`."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from coordination import clock, links, pdf
from coordination.agencies.models import Agency
from coordination.consent import events, minors
from coordination.journeys.models import Journey
from coordination.links import LinkKind
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.rights import agreements, notice, qr, queries
from coordination.rights.forms import Choice
from coordination.rights.sentences import EASY, IN_EASY_WORDS, IN_PLAIN_WORDS
from coordination.web import render


def consent_form(
    db: Session, person: Person, journey: Journey, choice: Choice, *, easy: bool = False
) -> bytes:
    """The form to sign, prefilled: one page that the person can read and keep; `easy`: in easy
    French (FALC), with its own notice."""
    born = agreements.birth_on(db, person)
    alone_from = minors.alone_from(db, choice.sentence.purpose)
    told = notice.given("falc" if easy else "standard", alone_from=alone_from)
    title = "Je dis oui ou je dis non" if easy else "Mon accord pour partager des informations"
    words = IN_EASY_WORDS if easy else IN_PLAIN_WORDS
    said, why = EASY[choice.sentence.purpose]
    html = render.text(
        "documents/consent_form_easy.html" if easy else "documents/consent_form.html",
        document_title=title,
        sentence=choice.sentence._replace(said=said, why=why) if easy else choice.sentence,
        names=_names(db, choice.recipients),
        categories=[words[category] for category in Category if category in choice.categories],
        until=events.months_later(clock.today(), choice.months),
        months=choice.months,
        minor=born is not None and minors.age(born) < alone_from,
        paragraphs=told.paragraphs,
        notice_version=told.version,
        notice_sha256=told.sha256,
        **_about(db, person, journey),
    )
    return pdf.render(html, title=title)


def receipt(
    db: Session, person: Person, journey: Journey, line: queries.Line, *, discreet: bool = False
) -> bytes:
    title, html = receipt_sheet(db, person, journey, line, discreet=discreet)
    return pdf.render(html, title=title)


def receipt_sheet(
    db: Session,
    person: Person,
    journey: Journey,
    line: queries.Line,
    *,
    discreet: bool = False,
    address: str = "",
) -> tuple[str, str]:
    """(title, page) of the person's receipt of what was agreed, refused or taken back. The discreet
    one names nobody and no agency: it can lie on a table. `address`: of the person's own page."""
    title = _receipt_title(line)
    html = render.text(
        "documents/receipt.html",
        document_title=title,
        line=line,
        discreet=discreet,
        recipients=[] if discreet else [name for _, name in line.recipients],
        categories=[IN_PLAIN_WORDS[category] for category in line.categories],
        taken_back=[] if discreet else _taken_back(db, line),
        said_on=_said_on(line),
        ended_at=line.events[-1].created_at,
        notice_version=line.notice_version,
        address=address,
        drawn=qr.draw(address) if address else None,
        days=links.DURATIONS[LinkKind.PERSON].days,
        **_about(db, person, journey),
    )
    return title, html


def _receipt_title(line: queries.Line) -> str:
    if line.look == "withdrawn":
        return "Reçu : accord retiré"
    return "Reçu : refus enregistré" if line.look == "refused" else "Reçu : accord enregistré"


def _said_on(line: queries.Line) -> date:
    return line.standing.valid_from or clock.local(line.events[0].created_at).date()


def _taken_back(db: Session, line: queries.Line) -> list[str]:
    """Agencies once named and no longer."""
    once = {agency for event in line.events for agency in event.recipients}
    left = set() if line.look == "withdrawn" else line.standing.recipients
    return sorted(queries.names_of(db, once - left).values())


def _about(db: Session, person: Person, journey: Journey) -> dict[str, Any]:
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    return {
        "person_name": identity.name if identity else person.reference,
        "born_on": identity.birth_on if identity else None,
        "reference": person.reference,
        "agency": db.get_one(Agency, journey.agency_id),
        "today": clock.today(),
    }


def _names(db: Session, agencies: Sequence[UUID]) -> list[str]:
    return sorted(queries.names_of(db, agencies).values())
