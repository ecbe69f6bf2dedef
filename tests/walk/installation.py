"""An installation as its first user makes it: the command on an empty base, mails kept as files,
the post and the printing carried when the story says so."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page
from pypdf import PdfReader

from coordination import db, settings, worker
from coordination.administration import founding
from coordination.postman import delivery
from coordination.postman.delivery import KeptMail
from tests.browser import ROOT, axe, live_server


class Installation:
    """A base, its folder, the pages served at `address`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.address = folder, patch, ""
        self.url = f"sqlite:///{folder / 'passerelles.db'}"
        self.read: set[KeptMail] = set()
        self._set(DATABASE_URL=self.url, VAR=str(folder), DEMO="false", SECRET="walk-" + "0" * 40)
        self._set(MAIL_FROM="Passerelles <ne-pas-repondre@example.org>")

    def command(self, *words: str) -> str:
        """`coordination …`, as typed; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "coordination", *words],
            cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def served(self) -> Iterator[None]:
        with live_server(
            self.url, VAR=str(self.folder), DEMO="false", SECRET="walk-" + "0" * 40
        ) as self.address:
            self._set(PUBLIC_URL=self.address)
            self.engine = db.connect(self.url)
            yield
            self.engine.dispose()

    def carry(self) -> list[KeptMail]:
        """The worker works until nothing is left; the mails that left since last time."""
        while worker.turn(self.engine):
            pass
        new = [m for m in delivery.kept(settings.load().mail_folder) if m not in self.read]
        self.read |= set(new)
        return new

    def every_word_sent(self) -> str:
        """All that ever left by mail, files included."""
        found = []
        for path in settings.load().mail_folder.glob("*.eml"):
            for part in message_from_bytes(path.read_bytes()).walk():
                if not part.is_multipart():
                    content = part.get_payload(decode=True)
                    assert isinstance(content, bytes)
                    found.append(content.decode())
        return "\n".join(found)

    def _set(self, **given: str) -> None:
        for name, value in given.items():
            self.patch.setenv(f"PASSERELLES_{name}", value)
        settings.load.cache_clear()


class Walker:
    """One browser, several people one after the other. Collects what axe says of each page."""

    def __init__(self, page: Page, home: Installation) -> None:
        self.page, self.home, self.found = page, home, list[str]()
        self.where = "main"

    @contextmanager
    def acting(self, email: str, *, link: str = "", asks: bool = False) -> Iterator[None]:
        """Signs in by the mail already received, by one asked for on the page, or by the link that
        `coordination link` prints; signs out at the end."""
        if asks:
            link = self._asked_link(email)
        self.opens(link or f"/lien/{founding.sign_in_link(self.home.engine, email=email)}")
        self.press("Me connecter")
        yield
        self.page.locator("details.account > summary").click()
        self.press("Se déconnecter", within="header")
        assert self.path == "/connexion"

    @contextmanager
    def form(self, labelled_by: str) -> Iterator[None]:
        """Only the part of the page that this heading names."""
        whole, self.where = self.where, f"[aria-labelledby='{labelled_by}']"
        yield
        self.where = whole

    def go(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(self.home.address + path)
        assert answer is not None and answer.status == status, f"{path}: {answer and answer.status}"

    def opens(self, link: str) -> None:
        """The address written in a mail, whatever its host."""
        self.go(link[link.index("/lien/") :])

    def press(
        self, name: str | re.Pattern[str], *, within: str = "", inside: Locator | None = None
    ) -> None:
        """Presses the first button of this name; back when its answer is on the page."""
        where = inside or self.page.locator(within or self.where)
        button = where.get_by_role("button", name=name, exact=isinstance(name, str)).first
        button.scroll_into_view_if_needed()
        if button.evaluate("b => !!b.form?.hasAttribute('hx-post')"):
            self.swapped(button.click)
        else:
            with self.page.expect_navigation():
                button.click()

    def swapped(self, act: Callable[[], object]) -> None:
        """Does it, and waits until its answer has taken its place on the page."""
        self.page.evaluate(
            """() => { window.swapped = new Promise(done => {
                const hear = ({detail}) => {
                    if (detail.ctx.request.method !== "POST") return;
                    document.removeEventListener("htmx:after:swap", hear);
                    done();
                };
                document.addEventListener("htmx:after:swap", hear);
            }); }"""
        )
        act()
        self.page.evaluate("window.swapped")

    def follows(self, name: str | re.Pattern[str]) -> None:
        exact = isinstance(name, str)
        with self.page.expect_navigation():
            self.page.locator(self.where).get_by_role("link", name=name, exact=exact).first.click()

    def opens_details(self, summary: str | re.Pattern[str]) -> None:
        self.page.locator(self.where).locator("summary", has_text=summary).first.click()

    def fill(self, **fields: str) -> None:
        """By the name of the field: lists by their words, the rest as typed."""
        for name, value in fields.items():
            field = self.page.locator(self.where).locator(f"[name='{name}']:visible").first
            if field.evaluate("e => e.tagName") == "SELECT":
                options = field.locator("option").all_inner_texts()
                wanted = next((o for o in options if o.strip().startswith(value)), value)
                field.select_option(label=wanted.strip())
            else:
                field.fill(value)

    def tick(self, *words: str, within: str = "") -> None:
        for word in words:
            self.page.locator(self.where).get_by_label(word, exact=False).first.check()

    def look(self, page: Page | None = None) -> None:
        """Audits the page as it stands; what is wrong is told at the end of the walk."""
        looked = page or self.page
        path = looked.url.removeprefix(self.home.address)
        path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/lien/)[\w-]+", "…", path)
        self.found += [f"{path}: {v.rule} ({v.help}) {' '.join(v.where[:3])}" for v in axe(looked)]

    def pdf(self, path: str) -> str:
        """The text of a document, as its reader downloads it; spaces made plain."""
        answer = self.page.request.get(self.home.address + path)
        assert answer.status == 200, f"{path}: {answer.status}"
        assert answer.headers["content-type"] == "application/pdf"
        pages = PdfReader(BytesIO(answer.body())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def status(self, path: str) -> int:
        return self.page.request.get(self.home.address + path).status

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.home.address)

    @property
    def text(self) -> str:
        """What the page says, with plain spaces."""
        return " ".join(self.page.locator("body").inner_text().split())

    def _asked_link(self, email: str) -> str:
        self.go("/connexion")
        self.fill(email=email)
        self.press("Recevoir le lien")
        (mail,) = [m for m in self.home.carry() if m.to == email]
        return link_in(mail)


def link_in(mail: KeptMail) -> str:
    found = re.search(r"https?://\S+/lien/\S+", mail.text)
    assert found, mail.text
    return found.group()
