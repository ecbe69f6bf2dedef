"""The baseline of a document: WeasyPrint in a warm process, stylesheet and fonts read once, no
limits, no refusals, no care for the collector."""

import sys

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from coordination.pdf.press import SCHEME, OurAssets


def main() -> None:
    assets, fonts = OurAssets(), FontConfiguration()
    css = CSS(url=SCHEME + "css/print.css", url_fetcher=assets, font_config=fonts)
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := jobs.read(8):
        html = jobs.read(int.from_bytes(head, "big")).decode()
        page = HTML(string=html, base_url=SCHEME, url_fetcher=assets)
        printed = page.write_pdf(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1")
        answers.write(len(printed).to_bytes(8, "big") + printed)
        answers.flush()


if __name__ == "__main__":
    main()
