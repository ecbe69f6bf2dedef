"""Checking the journal: the whole of it for the command, its last acts for the page."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from coordination import audit, db, settings
from coordination.committees.models import Minutes
from coordination.web import french

LAST = 20_000  # acts that a page reads again: no page may take more than a second


class Checked(NamedTuple):
    whole: bool
    sentence: str


def whole(engine: Engine, *, heads: Sequence[str] = ()) -> Checked:
    """Every act, every sealed hour, against the anchors, the sent minutes and the heads given
    (« 12:ab34cd56 »)."""
    typed = audit.anchors.given(heads)
    with db.reading(engine) as session:
        try:
            anchors = audit.anchors.kept(settings.load().anchors)
        except audit.anchors.Unreadable as fault:
            return _unreadable(fault)
        wrong = audit.verify(session, [*anchors, *_printed(session), *typed])
        if wrong is not None:
            return Checked(False, audit.said(wrong))
        hour = audit.seals.first_wrong_hour(session)
        if hour is not None:
            return Checked(False, audit.said_of_hour(hour))
        acts, hours = audit.head(session).seq, len(audit.seals.sealed_hours(session))
    told = ", ".join(
        french.count(number, word)
        for number, word in ((acts, "acte"), (len(anchors), "ancre"), (hours, "période"))
    )
    return Checked(True, f"Le journal est entier\u00a0: {told} de consultations.")


def latest(session: Session) -> Checked:
    """The last acts, against the anchors."""
    try:
        anchors = audit.anchors.kept(settings.load().anchors)
    except audit.anchors.Unreadable as fault:
        return _unreadable(fault)
    wrong = audit.verify(session, anchors, most=LAST)
    if wrong is not None:
        return Checked(False, audit.said(wrong))
    acts = audit.head(session).seq
    if acts <= LAST:
        return Checked(True, "La chaîne des actes est entière.")
    return Checked(
        True,
        f"Les {french.number(LAST)} derniers actes sont entiers."
        " La commande «\u00a0coordination verify\u00a0» relit tout le journal.",
    )


def _printed(session: Session) -> list[audit.Witness]:
    """The heads printed in the minutes that were sent."""
    wanted = select(Minutes.audit_head).where(col(Minutes.audit_head) != "")
    heads = (audit.Head.read(text) for text in session.exec(wanted))
    return [
        audit.Witness(head.seq, head.hash, f"le relevé qui porte l’acte n°\u00a0{head.seq}")
        for head in heads
        if head is not None
    ]


def _unreadable(fault: audit.anchors.Unreadable) -> Checked:
    return Checked(
        False,
        f"L’ancre {fault} n’est pas lisible\u00a0: elle a été modifiée. Retrouvez-en une copie,"
        " puis recommencez.",
    )
