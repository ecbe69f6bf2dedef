"""Bytes with their SHA-256: proofs, attachments, documents. Rows, never loose files."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlmodel import Column, Field, LargeBinary, Session

from coordination import clock
from coordination.db import Moment, Row
from coordination.errors import Gone, Invalid, NotFound

LIMIT = 5 * 1024 * 1024
_SIGNATURES = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
}


class File(Row, table=True):
    name: str
    media_type: str
    size: int
    sha256: str = Field(max_length=64, index=True)
    content: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id", index=True)
    person_id: UUID | None = Field(default=None, index=True)
    category: str | None = None  # a consent.Category when it tells something of a person
    destroyed_at: datetime | None = Field(default=None, sa_type=Moment)


def keep(
    db: Session,
    content: bytes,
    *,
    name: str,
    media_type: str,
    agency: UUID | None = None,
    person: UUID | None = None,
    category: str | None = None,
) -> File:
    kept = File(
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        agency_id=agency,
        person_id=person,
        category=category,
    )
    db.add(kept)
    return kept


def keep_proof(
    db: Session, content: bytes, *, name: str, agency: UUID | None, person: UUID, category: str
) -> File:
    """Keep an uploaded proof: PDF, JPEG or PNG by its content, 5 MB at most."""
    if not content:
        raise Invalid("Ce fichier est vide.", field="proof")
    if len(content) > LIMIT:
        raise Invalid("Ce fichier dépasse 5 Mo.", field="proof")
    for media_type, starts in _SIGNATURES.items():
        if content.startswith(starts):
            return keep(
                db,
                content,
                name=name[:200],
                media_type=media_type,
                agency=agency,
                person=person,
                category=category,
            )
    raise Invalid("Un PDF ou une image (JPEG, PNG) est attendu.", field="proof")


def read(db: Session, file_id: UUID) -> tuple[File, bytes]:
    found = db.get(File, file_id)
    if found is None:
        raise NotFound()
    if found.content is None:
        raise Gone("Ce document a été détruit à son échéance.")
    return found, found.content


def destroy(db: Session, file: File) -> None:
    """Erase the bytes; the number, name and hash stay."""
    file.content, file.destroyed_at = None, clock.now()
