"""Printed documents: HTML in, PDF/UA-1 out, made by a child process that can reach nothing else.

WeasyPrint is never imported here: in a thread it freezes pages. See `press.py` for the child.
"""

from collections.abc import Iterable
from datetime import datetime

from coordination import clock
from coordination.pdf.children import Failed, Job, Pool
from coordination.pdf.coverage import missing_glyphs

__all__ = ["Failed", "missing_glyphs", "render", "render_many", "stop", "warm"]

AUTHOR = "Passerelles"
TIMEOUT = 60.0  # seconds for one document, waiting for a free child included

_pool = Pool(size=2)


def render(
    html: str, *, title: str, dated: datetime | None = None, timeout: float = TIMEOUT
) -> bytes:
    """The PDF of a page that extends `documents/base.html`.

    Same html, title and `dated` (the clock's moment by default): same bytes.
    Raises `Failed` (503) when it takes too long, too much memory, or cannot be laid out.
    """
    return _pool.run(_job(html, title, dated), timeout=timeout)


def render_many(
    pages: Iterable[tuple[str, str]], *, dated: datetime | None = None, timeout: float = TIMEOUT
) -> list[bytes]:
    """The PDFs of (title, html) pairs, in order, `timeout` seconds for each."""
    moment = dated or clock.now()
    return [_pool.run(_job(html, title, moment), timeout=timeout) for title, html in pages]


def warm() -> None:
    """Start a child ahead of the first document (about a second), at start-up."""
    _pool.warm()


def stop() -> None:
    """End the children; the next document starts new ones."""
    _pool.stop()


def _job(html: str, title: str, dated: datetime | None) -> Job:
    moment = (dated or clock.now()).replace(microsecond=0)
    return Job(html=html, title=title, author=AUTHOR, dated=moment.isoformat())
