"""What has left, or is about to: letters dropped, annexes called back, recipients told."""

from uuid import UUID

from sqlalchemy import or_
from sqlmodel import Session, col, select

from coordination import clock, files, outbox
from coordination.agencies.actors import Actor
from coordination.agencies.models import Membership
from coordination.committees.minutes import sending
from coordination.committees.models import Extract, Minutes
from coordination.consent.models import Effect, Purpose, Reach, ReachKind
from coordination.outbox import Notice, NoticeState
from coordination.persons.models import Person
from coordination.referrals.models import Referral
from coordination.rights.models import Recall
from coordination.rights.openings import Openings, agencies


def recipients(db: Session, rows: list[Person], lost: Openings) -> list[tuple[Person, UUID]]:
    """(row, agency) for each agency that had really something open: an agreement and a reason to
    look, or an annex. Who was only named on the form never knew the person, and is not told now."""
    found = db.exec(
        select(Reach.person_id, Reach.agency_id).where(
            col(Reach.person_id).in_({row.id for row in rows}),
            col(Reach.agency_id).in_(agencies(lost)),
            col(Reach.kind) != ReachKind.OWN,
            Reach.effect == Effect.ALLOW,
            Reach.from_at <= clock.now(),
        )
    ).all()
    reached = {(person_id, agency_id) for person_id, agency_id in found}
    reached |= {
        (row.id, extract.agency_id)
        for extract in _extracts(db, lost)
        for row in rows
        if str(row.id) in extract.persons
    }
    hit = {(person_id, agency_id) for person_id, agency_id, _ in lost}
    by_id = {row.id: row for row in rows}
    return [
        (by_id[person_id], agency_id)
        for person_id, agency_id in sorted(reached & hit)
        if by_id[person_id].agency_id != agency_id
    ]


def drop_letters(db: Session, rows: list[Person], lost: Openings) -> None:
    """Letters about the person that wait for an agency which may no longer read them. The letters
    of this room tell of withdrawals: they still leave."""
    for row in rows:
        closed = {agency for person, agency, _ in lost if person == row.id} - {row.agency_id}
        theirs = select(Membership.professional_id).where(col(Membership.agency_id).in_(closed))
        waiting = select(Notice).where(
            Notice.person_id == row.id,
            Notice.state == NoticeState.WAITING,
            col(Notice.kind).not_like("rights.%"),
            or_(col(Notice.agency_id).in_(closed), col(Notice.professional_id).in_(theirs)),
        )
        for notice in db.exec(waiting):
            notice.state = NoticeState.DROPPED


def extracts(db: Session, rows: list[Person], lost: Openings, *, actor: Actor) -> list[Extract]:
    """Call back the annexes of agencies that may no longer read what was in them: the bytes are
    destroyed, number and hash stay, the old address answers 410. Each is made again without."""
    called_back = []
    for extract in _extracts(db, lost):
        about = {
            row.id
            for row in rows
            if str(row.id) in extract.persons and row.agency_id != extract.agency_id
        }
        if not any((row_id, extract.agency_id, Purpose.COMMITTEE) in lost for row_id in about):
            continue
        extract.recalled_at = clock.now()
        file = db.get(files.File, extract.file_id) if extract.file_id else None
        if file is not None:
            files.destroy(db, file)
        called_back.append(extract)
    for minutes_id, agency_id in sorted({(e.minutes_id, e.agency_id) for e in called_back}):
        sending.reissue(db, db.get_one(Minutes, minutes_id), agency_id, actor=actor)
    return called_back


def ask(
    db: Session, row: Person, agency_id: UUID, *, lost: Openings, called_back: list[Extract]
) -> Recall:
    """List the agency, and tell it: what became of what it had? One line for each withdrawal."""
    closed = 0
    for (person_id, agency, _), categories in lost.items():
        closed |= categories if (person_id, agency) == (row.id, agency_id) else 0
    asked = Recall(
        person_id=row.id,
        owner_id=row.agency_id,
        agency_id=agency_id,
        number=row.sharing_version,
        categories=closed,
        referrals=_numbers(db, row, agency_id),
        annexes=[
            str(extract.id)
            for extract in called_back
            if extract.agency_id == agency_id and str(row.id) in extract.persons
        ],
        told_at=clock.now(),
    )
    db.add(asked)
    outbox.post(
        db,
        "rights.withdrawn",
        agency=agency_id,
        about=asked.id,
        person=row.id,
        number=row.sharing_version,
        key=f"rights.withdrawn:{row.id}:{agency_id}:{row.sharing_version}",
    )
    return asked


def _numbers(db: Session, row: Person, agency_id: UUID) -> list[str]:
    """Of the referrals that this agency received about the person."""
    return list(
        db.exec(
            select(Referral.number)
            .where(
                Referral.person_id == row.id,
                Referral.recipient_id == agency_id,
                col(Referral.sent_at).is_not(None),
            )
            .order_by(Referral.number)
        )
    )


def _extracts(db: Session, lost: Openings) -> list[Extract]:
    """Annexes not yet called back, of the agencies that lost something."""
    return list(
        db.exec(
            select(Extract)
            .where(
                col(Extract.agency_id).in_(agencies(lost)),
                col(Extract.recalled_at).is_(None),
            )
            .order_by(col(Extract.id))
        )
    )
