"""A walk in Chromium that trusts nothing: what each page asked for, ran, reported, holds."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page, Request

from coordination.signin import sessions
from coordination.web import shell

# Pages that ask again by themselves (in session, and what comes back when a form of theirs is
# refused), and all that they may ask: the stream of the meeting, and their own part.
THAT_FOLLOW = re.compile(
    r"/seances/[0-9a-f-]{36}/(en-seance|ecran|decisions|actions)$|/decisions/[0-9a-f-]{36}/corriger$"
)
THEY_ASK = re.compile(r"/seances/[0-9a-f-]{36}/(flux|en-seance|ecran)$")
# What Chromium says of an answer we asked for, and of a word given back in a field of numbers.
EXPECTED = ("Failed to load resource", "The specified value")
NOT_PAGES = re.compile(r"\.(pdf|ics|csv|xlsx|json|zip)$|/(flux|preuve)$|^/static/")
LEFT = "Execution context was destroyed"
SETTLE = 60  # milliseconds: what is asked on load, revealed, or each moment has been asked

LISTEN = """
window.__reports = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.__reports.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample || e.sourceFile}`);
});
"""
OPEN = """async (settle) => {
  document.querySelectorAll("details").forEach((e) => { e.open = true; });
  document.querySelectorAll("dialog:not([open])").forEach((e) => e.show());
  document.querySelectorAll("[popover]").forEach((e) => e.showPopover());
  for (const e of document.querySelectorAll("[tabindex='0'], a, button, input, summary")) {
    e.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
    e.dispatchEvent(new FocusEvent("focus"));
  }
  await new Promise((go) => setTimeout(go, settle));
}"""
LOOK = """() => {
  const found = [], all = [...document.querySelectorAll("*")];
  const say = (what, e) => found.push(`${what}: ${(e?.outerHTML || "").slice(0, 120)}`);
  if (window.__ran) say("something ran");
  window.__reports.forEach((report) => say(`policy ${report}`));
  for (const e of all) {
    if (e.localName.includes("hostile") || e.localName === "hx-partial") say("element", e);
    for (const {name, value} of e.attributes) {
      if (/hostile/.test(name)) say("attribute", e);
      if (/^on|hx-on|^style$|^srcdoc$/.test(name)) say(`attribute ${name}`, e);
      if (!["href", "src", "action", "formaction", "data", "xlink:href"].includes(name)) continue;
      if (name === "data" && e.localName !== "object") continue;
      const to = URL.canParse(value, location) ? new URL(value, location) : null;
      const ours = to && to.origin === location.origin;
      if (!to || !(ours || (e.localName === "a" && /^(https?|mailto|tel):$/.test(to.protocol))))
        say(`address ${value.slice(0, 60)}`, e);
    }
  }
  const once = ["main", "title", "base", "body", "head"];
  for (const name of once) {
    const there = all.filter((e) => e.localName === name && e.namespaceURI.endsWith("xhtml"));
    if (there.length > (name === "base" ? 0 : 1)) say(`${name} again`, there.at(-1));
  }
  if (document.querySelector("iframe, object, embed, plaintext, base, style, [http-equiv]"))
    say("element", document.querySelector("iframe, object, embed, plaintext, base, style"));
  const walker = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
  if (walker.nextNode()) say(`comment ${walker.currentNode.data.slice(0, 60)}`);
  const words = document.querySelector("main")?.innerText ?? "";
  if (/\\b49\\b.{0,40}% include/.test(words)) say("a template ran");
  return found;
}"""
WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return "";
  const scrolls = (e) => e && (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)
    && e !== document.body && e !== document.documentElement || scrolls(e.parentElement));
  const past = [...document.querySelectorAll("body *")].filter((e) =>
    e.getBoundingClientRect().right > wide + 1 && !scrolls(e.parentElement));
  const right = (e) => e.getBoundingClientRect().right;
  const e = past.reduce((a, b) => (right(b) >= right(a) ? b : a), past[0]);
  const path = [];
  for (let p = e; p && p !== document.body; p = p.parentElement)
    path.unshift(p.localName + [...p.classList].map((c) => "." + c).join(""));
  return `${document.documentElement.scrollWidth} px: ${path.slice(-5).join(" > ")}`;
}"""


class Walk:
    """One person's browser over pages of `home`; `faults` says what each page did wrong."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home
        self.faults: list[str] = []
        self.seen: list[str] = []
        self.asked: list[Request] = []
        self.heard: list[str] = []
        context = page.context
        context.add_init_script(LISTEN)
        context.on("request", self._note)
        context.on("page", lambda other: self.heard.append(f"another window {other.url}"))
        context.on("console", self._hear)
        context.on("weberror", lambda fault: self.heard.append(f"error {fault.error}"))
        page.on("dialog", self._refuse)

    def look(self, address: str) -> list[str]:
        """Opens the page and all that folds; its links."""
        self._begin()
        answer = self.page.goto(self.home + address, wait_until="load")
        if answer is None or answer.status >= 500:
            self._wrong(address, f"status {answer and answer.status}")
            return []
        if answer.status != 200 or "html" not in answer.headers.get("content-type", ""):
            return []
        return self.inspect(address)

    def shown(self, address: str, body: str, status: int = 200) -> None:
        """An answer heard elsewhere, shown as the browser would at this address."""
        self._begin()
        headers = {**shell.HEADERS, "Content-Type": "text/html; charset=utf-8"}
        there = self.home + address
        self.page.route(
            there, lambda route: route.fulfill(status=status, body=body, headers=headers)
        )
        self.page.goto(there, wait_until="load")
        self.inspect(address)
        self.page.unroute(there)

    def inspect(self, address: str) -> list[str]:
        """What stands in the window now."""
        self.seen.append(address)
        there = self.page.url
        try:
            self.page.evaluate(OPEN, SETTLE)
            looked = self.page.evaluate(LOOK)
        except Error as gone:
            if LEFT not in str(gone):
                raise
            self._wrong(address, "left while it was looked at")
            return []
        found = [*looked, *self.heard, *self._by_itself(address)]
        if self.page.url != there:
            found.append(f"left for {self.page.url}")
        if wider := self.page.evaluate(WIDER):
            found.append(f"wider than the window: {wider}")
        for what in found:
            self._wrong(address, what)
        hrefs = self.page.evaluate("[...document.links].map((a) => a.href)")
        return [h.removeprefix(self.home).split("#")[0] for h in hrefs if h.startswith(self.home)]

    def _by_itself(self, address: str) -> Iterator[str]:
        """Requests that nobody made: all but the page once, and what it is made of."""
        own, pages = urlsplit(address).path, 0
        for request in self.asked:
            to = urlsplit(request.url)
            ours = request.url.startswith(self.home + "/") and request.method == "GET"
            if request.is_navigation_request():
                pages += 1
                if ours and ((to.path == own and pages == 1) or request.redirected_from):
                    continue
            elif ours and (to.path.startswith("/static/") or _follows(own, to.path)):
                continue
            yield f"asked by itself {request.method} {request.url[:100]}"

    def _note(self, request: Request) -> None:
        self.asked.append(request)

    def _hear(self, message) -> None:
        if not message.text.startswith(EXPECTED):
            self.heard.append(f"console {message.type} {message.text[:160]}")

    def _refuse(self, dialog) -> None:
        self.heard.append(f"dialog {dialog.message[:60]}")
        dialog.dismiss()

    def _begin(self) -> None:
        """Nothing asked nor heard yet. A page that follows a meeting is left first: it could ask
        once more while the next one opens, which would answer for it."""
        if THAT_FOLLOW.search(urlsplit(self.page.url).path):
            self.page.goto("about:blank")
        self.asked.clear()
        self.heard.clear()

    def _wrong(self, address: str, what: str) -> None:
        self.faults.append(f"{shape(address)}: {what}")


@contextmanager
def as_someone(
    browser: Browser, home: str, cookie: str | None, *, width: int = 360
) -> Iterator[Walk]:
    context = browser.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": width, "height": 740},
        reduced_motion="reduce", ignore_https_errors=True,
    )  # fmt: skip
    context.set_default_timeout(15_000)
    if cookie:
        context.add_cookies([{"name": sessions.cookie_name(), "value": cookie, "url": home}])
    try:
        yield Walk(context.new_page(), home)
    finally:
        context.close()


def everywhere(walk: Walk, starts: Iterable[str], known: set[str], *, most: int = 400) -> None:
    """Each page and those it leads to, one of each shape; `known` are shapes walked already."""
    waiting, tried = list(starts), set[str]()
    while waiting and len(walk.seen) < most:
        address = waiting.pop(0)
        this = shape(address)
        if NOT_PAGES.search(urlsplit(address).path) or this in known or this in tried:
            continue
        before = len(walk.seen)
        links = walk.look(address)
        if len(walk.seen) > before:
            there = urlsplit(walk.page.url).path == urlsplit(address).path
            (known if there else tried).add(this)  # sent elsewhere: another role may see it
        waiting += [link for link in links if shape(link) not in known | tried]


def _follows(page: str, asked: str) -> bool:
    return bool(THAT_FOLLOW.search(page) and THEY_ASK.fullmatch(asked))


def shape(address: str) -> str:
    """An address without its ids, nor how its list is turned: pages of one sort are alike."""
    address = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/lien/)[\w-]+", "*", address)
    return re.sub(r"(?<=[?&])(page|q|tri|sens|statut|etat)=[^&]*", r"\1", address)
