"""A document printed once its transaction is over: the press never holds the base."""

import anyio.to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from coordination import pdf


class Printed(Response):
    """The PDF of a page that is already composed."""

    media_type = "application/pdf"

    def __init__(self, html: str, *, title: str, name: str) -> None:
        super().__init__(headers={"Content-Disposition": f'inline; filename="{name}"'})
        self.html, self.title = html, title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def press() -> bytes:
            return pdf.render(self.html, title=self.title)

        self.body = await anyio.to_thread.run_sync(press)
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)
