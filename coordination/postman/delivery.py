"""Mails leave by SMTP, or stay as files in a folder where none is configured (demonstration).

A mail sent twice (a crash after sending) bears the same Message-ID twice. Every failure is an
OSError: the outbox tries again later.
"""

import hashlib
import os
import smtplib
import ssl
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID

from coordination import clock
from coordination.postman.letter import Attachment, Mail
from coordination.settings import Settings

_TIMEOUT = 30  # seconds


class KeptMail(NamedTuple):
    """A mail of the folder, to be read on a page."""

    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    when: datetime


def deliver(mail: Mail, *, notice_id: UUID, settings: Settings) -> None:
    """Send one mail, or keep it in the folder. OSError when it could not leave."""
    if settings.smtp_url:
        message = compose(mail, notice_id=notice_id, sender=settings.mail_from)
        _by_smtp(message, settings.smtp_url)
    else:
        keep(mail, notice_id=notice_id, settings=settings)


def keep(mail: Mail, *, notice_id: UUID, settings: Settings) -> None:
    """Keep it in the folder, to be read on a page."""
    message = compose(mail, notice_id=notice_id, sender=settings.mail_from)
    _keep(message, settings.mail_folder, f"{notice_id}-{_digest(mail.to)}.eml")


def compose(mail: Mail, *, notice_id: UUID, sender: str) -> EmailMessage:
    """The message. Text goes quoted-printable and files base64: no relay has to know 8 bits."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.splitlines())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{notice_id.hex}.{_digest(mail.to)}@passerelles>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    for attachment in mail.attachments:
        if attachment.media_type.startswith("text/calendar"):
            _as_calendar(message, attachment)
    for attachment in mail.attachments:
        _attach(message, attachment)
    return message


def kept(folder: Path, *, to: str = "", most: int = 100) -> list[KeptMail]:
    """The latest mails of the folder, the last first; `to`: a part of the address."""
    files = folder.glob("*.eml") if folder.is_dir() else ()
    latest = sorted(files, key=lambda path: (path.stat().st_mtime, path.name), reverse=True)
    mails = (mail for path in latest if to in (mail := _read(path)).to.casefold())
    found = list(islice(mails, most))
    return sorted(found, key=lambda mail: (mail.when, mail.to, mail.subject), reverse=True)


def _as_calendar(message: EmailMessage, attachment: Attachment) -> None:
    """Beside the text, so that mail readers offer to accept; its method is the body's method."""
    message.add_alternative(attachment.content, "text", "calendar", cte="base64")
    part = message.get_payload()[-1]  # type: ignore[index]
    assert isinstance(part, EmailMessage)
    _set_type(part, attachment.media_type)
    del part["Content-Disposition"]


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, rest = attachment.media_type.partition("/")
    message.add_attachment(
        attachment.content, main, rest.partition(";")[0].strip(), filename=attachment.name
    )
    part = message.get_payload()[-1]  # type: ignore[index]
    assert isinstance(part, EmailMessage)
    _set_type(part, attachment.media_type)


def _set_type(part: EmailMessage, media_type: str) -> None:
    kind, *parameters = (word.strip() for word in media_type.split(";"))
    part.set_type(kind)
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        part.set_param(name, value)


def _by_smtp(message: EmailMessage, url: str) -> None:
    where = urlsplit(url)
    secure, host = where.scheme == "smtps", where.hostname or "localhost"
    port = where.port or (465 if secure else 25)
    context = ssl.create_default_context()
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT, context=context)
        if secure
        else smtplib.SMTP(host, port, timeout=_TIMEOUT)
    )
    with server:
        if not secure:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if where.username:
            server.login(unquote(where.username), unquote(where.password or ""))
        server.send_message(message)


def _keep(message: EmailMessage, folder: Path, name: str) -> None:
    """Written beside, then renamed: a reader never sees half a mail."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = folder / f".{name}.part"
    beside.write_bytes(message.as_bytes())
    os.replace(beside, folder / name)


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("plain",))
    when = parsedate_to_datetime(str(message["Date"])) if message["Date"] else None
    return KeptMail(
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=body.get_content() if body else "",
        attachments=tuple(part.get_filename() or "" for part in message.iter_attachments()),
        when=when.astimezone(UTC) if when else datetime.fromtimestamp(path.stat().st_mtime, UTC),
    )


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:16]
