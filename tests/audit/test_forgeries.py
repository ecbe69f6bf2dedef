"""A thousand forgeries, a thousand found, each with its first wrong line."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlmodel import Session

from coordination import audit
from coordination.audit import AuditEntry
from coordination.audit.proof import Sort, Witness, first_fault
from tests.audit import forging

CHAINS, EACH = 40, 25


@pytest.mark.sqlite_first
def test_a_thousand_forgeries_are_a_thousand_found(owner):
    """Written into the table itself, by its owner, who took the triggers down."""
    random, found = Random(7), Counter()
    with Session(owner) as session:
        for drop in audit.triggers.drops(owner.dialect.name):
            session.execute(text(drop))
        for number in range(CHAINS):
            lines = forging.chain(random, random.choice((2, 3, 5, 12, 30, 90)))
            for _ in range(EACH):
                forge = forging.FORGERIES[sum(found.values()) % len(forging.FORGERIES)]
                seen = forging.witnesses(random, lines)
                numbers = [witness.seq for witness in seen]
                forged = forge(random, lines, numbers)
                _write(session, lines)
                assert audit.verify(session, seen) is None
                _write(session, forged.lines)
                fault = audit.verify(session, seen)
                assert fault is not None, (number, forge.__name__)
                assert (fault.line, fault.sort) == forged[1:3], (number, forge.__name__, forged[1:])
                assert fault.since <= forged.earliest <= fault.line
                assert f"L’acte n° {forged.line} " in audit.said(fault)
                found[forge.__name__] += 1
        session.rollback()
    assert found == {forge.__name__: 200 for forge in forging.FORGERIES}


def _write(session: Session, lines: list[forging.Line]) -> None:
    session.execute(text("DELETE FROM audit_entry"))
    if lines:
        rows = [line._asdict() for line in lines]
        session.connection().execute(insert(AuditEntry.__table__), rows)


@given(st.randoms(use_true_random=False), st.integers(2, 60), st.sampled_from(forging.FORGERIES))
def test_any_forgery_of_any_chain_is_found(random, length, forge):
    lines = forging.chain(random, length)
    seen = forging.witnesses(random, lines)
    forged = forge(random, lines, [witness.seq for witness in seen])
    fault = first_fault(forged.lines, seen)
    assert (fault.line, fault.sort) == forged[1:3]
    assert fault.since <= forged.earliest <= fault.line


@given(st.integers(0, 60), st.randoms(use_true_random=False))
def test_a_whole_chain_is_never_accused(length, random):
    lines = forging.chain(random, length)
    seen = forging.witnesses(random, lines) if length > 1 else []
    assert first_fault(lines, seen) is None
    if length > 1:
        half = lines[length // 2 - 1]
        after = Witness(half.seq, half.hash, "")
        assert first_fault(lines[length // 2 :], seen, after=after) is None


def test_a_rewriting_is_told_between_two_witnesses():
    lines = forging.chain(Random(1), 30)
    seen = [Witness(n, lines[n - 1].hash, f"l’ancre {n}") for n in (10, 20, 30)]
    forged = lines[:12]
    for seq in range(13, 31):
        forged.append(forging._line(forged, seq, 9000))
    fault = first_fault(forged, seen)
    assert fault == (20, Sort.REWRITTEN, 11, seen[1])
    assert audit.said(fault) == (
        "L’acte n° 20 n’est plus celui qui avait été noté\u00a0: l’ancre 20 ne correspond plus"
        " (la modification commence entre l’acte n° 11 et celui-ci)."
    )


def test_a_line_hashed_again_is_named_itself_and_not_the_next():
    lines = forging.chain(Random(3), 9)
    again = forging._line(lines[:4], 5, 9000)
    assert first_fault([*lines[:4], again, *lines[5:]]).line == 5
    odd = again._replace(previous="f" * 64)
    odd = odd._replace(hash=audit.link(odd.previous, odd.entry))
    assert first_fault([*lines[:4], odd, *lines[5:]]).line == 5


def test_what_no_witness_saw_and_the_chain_does_not_show_is_not_found():
    """The bound of the promise: the end of the chain since its last anchor."""
    lines = forging.chain(Random(4), 9)
    seen = [Witness(6, lines[5].hash, "l’ancre")]
    assert first_fault(lines[:6], seen) is None
    assert first_fault(lines[:5], seen).line == 6
