"""The beat of a meeting: a number that grows with each change in session, and nothing else. Streams
and polling watch it; pages then fetch themselves again, each as its reader may see it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import anyio
from sqlalchemy import update
from sqlmodel import Session, col

from coordination.committees.models import Meeting

EVERY = 1.0  # seconds between two looks
LASTING = 600  # looks before the browser comes back by itself, and is identified again
QUIET = 15  # looks without change before a word that keeps the connection


def beat(db: Session, meeting_id: UUID) -> None:
    """One more. In SQL, so that two changes at once count for two."""
    counted = col(Meeting.pulse)
    db.execute(update(Meeting).where(col(Meeting.id) == meeting_id).values(pulse=counted + 1))


async def beats(
    ask: Callable[[], Awaitable[int | None]], *, every: float = EVERY, lasting: int = LASTING
) -> AsyncIterator[str]:
    """Server-sent events: the number now, then each time it has changed. `ask` gives it, or None
    when there is nothing to follow any more."""
    said: int | None = None
    silent = 0
    for look in range(lasting):
        if look:
            await anyio.sleep(every)
        number = await ask()
        if number is None:
            yield "event: changed\ndata: 0\nretry: 60000\n\n"
            return
        if number != said:
            yield f"event: changed\ndata: {number}\nid: {number}\n\n"
            said, silent = number, 0
            continue
        silent += 1
        if silent % QUIET == 0:
            yield ": \n\n"
