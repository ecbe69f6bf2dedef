"""After a withdrawal: every recipient is listed, told, and answers; silence is an alert."""

import re

import pytest
from sqlmodel import select

from coordination import links, settings, worker
from coordination.audit import AuditEntry
from coordination.errors import Gone
from coordination.links import LinkKind
from coordination.outbox import Notice
from coordination.rights import answers, reminders
from coordination.rights.models import KeptBecause, Recall, RecallAnswer
from tests.conftest import soup

BY_CHLOE = "/retraits"


@pytest.fixture
def asked(act, town, convened, visit, key):
    """Dana took everything back; the ccas is asked what became of what it had."""
    path = f"/parcours/{town.journey.id}/accords/retirer"
    answer = visit("alice").post(path, data={"_key": key()}, follow_redirects=False)
    assert answer.status_code == 303
    with act() as db:
        return db.exec(select(Recall)).one()


def looked(db):
    found = db.exec(select(Recall)).one()
    db.commit()
    return found


def token_of_the_mail(town, engine):
    """The link in the latest mail to the ccas."""
    worker.deliver(engine)
    mails = sorted(settings.load().mail_folder.glob("*.eml"), key=lambda p: p.stat().st_mtime)
    text = "".join(p.read_text().replace("=\n", "").replace("=3D", "=") for p in mails)
    return re.findall(r"/lien/([\w-]+)/retrait", text)[-1]


def test_who_had_something_is_listed_with_what_closed(asked, town):
    assert asked.agency_id == town.ccas.id
    assert asked.owner_id == town.mission.id
    assert asked.categories
    assert asked.answer is None


def test_both_sides_see_it_and_the_recipient_reads_no_name(asked, town, visit):
    chloe = visit("chloe")
    for path in (BY_CHLOE, f"{BY_CHLOE}/{asked.id}", "/aujourdhui"):
        page = chloe.get(path)
        assert page.status_code == 200
        assert town.dana.reference in page.text
        assert "Benali" not in page.text and "BENALI" not in page.text
    listed = soup(visit("alice").get(f"/parcours/{town.journey.id}/accords"))
    line = listed.select_one("#retraits").get_text(" ", strip=True)
    assert "CCAS de Lunel" in line
    assert "Réponse attendue" in line


def test_two_clicks_answer_it_from_the_page(asked, visit, key, db):
    page = soup(visit("chloe").get(f"{BY_CHLOE}/{asked.id}"))
    assert page.select_one("button[value=destroyed]").text == "Tout est détruit"
    said = {"_key": key(), "_version": "1", "answer": "destroyed"}
    visit("chloe").post(f"{BY_CHLOE}/{asked.id}", data=said)
    found = looked(db)
    assert (found.answer, found.by_link) == (RecallAnswer.DESTROYED, False)
    assert found.professional_id is not None
    verbs = [entry for entry in db.exec(select(AuditEntry.entry)) if "rights.answered" in entry]
    assert len(verbs) == 1


def test_two_clicks_answer_it_from_the_mail(asked, town, visit, key, db, engine):
    token = token_of_the_mail(town, engine)
    nobody = visit(None)
    page = nobody.get(f"/lien/{token}/retrait")
    assert page.status_code == 200
    assert town.dana.reference in page.text
    assert "BENALI" not in page.text
    done = nobody.post(
        f"/lien/{token}/retrait", data={"_key": key(), "_version": "1", "answer": "nothing"}
    )
    assert done.status_code == 200
    found = looked(db)
    assert (found.answer, found.by_link) == (RecallAnswer.NOTHING, True)


def test_what_is_kept_says_why_and_nothing_typed_is_lost(asked, visit, key, db):
    chloe, path = visit("chloe"), f"{BY_CHLOE}/{asked.id}"
    again = chloe.post(path, data={"_key": key(), "answer": "kept", "note": "Un dossier papier."})
    assert again.status_code == 422
    assert "Un dossier papier." in again.text
    assert looked(db).answer is None
    chloe.post(path, data={"_key": key(), "answer": "kept", "because": "law", "note": ""})
    assert looked(db).because is KeptBecause.LAW
    other = chloe.post(path, data={"_key": key(), "answer": "kept", "because": "other"})
    assert other.status_code == 422
    later = chloe.post(path, data={"_key": key(), "answer": "destroyed"})
    assert later.status_code == 200
    assert (looked(db).answer, looked(db).because) == (RecallAnswer.DESTROYED, None)


