"""What one author is typing, saved by itself. Without versions: only *record* touches the row."""

from uuid import UUID

from sqlmodel import Session, select

from coordination.web.models import Draft


def save(db: Session, *, author: UUID, subject: str, name: str, text: str) -> Draft:
    draft = _find(db, author=author, subject=subject)
    if draft is None:
        draft = Draft(professional_id=author, subject=subject)
        db.add(draft)
    draft.fields = draft.fields | {name: text}
    return draft


def read(db: Session, *, author: UUID | None, subject: str) -> dict[str, str]:
    draft = _find(db, author=author, subject=subject) if author else None
    return dict(draft.fields) if draft else {}


def clear(db: Session, *, author: UUID | None, subject: str) -> None:
    if author and (draft := _find(db, author=author, subject=subject)):
        db.delete(draft)


def _find(db: Session, *, author: UUID, subject: str) -> Draft | None:
    return db.exec(
        select(Draft).where(Draft.professional_id == author, Draft.subject == subject)
    ).one_or_none()
