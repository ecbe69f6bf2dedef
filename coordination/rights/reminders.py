"""What time does to a withdrawal without an answer: a reminder after ten days; after thirty, one
more, and the agency that recorded the person hears of it. Called by the worker, once a day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, and_, or_
from sqlmodel import Session, col, select

from coordination import clock, outbox
from coordination.db import Closer, transaction
from coordination.rights.answers import LATE_AFTER
from coordination.rights.models import Recall

KIND = "rights.recalls"
FIRST_AFTER = timedelta(days=10)
BATCH = 50


def tick(
    engine: Engine, arguments: dict[str, Any] | None = None, *, closers: Sequence[Closer] = ()
) -> dict[str, Any]:
    """Remind who has not answered. Running it twice changes nothing."""
    reminded = 0
    while True:
        with transaction(engine, closers) as db:
            due = db.exec(_due()).all()
            for recall in due:
                _remind(db, recall)
        reminded += len(due)
        if len(due) < BATCH:
            return {"reminded": reminded}


def _remind(db: Session, recall: Recall) -> None:
    late = recall.told_at <= clock.now() - LATE_AFTER
    recall.reminded = 2 if late else 1
    key = f"{recall.id}:{recall.reminded}"
    outbox.post(
        db,
        "rights.recall_reminder",
        agency=recall.agency_id,
        about=recall.id,
        number=recall.reminded,
        key=f"rights.recall_reminder:{key}",
    )
    if late:
        outbox.post(
            db,
            "rights.recall_late",
            agency=recall.owner_id,
            about=recall.id,
            key=f"rights.recall_late:{key}",
        )


def _due() -> Any:
    now = clock.now()
    return (
        select(Recall)
        .where(
            col(Recall.answer).is_(None),
            or_(
                and_(col(Recall.reminded) < 1, col(Recall.told_at) <= now - FIRST_AFTER),
                and_(col(Recall.reminded) < 2, col(Recall.told_at) <= now - LATE_AFTER),
            ),
        )
        .order_by(col(Recall.told_at), col(Recall.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
