"""The command, as somebody who has never seen it uses it: each refusal says what to do next."""

import socket
import sys
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from coordination import cli, settings
from coordination.postman import delivery
from coordination.postman.letter import Mail


@pytest.fixture
def type_it(tmp_path, monkeypatch):
    """`coordination …` on a base of its own: what it printed, and how it ended."""
    monkeypatch.setenv("PASSERELLES_VAR", str(tmp_path))
    monkeypatch.setenv("PASSERELLES_DATABASE_URL", f"sqlite:///{tmp_path / 'passerelles.db'}")
    settings.load.cache_clear()
    yield lambda *words: CliRunner().invoke(cli.app, list(words))
    settings.load.cache_clear()


def found(type_it):
    names = ("--given-name", "Adam", "--usual-name", "Petit")
    return type_it("init", "--email", "adam@example.org", *names)


def test_a_taken_port_is_said_before_anything_starts():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SystemExit, match="déjà pris"):
            cli._refuse_a_taken_port("127.0.0.1", other.getsockname()[1])


def test_a_free_port_is_left_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cli._refuse_a_taken_port("127.0.0.1", port)
    cli._refuse_a_taken_port("127.0.0.1", port)


def test_an_empty_base_is_sent_to_init(type_it):
    with pytest.raises(SystemExit, match="coordination init"):
        cli._refuse_an_old_schema()


def test_init_makes_a_base_that_serves_and_prints_one_link(type_it):
    said = found(type_it)
    assert said.exit_code == 0, said.output
    assert said.output.split()[-1].startswith(f"{settings.load().public_url}/lien/")
    assert "coordination worker" in said.output
    cli._refuse_an_old_schema()
    again = found(type_it)
    assert again.exit_code != 0 and "déjà son administration" in str(again.exception)


def test_a_link_for_nobody_is_a_sentence_not_a_trace(type_it):
    found(type_it)
    said = type_it("link", "personne@example.org")
    assert isinstance(said.exception, SystemExit)
    assert "Aucun compte" in str(said.exception)
    assert type_it("link", "adam@example.org").output.strip().startswith("http")


def test_a_kept_mail_is_read_with_its_whole_link(type_it):
    link = f"http://127.0.0.1:8000/lien/{'a' * 43}/orientation"
    for to in ("ccas@example.org", "greta@example.org"):
        mail = Mail(to, "Orientation", f"Répondez ici :\n{link}")
        delivery.deliver(mail, notice_id=uuid4(), settings=settings.load())
    said = type_it("mails", "--to", "ccas").output
    assert link in said and "greta" not in said


def test_help_does_not_load_what_is_heavy():
    heavy = {"weasyprint", "alembic", "python_calamine"} & set(sys.modules)
    assert CliRunner().invoke(cli.app, ["--help"]).exit_code == 0
    assert {"weasyprint", "alembic", "python_calamine"} & set(sys.modules) == heavy
