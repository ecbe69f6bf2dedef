"""French print: what stands before ; : ? ! and inside « » never ends a line."""

import re
from pathlib import Path

import pytest
from markupsafe import Markup

from coordination.web import french

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
ORDINARY = re.compile(r"(?<=[^\W_]|[)»…’%}]) [;:?!»](?=[\s<\"'{]|$)|« (?=\S)", re.MULTILINE)


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda f: f.stem)
def test_a_template_types_the_narrow_space(file):
    text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = [text[max(0, m.start() - 30) : m.end() + 10] for m in ORDINARY.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Un point : lequel ?", "Un point\u202f: lequel\u202f?"),
        ("« Oui » ; puis non !", "«\u202fOui\u202f»\u202f; puis non\u202f!"),
        ("à 14:30, voir http://x.example/?a=1", "à 14:30, voir http://x.example/?a=1"),
        (Markup("<b>a : b</b>"), "<b>a : b</b>"),
        (None, None),
    ],
)
def test_a_sentence_made_in_python_gets_it_too(typed, printed):
    assert french.fine(typed) == printed
