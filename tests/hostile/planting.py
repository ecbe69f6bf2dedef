"""Hostile texts in the base itself, in every column that holds words of someone: what no form would
have let in must not run either."""

from typing import Any

from sqlalchemy import JSON, Column, Enum, String, Table, UniqueConstraint, Uuid, select, update
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from tests.hostile import texts

# A word of the code, a fingerprint, a key: no one types it, and pages are right to fail on others.
TABLES = {
    "audit_entry", "access_line", "deed", "job", "link", "notice", "person", "session",
    "signed_session", "transition_fact",
}  # fmt: skip
CODES = {
    "agenda_snapshot.sha256", "committee_kind.slug", "consent.format", "consent.language",
    "consent.notice_sha256", "consent.notice_version", "consent_event.proof_sha256",
    "decision.need_code", "draft.subject", "extract.sha256", "file.category", "file.media_type",
    "file.sha256", "import_run.sha256", "journey.import_key", "journey_move.verb",
    "meeting_move.verb", "minutes.audit_head", "minutes.sha256", "need.code", "need.origin",
    "person_fact.code", "person_identifier.system", "person_identity.language",
    "professional.persona", "programme.slug", "referral.snapshot_sha256", "referral_step.verb",
    "territory.epci_codes",
}  # fmt: skip


def plant(db: Session, *, shift: int = 0, several: int = 1) -> dict[str, int]:
    """column → how many of its rows were written. Each cell starts with another text; by `shift`
    the texts turn, so that after as many shifts as texts every column has held every one."""
    planted: dict[str, int] = {}
    for table in SQLModel.metadata.sorted_tables:
        if table.name in TABLES or "id" not in table.c:
            continue
        for column in table.c:
            name = f"{table.name}.{column.name}"
            if name not in CODES and (_words(column) or isinstance(column.type, JSON)):
                planted[name] = _fill(db, table, column, shift + len(planted), several)
    db.expire_all()
    return planted


def _fill(db: Session, table: Table, column: Column, shift: int, several: int) -> int:
    rows = db.execute(select(table.c.id, column).order_by(table.c.id)).all()
    alone = column.unique or any(
        column.name in c.columns for c in table.constraints if isinstance(c, UniqueConstraint)
    )
    for number, (key, stands) in enumerate(rows):
        text = texts.starting(shift + number, several)
        if isinstance(column.type, JSON):
            text = _sentences(stands, text)
        elif alone:
            text = f"{text} {number}"
        db.execute(update(table).where(table.c.id == key).values({column.name: text}))
    return len(rows)


def _sentences(value: Any, text: str) -> Any:
    """The same shape, its sentences replaced: a word alone may be a code."""
    if isinstance(value, dict):
        return {key: _sentences(held, text) for key, held in value.items()}
    if isinstance(value, list):
        return [_sentences(held, text) for held in value]
    return text if isinstance(value, str) and " " in value else value


def _words(column: Column) -> bool:
    kind = column.type
    if column.foreign_keys or isinstance(kind, Uuid | Enum):
        return False
    length = getattr(kind, "length", None)
    return isinstance(kind, AutoString | String) and (length is None or length > 20)
