"""The look: what is shipped is what was read, and every stylesheet obeys the house."""

import hashlib
import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from coordination.settings import ROOT
from coordination.web import render
from coordination.web.forms import Form

STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
SHEETS = sorted((STATIC / "css").rglob("*.css"))
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.I)


def shown(source: str, **context: object) -> BeautifulSoup:
    html = render.environment().from_string(source).render(**context)
    return BeautifulSoup(html, "html.parser")


def page(**changes: object) -> BeautifulSoup:
    context = {
        "actor": SimpleNamespace(name="LOPEZ Inès", agency_name="Mission locale"),
        "nav": [{"label": "Parcours", "url": "/parcours", "current": True}],
        "flash": [("success", "Enregistré <b>.")],
        "demo": True,
        "request_path": "/parcours",
        "form_key": "cle",
    } | changes
    return shown('{% extends "base.html" %}{% block main %}<h1>a</h1>{% endblock %}', **context)


def test_vendored_files_are_those_whose_sum_was_written_down():
    table = (STATIC / "vendor" / "README.md").read_text()
    rows = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", table, re.M))
    found = [*(STATIC / "vendor").iterdir(), *(STATIC / "fonts").rglob("*.*")]
    shipped = {f for f in found if f.suffix in {".js", ".css", ".woff2", ".ttf"}}
    assert {(STATIC / "vendor" / name).resolve() for name in rows} == {f.resolve() for f in shipped}
    for name, written in rows.items():
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == written, name


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_only_tokens_say_a_colour(sheet):
    if sheet.name != "tokens.css":
        assert COLOUR.findall(sheet.read_text()) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda s: s.name)
def test_every_token_used_exists(sheet):
    defined = set(re.findall(r"(--[\w-]+):", "".join(s.read_text() for s in SHEETS)))
    assert set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) <= defined


def test_every_stylesheet_is_listed_once_and_every_listed_file_exists():
    listed = re.findall(r'@import url\("([^"]+)"\)', (STATIC / "css" / "app.css").read_text())
    here = {str(s.relative_to(STATIC / "css")) for s in SHEETS}
    of_documents = {"app.css", "print.css", "print-fonts.css"}
    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) - {"../vendor/bootstrap-reboot-5.3.9.min.css"} == here - of_documents


def test_no_stylesheet_asks_another_site():
    for sheet in SHEETS:
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", sheet.read_text()), sheet.name


def test_the_first_visit_weighs_less_than_150_kilobytes():
    import gzip

    sheets = [s for s in SHEETS if not s.name.startswith("print")]
    vendor = [f for f in (STATIC / "vendor").iterdir() if f.suffix in {".js", ".css"}]
    squeezed = sum(
        len(gzip.compress(f.read_bytes()))
        for f in [*sheets, *vendor, *(STATIC / "js").glob("*.js")]
    )
    font = (STATIC / "fonts" / "next-latin.woff2").stat().st_size
    assert squeezed + font < 110 * 1024  # leaves 40 kB for the page itself


@pytest.mark.parametrize("template", sorted(TEMPLATES.rglob("*.html")), ids=lambda t: t.name)
def test_no_template_escapes_the_content_policy(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|hx-on|\|\s*safe\b|<style|<script(?![^>]*\ssrc=)", text)


def test_every_page_has_its_landmarks_and_a_way_out():
    soup = page()
    assert soup.html["lang"] == "fr"
    assert soup.select_one("a.skip")["href"] == "#main"
    assert soup.select_one("main#main")["tabindex"] == "-1"
    assert soup.select_one("#annonces")["aria-live"] == "polite"
    key = soup.select_one('form[action="/deconnexion"] [name=_key]')["value"]
    assert key != "cle"  # the bar outlives a swap that spends the page’s own key
    assert "Enregistré <b>." in soup.select_one("#flash").text


def test_a_page_stands_without_anyone_signed_in():
    soup = page(actor=None, nav=[], flash=[], demo=False)
    assert soup.select_one('a[href="/connexion"]')
    assert not soup.select_one('form[action="/deconnexion"]')


FORM = """{% import "components/forms.html" as f %}<form>{{ f.error_summary(form) }}
{{ f.form_keys("cle", 3) }}{{ f.field(form, "nom", "Nom", hint="Usuel") }}
{{ f.select(form, "etat", "État", [("a", "A"), ("Groupe", [("b", "B")])]) }}
{{ f.checkboxes(form, "besoins", "Besoins", [("m", "Mobilité"), ("g", "Garde")]) }}
{{ f.textarea(form, "texte", "Texte") }}</form>"""


def test_a_form_with_errors_keeps_what_was_typed_and_ties_each_error_to_its_field():
    form = Form({"nom": '<script>"', "etat": "b", "besoins": "g", "texte": "\nligne"})
    form.wrong("nom", "Ce nom contient un signe inattendu.")
    soup = shown(FORM, form=form)
    field = soup.select_one("#f-nom")
    assert field["value"] == '<script>"'
    assert field["aria-invalid"] == "true"
    tied = [soup.find(id=each).text for each in field["aria-describedby"].split()]
    assert tied == ["Usuel", "Ce nom contient un signe inattendu."]
    assert soup.select_one(".error-summary a")["href"] == "#f-nom"
    assert [o["value"] for o in soup.select("option[selected]")] == ["b"]
    assert [c["value"] for c in soup.select("input[checked]")] == ["g"]
    assert soup.select_one("textarea").text == "\nligne"
    assert [soup.select_one(f"[name=_{n}]")["value"] for n in ("key", "version")] == ["cle", "3"]


def test_an_unknown_state_is_still_shown_with_its_word():
    soup = shown('{% import "components/ui.html" as ui %}{{ ui.status("?", "Étrange") }}')
    assert soup.select_one(".status.tone-stone").text == "Étrange"


def test_a_state_may_mean_something_else_for_another_thing():
    source = '{% import "components/ui.html" as ui %}{{ ui.status("refused", "Refus", group) }}'
    looks = [shown(source, group=g).span["class"][1] for g in ("referral", "consent")]
    assert looks == ["tone-brick", "tone-stone"]
