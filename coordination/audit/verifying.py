"""Reading the base for `proof.py`, and saying in words what was found."""

from collections.abc import Sequence
from contextlib import closing

from sqlmodel import Session, col

from coordination import clock
from coordination.audit.chain import head
from coordination.audit.lines import AuditEntry
from coordination.audit.proof import Fault, Line, Sort, Witness, first_fault
from coordination.audit.seals import HourFault
from coordination.db import columns

_FOUND = {
    Sort.EDITED: "a été modifié",
    Sort.MISSING: "manque",
    Sort.MOVED: "n’est plus à sa place",
    Sort.TRUNCATED: "manque, comme tous ceux qui le suivaient",
    Sort.REWRITTEN: "n’est plus celui qui avait été noté",
}


def verify(
    db: Session, witnesses: Sequence[Witness] = (), *, most: int | None = None
) -> Fault | None:
    """The first wrong line, or None when the chain is whole and no witness contradicts it. With
    `most`, only that many of the last acts are read."""
    wanted = columns(
        AuditEntry.seq, AuditEntry.at, AuditEntry.entry, AuditEntry.previous, AuditEntry.hash
    ).order_by(col(AuditEntry.seq))
    after = _before_the_last(db, most)
    if after is not None:
        wanted = wanted.where(col(AuditEntry.seq) > after.seq)
    with closing(db.execute(wanted.execution_options(yield_per=5000))) as rows:
        return first_fault(map(Line._make, rows), witnesses, after=after)


def said(fault: Fault) -> str:
    """The fault in a sentence."""
    sentence = f"L’acte n° {fault.line} {_FOUND[fault.sort]}"
    if fault.witness is not None:
        sentence += f"\u00a0: {fault.witness.where} ne correspond plus"
    if fault.since < fault.line:
        sentence += f" (la modification commence entre l’acte n° {fault.since} et celui-ci)"
    return sentence + "."


def said_of_hour(fault: HourFault) -> str:
    since, until = clock.local(fault.since), clock.local(fault.until)
    when = f"du {since:%d/%m/%Y} de {since:%H} h à {until:%H} h"
    if since.date() != until.date():
        when = f"du {since:%d/%m/%Y} à {since:%H} h au {until:%d/%m/%Y} à {until:%H} h"
    if fault.sealed is None:
        return f"Consultations {when}\u00a0: il y en a, alors que cette heure n’a pas été scellée."
    return (
        f"Consultations {when}\u00a0: elles ont été modifiées depuis qu’elles sont scellées"
        f" (alors {fault.sealed}, maintenant {fault.found})."
    )


def _before_the_last(db: Session, most: int | None) -> Witness | None:
    """The line before the last `most`; taken as it is."""
    start = head(db).seq - most if most is not None else 0
    if start <= 0:
        return None
    found = db.execute(columns(AuditEntry.hash).where(col(AuditEntry.seq) == start)).scalar()
    return Witness(start, found, "") if found else None
