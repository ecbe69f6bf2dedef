"""The browser and the audit themselves, on pages written here."""

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe, visitor

pytestmark = pytest.mark.browser
SOUND = """<!doctype html><html lang="fr"><title>Essai</title>
<main><h1>Parcours</h1><p>Une page lisible.</p>{}</main></html>"""


def test_a_sound_page_has_no_violation(page: Page) -> None:
    page.set_content(SOUND.format(""))
    assert axe(page) == []


def test_a_picture_without_words_and_a_pale_text_are_found(page: Page) -> None:
    page.set_content(SOUND.format('<img src="data:,"><p style="color:#bbb">Trop pâle</p>'))
    assert {violation.rule for violation in axe(page)} == {"image-alt", "color-contrast"}


def test_the_audit_works_under_the_strict_policy(page: Page) -> None:
    policy = "default-src 'none'; script-src 'self'; style-src 'self'"
    page.route(
        "http://essai.invalid/",
        lambda route: route.fulfill(
            body=SOUND.format("<img src='data:,'>"),
            headers={"Content-Security-Policy": policy + "; img-src data:"},
            content_type="text/html; charset=utf-8",
        ),
    )
    page.goto("http://essai.invalid/")
    assert [violation.rule for violation in axe(page)] == ["image-alt"]


def test_an_error_in_the_page_fails_the_test(browser: Browser) -> None:
    with (
        pytest.raises(AssertionError, match="the page complained"),
        visitor(browser, width=360) as fresh,
    ):
        fresh.set_content(SOUND.format("<script>absent()</script>"))
