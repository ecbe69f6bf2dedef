"""Printed documents: what the file is, what the child may not do, and what happens when it dies."""

import io
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pypdf import PdfReader

from coordination import clock, pdf
from coordination.pdf import _pool, coverage
from coordination.web import render

DAY = datetime(2026, 6, 4, 12, 0, tzinfo=UTC)
CONTENT = """{% extends "documents/base.html" %}
{% block sub %}jeudi 4 juin 2026 à 14 h{% endblock %}
{% block content %}{% include "documents/_signin.html" %}
<p lang="ar" dir="auto">سميرة</p>{% endblock %}
"""


def page(body: str) -> str:
    return f"<html lang='fr'><head><title>x</title></head><body>{body}</body></html>"


def printed(body: str, **given: object) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.render(page(body), title="Essai", dated=DAY, **given)))


@pytest.fixture(scope="module")
def document() -> bytes:
    html = (
        render.environment()
        .from_string(CONTENT)
        .render(
            document_title="Feuille d’émargement",
            expected=[("Mission locale", "LOPEZ Inès", "conseillère")],
            blank_rows=40,
        )
    )
    return pdf.render(html, title="Feuille d’émargement", dated=DAY)


@pytest.fixture(scope="module", autouse=True)
def ended() -> object:
    yield
    pdf.stop()


def test_a_document_says_it_is_pdf_ua_in_french_with_title_author_and_date(document):
    reader = PdfReader(io.BytesIO(document))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert bool(root["/MarkInfo"]["/Marked"])
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    about = reader.metadata
    assert (about.title, about.author) == ("Feuille d’émargement", "Passerelles")
    assert about.creation_date == DAY


def test_its_headings_and_tables_are_tagged(document):
    names = set()

    def walk(element: object) -> None:
        element = element.get_object() if hasattr(element, "get_object") else element
        for child in element if isinstance(element, list) else [element]:
            child = child.get_object()
            if isinstance(child, dict):
                names.add(child.get("/S"))
                if "/K" in child:
                    walk(child["/K"])

    walk(PdfReader(io.BytesIO(document)).trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert {"/H1", "/Table", "/TR", "/TH", "/TD", "/Figure"} <= names


def test_each_page_carries_its_number_and_the_table_head_returns(document):
    pages = [p.extract_text() for p in PdfReader(io.BytesIO(document)).pages]
    assert len(pages) > 1
    assert f"page 2 sur {len(pages)}" in pages[1]
    assert all("Signature" in text for text in pages)


def test_arabic_is_drawn_by_a_shipped_font(document):
    fonts = {
        str(font.get_object()["/BaseFont"])
        for p in PdfReader(io.BytesIO(document)).pages
        for font in p["/Resources"]["/Font"].values()
    }
    assert any("Arabic" in name for name in fonts)
    assert all("+Next" in name or "+Noto" in name for name in fonts), fonts


def test_the_same_document_has_the_same_bytes_even_from_another_child(document):
    html = page("<h1>Été</h1><p>Олена</p>")
    first = pdf.render(html, title="t", dated=DAY)
    assert pdf.render(html, title="t", dated=DAY) == first
    pdf.stop()
    assert pdf.render(html, title="t", dated=DAY) == first


def test_the_date_of_a_document_is_the_clock_of_the_house(stopped_clock):
    made = PdfReader(io.BytesIO(pdf.render(page("<p>a"), title="t")))
    assert made.metadata.creation_date == clock.now().replace(microsecond=0)


def test_several_documents_come_back_in_order():
    made = pdf.render_many([("un", page("<p>premier")), ("deux", page("<p>second"))], dated=DAY)
    texts = [PdfReader(io.BytesIO(each)).pages[0].extract_text() for each in made]
    assert ["premier" in texts[0], "second" in texts[1]] == [True, True]


def test_the_calling_process_never_imports_weasyprint():
    code = (
        "import sys; from coordination import pdf;"
        "pdf.render('<html lang=fr><title>t</title><p>a', title='t');"
        "print('weasyprint' in sys.modules, 'fontTools' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


def test_nothing_is_fetched_from_the_network_by_the_page_or_its_styles():
    asked = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Trap) as trap:
        threading.Thread(target=trap.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{trap.server_port}"
        made = printed(
            f"<style>@import url('{url}/a.css'); @font-face {{font-family: x; src: url('{url}/f')}}"
            f" p {{background: url('{url}/b.png'); font-family: x}}</style>"
            f"<link rel=stylesheet href='{url}/c.css'><img src='{url}/d.png' alt=d><p>texte"
        )
        trap.shutdown()
    assert "texte" in made.pages[0].extract_text()
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "file://{path}",
        "{path}",
        "passerelles:/../../{path}",
        "passerelles:/css/../../pyproject.toml",
        "passerelles:/fonts/OFL.txt",
    ],
)
def test_no_file_of_the_machine_enters_a_document(address, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("tres-secret-42")
    url = address.format(path=secret)
    made = printed(f"<link rel=attachment href='{url}'><a rel=attachment href='{url}'>a</a>")
    assert list(made.attachments) == []


def test_our_own_drawings_are_served():
    assert len(printed("<img src='passerelles:/img/passerelles.svg' alt='Passerelles'>").pages) == 1


def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_works():
    endless = "<table>" + "<tr><td>a<td>b" * 40_000 + "</table>"
    with pytest.raises(pdf.Failed, match="trop de temps") as refused:
        printed(endless, timeout=1.5)
    assert refused.value.status == 503
    assert "encore" in printed("<p>encore").pages[0].extract_text()


def test_a_child_that_dies_is_replaced():
    pdf.warm()
    for pid in _pool.pids():
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert "encore" in printed("<p>encore").pages[0].extract_text()


def test_there_are_never_more_than_two_children():
    with ThreadPoolExecutor(5) as crowd:
        made = list(crowd.map(lambda n: pdf.render(page(f"<p>{n}"), title="t"), range(8)))
    assert all(each.startswith(b"%PDF") for each in made)
    assert len(_pool.pids()) <= 2


def test_the_children_see_neither_secret_nor_database(monkeypatch):
    monkeypatch.setenv("PASSERELLES_SECRET", "x" * 40)
    pdf.stop()
    pdf.warm()
    [pid] = _pool.pids()
    assert b"PASSERELLES" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_character_that_no_shipped_font_draws_is_named():
    assert (
        pdf.missing_glyphs("Œuvre, Nguyễn Thị Hạnh, Ελένη, Олена, سميرة, 12\u202f000 € → ✓")
        == set()
    )
    assert pdf.missing_glyphs("Wei 偉 😀") == {"偉", "😀"}


def test_the_table_of_covered_characters_is_that_of_the_fonts():
    assert [list(pair) for pair in zip(*coverage._ranges(), strict=True)] == coverage.measure()
