"""The explicit tuples that gather functions of several rooms, and nothing else."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Engine
from starlette.routing import BaseRoute

from coordination import audit
from coordination.administration import pages as administration
from coordination.committees import pages as committees
from coordination.committees import rules as committees_rules
from coordination.committees.agenda import pages as agenda
from coordination.committees.agenda import propose
from coordination.committees.live import pages as live
from coordination.committees.meetings import pages as meetings
from coordination.committees.minutes import pages as minutes
from coordination.committees.minutes import printing, sending
from coordination.db import Closer
from coordination.desk import pages as desk
from coordination.journeys import import_pages as journeys_import
from coordination.journeys import pages as journeys
from coordination.journeys.imports import runs as import_runs
from coordination.journeys.imports import working as import_work
from coordination.monitoring import facts
from coordination.monitoring import pages as monitoring
from coordination.postman import agreements as agreements_letters
from coordination.postman import committees as committees_letters
from coordination.postman import referrals as referrals_letters
from coordination.postman import rights as rights_letters
from coordination.postman import signals as signals_letters
from coordination.postman import signin as signin_letters
from coordination.postman.letter import Letter
from coordination.programmes import pages as programmes
from coordination.referrals import clocks
from coordination.referrals import pages as referrals
from coordination.referrals import rules as referrals_rules
from coordination.rights import answer_pages as rights_answers
from coordination.rights import endings
from coordination.rights import holder_pages as rights_holder
from coordination.rights import pages as rights
from coordination.rights import reminders as rights_reminders
from coordination.rights import restricted_pages as rights_restricted
from coordination.rights import told_pages as rights_told
from coordination.rights.merging import across_pages as across
from coordination.rights.merging import pages as merging
from coordination.signals import agreements, runner, teams
from coordination.signals import pages as signals
from coordination.signals import rules as signals_rules
from coordination.signals.raising import Rule
from coordination.signin import pages as signin

# Why a journey comes before a committee.
RULES: tuple[Rule, ...] = (*signals_rules.RULES, *referrals_rules.RULES, *committees_rules.RULES)

# Run just before each commit, in this order: the audit chain last, so that its lock is held for
# one insert.
CLOSERS: tuple[Closer, ...] = (partial(runner.close, rules=RULES), audit.chain)


def propose_agendas(engine: Engine, _: dict[str, Any]) -> dict[str, Any]:
    """The night's proposals, for meetings to come."""
    return {"agendas": propose.propose_due(engine, CLOSERS)}


def refresh_figures(engine: Engine, _: dict[str, Any]) -> dict[str, Any]:
    """The Région's facts, computed again."""
    return {"facts": facts.refresh(engine)}


def look_at_every_journey(engine: Engine, arguments: dict[str, Any]) -> dict[str, Any]:
    """What the day that passed changed: by small ranges, so that nobody waits for the writer."""
    return {**runner.run(engine, RULES)._asdict(), "teams": teams.run(engine)}


LETTERS: dict[str, Letter] = {
    **signin_letters.LETTERS,
    **committees_letters.LETTERS,
    **referrals_letters.LETTERS,
    **rights_letters.LETTERS,
    **agreements_letters.LETTERS,
    **signals_letters.LETTERS,
}

# Long work by its kind; what the clock asks for once a day or once an hour.
JOBS: dict[str, Callable[[Engine, dict[str, Any]], dict[str, Any]]] = {
    sending.PRINT: printing.print_sent,
    "signals.run": look_at_every_journey,
    agreements.KIND: partial(agreements.remind, closers=CLOSERS),
    import_runs.PLAN: import_work.look,
    import_runs.WRITE: partial(import_work.write, closers=CLOSERS),
    import_runs.UNDO: partial(import_work.undo, closers=CLOSERS),
    "referrals.tick": partial(clocks.tick, closers=CLOSERS),
    "audit.seal": partial(audit.seals.seal, closers=CLOSERS),
    "audit.anchor": audit.anchors.anchor,
    rights_reminders.KIND: partial(rights_reminders.tick, closers=CLOSERS),
    "rights.endings": partial(endings.propose, closers=CLOSERS),
    "rights.regimes": partial(endings.close_informed, closers=CLOSERS),
    "agenda.propose": propose_agendas,
    "monitoring.refresh": refresh_figures,
}
CLOCKS: tuple[tuple[str, str], ...] = (
    ("referrals.tick", "hour"),
    ("audit.seal", "hour"),
    ("audit.anchor", "day"),
    ("rights.recalls", "day"),
    ("rights.endings", "day"),
    ("rights.regimes", "day"),
    ("signals.run", "day"),
    (agreements.KIND, "day"),
    ("agenda.propose", "day"),
    ("monitoring.refresh", "day"),
)


def routes() -> list[BaseRoute]:
    """Every route of every room; a word is declared before an id that it could be taken for."""
    rooms = (
        signin, desk, journeys_import, journeys, signals, rights, rights_answers, rights_holder,
        rights_told, rights_restricted, merging, across,
        committees, meetings, agenda, live, minutes, referrals, programmes, monitoring,
        administration,
    )  # fmt: skip
    return [route for room in rooms for route in room.routes]


def load_models() -> None:
    """Import every module that declares a table, so that the metadata is complete."""
    rooms = (
        "agencies", "persons", "consent", "programmes", "directory", "journeys", "signals",
        "referrals", "committees", "rights", "monitoring", "signin", "web", "desk",
    )  # fmt: skip
    for room in rooms:
        importlib.import_module(f"coordination.{room}.models")
    for room in ("audit", "outbox", "links", "jobs", "files"):
        importlib.import_module(f"coordination.{room}")
