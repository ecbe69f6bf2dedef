"""The person's own page: without an account, what is decided, shared, seen; and stopping it."""

import re

import pytest
from sqlmodel import col, select

from coordination import links, settings, worker
from coordination.agencies import actors
from coordination.audit import AccessLine, AuditEntry
from coordination.consent import rule
from coordination.consent.models import ConsentEvent, EventKind, Purpose
from coordination.links import Link, LinkKind
from coordination.persons.models import PersonIdentity
from coordination.referrals.models import Referral
from coordination.referrals.states import Status
from tests import town as small_town
from tests import walking
from tests.conftest import soup


@pytest.fixture(name="full")
def _full(engine, town, again):
    return again("full", lambda: walking.full(engine, town))


@pytest.fixture
def token(act, town):
    with act() as db:
        return links.make(db, LinkKind.PERSON, about=town.dana.id)


def mine(token):
    return f"/lien/{token}/mes-informations"


def text(answer):
    return soup(answer).select_one("main").get_text(" ", strip=True)


def test_the_person_reads_what_is_decided_what_comes_and_who_follows_them(full, act):
    with act() as db:
        held = db.get_one(Referral, full.referral.id)
        held.appointment_place = "12 rue Basse"
    page = walking.visitor(full, walking.ANONYMOUS).get(mine(full.person_token))
    assert page.status_code == 200
    said = text(page)
    assert "BENALI Dana" in said
    assert "Le parcours se poursuit." in said
    assert "COPASS du Lodévois" in said
    assert "Orientation vers CCAS de Lunel" in said
    assert "12 rue Basse" in said
    assert "MARTIN Alice" in said
    assert "Fin prévue de mon parcours" in said


def test_the_person_reads_with_whom_why_until_when_and_what_is_not_shared(full):
    page = soup(walking.visitor(full, walking.ANONYMOUS).get(mine(full.person_token)))
    shared = page.select_one("section[aria-labelledby=partage-titre]").get_text(" ", strip=True)
    assert "CCAS de Lunel" in shared
    assert "Passage en comité, jusqu’au 4\u00a0juillet 2026" in shared
    assert "Suivi ensemble, jusqu’au 4\u00a0juin 2027" in shared
    assert "mon niveau et mes formations" in shared
    kept = page.select_one("section[aria-labelledby=garde-titre]").get_text(" ", strip=True)
    assert "mon logement" in kept
    assert "mon niveau" not in kept


def test_the_person_reads_who_looked_in_which_function_and_why(full, act):
    with act() as db:
        chloe = db.get_one(type(full.chloe), full.chloe.id)
        chloe.function = "Assistante sociale"
    walking.visitor(full, "chloe").get(f"/orientations/{full.referral.id}")
    anonymous = walking.visitor(full, walking.ANONYMOUS)
    page = soup(anonymous.get(mine(full.person_token)))
    looked = page.select_one("section[aria-labelledby=regarde-titre]").get_text(" ", strip=True)
    assert "CCAS de Lunel" in looked
    assert "assistante sociale" in looked
    assert "je suis orienté·e vers elle" in looked
    assert "N’Diaye" not in looked
    again = text(anonymous.get(mine(full.person_token)))
    assert "Moi, par mon lien" in again


def test_opening_the_page_leaves_an_access_line_and_counts_the_link(visit, town, token, db):
    visit(None).get(mine(token))
    line = db.exec(select(AccessLine).where(AccessLine.route == "rights:holder")).one()
    assert (line.person_id, line.professional_id) == (town.dana.id, None)
    assert line.link_id is not None
    assert db.exec(select(Link.opened).where(Link.kind == LinkKind.PERSON)).one() == 1


def reads(db, town, name):
    found = rule.for_actor(db, actors.of_professional(db, getattr(town, name).id), [town.dana.id])
    return set(found.get(town.dana.id, {}))


def test_two_clicks_stop_sharing_with_one_agency(visit, act, town, convened, token, key):
    with act() as db:
        dana = db.get_one(type(town.dana), town.dana.id)
        small_town.agree(db, town, dana, Purpose.COMMITTEE, "greta")
    nobody = visit(None)
    page = soup(nobody.get(mine(token)))
    rows = page.select("section[aria-labelledby=partage-titre] li.row")
    [ccas] = [row for row in rows if "CCAS" in row.text]
    confirm = soup(nobody.get(ccas.select_one("a")["href"]))
    form = confirm.select_one("#arreter form")
    fields = {f["name"]: f["value"] for f in form.select("input")}
    done = nobody.post(form["action"], data=fields)
    assert "C’est fait" in text(done)
    with act() as db:
        assert reads(db, town, "chloe") == set()
        assert reads(db, town, "bruno")
        events = db.exec(
            select(ConsentEvent).where(
                col(ConsentEvent.kind).in_((EventKind.WITHDRAWN, EventKind.NARROWED))
            )
        ).all()
        assert events and all(event.professional_id is None for event in events)
        assert any('"by":"person_link"' in entry for entry in db.exec(select(AuditEntry.entry)))