def test_nobody_else_answers_nor_reads_it(asked, visit, key, act, town):
    for name in ("alice", "bruno", "eva"):
        assert visit(name).get(f"{BY_CHLOE}/{asked.id}").status_code == 404
        said = {"_key": key(), "answer": "destroyed"}
        assert visit(name).post(f"{BY_CHLOE}/{asked.id}", data=said).status_code == 404
    with act() as db:  # a link of another kind, about the same thing
        token = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=asked.id)
    assert visit(None).get(f"/lien/{token}/retrait").status_code == 404


def test_a_stale_link_tells_nothing_and_offers_another(asked, town, visit, engine, stopped_clock):
    token = token_of_the_mail(town, engine)
    stopped_clock.later(days=31)
    nobody = visit(None)
    gone = nobody.get(f"/lien/{token}/retrait")
    assert gone.status_code == 410
    assert town.dana.reference not in gone.text
    assert nobody.post(f"/lien/{token}/retrait/nouveau-lien").status_code == 200
    fresh = token_of_the_mail(town, engine)
    assert fresh != token
    assert nobody.get(f"/lien/{fresh}/retrait").status_code == 200


def kinds(db):
    return sorted(kind for kind in db.exec(select(Notice.kind)) if kind.startswith("rights.recall"))


def test_silence_is_reminded_then_told_to_who_follows_the_person(
    asked, engine, visit, stopped_clock, db, town
):
    assert reminders.tick(engine) == {"reminded": 0}
    stopped_clock.later(days=11)
    assert [reminders.tick(engine)["reminded"] for _ in range(2)] == [1, 0]
    assert "n’a pas répondu" not in visit("alice").get("/aujourdhui").text
    stopped_clock.later(days=20)
    assert [reminders.tick(engine)["reminded"] for _ in range(2)] == [1, 0]
    assert kinds(db) == [
        "rights.recall_late", "rights.recall_reminder", "rights.recall_reminder",
    ]  # fmt: skip
    db.commit()
    assert "CCAS de Lunel n’a pas répondu" in visit("alice").get("/aujourdhui").text
    consents = visit("alice").get(f"/parcours/{town.journey.id}/accords").text
    assert "Sans réponse depuis 30 jours" in consents
    assert answers.counts(db) == (1, 1)


def test_an_answer_ends_the_alert_and_the_reminders(asked, engine, visit, key, stopped_clock, db):
    visit("chloe").post(f"{BY_CHLOE}/{asked.id}", data={"_key": key(), "answer": "destroyed"})
    stopped_clock.later(days=31)
    assert reminders.tick(engine) == {"reminded": 0}
    assert "n’a pas répondu" not in visit("alice").get("/aujourdhui").text
    assert answers.counts(db) == (0, 0)


def test_the_letter_does_not_leave_once_it_is_answered(asked, act, visit, key, db):
    visit("chloe").post(f"{BY_CHLOE}/{asked.id}", data={"_key": key(), "answer": "destroyed"})
    from coordination import outbox
    from coordination.postman import rights as letters

    with act() as session:
        notice = session.exec(select(Notice).where(Notice.kind == "rights.withdrawn")).one()
        with pytest.raises(outbox.Stale):
            letters.withdrawn(session, notice)


def test_a_started_referral_ends_its_links_and_the_two_sides_share_no_more(
    act, town, referral, visit, key, stopped_clock
):
    started = referral.started()
    stopped_clock.later(days=1)
    with act() as db:
        token = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=started.id)
    visit("alice").post(f"/parcours/{town.journey.id}/accords/retirer", data={"_key": key()})
    with act() as db, pytest.raises(Gone):
        links.find(db, token)
    stub = visit("chloe").get(f"/orientations/{started.id}")
    assert stub.status_code == 200
    assert started.number in stub.text
    assert "BENALI" not in stub.text
    absence = {"_key": key(), "_version": "4", "note": "Absente, a dit pourquoi."}
    page = soup(visit("chloe").get(f"/orientations/{started.id}?geste=absence"))
    version = page.select_one("[name=_version]")["value"]
    form = page.select_one("form[action*='absence']")
    assert form is not None
    visit("chloe").post(form["action"], data=absence | {"_version": version})
    assert "Absente, a dit pourquoi." in visit("chloe").get(f"/orientations/{started.id}").text
    assert "Absente, a dit pourquoi." not in visit("alice").get(f"/orientations/{started.id}").text
