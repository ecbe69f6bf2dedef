"""Each hour of openings is counted in the chain: nothing joins, leaves or changes it afterwards."""

import json
import threading
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from coordination import assembly, audit, clock, db, worker
from coordination.audit import AccessLine, AuditEntry, seals
from coordination.web import doors


@pytest.fixture
def look(engine, town):
    """look("desk:today") is one opening now; `ago` back in time."""

    def leave(route="desk:today", **ago: float) -> None:
        with db.transaction(engine) as session:
            at = clock.now() - timedelta(**ago)
            session.add(
                AccessLine(route=route, created_at=at, agency_id=town.ccas.id,
                           professional_id=town.alice.id, person_id=town.dana.id)
            )  # fmt: skip

    return leave


@pytest.fixture
def seal(engine):
    return lambda: seals.seal(engine, {}, closers=assembly.CLOSERS)["sealed"]


@pytest.fixture
def tamper(owner):
    """Raw SQL by someone who took the triggers down."""

    def run(statement: str) -> None:
        with db.transaction(owner) as session:
            for drop in audit.triggers.drops(owner.dialect.name):
                session.execute(text(drop))
            session.execute(text(statement))
            for again in audit.triggers.triggers(owner.dialect.name):
                session.execute(text(again))

    return run


def sealed(engine) -> list[tuple[str, str, int]]:
    with db.reading(engine) as session:
        entries = session.exec(select(AuditEntry.entry).order_by(col(AuditEntry.seq)))
        facts = [json.loads(e)["facts"] for e in entries if '"access.sealed"' in e]
    return [(f["since"][11:16], f["until"][11:16], f["count"]) for f in facts]


def wrong(engine):
    with db.reading(engine) as session:
        assert audit.verify(session) is None
        return seals.first_wrong_hour(session)


def test_an_hour_is_sealed_once_it_has_been_closed_for_ten_minutes(
    engine, look, seal, stopped_clock
):
    look(), look()
    stopped_clock.later(minutes=69)
    assert seal() == 0
    stopped_clock.later(minutes=1)
    assert seal() == 1
    assert sealed(engine) == [("10:00", "11:00", 2)]
    assert seal() == 0
    assert wrong(engine) is None


def test_what_was_missed_is_caught_up_and_empty_hours_share_an_act(
    engine, look, seal, stopped_clock
):
    look()
    stopped_clock.later(hours=1)
    look()
    stopped_clock.later(hours=5)
    look()
    stopped_clock.later(hours=3)
    assert seal() == 5
    assert sealed(engine) == [
        ("10:00", "11:00", 1), ("11:00", "12:00", 1), ("12:00", "16:00", 0), ("16:00", "17:00", 1),
        ("17:00", "18:00", 0),
    ]  # fmt: skip
    stopped_clock.later(hours=1)
    assert seal() == 1
    assert sealed(engine)[-1] == ("18:00", "19:00", 0)
    assert wrong(engine) is None


def test_nothing_is_sealed_before_the_first_opening(seal):
    assert seal() == 0


def test_the_worker_asks_for_it_each_hour(engine, look, stopped_clock):
    look()
    stopped_clock.later(hours=2)
    worker._asked.clear()
    while worker.turn(engine):
        continue
    assert sealed(engine) == [("10:00", "11:00", 1)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM access_line WHERE route = 'b'", 2),
        ("UPDATE access_line SET route = 'z' WHERE route = 'b'", 3),
        ("UPDATE access_line SET person_id = NULL WHERE route = 'b'", 3),
        ("UPDATE access_line SET professional_id = NULL WHERE route = 'a'", 3),
        ("UPDATE access_line SET categories = 1 WHERE route = 'b'", 3),
        ("DELETE FROM access_line", 0),
    ],
)
def test_a_line_changed_after_its_hour_is_found_with_its_hour(
    engine, look, seal, tamper, stopped_clock, statement, found
):
    look("first")
    stopped_clock.later(minutes=65)
    look("a", minutes=2), look("b", minutes=1), look("c")
    stopped_clock.later(hours=1)
    look("last")
    stopped_clock.later(hours=2)
    seal()
    tamper(statement)
    fault = wrong(engine)
    if "WHERE" in statement:
        assert (fault.since.hour, fault.until.hour, fault.sealed, fault.found) == (11, 12, 3, found)
        assert "de 13 h à 14 h" in audit.said_of_hour(fault)
    else:
        assert (fault.since.hour, fault.sealed, fault.found) == (10, 1, 0)


def test_a_line_written_into_the_past_behind_the_trigger_is_found(
    engine, look, seal, tamper, stopped_clock
):
    look()
    stopped_clock.later(hours=1)
    look("late")
    stopped_clock.later(hours=1)
    look()
    stopped_clock.later(hours=2)
    seal()
    tamper("UPDATE access_line SET created_at = "
           "(SELECT min(created_at) FROM access_line) WHERE route = 'late'")  # fmt: skip
    assert wrong(engine)[2:] == (1, 2)


def test_a_line_before_all_that_was_sealed_is_found(engine, look, seal, tamper, stopped_clock):
    look()
    stopped_clock.later(hours=2)
    seal()
    tamper("DELETE FROM access_seal")
    look(days=30)
    fault = wrong(engine)
    assert (fault.until - fault.since, fault.sealed) == (seals.HOUR, None)
    assert "n’a pas été scellée" in audit.said_of_hour(fault)


def test_a_line_that_comes_after_its_hour_was_sealed_is_refused(look, seal, stopped_clock):
    look()
    stopped_clock.later(hours=2)
    assert seal() == 1
    with pytest.raises(IntegrityError, match="is sealed"):
        look(hours=2)
    look(minutes=59)


def test_a_page_whose_line_comes_too_late_is_not_shown(
    engine, town, visit, look, seal, stopped_clock
):
    look()
    alice = visit("alice")
    writing = doors._write_after

    def long_after(request, seen, lines):
        stopped_clock.later(hours=2)
        seal()
        return writing(request, seen, lines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(doors, "_write_after", long_after)
        answer = alice.get(f"/parcours/{town.journey.id}")
    assert answer.status_code == 503
    assert "Benali" not in answer.text


def test_a_line_being_written_while_its_hour_is_sealed_is_counted_or_refused(
    engine, look, seal, stopped_clock
):
    """The seal waits for it on PostgreSQL; on SQLite there is one writer."""
    look()
    stopped_clock.later(hours=2)
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with db.transaction(engine) as session:
            session.add(AccessLine(route="slow", created_at=clock.now() - timedelta(hours=2)))
            session.flush()
            written.set()
            go_on.wait(5)

    writer = threading.Thread(target=slow)
    writer.start()
    assert written.wait(5)
    sealing = threading.Thread(target=seal)
    sealing.start()
    sealing.join(0.3)
    assert sealing.is_alive()
    go_on.set()
    writer.join()
    sealing.join()
    assert sealed(engine) == [("10:00", "11:00", 2)]
    assert wrong(engine) is None
