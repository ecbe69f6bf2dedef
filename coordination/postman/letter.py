"""What a letter is: a function from a notice to mails, or to text messages."""

from collections.abc import Callable, Sequence
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


class Text(NamedTuple):
    """One SMS to one number (E.164). Whoever picks the phone up reads it: say nothing personal."""

    to: str
    text: str


# Raises outbox.Stale when what the notice stands on is gone: the notice is then dropped.
Letter = Callable[[Session, Notice], Sequence[Mail | Text]]
