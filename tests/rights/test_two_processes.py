"""A withdrawal made by one process holds at the next request of another: nothing is remembered
between requests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import walking

ROOT = Path(__file__).resolve().parents[2]

OTHER = """
import sys
from uuid import UUID
from coordination import assembly, clock, db
from coordination.agencies import actors
from coordination.persons.models import Person
from coordination.rights import withdrawal
from datetime import datetime

url, person, professional, moment = sys.argv[1:]
assembly.load_models()
clock.set_source(lambda: datetime.fromisoformat(moment))
engine = db.connect(url)
with db.transaction(engine, assembly.CLOSERS) as session:
    actor = actors.of_professional(session, UUID(professional))
    db.set_context(session, actor.context)
    withdrawal.withdraw(session, session.get_one(Person, UUID(person)), everything=True,
                        actor=actor)
engine.dispose()
"""


pytestmark = pytest.mark.sqlite_first


@pytest.fixture(name="full")
def _full(engine, town, again):
    return again("full", lambda: walking.full(engine, town))


def withdraw_in_another_process(full) -> None:
    from coordination import clock

    url = full.engine.url.render_as_string(hide_password=False)
    asked = [url, str(full.dana.id), str(full.alice.id), clock.now().isoformat()]
    subprocess.run([sys.executable, "-c", OTHER, *asked], check=True, cwd=ROOT, timeout=60)


def test_the_next_request_of_another_process_shows_nothing_more(full):
    chloe, partner = (walking.visitor(full, who) for who in ("chloe", walking.ANONYMOUS))
    open_to_both = [
        (chloe, f"/parcours/{full.journey.id}"),
        (chloe, f"/orientations/{full.referral.id}"),
        (chloe, "/orientations?sens=recues"),
        (chloe, f"/seances/{full.open.id}/ordre-du-jour"),
        (chloe, f"/seances/{full.open.id}/en-seance"),
        (chloe, f"/seances/{full.held.id}/releve"),
        (chloe, "/aujourdhui"),
        (partner, f"/lien/{full.token}/orientation"),
    ]
    for who, path in open_to_both:
        assert "BENALI" in who.get(path).text, path
    withdraw_in_another_process(full)
    said = {path: who.get(path) for who, path in open_to_both}
    for path, answer in said.items():
        assert "BENALI" not in answer.text and "Benali" not in answer.text, path
    assert said[f"/parcours/{full.journey.id}"].status_code == 404
    assert said[f"/lien/{full.token}/orientation"].status_code == 410
    assert said[f"/orientations/{full.referral.id}"].status_code == 200  # a stub: number, dates
    assert full.referral.number in said[f"/orientations/{full.referral.id}"].text
    for path in (f"/seances/{full.open.id}/ordre-du-jour", f"/seances/{full.open.id}/en-seance"):
        assert said[path].status_code == 200
        assert "Situation n°" in said[path].text


def test_a_part_of_an_open_page_is_refreshed_away(full):
    from bs4 import BeautifulSoup

    from tests.conftest import HTMX

    chloe, path = walking.visitor(full, "chloe"), f"/orientations/{full.referral.id}"
    page = BeautifulSoup(chloe.get(path).text, "html.parser")
    carried = HTMX | {"X-Sharing": page.select_one("meta[name=sharing]")["content"]}
    withdraw_in_another_process(full)
    assert chloe.get(path, headers=carried).headers["HX-Refresh"] == "true"


def test_what_the_worker_had_still_to_print_or_send_leaves_nobodys_name(full):
    """Annexes asked for before the withdrawal are printed after it."""
    import io

    from pypdf import PdfReader
    from sqlmodel import select

    from coordination import db, files, worker
    from coordination.committees.models import Extract
    from coordination.outbox import Notice, NoticeState

    withdraw_in_another_process(full)
    while worker.work_once(full.engine):
        continue
    with db.reading(full.engine) as session:
        annexes = session.exec(
            select(Extract).where(
                Extract.agency_id == full.ccas.id, Extract.minutes_id == full.minutes.id
            )
        ).all()
        assert annexes
        for annex in annexes:
            if annex.file_id:
                reader = PdfReader(io.BytesIO(files.read(session, annex.file_id)[1]))
                assert not any("BENALI" in leaf.extract_text() for leaf in reader.pages)
        sent = select(Notice).where(
            Notice.agency_id == full.ccas.id, Notice.kind == "referral.sent"
        )
        assert {notice.state for notice in session.exec(sent)} == {NoticeState.DROPPED}


def test_an_annex_already_printed_is_gone_and_made_again_without_the_name(full):
    from coordination import worker

    while worker.work_once(full.engine):
        continue
    chloe, path = walking.visitor(full, "chloe"), f"/seances/{full.held.id}/annexe.pdf"
    assert chloe.get(path).status_code == 200
    withdraw_in_another_process(full)
    assert chloe.get(f"{path}?version=1").status_code == 410
    assert chloe.get(path).status_code == 200
    while worker.work_once(full.engine):
        continue
    assert chloe.get(path).status_code == 200
