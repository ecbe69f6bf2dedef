"""Debian's Chromium, driven by Playwright; the application served for it; axe for the audit.

The conftest takes the fixtures as a plugin; importing them into a test makes a second Chromium.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
# What the browser itself says about an answer the test asked for: not a fault of the page.
EXPECTED = ("Failed to load resource: the server responded with a status of 4",)


@dataclass(frozen=True)
class Violation:
    """One rule of axe that the page breaks, and where."""

    rule: str
    impact: str
    help: str
    where: tuple[str, ...]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per test process, with a new profile."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_chromium(), args=list(FLAGS), headless=True
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh visitor, in French, in Paris. An error in the page's console fails the test."""
    with visitor(browser) as fresh:
        yield fresh


@contextmanager
def visitor(browser: Browser, *, width: int = 1280, height: int = 900) -> Iterator[Page]:
    """Another visitor beside the first, with its own cookies."""
    context = browser.new_context(
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": width, "height": height},
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            complaints.append(message.text)

    context.on("console", hear)
    context.on("weberror", lambda fault: complaints.append(str(fault.error)))
    try:
        yield page
    finally:
        context.close()
    assert not complaints, "the page complained: " + " | ".join(complaints)


def axe(page: Page, *, within: str | None = None) -> list[Violation]:
    """Every violation of WCAG 2.2 A and AA that axe finds on the page as it stands.

    Evaluated through the debugger: a script tag would be refused by the page's policy.
    Sheets are not preloaded: axe would write them again inline, which the policy refuses aloud.
    """
    page.evaluate(_axe_source())
    found = page.evaluate(
        """([within, tags]) => axe.run(within || document, {
            runOnly: {type: "tag", values: tags}, resultTypes: ["violations"], preload: false,
        }).then(result => result.violations)""",
        [within, ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]],
    )
    return [
        Violation(
            rule=violation["id"],
            impact=violation["impact"] or "",
            help=violation["help"],
            where=tuple(str(node["target"][0]) for node in violation["nodes"]),
        )
        for violation in found
    ]


@contextmanager
def live_server(engine_url: str, **environment: str) -> Iterator[str]:
    """The application on a free loopback port, as users start it; gives its address.

    `environment`: further settings, without their prefix: `live_server(url, DEMO="true")`.
    """
    with tempfile.TemporaryDirectory(prefix="passerelles-web-") as folder:
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        settings = {
            "DATABASE_URL": engine_url,
            "PUBLIC_URL": address,
            "VAR": folder,
            "SECRET": "only-for-tests-" + "0" * 32,
            **environment,
        }
        log = Path(folder) / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(
                [sys.executable, "-m", "coordination", "serve", "--port", str(port)],
                cwd=ROOT,
                env=os.environ | {f"PASSERELLES_{key}": text for key, text in settings.items()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            _wait(address, server, log)
            yield address
        finally:
            _stop(server)


def _chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("Chromium is needed: sudo apt-get install chromium (or set CHROMIUM)")
    return found


@cache
def _axe_source() -> str:
    source = (ROOT / "tests/vendor/axe.min.js").read_text(encoding="utf-8")
    return f"() => {{ {source} }}"  # a function: no value to bring back


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            direct.open(f"{address}/sante", timeout=2).close()
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the application did not start:\n{log.read_text(errors='replace')}")


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Politely, then the whole group: the server has workers of its own."""
    server.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
