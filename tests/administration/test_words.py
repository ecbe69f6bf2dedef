"""The journal speaks French: no code of the house on its page."""

import ast
import re
from pathlib import Path

import pytest

from coordination import labels
from coordination.administration import words
from coordination.assembly import routes
from coordination.consent.models import EventKind, ReachKind
from coordination.referrals.states import Verb

ROOT = Path(__file__).resolve().parents[2] / "coordination"
CODE = re.compile(r"[a-z]+\.[a-z_]+")


def written_acts() -> set[str]:
    """Every literal verb given to `audit.act`."""
    found = set()
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"audit.act", "act"}:
                found |= {
                    a.value
                    for a in node.args
                    if isinstance(a, ast.Constant) and CODE.fullmatch(str(a.value))
                }
    return found


def test_every_act_written_in_the_code_has_its_words():
    acts = written_acts()
    assert len(acts) > 30
    assert sorted(acts - words.ACTS.keys()) == []


@pytest.mark.parametrize("code", [f"consent.{kind}" for kind in EventKind])
def test_an_event_of_a_consent_has_its_words(code):
    assert words.act(code).startswith("Accord ")


@pytest.mark.parametrize("verb", list(Verb))
def test_a_move_of_a_referral_has_its_words(verb):
    assert words.act(f"referral.{verb}").startswith("Orientation ")
    assert verb in labels.LABELS["referrals.Verb.done"]


def test_the_pages_named_are_pages_of_the_house():
    assert words.PAGES.keys() <= {route.name for route in routes()}


def test_a_ground_is_said_by_the_kind_of_its_reach():
    assert words.ground(f"{ReachKind.MEETING}:1:2") == "séance de comité"
    assert words.ground("") == ""


def test_the_journal_shows_words_and_no_code(visit):
    text = visit("diane").get("/administration/journal").text
    assert "Journal" in text
    assert not re.search(r"<td>[a-z_]+[.:][a-z_]+</td>", text)
