"""The agenda's page and papers: who sees what, who may do what, nothing typed is lost."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlmodel import select

from coordination import assembly, clock
from coordination import db as base
from coordination.committees.agenda.propose import propose, propose_due
from coordination.committees.models import (
    AgendaItem,
    AgendaSnapshot,
    FollowUp,
    ItemState,
    Meeting,
    Section,
)
from coordination.journeys.models import Journey, JourneyState, Suspension, SuspensionCause
from coordination.journeys.touch import touch
from coordination.persons.models import PersonIdentity
from coordination.signals.models import Signal, SignalCode
from tests import town as towns
from tests.conftest import HTMX, same, soup, swapped

CANARY = "CANARI"


@pytest.fixture
def at(town):
    return f"/seances/{town.meeting.id}/ordre-du-jour"


@pytest.fixture
def scene(db, town):
    """Dana (agreed for the ccas) and Sami (agreed to nothing), both named like the canary, both
    with an alert; an end of journey of the training body; an action about Sami."""
    for person in (town.dana, town.sami):
        found = select(PersonIdentity).where(PersonIdentity.person_id == person.id)
        db.exec(found).one().usual_name = f"{CANARY} {person.reference}"
    ines = towns.person(db, town, "Inès", CANARY, clock.today(), agency="greta")
    town.ines_journey = towns.journey(db, town, ines, number="J-0009", ends_in=20)
    for journey, score in ((town.journey, 3.0), (town.sami_journey, 2.0)):
        db.add(Signal(journey_id=journey.id, person_id=journey.person_id,
                      agency_id=journey.agency_id, code=SignalCode.SANS_CONTACT,
                      subject_id=journey.id, since_on=clock.today(), score=score,
                      sentence="Aucun contact depuis 42 jours"))  # fmt: skip
    before = clock.now() - timedelta(days=50)
    past = Meeting(committee_id=town.committee.id, year=2026, number=90, starts_at=before,
                   ends_at=before + timedelta(hours=2), state="adjourned")  # fmt: skip
    db.add(past)
    db.flush()
    db.add(FollowUp(committee_id=town.committee.id, meeting_id=past.id, agency_id=town.greta.id,
                    what=f"Rappeler {CANARY} Sami", person_id=town.sami.id, confirmed=True,
                    due_on=clock.today()))  # fmt: skip
    propose(db, db.get_one(Meeting, town.meeting.id))
    db.commit()
    return town


@pytest.fixture
def frozen(scene, visit, at, key):
    sophie = visit("sophie")
    assert sophie.post(f"{at}/tout-retenir", data={"_key": key()}).status_code == 200
    assert sophie.post(f"{at}/figer", data={"_key": key()}).status_code == 200
    return scene


def look(engine, wanted):
    with base.reading(engine) as db:
        return db.exec(wanted).all()


def items(engine, town):
    found = look(engine, select(AgendaItem).where(AgendaItem.meeting_id == town.meeting.id))
    return {item.journey_id or item.follow_up_id or item.title: item for item in found}


def words(response):
    assert response.headers["content-type"] == "application/pdf"
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


def test_the_secretary_asks_for_the_proposal_and_sees_why(visit, at, key, scene):
    sophie = visit("sophie")
    response = sophie.post(f"{at}/proposer", data={"_key": key()})
    page = soup(response)
    assert response.status_code == 200
    titles = [h.get_text(" ", strip=True) for h in page.select(".agenda-section")]
    assert [t.rsplit(" ", 1)[0] for t in titles] == [
        "Suites de la dernière séance",
        "Revue des fins de parcours",
        "Situations à examiner",
        "Partenariat",
    ]
    assert "Proposé car\u202f: Aucun contact depuis 42 jours." in page.get_text(" ", strip=True)
    assert "34\u00a0min sur 3\u00a0h" in page.select_one(".agenda-budget").get_text()


def test_a_look_at_the_page_writes_nothing(visit, at, scene, engine):
    before = items(engine, scene)
    assert visit("sophie").get(at).status_code == 200
    assert items(engine, scene) == before


@pytest.mark.parametrize("who", ["sophie", "paul", "bruno"])
def test_before_freezing_no_one_without_an_agreement_reads_a_name(visit, at, scene, who):
    page = visit(who).get(at).text
    own = page.count(CANARY)
    assert own == (0 if who != "bruno" else page.count(f"{CANARY} Inès"))


def test_once_frozen_each_member_reads_the_names_that_an_agreement_opens(visit, at, frozen):
    dana, sami = (f"{CANARY} {p.reference}" for p in (frozen.dana, frozen.sami))
    expected = {"alice": (True, True), "chloe": (True, False), "bruno": (False, False),
                "sophie": (False, False), "paul": (False, False)}  # fmt: skip
    for who, (reads_dana, reads_sami) in expected.items():
        page = visit(who).get(at).text
        assert (dana in page, sami in page) == (reads_dana, reads_sami), who
        assert ("Rappeler" in page) is (who == "alice")


@pytest.mark.parametrize("who", ["sophie", "alice", "chloe", "bruno"])
def test_the_printed_agenda_and_the_sheet_name_nobody_without_everyones_agreement(
    visit, at, frozen, who
):
    browser = visit(who)
    printed = words(browser.get(f"{at}.pdf"))
    sheet = words(browser.get(f"/seances/{frozen.meeting.id}/emargement.pdf"))
    assert CANARY not in printed + sheet
    assert "Situation n° 1" in printed.replace("\u00a0", " ")
    assert "MARTIN Alice" in sheet
    assert "Observateurs" in sheet


def test_the_kept_version_names_nobody_and_bears_its_hash(frozen, engine):
    (kept,) = look(engine, select(AgendaSnapshot))
    assert kept.number == 1
    assert len(kept.sha256) == 64
    assert CANARY not in str(kept.content)
    numbers = [line["number"] for part in kept.content["sections"] for line in part["items"]]
    assert numbers == [1, 2, 3, 4, 5]


def test_what_appears_and_vanishes_inside_a_day_leaves_no_trace_once_frozen(frozen, engine):
    """A pause that passes its resumption, then is over, the same day: raised, then gone."""
    every = select(AgendaItem).where(AgendaItem.meeting_id == frozen.meeting.id)
    order = every.order_by(AgendaItem.rank, AgendaItem.id)
    before = [item.model_dump() for item in look(engine, order)]
    closers = assembly.CLOSERS
    with base.transaction(engine, closers) as db:
        journey = db.get_one(Journey, frozen.sami_journey.id)
        pause = Suspension(journey_id=journey.id, from_on=clock.today() - timedelta(days=9),
                           planned_resume_on=clock.today() - timedelta(days=1),
                           cause=SuspensionCause.OTHER)  # fmt: skip
        db.add(pause)
        journey.state = JourneyState.SUSPENDED
        touch(db, journey.id)
        key = pause.id
    raised = select(Signal).where(Signal.code == SignalCode.REPRISE_DEPASSEE)
    assert [signal.ended_at for signal in look(engine, raised)] == [None]
    with base.transaction(engine, closers) as db:
        row = db.get_one(Suspension, key)
        row.ended_on = clock.today()
        db.get_one(Journey, frozen.sami_journey.id).state = JourneyState.ENTERED
        touch(db, frozen.sami_journey.id)
    (signal,) = look(engine, raised)
    assert signal.ended_at is not None
    assert propose_due(engine, closers) == 0
    assert [item.model_dump() for item in look(engine, order)] == before
    (kept,) = look(engine, select(AgendaSnapshot))
    assert "reprise prévue" not in str(kept.content)


def test_a_member_sees_before_freezing_only_what_their_agency_carries(visit, at, scene):
    page = soup(visit("bruno").get(at)).get_text(" ")
    assert "Revue des fins" in page
    assert "Situations à examiner" not in page
    assert visit("bruno").get(f"{at}.pdf").status_code == 404


def test_refusing_needs_a_reason_and_keeps_nothing_without(visit, at, key, scene, engine):
    item = items(engine, scene)[scene.journey.id]
    sophie = visit("sophie")
    send = {"verb": "refuse", "_version": item.version}
    answer = sophie.post(f"{at}/points/{item.id}", data=send | {"_key": key(), "reason": " "})
    assert answer.status_code == 422
    assert "Dites pourquoi" in soup(answer).select_one(".error-summary").get_text()
    assert items(engine, scene)[scene.journey.id].state is ItemState.PROPOSED
    answer = sophie.post(
        f"{at}/points/{item.id}", data=send | {"_key": key(), "reason": "Vu lundi"}
    )
    assert answer.status_code == 200
    left = items(engine, scene)[scene.journey.id]
    assert (left.state, left.reason) == (ItemState.REFUSED, "Vu lundi")


def test_two_secretaries_the_second_is_told_and_loses_nothing(visit, at, key, scene, engine):
    item = items(engine, scene)[scene.journey.id]
    address = f"{at}/points/{item.id}"
    first = {"verb": "accept", "_version": item.version, "_key": key()}
    assert visit("sophie").post(address, data=first).status_code == 200
    late = {"verb": "refuse", "_version": item.version, "_key": key(), "reason": "Déjà suivi"}
    answer = visit("paul").post(address, data=late)
    assert answer.status_code == 409
    page = soup(answer)
    assert "Déjà suivi" in page.select_one(".versions").get_text()
    assert page.select_one("#f-reason")["value"] == "Déjà suivi"
    assert items(engine, scene)[scene.journey.id].state is ItemState.ACCEPTED


def ranked(engine, town):
    found = [i for i in items(engine, town).values() if i.section is Section.SITUATIONS]
    return [i.journey_id for i in sorted(found, key=lambda i: i.rank)]


def version(browser, at):
    return soup(browser.get(at)).select_one("form input[name=_version]")["value"]


def test_points_are_ordered_by_drag(visit, at, key, scene, engine):
    sophie = visit("sophie")
    found = items(engine, scene)
    wanted = [scene.sami_journey.id, scene.journey.id]
    ids = ",".join(str(found[j].id) for j in wanted)
    data = {"_key": key(), "_version": version(sophie, at), "order": ids}
    assert sophie.post(f"{at}/ordre", data=data, headers=HTMX).status_code == 200
    assert ranked(engine, scene) == wanted


def test_points_are_ordered_by_keyboard_without_javascript(visit, at, key, scene, engine):
    sophie = visit("sophie")
    item = items(engine, scene)[scene.sami_journey.id]
    data = {"_key": key(), "_version": version(sophie, at), "order": "", "up": str(item.id)}
    answer = sophie.post(f"{at}/ordre", data=data)
    assert answer.status_code == 200
    assert ranked(engine, scene) == [scene.sami_journey.id, scene.journey.id]
    data = {"_key": key(), "_version": version(sophie, at), "order": "", "down": str(item.id)}
    sophie.post(f"{at}/ordre", data=data)
    assert ranked(engine, scene) == [scene.journey.id, scene.sami_journey.id]


def test_an_order_made_on_an_older_page_is_told_so(visit, at, key, scene, engine):
    sophie = visit("sophie")
    old = version(sophie, at)
    up = str(items(engine, scene)[scene.sami_journey.id].id)
    sophie.post(f"{at}/ordre", data={"_key": key(), "_version": old, "up": up})
    answer = visit("paul").post(f"{at}/ordre", data={"_key": key(), "_version": old, "up": up})
    assert answer.status_code == 409


def test_after_freezing_the_order_stands(visit, at, key, frozen, engine):
    sophie = visit("sophie")
    item = items(engine, frozen)[frozen.sami_journey.id]
    data = {"_key": key(), "_version": version(sophie, at), "up": str(item.id)}
    assert sophie.post(f"{at}/ordre", data=data).status_code == 409
    assert not soup(sophie.get(at)).select("[data-sortable]")


@pytest.mark.parametrize(
    ("path", "send"),
    [("", {}), ("/proposer", {}), ("/tout-retenir", {}), ("/figer", {}), ("/ordre", {"up": "x"}),
     ("/points", {"title": "T", "section": "partnership", "minutes": "5"})],
)  # fmt: skip
def test_a_stranger_finds_nothing_and_nobody_enters_unknown(visit, at, key, scene, path, send):
    eva = visit("eva")
    if path == "":
        assert eva.get(at).status_code == 403  # sits on no committee at all
        assert visit(None).get(at, follow_redirects=False).status_code == 303
        return
    data = send | {"_key": key()}
    assert eva.post(at + path, data=data).status_code == 403
    for member in ("alice", "bruno"):
        assert visit(member).post(at + path, data=data | {"_key": key()}).status_code == 403


def test_the_secretary_of_another_committee_finds_nothing(visit, at, scene, db, key):
    from coordination.agencies.models import Grant, Role

    db.add(Grant(professional_id=scene.eva.id, role=Role.SECRETARY, scope_id=scene.mde.id,
                 from_on=clock.today()))  # fmt: skip
    db.commit()
    eva = visit("eva")
    assert eva.get(at).status_code == 404
    assert eva.get(f"{at}.pdf").status_code == 404
    assert eva.post(f"{at}/proposer", data={"_key": key()}).status_code == 404


def test_a_point_of_another_meeting_does_not_exist_here(visit, key, scene, engine, db):
    starts = scene.meeting.starts_at + timedelta(days=60)
    other = Meeting(committee_id=scene.committee.id, year=2026, number=2, starts_at=starts,
                    ends_at=starts + timedelta(hours=2))  # fmt: skip
    db.add(other)
    db.commit()
    item = items(engine, scene)[scene.journey.id]
    address = f"/seances/{other.id}/ordre-du-jour/points/{item.id}"
    answer = visit("sophie").post(address, data={"_key": key(), "verb": "accept"})
    assert answer.status_code == 404


def test_the_training_body_answers_for_its_own_ends_only(visit, at, key, scene, engine):
    line = next(i for i in items(engine, scene).values() if i.section is Section.ENDS)
    address = f"{at}/fins/{line.id}"
    send = {"review": "to_examine"}
    assert visit("alice").post(address, data=send | {"_key": key()}).status_code == 404
    assert visit("bruno").post(address, data={"review": "no", "_key": key()}).status_code == 422
    answer = visit("bruno").post(address, data=send | {"_key": key()})
    assert "À examiner en séance" in soup(answer).select_one(".agenda-title .badge").get_text()
    (journey,) = look(engine, select(Journey).where(Journey.id == scene.ines_journey.id))
    assert journey.review == "to_examine"


def test_a_late_point_needs_a_reason_and_takes_the_next_number(visit, at, key, frozen, engine):
    sophie = visit("sophie")
    data = {"title": "Visite de la plateforme", "section": "partnership", "minutes": "15"}
    answer = sophie.post(f"{at}/points", data=data | {"_key": key()})
    assert answer.status_code == 422
    assert soup(answer).select_one("#f-title")["value"] == data["title"]
    sophie.post(f"{at}/points", data=data | {"_key": key(), "reason": "Invitée hier"})
    late = items(engine, frozen)["Visite de la plateforme"]
    assert (late.number, late.reason) == (6, "Invitée hier")
    assert len(look(engine, select(AgendaSnapshot))) == 2


def test_a_withdrawn_point_stays_marked_with_its_number(visit, at, key, frozen, engine):
    item = items(engine, frozen)[frozen.journey.id]
    data = {"verb": "withdraw", "_version": item.version, "_key": key(), "reason": "A trouvé"}
    page = soup(visit("sophie").post(f"{at}/points/{item.id}", data=data))
    line = page.select_one(f"#point-{item.id}")
    assert "is-withdrawn" in line["class"]
    assert line.select_one(".agenda-number").get_text() == str(item.number)


def test_minutes_are_set_and_the_total_follows(visit, at, key, scene, engine):
    item = items(engine, scene)[scene.journey.id]
    data = {"verb": "minutes", "_version": item.version, "_key": key(), "minutes": "25"}
    page = soup(visit("sophie").post(f"{at}/points/{item.id}", data=data))
    assert "49\u00a0min" in page.select_one(".agenda-budget").get_text()
    data |= {"_key": key(), "_version": item.version + 1, "minutes": "999"}
    answer = visit("sophie").post(f"{at}/points/{item.id}", data=data)
    assert answer.status_code == 422
    assert soup(answer).select_one("#f-minutes")["value"] == "999"


def test_the_page_after_a_swap_equals_the_page_reloaded(visit, at, key, scene, engine):
    sophie = visit("sophie")
    before = soup(sophie.get(at))
    item = items(engine, scene)[scene.journey.id]
    data = {"verb": "accept", "_version": item.version, "_key": key()}
    part = soup(sophie.post(f"{at}/points/{item.id}", data=data, headers=HTMX))
    assert same(swapped(before, part)) == same(soup(sophie.get(at)))


def test_a_title_is_shown_as_typed_never_as_markup(visit, at, key, scene):
    data = {"title": "<script>alert(1)</script> l’été", "section": "partnership", "minutes": "5"}
    page = visit("sophie").post(f"{at}/points", data=data | {"_key": key()})
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_page_asks_the_same_number_of_questions_however_long_the_agenda(
    visit, at, scene, counting, db
):
    sophie = visit("sophie")
    sophie.get(at)
    counting.clear()
    sophie.get(at)
    few = len(counting)
    for rank in range(10):
        who = towns.person(db, scene, f"Autre{rank}", f"Autre{rank}", clock.today())
        journey = towns.journey(db, scene, who, number=f"J-4{rank:03}")
        db.add(AgendaItem(meeting_id=scene.meeting.id, section=Section.SITUATIONS, rank=50 + rank,
                          journey_id=journey.id, person_id=who.id,
                          agency_id=scene.mission.id))  # fmt: skip
    db.commit()
    counting.clear()
    assert len(soup(sophie.get(at)).select(".agenda-item")) > 10
    assert len(counting) == few
