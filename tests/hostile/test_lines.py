"""What leaves otherwise than as a page: a header has one line, a mail its own headers, a calendar
one meeting, a document no link of its own, whatever the names they carry."""

import io
from email import message_from_bytes, policy
from types import SimpleNamespace
from urllib.parse import quote

import icalendar
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from coordination.committees.models import Committee, CommitteeKind, Meeting
from coordination.postman import committees, delivery
from coordination.postman.letter import Mail
from coordination.settings import load
from coordination.web.forms import Form
from coordination.web.render import go
from tests import walking
from tests.hostile import texts

HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
           "Content-Type", "Content-Transfer-Encoding", "Content-Disposition"}  # fmt: skip
OF_A_MEETING = {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "CLASS",
                "LOCATION", "URL", "ORGANIZER", "ATTENDEE"}  # fmt: skip


def invitation(engine, text: str, template: str) -> Mail:
    """The mail about a meeting whose every name is this text; nothing of it is kept."""
    with Session(engine) as db:
        meeting = db.get_one(Meeting, engine.meeting)
        committee = db.get_one(Committee, meeting.committee_id)
        committee.name = committee.place = committee.video_url = text
        meeting.place = meeting.video_url = text
        db.get_one(CommitteeKind, committee.kind_id).invitation_word = text
        with db.no_autoflush:
            return committees.mail(
                db, meeting, template, to="chloe@example.org", sequence=1,
                taken=template == "cancelled",
            )  # fmt: skip


@pytest.fixture
def write(town: SimpleNamespace):
    town.engine.meeting = town.meeting.id
    return lambda text, template="invited": invitation(town.engine, text, template)


def test_no_name_adds_a_header_to_a_mail(town, write):
    for text in (*texts.HOSTILE, *texts.REFUSED.values()):
        for template in ("invited", "cancelled"):
            mail = write(text, template)
            sent = delivery.compose(mail, notice_id=town.meeting.id, sender=load().mail_from)
            heard = message_from_bytes(sent.as_bytes(), policy=policy.default)
            assert heard["To"] == "chloe@example.org" and "Bcc" not in heard, text
            for part in heard.walk():
                assert set(part.keys()) <= HEADERS, (text, part.keys())
                assert len(part.get_all("Content-Type", [])) <= 1, text
                assert part.get_content_type() != "text/html", text
                assert part.defects == [], (text, part.defects)


def test_no_name_adds_a_line_to_a_calendar(write):
    for text in texts.HOSTILE:
        for template in ("invited", "cancelled"):
            (file,) = write(text, template).attachments
            calendar = icalendar.Calendar.from_ical(file.content)
            assert [part.name for part in calendar.walk()].count("VEVENT") == 1, text
            (event,) = calendar.walk("VEVENT")
            assert set(event) <= OF_A_MEETING, (text, list(event))
            assert {*event["ORGANIZER"].params} == {"CN"}, text
            assert event.errors == [], text
            for line in file.content.split(b"\r\n"):
                assert len(line) <= 75 and b"\n" not in line and b"\r" not in line, (text, line)


def test_an_address_kept_without_https_is_said_and_leads_nowhere(town):
    visitor, said = walking.visitor(town, "chair"), []
    for text in (*texts.ADDRESSES.values(), "https://visio.example/salle"):
        with Session(town.engine) as db:
            db.get_one(Meeting, town.meeting.id).video_url = text
            db.commit()
        page = BeautifulSoup(visitor.get(f"/seances/{town.meeting.id}").text, "html.parser")
        said += [a["href"] for a in page.select("a") if a["href"] == text]
        assert said or text in page.get_text()
    assert said == ["https://visio.example/salle"]


def test_a_word_or_an_address_of_a_redirect_stays_on_its_line(town):
    visitor = walking.visitor(town, walking.ANONYMOUS)
    for text in texts.HOSTILE:
        answer = visitor.get(f"/connexion?vers={quote(text)}")
        _clean(answer, text)
        sent = {"email": "quelqu-un@example.org", "vers": text, "_key": "a-key-of-the-test"}
        _clean(visitor.post("/connexion/lien", data=sent), text)
        visit = SimpleNamespace(by_htmx=False, request=Request({"type": "http"}), form=Form())
        _clean(go(visit, f"/parcours?q={text}", say=text), text)


def test_no_document_carries_a_link_or_a_script_of_a_name(town, planted):
    planted(several=3)
    said = []
    for role in ("own-adviser", "secretary"):
        visitor = walking.visitor(town, role)
        for way in walking.ways("GET"):
            answer = visitor.get(way.of(town, role)) if way.path.endswith(".pdf") else None
            if answer is None or answer.status_code != 200:
                continue
            _clean(answer, way.name)
            reader = PdfReader(io.BytesIO(answer.content))
            assert not {"/OpenAction", "/AA"} & set(reader.root_object), way.name
            assert not {"/JavaScript", "/EmbeddedFiles"} & set(reader.root_object.get("/Names", {}))
            for page in reader.pages:
                said.append(page.extract_text())
                acts = [note.get_object().get("/A", {}) for note in page.get("/Annots", [])]
                assert [str(act) for act in acts if texts.HOST in str(act)] == [], way.name
                assert {act.get("/S", "/URI") for act in acts} <= {"/URI", "/GoTo"}, way.name
    assert len(said) >= 6
    assert any("data-hostile" in "".join(text.split()) for text in said)


def _clean(answer: Response, text: str) -> None:
    for name, value in answer.headers.items():
        assert not {"\r", "\n", "\0"} & set(value), (text, name)
        assert name.lower() != "bcc" and not value.startswith("hostile=1"), (text, name)
    assert "hostile" not in answer.headers.get("content-disposition", ""), text
    where = answer.headers.get("location", "/")
    assert where.startswith("/") and not where.startswith(("//", "/\\")), (text, where)
