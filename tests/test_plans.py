"""What a base works out once is not worked out again at each gesture: the plan of the day's rules,
the statements that a connection has prepared, the index behind a few keys."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from coordination import assembly, clock, db
from coordination.errors import Refused
from coordination.journeys import touch
from coordination.signals import at_once, raising, runner

PREPARED = text(
    "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
    " WHERE statement LIKE 'SELECT 0 AS rule%'"
)


def _only_on(engine, name: str) -> None:
    if engine.dialect.name != name:
        pytest.skip(f"about {name}")


def _asked(session: Session, *journeys) -> int:
    limits = raising.thresholds(session, clock.today())
    scope = raising.these(*(journey.id for journey in journeys))
    return len(list(at_once.findings(session, assembly.RULES, limits, scope)))


def test_postgresql_plans_the_rules_of_the_day_once_for_all_the_journeys_of_a_connection(
    engine, town
):
    _only_on(engine, "postgresql")
    engine.dispose()
    for journey in (town.journey, town.sami_journey, town.journey):
        with db.reading(engine) as session:
            _asked(session, journey)
            assert session.execute(text("SHOW plan_cache_mode")).scalar_one() == "auto"
    with engine.connect() as connection:
        assert [tuple(row) for row in connection.execute(PREPARED)] == [(3, 0)]


def test_a_refusal_undoes_its_transaction_and_forgets_no_prepared_statement(engine, town):
    _only_on(engine, "postgresql")
    engine.dispose()
    with pytest.raises(Refused), db.transaction(engine) as session:
        _asked(session, town.journey)
        touch.touch(session, town.journey.id)
        raise Refused("Non.")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM journey_due")).scalar_one() == 0
        assert [tuple(row) for row in connection.execute(PREPARED)] == [(1, 0)]


def test_a_statement_refused_by_the_base_leaves_a_connection_that_serves(engine, town):
    with pytest.raises(Exception, match="no_such_table"), db.transaction(engine) as session:
        session.execute(text("SELECT 1 FROM no_such_table"))
    with db.transaction(engine) as session:
        touch.touch(session, town.journey.id)


def test_a_few_journeys_are_looked_for_by_their_keys(engine, town):
    """On SQLite, a condition followed by `= 1` would read every journey, twenty times."""
    _only_on(engine, "sqlite")
    with db.reading(engine) as session:
        limits = raising.thresholds(session, clock.today())
        for keys in ((town.journey.id,), (town.journey.id, town.sami_journey.id)):
            scope = raising.these(*keys)
            args = (assembly.RULES, limits, scope.where, False, engine.dialect)
            rules = _steps(session, at_once._at_once(*args)[0], scope)
            assert [step for step in rules if step.startswith("SCAN journey")] == []
            assert any(step.startswith("SEARCH journey") for step in rules)
            known = runner._known(scope.where, limits.today, False, engine.dialect)
            assert [s for s in _steps(session, known, scope) if s.startswith("SCAN signal")] == []


def _steps(session: Session, statement: Any, scope: raising.Scope) -> list[str]:
    said = text(f"EXPLAIN QUERY PLAN {statement}")
    found = session.execute(said, scope.params(session.connection().dialect))
    return [row.detail for row in found]
