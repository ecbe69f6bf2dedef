"""Text messages leave through a gateway that speaks HTTP, or stay as files beside the mails where
none is configured (demonstration).

The gateway is whoever the installation chose: it receives `{"to", "from", "text"}` as JSON with a
bearer token, and the notice's id as idempotency key, so that a message sent twice (a crash after
sending) can be recognised. Every failure is an OSError: the outbox tries again later.
"""

from typing import Protocol
from uuid import UUID

import httpx2

from coordination.postman import delivery
from coordination.postman.letter import Mail, Text
from coordination.settings import Settings

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)  # seconds


class NotSent(OSError):
    """The gateway did not take the message."""


class Carrier(Protocol):
    """What carries a text message. It returns once the message was taken, or raises OSError."""

    def send(self, text: Text, *, notice_id: UUID) -> None: ...


class Gateway:
    """A gateway over HTTP."""

    def __init__(self, url: str, *, token: str, sender: str) -> None:
        self.url, self.token, self.sender = url, token, sender

    def send(self, text: Text, *, notice_id: UUID) -> None:
        headers = {"Idempotency-Key": notice_id.hex}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        said = {"to": text.to, "from": self.sender, "text": text.text}
        try:
            answer = httpx2.post(self.url, json=said, headers=headers, timeout=TIMEOUT)
        except httpx2.HTTPError as fault:
            raise NotSent(type(fault).__name__) from fault
        if not answer.is_success:
            raise NotSent(f"HTTP {answer.status_code}")


class Folder:
    """Nobody to carry them: kept to be read, like the mails."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, text: Text, *, notice_id: UUID) -> None:
        kept = Mail(text.to, "SMS", text.text)
        delivery.keep(kept, notice_id=notice_id, settings=self.settings)


def carrier(settings: Settings) -> Carrier:
    if settings.sms_url:
        return Gateway(settings.sms_url, token=settings.sms_token, sender=settings.sms_from)
    return Folder(settings)
