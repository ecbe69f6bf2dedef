"""Text messages: how French phones are dialled, and what a gateway receives."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID

import pytest

from coordination.persons.phones import mobile
from coordination.postman import sms
from coordination.postman.letter import Text

NOTICE = UUID(int=42)


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("07.12.34.56.78", "+33712345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("0696123456", "+596696123456"),
        ("+32 470 12 34 56", "+32470123456"),
        ("04 67 12 34 56", None),
        ("+33467123456", None),
        ("061234567", None),
        ("", None),
    ],
)
def test_a_mobile_phone_is_dialled_and_a_landline_is_not(typed, dialled):
    assert mobile(typed) == dialled


@contextmanager
def gateway(status):
    """A gateway that answers this, and what it received."""
    received = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), json.loads(body)))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/messages", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_gateway_receives_the_message_with_its_token():
    with gateway(202) as (url, received):
        carrier = sms.Gateway(url, token="secret", sender="Passerelles")
        carrier.send(Text("+33612345678", "votre code est 123456"), notice_id=NOTICE)
    [(headers, said)] = received
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Idempotency-Key"] == NOTICE.hex
    assert said == {"to": "+33612345678", "from": "Passerelles", "text": "votre code est 123456"}


def test_a_gateway_that_says_no_or_nothing_is_tried_again_later():
    with gateway(503) as (url, _):
        carrier = sms.Gateway(url, token="", sender="Passerelles")
        with pytest.raises(OSError, match="503"):
            carrier.send(Text("+33612345678", "…"), notice_id=NOTICE)
    with pytest.raises(OSError, match="ConnectError"):
        carrier.send(Text("+33612345678", "…"), notice_id=NOTICE)
