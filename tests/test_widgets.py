"""What the small script of the house adds to a page, in a browser."""

import pytest
from playwright.sync_api import Page

from coordination.settings import ROOT

pytestmark = pytest.mark.browser
FORM = """<!doctype html><html lang="fr"><title>Essai</title><main><form>
<input name="day"><input type="file" name="file" data-most="1"></form></main></html>"""


@pytest.mark.parametrize(("size", "leaves"), [(1024 * 1024, True), (1024 * 1024 + 1, False)])
def test_a_file_too_heavy_is_said_before_it_leaves(page: Page, size: int, leaves: bool) -> None:
    page.set_content(FORM)
    page.add_script_tag(path=ROOT / "static" / "js" / "widgets.js")
    page.fill("[name=day]", "2026-06-01")
    chosen = {"name": "liste.csv", "mimeType": "text/csv", "buffer": b"x" * size}
    page.set_input_files("[name=file]", chosen)
    assert page.evaluate("document.forms[0].checkValidity()") is leaves
    said = page.evaluate("document.querySelector('[name=file]').validationMessage")
    assert said == ("" if leaves else "Ce fichier dépasse 1 Mo.")
    assert page.input_value("[name=day]") == "2026-06-01"