def test_two_clicks_stop_everything(visit, act, town, convened, referral, token, key):
    sent = referral.sent()
    done = visit(None).post(f"{mine(token)}/arreter", data={"_key": key(), "agency": "tout"})
    assert "Rien n’est partagé" in text(done)
    assert "Après ce que j’ai arrêté" in text(done)
    with act() as db:
        assert reads(db, town, "chloe") == set()
        assert reads(db, town, "alice"), "the agency that follows the person keeps its own file"
        assert db.get_one(Referral, sent.id).status is Status.CANCELLED


def test_a_double_click_stops_once(visit, town, convened, token, key, db):
    said = {"_key": key(), "agency": "tout"}
    visit(None).post(f"{mine(token)}/arreter", data=said)
    visit(None).post(f"{mine(token)}/arreter", data=said)
    ended = db.exec(select(ConsentEvent).where(ConsentEvent.kind == EventKind.WITHDRAWN)).all()
    assert len({event.consent_id for event in ended}) == len(ended)


@pytest.mark.parametrize("agency", ["", "x", "tout "])
def test_what_to_stop_must_be_said(visit, token, key, db, agency):
    answer = visit(None).post(f"{mine(token)}/arreter", data={"_key": key(), "agency": agency})
    assert answer.status_code == 422
    assert db.exec(select(ConsentEvent).where(ConsentEvent.kind == EventKind.WITHDRAWN)).all() == []


def test_a_link_opens_one_person_and_nothing_else(visit, act, town, token):
    nobody = visit(None)
    page = nobody.get(mine(token)).text
    assert "ORTEGA" not in page
    assert nobody.get(f"/lien/{token}/orientation").status_code == 404
    assert nobody.get(f"/lien/{token}/retrait").status_code == 404
    assert nobody.get(f"/parcours/{town.journey.id}", follow_redirects=False).status_code == 303
    with act() as db:
        other = links.make(db, LinkKind.REFERRAL, agency=town.ccas.id, about=town.dana.id)
    assert nobody.get(mine(other)).status_code == 404


def test_the_same_human_being_recorded_elsewhere_is_not_shown_but_taken_back(
    visit, act, town, token, key
):
    from coordination.persons import records

    with act() as db:
        twin = records.record(
            db, agency_id=town.greta.id, given_names="Dana", usual_name="Benali",
            birth_on=small_town.date(1999, 3, 14),
        )  # fmt: skip
        small_town.agree(db, town, twin, Purpose.COMMITTEE, "elsewhere")
    page = visit(None).get(mine(token))
    assert "Cap emploi Aubrac" not in page.text
    visit(None).post(f"{mine(token)}/arreter", data={"_key": key(), "agency": "tout"})
    with act() as db:
        place = {"person_id": twin.id, "agency_id": town.elsewhere.id}
        assert rule.covered_by(db, purpose=Purpose.COMMITTEE, **place) == (0, None)


def test_a_sensitive_agency_is_named_to_the_person_it_is_their_own_page(visit, act, town, token):
    with act() as db:
        db.get_one(type(town.ccas), town.ccas.id).sensitive = True
    assert "CCAS de Lunel" in visit(None).get(mine(token)).text


def give_mail(act, town, **contact):
    with act() as db:
        identity = db.exec(
            select(PersonIdentity).where(PersonIdentity.person_id == town.dana.id)
        ).one()
        for name, value in contact.items():
            setattr(identity, name, value)


def last_token(engine, kind="*.eml"):
    worker.deliver(engine)
    folder = settings.load().mail_folder
    files = sorted(folder.parent.rglob(kind), key=lambda p: p.stat().st_mtime)
    text = "".join(p.read_text().replace("=\n", "").replace("=3D", "=") for p in files)
    return re.findall(r"/lien/([\w-]+)/mes-informations", text)[-1]


