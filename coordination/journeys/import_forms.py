"""What is sent about an import, as values."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session
from starlette.datastructures import FormData

from coordination.errors import Invalid
from coordination.journeys import forms
from coordination.journeys.imports import headings, reading
from coordination.journeys.imports.lines import Answers
from coordination.web.forms import Form


class Brought(NamedTuple):
    """A file that was read before anything is written."""

    name: str
    sha256: str
    table: reading.Table


def bring(sent: FormData) -> Brought:
    """Read the file: done by the door before the transaction, which a long list would hold."""
    found = Form(sent).upload("file")
    if found is None:
        raise Invalid("Choisissez un fichier CSV ou XLSX.", field="file")
    name, content = found
    return Brought(name, hashlib.sha256(content).hexdigest(), reading.read(content))


def answers(form: Form, db: Session) -> Answers:
    """Asked once for the file; what the file says itself, or what is not known yet, stays empty."""
    programme = form.key("programme", required=False)
    if programme and not forms.known_programme(db, programme):
        form.wrong("programme", "Choisissez un dispositif de la liste.")
    entered = form.day("entered_on", required=False)
    planned = form.day("planned_end_on", required=False)
    form.check()
    return Answers(programme, entered, planned)


def fields(form: Form, titles: Sequence[str]) -> list[str]:
    """The field chosen for each column: each one once, and those without which nobody is known."""
    chosen: list[str] = []
    for place in range(len(titles)):
        name = form.get(f"column-{place}")
        if name and name not in headings.FIELDS:
            form.wrong(f"column-{place}", "Choisissez une réponse de la liste.")
        elif name and name in chosen:
            form.wrong(
                f"column-{place}", f"« {headings.FIELDS[name]} » est déjà une autre colonne."
            )
        chosen.append(name)
    missing = headings.Match(chosen, remembered=False).missing
    if missing:
        form.wrong("columns", f"Dites quelle colonne porte : {', '.join(missing)}.")
    form.check()
    return chosen
