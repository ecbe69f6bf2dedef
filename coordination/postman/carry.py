"""Carrying one notice: find its letter, compose it at this moment, deliver what it makes."""

import logging
from collections.abc import Callable, Mapping

from sqlmodel import Session

from coordination.outbox import Leave, Notice, Stale
from coordination.postman import delivery, sms
from coordination.postman.letter import Letter, Mail
from coordination.settings import Settings

log = logging.getLogger("passerelles.postman")


class NotCarried(OSError):
    """It could not leave this time; the outbox tries again later, and the others go on."""


def send(settings: Settings, letters: Mapping[str, Letter]) -> Callable[[Session, Notice], Leave]:
    """What `outbox.carry_one` needs: composes the letter, and returns what delivers it."""
    texts = sms.carrier(settings)

    def carry(db: Session, notice: Notice) -> Leave:
        letter = letters.get(notice.kind)
        if letter is None:
            log.error("letter.unknown", extra={"said": {"kind": notice.kind}})
            raise NotCarried(notice.kind)
        try:
            with db.begin_nested():
                parts = letter(db, notice)
        except (Stale, OSError):
            raise
        except Exception as fault:
            # A letter that fails must not stop the post for everyone behind it.
            log.error("letter.fault", exc_info=fault, extra={"said": {"kind": notice.kind}})
            raise NotCarried(notice.kind) from fault

        def leave() -> None:
            for part in parts:
                if isinstance(part, Mail):
                    delivery.deliver(part, notice_id=notice.id, settings=settings)
                else:
                    texts.send(part, notice_id=notice.id)

        return leave

    return carry
