"""What a letter is: a function from a notice to mails."""

from collections.abc import Callable
from typing import NamedTuple

from sqlmodel import Session

from coordination.outbox import Notice


class Attachment(NamedTuple):
    name: str
    content: bytes
    media_type: str  # "text/calendar; method=REQUEST; charset=UTF-8", "application/pdf"


class Mail(NamedTuple):
    """One mail to one address. Nothing personal in subject, text or names of attachments."""

    to: str
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()


# Raises outbox.Stale when what the notice stands on is gone: the notice is then dropped.
Letter = Callable[[Session, Notice], list[Mail]]
