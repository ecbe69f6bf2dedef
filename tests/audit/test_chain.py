"""Acts are numbered without gaps and linked in one line, whoever writes at the same time."""

import json
from collections import Counter

import pytest
from sqlmodel import col, select

from coordination import audit, db
from coordination.agencies import actors
from coordination.audit import AuditEntry
from tests.audit import writing


def rows(engine) -> list[AuditEntry]:
    with db.reading(engine) as session:
        return list(session.exec(select(AuditEntry).order_by(col(AuditEntry.seq))))


def test_acts_are_numbered_in_the_order_of_their_transactions(engine, town, act):
    for verb in ("one", "two", "three"):
        with act() as session:
            audit.act(session, actors.of_professional(session, town.alice.id), f"test.{verb}")
    with db.reading(engine) as session:
        assert session.exec(select(AuditEntry.seq)).all() == [1, 2, 3]
        assert audit.verify(session) is None


def test_an_act_of_a_transaction_that_fails_leaves_no_gap(engine, town, act):
    with pytest.raises(RuntimeError), act() as session:
        audit.act(session, town.actor("alice"), "test.lost")
        raise RuntimeError
    with act() as session:
        audit.act(session, town.actor("alice"), "test.kept")
    assert [json.loads(row.entry)["verb"] for row in rows(engine)] == ["test.kept"]


def test_the_moment_of_the_row_is_the_one_that_the_hash_covers(engine, town, act, stopped_clock):
    with act() as session:
        audit.act(session, town.actor("alice"), "test.one")
        stopped_clock.later(seconds=3)
        audit.act(session, town.actor("alice"), "test.two")
    one, two = rows(engine)
    assert (two.at - one.at).total_seconds() == 3
    assert [json.loads(row.entry)["at"] for row in (one, two)] == [
        row.at.isoformat(timespec="microseconds") for row in (one, two)
    ]


def test_the_head_is_the_last_act_and_reads_back(engine, town, act):
    with db.reading(engine) as session:
        assert audit.head(session) == (0, audit.GENESIS)
    with act() as session:
        audit.act(session, town.actor("alice"), "test.one")
    with db.reading(engine) as session:
        head = audit.head(session)
    assert head == (1, rows(engine)[-1].hash)
    assert audit.Head.read(str(head)) == head
    assert audit.Head.read("") is audit.Head.read("ab" * 32) is None


@pytest.mark.parametrize(("processes", "threads"), [(1, 8), (8, 1), (2, 4)])
def test_eight_writers_make_no_fork(engine, new_base, processes, threads):
    each = 12
    if processes == 1:
        writing.in_threads(_address(engine), range(8), each)
    else:
        writing.in_processes(_address(engine), processes=processes, threads=threads, each=each)
    written = rows(engine)
    assert len(written) == 8 * (each + each // 2)
    assert [row.seq for row in written] == list(range(1, len(written) + 1))
    assert max(Counter(row.previous for row in written).values()) == 1
    facts = [json.loads(row.entry)["facts"] for row in written]
    assert len({(f["writer"], f["number"], f["part"]) for f in facts}) == len(written)
    with db.reading(engine) as session:
        assert audit.verify(session) is None


def _address(engine) -> str:
    return engine.url.render_as_string(hide_password=False)
