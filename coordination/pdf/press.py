"""The child that prints (`python -m coordination.pdf.press`); alone to see WeasyPrint."""

import gc
import json
import os
import resource
import struct
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = Path(__file__).resolve().parent.parent.parent / "static"
SCHEME = "passerelles:/"
SERVED = {
    "css/tokens.css": "text/css",
    "css/print.css": "text/css",
    "css/print-fonts.css": "text/css",
    "img/*.svg": "image/svg+xml",
    "fonts/documents/*.ttf": "font/ttf",
}
OPTIONS = {"pdf_variant": "pdf/ua-1"}
MEMORY = 2 * 1024**3  # bytes of address space
LENGTH = struct.Struct(">Q")


class OurAssets(URLFetcher):
    """Serves the files read at start, and refuses every other address."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=())
        self._files = {
            SCHEME + str(path.relative_to(STATIC)): (path.read_bytes(), kind)
            for pattern, kind in SERVED.items()
            for path in sorted(STATIC.glob(pattern))
        }

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url not in self._files:
            raise ValueError("Refused: not one of our files.")
        body, kind = self._files[url]
        return URLFetcherResponse(url, body, {"Content-Type": kind})


class Press:
    """What is kept from one document to the next: fonts, the parsed stylesheet, our files."""

    def __init__(self) -> None:
        self.assets = OurAssets()
        self.fonts = FontConfiguration()
        self.css = CSS(
            url=SCHEME + "css/print.css", url_fetcher=self.assets, font_config=self.fonts
        )
        self.print(WARM_UP)

    def print(self, job: dict[str, Any]) -> bytes:
        gc.disable()
        try:
            page = HTML(string=job["html"], base_url=SCHEME, url_fetcher=self.assets)
            document = page.render(font_config=self.fonts, stylesheets=[self.css], **OPTIONS)
            about = document.metadata
            about.title, about.authors, about.lang = job["title"], [job["author"]], "fr"
            about.generator = "Passerelles"
            about.created = about.modified = job["dated"]
            return bytes(document.write_pdf(**OPTIONS))
        finally:
            gc.enable()


WARM_UP = {
    "html": "<html lang=fr><title>-</title><h1>Élan</h1><table><tr><th>a<td>b</table><p>سلام",
    "title": "-",
    "author": "-",
    "dated": datetime(2026, 1, 1).isoformat() + "+00:00",
}


def main() -> None:
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the answer
    press = Press()
    while job := _next(jobs):
        _limit_cpu(job["seconds"])
        try:
            kind, answer = b"P", press.print(job)
        except Exception as problem:
            kind, answer = b"E", type(problem).__name__.encode()  # its text may quote the person
        answers.write(kind + LENGTH.pack(len(answer)) + answer)
        answers.flush()
        gc.collect()  # while nobody waits


def _next(jobs: BinaryIO) -> dict[str, Any] | None:
    head = jobs.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    job: dict[str, Any] = json.loads(jobs.read(LENGTH.unpack(head)[0]))
    return job


def _limit_cpu(seconds: float) -> None:
    """Even with its parent gone, a document never runs longer than it was given."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
