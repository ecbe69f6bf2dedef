"""Mails: the message, the folder, the SMTP server, what happens when it fails."""

import smtplib
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from sqlmodel import select

from coordination import assembly, clock, links, outbox, settings
from coordination.db import reading
from coordination.links import Link
from coordination.outbox import Notice, NoticeState
from coordination.postman import carry, delivery
from coordination.postman.letter import Attachment, Mail

NOTICE = UUID(int=42)
FILE = Attachment(
    "invitation.ics",
    "BEGIN:VCALENDAR\r\nX-NOTE:été\r\nEND:VCALENDAR\r\n".encode(),
    "text/calendar; method=REQUEST; charset=UTF-8",
)
MAIL = Mail(
    "chloe@example.org", "Invitation\u202f: l’été à Sète", "Bonjour,\n\nÀ bientôt…", (FILE,)
)


@pytest.fixture
def kept(tmp_path):
    return replace(settings.load(), var=tmp_path, smtp_url="")


def test_a_mail_is_kept_whole_in_the_folder(kept):
    delivery.deliver(MAIL, notice_id=NOTICE, settings=kept)
    (found,) = delivery.kept(kept.mail_folder)
    assert found.to == MAIL.to
    assert found.subject == MAIL.subject
    assert found.text.replace("\r\n", "\n").strip() == MAIL.text
    assert found.attachments == ("invitation.ics",)
    assert found.when == clock.now()


def test_the_same_mail_sent_twice_is_recognised(kept):
    for _ in range(2):
        delivery.deliver(MAIL, notice_id=NOTICE, settings=kept)
    delivery.deliver(MAIL._replace(to="b@example.org"), notice_id=NOTICE, settings=kept)
    found = [
        message_from_bytes(path.read_bytes())["Message-ID"]
        for path in kept.mail_folder.glob("*.eml")
    ]
    assert len(found) == len(set(found)) == 2


def test_nothing_half_written_stays_in_the_folder(kept):
    delivery.deliver(MAIL, notice_id=NOTICE, settings=kept)
    assert [path.suffix for path in kept.mail_folder.iterdir()] == [".eml"]
    assert MAIL.to not in str(list(kept.mail_folder.iterdir()))


def test_every_byte_of_the_message_passes_through_an_old_relay():
    message = delivery.compose(MAIL, notice_id=NOTICE, sender="P <p@example.org>")
    assert message.as_bytes().isascii()


def test_the_calendar_stands_beside_the_text_and_as_a_file_with_one_method():
    sent = delivery.compose(MAIL, notice_id=NOTICE, sender="P <p@example.org>").as_bytes()
    message = message_from_bytes(sent, policy=policy.default)
    parts = [p for p in message.walk() if p.get_content_type() == "text/calendar"]
    assert [p.get_param("method") for p in parts] == ["REQUEST", "REQUEST"]
    assert [p.get_payload(decode=True) for p in parts] == [FILE.content] * 2
    assert [p.get_filename() for p in message.iter_attachments()] == ["invitation.ics"]


def test_a_line_break_in_a_subject_starts_no_header():
    mail = MAIL._replace(subject="Séance\r\nBcc: x@example.org")
    message = delivery.compose(mail, notice_id=NOTICE, sender="P <p@example.org>")
    assert message["Bcc"] is None


def test_the_folder_is_read_from_the_latest_and_by_address(kept):
    for n in range(4):
        mail = MAIL._replace(to=f"{'ab'[n % 2]}{n}@example.org")
        delivery.deliver(mail, notice_id=UUID(int=n), settings=kept)
    folder = kept.mail_folder
    assert len(delivery.kept(folder, most=3)) == 3
    assert {mail.to for mail in delivery.kept(folder, to="b")} == {
        "b1@example.org",
        "b3@example.org",
    }


def test_an_empty_folder_has_no_mail(tmp_path):
    assert delivery.kept(tmp_path / "nothing") == []