def test_the_professional_sends_the_link_and_the_mail_names_nobody(visit, act, town, engine, key):
    give_mail(act, town, email="dana@example.org")
    path = f"/parcours/{town.journey.id}/accords"
    assert "Envoyer le lien" in visit("alice").get(path).text
    done = visit("alice").post(f"{path}/lien", data={"_key": key()})
    assert "Le lien part" in done.text
    before = set(settings.load().mail_folder.glob("*.eml"))
    sent = last_token(engine)
    new = set(settings.load().mail_folder.glob("*.eml")) - before
    assert new
    for mail in new:
        assert not re.search(
            "Benali|BENALI|Dana|Mission locale", mail.read_text().split("\n\n", 1)[1]
        )
    assert "BENALI" in visit(None).get(mine(sent)).text


def test_an_expired_link_tells_nothing_and_is_renewed_where_the_person_said(
    visit, act, town, token, engine, stopped_clock
):
    give_mail(act, town, email="dana@example.org")
    stopped_clock.later(days=8)
    nobody = visit(None)
    gone = nobody.get(mine(token))
    assert gone.status_code == 410
    assert "BENALI" not in gone.text
    asked = nobody.post(f"{mine(token)}/nouveau-lien")
    unknown = nobody.post(f"{mine('never-made')}/nouveau-lien")
    assert text(asked) == text(unknown)
    fresh = last_token(engine)
    assert nobody.get(mine(fresh)).status_code == 200


def test_closed_links_open_nothing_and_are_not_renewed(visit, act, town, token, key, db):
    visit("alice").post(f"/parcours/{town.journey.id}/accords/liens-fermes", data={"_key": key()})
    assert visit(None).get(mine(token)).status_code == 410
    visit(None).post(f"{mine(token)}/nouveau-lien")
    from coordination.outbox import Notice

    assert db.exec(select(Notice).where(Notice.kind == "rights.holder_link")).all() == []


def test_the_receipt_carries_the_persons_address_as_a_code(visit, town, key, db):
    path = f"/parcours/{town.journey.id}/accords/{town.committee_consent.id}"
    printed = visit("alice").post(f"{path}/recu-acces", data={"_key": key()})
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF")
    assert db.exec(select(Link).where(Link.kind == LinkKind.PERSON)).one().about_id == town.dana.id


def test_the_code_draws_what_segno_draws():
    import segno

    from coordination.rights import qr

    address = "http://testserver/lien/abc/mes-informations"
    drawn = qr.draw(address)
    dark = set()
    for x, y, run in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path):
        dark |= {(int(x) + i, int(y)) for i in range(int(run))}
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=qr.QUIET))
    assert drawn.size == len(rows)
    assert dark == {(x, y) for y, row in enumerate(rows) for x, m in enumerate(row) if m}


def told(visit, name, town, **said):
    path = f"/parcours/{town.journey.id}/retrait"
    return visit(name).post(path, data=said, follow_redirects=False)


def test_an_agency_that_reads_the_person_records_what_they_tell_it(visit, act, town, convened, key):
    page = soup(visit("chloe").get(f"/parcours/{town.journey.id}/retrait"))
    assert "BENALI Dana" in page.text
    values = [field["value"] for field in page.select("input[name=what]")]
    assert values == ["ours", "all", "category:identity", "category:training", "category:steps"]
    unsaid = told(visit, "chloe", town, _key=key(), what="all")
    assert unsaid.status_code == 422
    assert told(visit, "chloe", town, _key=key(), what="category:housing").status_code == 422
    assert told(visit, "chloe", town, _key=key(), what="all", said="1").status_code == 303
    with act() as db:
        assert reads(db, town, "chloe") == set()
        ended = db.exec(select(ConsentEvent).where(ConsentEvent.kind == EventKind.WITHDRAWN)).all()
        assert {event.agency_id for event in ended} == {town.ccas.id}
    assert visit("chloe").get(f"/parcours/{town.journey.id}/retrait").status_code == 404


def test_what_is_told_may_be_about_that_agency_or_one_subject_only(visit, act, town, convened, key):
    assert told(visit, "chloe", town, _key=key(), what="category:training", said="1").status_code
    with act() as db:
        assert {c.value for c in reads(db, town, "chloe")} == {"identity", "steps"}
    told(visit, "chloe", town, _key=key(), what="ours", said="1")
    with act() as db:
        assert reads(db, town, "chloe") == set()


@pytest.mark.parametrize("name", ["bruno", "eva"])
def test_who_reads_nothing_of_the_person_records_nothing(visit, town, convened, key, name):
    assert visit(name).get(f"/parcours/{town.journey.id}/retrait").status_code == 404
    assert told(visit, name, town, _key=key(), what="all", said="1").status_code == 404
