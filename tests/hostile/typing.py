"""Hostile texts typed through the forms, in each field where someone writes; what is accepted is
kept, what is refused comes back on the page."""

from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import NamedTuple

from bs4 import BeautifulSoup
from starlette.testclient import TestClient

from tests import sweeping, walking
from tests.hostile import texts

# They close what others need: a sign-in, a meeting, everything someone agreed to.
NOT_THESE = ("/deconnexion", "/connexion", "/accords/retirer", "/lever", "/annuler")


class Answer(NamedTuple):
    to: str
    status: int
    text: str


class Typed(NamedTuple):
    kept: list[Answer]  # accepted at once, or after what is refused was written otherwise
    refused: list[Answer]  # pages that give back what was typed


def everywhere(town: SimpleNamespace, role: str, *, shift: int = 0) -> Typed:
    """Every form that this role meets, each field with another text; then what was refused
    written plainly."""
    visitor, keys, numbers = walking.visitor(town, role), walking.keys(), count(shift)
    typed = Typed([], [])
    for form in sweeping.forms(visitor, town, role):
        if not form.typed or form.to.endswith(NOT_THESE):
            continue
        change = {name: texts.starting(next(numbers)) for name in form.typed}
        for _ in range(3):
            answer = post(visitor, form, change, f"{next(keys)}-{role}")
            if answer.status != 422:
                break
            typed.refused.append(answer)
            for name in wrong_fields(answer.text):
                change[name] = _other(town, name)
        if answer.status in {200, 303}:
            typed.kept.append(answer)
    return typed


def _other(town: SimpleNamespace, name: str) -> str:
    """What this field takes, where the form says no to a hostile text or to a plausible one."""
    day = (town.today + timedelta(days=300)).isoformat()
    other = {"email": "quelqu-un@example.org", "video_url": "https://visio.example/x?<svg/onload=1>",
             "contact_every_days": "15", "phone": "0601020304"}  # fmt: skip
    found = next((said for key, said in other.items() if name.endswith(key)), "")
    return found or (day if name.endswith("_on") else "<b data-hostile>")


def post(visitor: TestClient, form: sweeping.Filled, change: dict[str, str], key: str) -> Answer:
    sent = form.sent({**change, "_key": key})
    answer = visitor.post(form.to, data=sent)
    assert answer.status_code < 500, (form.to, change)
    for name, value in answer.headers.items():
        assert "hostile" not in name.lower(), name
        assert "\n" not in value and "\r" not in value, (name, value)
    return Answer(form.to, answer.status_code, answer.text)


def wrong_fields(page: str) -> list[str]:
    return [str(field["name"]) for field in BeautifulSoup(page, "html.parser").select(
        "[aria-invalid][name]")]  # fmt: skip
