"""The chain's head leaves the base each day, in a file that is never written again."""

import json
import stat
from dataclasses import replace

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from coordination import assembly, audit, cli, db, settings
from coordination.administration import checking
from coordination.agencies.actors import CLOCK
from coordination.audit import AccessLine, anchors
from coordination.errors import Invalid


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Anchors of this test only."""
    kept = replace(settings.load(), anchors=tmp_path / "anchors", var=tmp_path)
    monkeypatch.setattr(settings, "load", lambda: kept)
    return kept.anchors


@pytest.fixture
def acts(engine):
    def write(count: int) -> None:
        with db.transaction(engine, assembly.CLOSERS) as session:
            for _ in range(count):
                audit.act(session, CLOCK, "test.one")

    return write


def test_the_anchor_says_number_hash_moment_and_count_and_nobody_writes_it_again(
    engine, acts, folder, stopped_clock
):
    acts(3)
    assert anchors.anchor(engine, {}) == {"seq": 3}
    path = folder / "2026-06-04.json"
    said = json.loads(path.read_text())
    with db.reading(engine) as session:
        head = audit.head(session)
    assert said == {
        "seq": 3, "hash": head.hash, "count": 3, "at": "2026-06-04T10:00:00.000000+00:00",
    }  # fmt: skip
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    acts(1)
    before = path.read_bytes()
    assert anchors.anchor(engine, {}) == {"seq": None}
    assert path.read_bytes() == before
    stopped_clock.later(days=1)
    assert anchors.anchor(engine, {}) == {"seq": 4}
    assert [p.name for p in sorted(folder.iterdir())] == ["2026-06-04.json", "2026-06-05.json"]
    assert [(w.seq, w.where) for w in anchors.kept(folder)] == [
        (3, "l’ancre du 04/06/2026"), (4, "l’ancre du 05/06/2026"),
    ]  # fmt: skip


def test_an_empty_chain_is_not_anchored(engine, folder):
    assert anchors.anchor(engine, {}) == {"seq": None}
    assert anchors.kept(folder) == []


def test_two_workers_anchor_one_day_once(engine, acts, folder):
    acts(1)
    anchors.anchor(engine, {})
    path = folder / "2026-06-04.json"
    first = path.read_bytes()
    anchors._write_once(path, "the other one")
    assert path.read_bytes() == first
    assert [p.name for p in folder.iterdir()] == [path.name]


def test_the_worker_anchors_and_seals_by_its_clocks():
    assert ("audit.anchor", "day") in assembly.CLOCKS
    assert ("audit.seal", "hour") in assembly.CLOCKS
    assert {"audit.anchor", "audit.seal"} <= assembly.JOBS.keys()


def test_a_whole_journal_is_said_with_what_was_compared(engine, acts):
    acts(3)
    anchors.anchor(engine, {})
    seen = checking.whole(engine)
    assert seen == (True, "Le journal est entier\u00a0: 3\u00a0actes, 1\u00a0ancre,"
                    " 0\u00a0période de consultations.")  # fmt: skip


def test_a_truncated_journal_is_found_by_its_anchor(engine, owner, acts):
    acts(5)
    anchors.anchor(engine, {})
    cut(owner, "DELETE FROM audit_entry WHERE seq > 3")
    seen = checking.whole(engine)
    assert not seen.whole
    assert seen.sentence.startswith("L’acte n° 4 manque, comme tous ceux qui le suivaient")
    assert "l’ancre du 04/06/2026" in seen.sentence


def test_the_end_that_no_anchor_saw_is_found_by_a_printed_head(engine, owner, acts):
    acts(5)
    with db.reading(engine) as session:
        head = audit.head(session)
    cut(owner, "DELETE FROM audit_entry WHERE seq > 3")
    assert checking.whole(engine).whole
    seen = checking.whole(engine, heads=[f"{head.seq}:{head.short}"])
    assert seen.sentence.startswith("L’acte n° 4 manque")


@pytest.mark.parametrize("head", ["", "12", "12:", "12:xyz", "12:abc", "a:abcdef01", "²:abcdef01"])
def test_a_head_badly_typed_is_refused_with_the_way_to_type_it(engine, head):
    with pytest.raises(Invalid, match="n’est pas une empreinte"):
        checking.whole(engine, heads=[head])


def test_a_sealed_hour_that_changed_is_said(engine, owner, acts, stopped_clock):
    with db.transaction(engine) as session:
        session.add(AccessLine(route="desk:today"))
    stopped_clock.later(hours=2)
    audit.seals.seal(engine, {}, closers=assembly.CLOSERS)
    assert "1\u00a0période" in checking.whole(engine).sentence
    cut(owner, "DELETE FROM access_line")
    seen = checking.whole(engine)
    assert seen == (
        False,
        "Consultations du 04/06/2026 de 12 h à 13 h\u00a0: elles ont été modifiées depuis qu’elles"
        " sont scellées (alors 1, maintenant 0).",
    )


@pytest.mark.parametrize("written", ["{}", "", '{"seq":1,"hash":"ab","count":1}', "[1]"])
def test_an_anchor_that_was_changed_is_said_by_its_name(engine, acts, folder, written):
    acts(1)
    anchors.anchor(engine, {})
    path = folder / "2026-06-04.json"
    path.chmod(0o600)
    path.write_text(written)
    seen = checking.whole(engine)
    assert not seen.whole and "2026-06-04.json" in seen.sentence


def test_a_page_reads_the_last_acts_again_and_says_so(engine, owner, acts, monkeypatch):
    monkeypatch.setattr(checking, "LAST", 4)
    acts(4)
    with db.reading(engine) as session:
        assert checking.latest(session).sentence == "La chaîne des actes est entière."
    acts(4)
    with db.reading(engine) as session:
        assert checking.latest(session).sentence.startswith("Les 4 derniers actes sont entiers")
    cut(owner, "UPDATE audit_entry SET entry = '{}' WHERE seq = 6")
    with db.reading(engine) as session:
        assert checking.latest(session) == (False, "L’acte n° 6 a été modifié.")


def test_the_button_of_the_journal_says_what_it_saw(engine, owner, acts, town, visit, key):
    acts(3)
    diane = visit("diane")
    path = "/administration/journal"
    said = diane.post(path, data={"_key": key()}, follow_redirects=True).text
    assert "La chaîne des actes est entière" in said
    cut(owner, "DELETE FROM audit_entry WHERE seq = 2")
    said = diane.post(path, data={"_key": key()}, follow_redirects=True).text
    assert "L’acte n° 2 manque" in said


def test_the_command_ends_with_an_error_when_the_journal_is_not_whole(
    engine, owner, acts, folder, monkeypatch
):
    acts(3)
    monkeypatch.setattr(cli, "_engine", lambda url: engine)
    run = CliRunner().invoke
    assert run(cli.app, ["verify"]).exit_code == 0
    cut(owner, "UPDATE audit_entry SET at = (SELECT max(at) FROM audit_entry), hash = '' "
               "WHERE seq = 2")  # fmt: skip
    told = run(cli.app, ["verify"])
    assert (told.exit_code, told.output.strip()) == (1, "L’acte n° 2 a été modifié.")
    badly = run(cli.app, ["verify", "--head", "12"])
    assert "n’est pas une empreinte" in str(badly.exception)


def cut(owner, statement: str) -> None:
    with db.transaction(owner) as session:
        for drop in audit.triggers.drops(owner.dialect.name):
            session.execute(text(drop))
        session.execute(text(statement))
        for again in audit.triggers.triggers(owner.dialect.name):
            session.execute(text(again))