@contextmanager
def smtp(refuses=False):
    """A server that speaks just enough SMTP; yields its port and what it received."""
    listening = socket.create_server(("127.0.0.1", 0))
    received: list[bytes] = []

    def talk():
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb", buffering=0) as line:
            line.write(b"220 here\r\n")
            inside = False
            while said := line.readline():
                received.append(said)
                if inside:
                    if said == b".\r\n":
                        inside = False
                        line.write(b"250 kept\r\n")
                elif said.upper().startswith(b"DATA"):
                    inside = True
                    line.write(b"354 go\r\n")
                elif said.upper().startswith(b"RCPT") and refuses:
                    line.write(b"450 busy\r\n")
                elif said.upper().startswith(b"QUIT"):
                    line.write(b"221 bye\r\n")
                    return
                else:
                    line.write(b"250 ok\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1], received
    finally:
        thread.join(timeout=5)
        listening.close()


def test_a_mail_leaves_by_smtp(kept):
    with smtp() as (port, received):
        there = replace(kept, smtp_url=f"smtp://127.0.0.1:{port}")
        delivery.deliver(MAIL, notice_id=NOTICE, settings=there)
    said = b"".join(received)
    assert b"RCPT TO:<chloe@example.org>" in said.replace(b"rcpt", b"RCPT")
    assert b"Message-ID: <" in said
    assert delivery.kept(kept.mail_folder) == []


def test_a_server_that_refuses_is_a_failure_to_try_again(kept):
    with smtp(refuses=True) as (port, _), pytest.raises(smtplib.SMTPException) as refusal:
        there = replace(kept, smtp_url=f"smtp://127.0.0.1:{port}")
        delivery.deliver(MAIL, notice_id=NOTICE, settings=there)
    assert isinstance(refusal.value, OSError)


def post(act, kind, **given):
    with act() as db:
        return outbox.post(db, kind, **given).id


def notice(engine, key):
    with reading(engine) as db:
        return db.get_one(Notice, key)


def test_a_sign_in_link_leaves_and_opens_once(engine, town, act, kept, visit):
    post(act, "signin.link", professional=town.alice.id, about=town.alice.id)
    assert outbox.carry_one(engine, carry.send(kept, assembly.LETTERS))
    (mail,) = delivery.kept(kept.mail_folder)
    assert "&#" not in mail.text
    token = mail.text.split("/lien/")[1].split()[0]
    browser = visit(None)
    assert browser.post(f"/lien/{token}/connexion", follow_redirects=False).status_code == 303
    assert browser.post(f"/lien/{token}/connexion").status_code == 410


def test_an_invited_professional_has_fourteen_days(engine, town, act, kept, stopped_clock):
    post(act, "signin.invited", professional=town.alice.id, about=town.alice.id)
    outbox.carry_one(engine, carry.send(kept, assembly.LETTERS))
    (mail,) = delivery.kept(kept.mail_folder)
    token = mail.text.split("/lien/")[1].split()[0]
    stopped_clock.later(days=13)
    with reading(engine) as db:
        assert links.find(db, token).professional_id == town.alice.id
    assert town.alice.usual_name not in mail.subject + mail.text


def test_who_has_no_access_left_receives_no_link(engine, town, act, kept):
    with act() as db:
        db.get_one(type(town.alice), town.alice.id).disabled = True
    key = post(act, "signin.link", professional=town.alice.id, about=town.alice.id)
    outbox.carry_one(engine, carry.send(kept, assembly.LETTERS))
    assert notice(engine, key).state is NoticeState.DROPPED
    assert delivery.kept(kept.mail_folder) == []


def test_a_failed_delivery_is_tried_again_with_a_new_link(engine, town, act, kept, stopped_clock):
    key = post(act, "signin.link", professional=town.alice.id, about=town.alice.id)
    nowhere = replace(kept, smtp_url="smtp://127.0.0.1:1")
    outbox.carry_one(engine, carry.send(nowhere, assembly.LETTERS))
    waits = notice(engine, key)
    assert (waits.state, waits.attempts) == (NoticeState.WAITING, 1)
    assert waits.due_at > clock.now()
    stopped_clock.later(hours=1)
    assert outbox.carry_one(engine, carry.send(kept, assembly.LETTERS))
    assert notice(engine, key).state is NoticeState.SENT
    with reading(engine) as db:
        tokens = db.exec(select(Link.token_hash)).all()
    assert len(tokens) == 2
    (mail,) = delivery.kept(kept.mail_folder)
    with reading(engine) as db:
        assert links.find(db, mail.text.split("/lien/")[1].split()[0])


@pytest.mark.parametrize("letters", [{}, {"signin.link": lambda db, notice: 1 / 0}])
def test_a_letter_that_fails_does_not_stop_the_post(engine, town, act, kept, letters):
    broken = post(act, "signin.link", professional=town.alice.id)
    good = post(act, "good")
    send = carry.send(kept, {**letters, "good": lambda db, notice: [MAIL]})
    while outbox.carry_one(engine, send):
        pass
    assert notice(engine, broken).state is NoticeState.WAITING
    assert notice(engine, good).state is NoticeState.SENT
