"""The pages of agreements: one screen to record, to show, to take back."""

import io

from pypdf import PdfReader
from sqlmodel import select

from coordination.consent import rule
from coordination.consent.models import Consent, ConsentEvent, EventKind, Purpose
from coordination.files import File
from coordination.outbox import Notice
from coordination.persons.categories import Category, bits
from tests.conftest import HTMX, same, soup, swapped

PDF = b"%PDF-1.7 signed"
LEAST = bits({Category.IDENTITY, Category.TRAINING, Category.STEPS})


def here(town, journey=None):
    return f"/parcours/{(journey or town.sami_journey).id}/accords"


def said(town, key, **changes):
    given = {
        "phrase": "comite",
        "choisi": "1",
        "recipients": [str(town.ccas.id)],
        "categories": ["identity", "training", "steps"],
        "months": "12",
        "way": "paper",
        "on": "2026-06-04",
        "expressed_by": "person",
        "attested": "1",
        "_key": key(),
    }
    return given | changes


def proof(content=PDF, name="accord.pdf"):
    return {"proof": (name, content, "application/pdf")}


def consents(db, person):
    return looked(db, select(Consent).where(Consent.person_id == person.id))


def looked(db, wanted):
    """Rows, without keeping the base from those who write."""
    found = db.exec(wanted).all()
    db.commit()
    return found


def covered(db, person, agency, purpose=Purpose.COMMITTEE):
    found = rule.covered_by(db, person_id=person.id, agency_id=agency.id, purpose=purpose)[0]
    db.commit()
    return found


def test_the_page_prefills_the_agencies_of_the_committee_and_the_least_categories(visit, town):
    page = soup(visit("alice").get(here(town)))
    names = {i["value"] for i in page.select("input[name=recipients][checked]")}
    assert names == {str(town.greta.id), str(town.ccas.id), str(town.mde.id)}
    chosen = {i["value"] for i in page.select("input[name=categories][checked]")}
    assert chosen == {"identity", "training", "steps"}


def test_the_preview_shows_the_values_that_would_be_read_and_nothing_else(visit, town):
    address = f"{here(town)}/apercu?phrase=suivi&choisi=1&recipients={town.ccas.id}"
    part = soup(visit("alice").get(address + "&categories=identity", headers=HTMX))
    assert "CCAS de Lunel" in part.select_one("#apercu").text
    assert "ORTEGA Sami" in part.text
    assert "Déclic" not in part.text
    assert "html" not in {tag.name for tag in part.find_all(recursive=False)}


def test_the_page_after_the_preview_equals_the_page_reloaded(visit, town):
    alice = visit("alice")
    address = f"{here(town)}/apercu?phrase=comite&choisi=1&recipients={town.ccas.id}"
    address += "&categories=identity&months=6"
    before = soup(alice.get(address.replace("categories=identity", "categories=steps")))
    part = soup(alice.get(address, headers=HTMX))
    reloaded = soup(alice.get(address))
    assert str(swapped(before, part).select_one("#apercu")) == str(reloaded.select_one("#apercu"))
    assert same(reloaded)


def test_a_signed_form_attached_is_confirmed_at_once(visit, town, db, key):
    answer = visit("alice").post(
        here(town), data=said(town, key), files=proof(), follow_redirects=False
    )
    assert answer.status_code == 303
    assert covered(db, town.sami, town.ccas) == LEAST
    [made] = consents(db, town.sami)
    assert made.notice_sha256
    [kept] = looked(db, select(File))
    assert kept.agency_id == town.mission.id
    page = visit("alice").get(answer.headers["location"])
    assert "En vigueur" in page.text
    assert "CCAS de Lunel" in page.text


def test_a_form_to_attach_later_opens_nothing_until_it_is_attached(visit, town, db, key):
    alice = visit("alice")
    answer = alice.post(here(town), data=said(town, key, way="later"), follow_redirects=False)
    assert covered(db, town.sami, town.ccas) == 0
    one = answer.headers["location"]
    assert "à confirmer" in alice.get(one).text
    refused = alice.post(f"{one}/confirmer", data={"_key": key()})
    assert refused.status_code == 422
    assert "Joignez le formulaire signé" in refused.text
    alice.post(f"{one}/confirmer", data={"_key": key()}, files=proof())
    assert covered(db, town.sami, town.ccas) == LEAST


def test_an_oral_agreement_holds_thirty_days_and_asks_for_its_signature(
    visit, town, db, key, stopped_clock
):
    words = "Oui, parlez-en au CCAS avec moi."
    answer = visit("alice").post(
        here(town), data=said(town, key, way="oral", words_used=words), follow_redirects=False
    )
    assert answer.status_code == 303
    assert covered(db, town.sami, town.ccas) == LEAST
    [asked] = looked(db, select(Notice).where(Notice.kind == "rights.proof_asked"))
    assert asked.professional_id == town.alice.id
    assert (asked.due_at - stopped_clock.now).days == 20
    stopped_clock.later(days=31)
    assert covered(db, town.sami, town.ccas) == 0


def test_an_oral_agreement_needs_its_words_and_nothing_typed_is_lost(visit, town, db, key):
    answer = visit("alice").post(here(town), data=said(town, key, way="oral", words_used="oui"))
    assert answer.status_code == 422
    assert consents(db, town.sami) == []
    page = soup(answer)
    assert page.select_one("#f-words_used").text.strip() == "oui"
    assert [i["value"] for i in page.select("input[name=recipients][checked]")] == [
        str(town.ccas.id)
    ]


def test_without_the_attestation_nothing_is_kept(visit, town, db, key):
    answer = visit("alice").post(here(town), data=said(town, key, attested=""), files=proof())
    assert answer.status_code == 422
    assert "Attestez" in answer.text
    assert consents(db, town.sami) == []


def test_a_proof_that_is_no_document_is_refused(visit, town, db, key):
    answer = visit("alice").post(here(town), data=said(town, key), files=proof(b"MZ\x90", "a.pdf"))
    assert answer.status_code == 422
    assert "PDF ou une image" in answer.text
    assert consents(db, town.sami) == []


def test_nobody_and_nothing_chosen_means_nothing(visit, town, db, key):
    alice = visit("alice")
    for changes in ({"recipients": []}, {"categories": []}, {"recipients": [str(town.mission.id)]}):
        answer = alice.post(here(town), data=said(town, key, **changes), files=proof())
        assert answer.status_code == 422, changes
    assert consents(db, town.sami) == []


def test_dates_that_do_not_exist_or_lie_ahead_are_said(visit, town, db, key):
    alice = visit("alice")
    for day in ("2026-02-31", "12026-01-01", "2026-06-05", "2020-01-01"):
        answer = alice.post(here(town), data=said(town, key, on=day), files=proof())
        assert answer.status_code == 422, day
    assert consents(db, town.sami) == []


def test_the_same_form_sent_twice_makes_one_agreement(visit, town, db, key):
    alice, form = visit("alice"), said(town, key)
    for _ in range(2):
        alice.post(here(town), data=form, files=proof())
    assert len(consents(db, town.sami)) == 1


def test_a_form_opened_before_another_change_is_stale(visit, town, db, key):
    alice = visit("alice")
    version = soup(alice.get(here(town))).select_one("input[name=_version]")["value"]
    alice.post(here(town), data=said(town, key, _version=version), files=proof())
    late = alice.post(here(town), data=said(town, key, _version=version), files=proof())
    assert late.status_code == 409
    assert len(consents(db, town.sami)) == 1


def test_a_refusal_wins_and_must_be_lifted_before_an_agreement(visit, town, db, key):
    alice = visit("alice")
    alice.post(here(town) + "/refus", data=said(town, key, attested=""))
    [refused] = consents(db, town.sami)
    blocked = alice.post(here(town), data=said(town, key), files=proof())
    assert blocked.status_code == 422
    assert "a refusé ce partage avec" in blocked.text
    alice.post(f"{here(town)}/{refused.id}/lever", data={"_key": key()})
    alice.post(here(town), data=said(town, key), files=proof())
    assert covered(db, town.sami, town.ccas) == LEAST


def test_one_agency_is_taken_back_and_only_that_one(visit, town, db, key):
    alice = visit("alice")
    both = [str(town.ccas.id), str(town.greta.id)]
    answer = alice.post(
        here(town), data=said(town, key, recipients=both), files=proof(), follow_redirects=False
    )
    one = answer.headers["location"]
    alice.post(f"{one}/retirer", data={"what": f"agency:{town.ccas.id}", "_key": key()})
    assert covered(db, town.sami, town.ccas) == 0
    assert covered(db, town.sami, town.greta) == LEAST
    assert "Restreint" in alice.get(one).text


def test_one_subject_is_taken_back_and_only_that_one(visit, town, db, key):
    alice = visit("alice")
    one = alice.post(
        here(town), data=said(town, key), files=proof(), follow_redirects=False
    ).headers["location"]
    alice.post(f"{one}/retirer", data={"what": "category:training", "_key": key()})
    assert covered(db, town.sami, town.ccas) == LEAST & ~Category.TRAINING.bit


def test_what_is_taken_back_must_be_said(visit, town, key):
    one = f"{here(town, town.journey)}/{town.committee_consent.id}"
    for what in ("", "agency:x", "category:justice", "agency:"):
        answer = visit("alice").post(f"{one}/retirer", data={"what": what, "_key": key()})
        assert answer.status_code == 422, what


def test_a_withdrawn_agreement_cannot_be_confirmed_or_renewed(visit, town, db, key):
    alice = visit("alice")
    one = f"{here(town, town.journey)}/{town.committee_consent.id}"
    alice.post(f"{one}/retirer", data={"what": "whole", "_key": key()})
    again = alice.post(f"{one}/confirmer", data={"_key": key()}, files=proof())
    assert again.status_code == 409
    renewed = alice.post(f"{one}/renouveler", data=said(town, key), files=proof())
    assert renewed.status_code == 409
    assert covered(db, town.dana, town.ccas) == 0


def test_renewing_waits_for_its_form_while_what_was_signed_holds(
    visit, town, db, key, stopped_clock
):
    alice = visit("alice")
    one = alice.post(
        here(town), data=said(town, key, months="3"), files=proof(), follow_redirects=False
    ).headers["location"]
    stopped_clock.later(days=80)
    kept = said(town, key, way="later", months="24")
    assert alice.post(f"{one}/renouveler", data=kept).status_code == 200
    assert covered(db, town.sami, town.ccas) == LEAST
    stopped_clock.later(days=20)
    assert covered(db, town.sami, town.ccas) == 0
    alice.post(f"{one}/confirmer", data={"_key": key()}, files=proof())
    assert covered(db, town.sami, town.ccas) == LEAST


def test_everything_is_taken_back_at_once(visit, town, db, key):
    alice = visit("alice")
    alice.post(here(town, town.journey) + "/retirer", data={"_key": key()})
    assert covered(db, town.dana, town.ccas) == 0
    assert covered(db, town.dana, town.ccas, Purpose.REFERRAL) == 0
    kinds = looked(db, select(ConsentEvent).where(ConsentEvent.kind == EventKind.WITHDRAWN))
    assert len(kinds) == 2


def test_the_form_to_sign_is_one_page_with_names_words_rights_and_the_hash_of_the_notice(
    visit, town
):
    answer = visit("alice").get(here(town, town.journey) + "/formulaire.pdf?phrase=comite")
    assert answer.headers["content-type"] == "application/pdf"
    assert "Benali" not in answer.headers["content-disposition"]
    pages = PdfReader(io.BytesIO(answer.content)).pages
    assert len(pages) == 1
    words = " ".join(pages[0].extract_text().split())
    for expected in (
        "BENALI Dana",
        "CCAS de Lunel",
        "4 juin 2027",
        "libre de refuser",
        "retirer mon accord",
        "2026-1",
        "SHA-256",
    ):
        assert expected in words, expected
    assert "Mission locale du Lodévois" in words


def test_receipts_say_what_was_given_then_taken_back_and_the_discreet_one_names_nobody(
    visit, town, key
):
    alice = visit("alice")
    one = f"{here(town, town.journey)}/{town.committee_consent.id}"
    given = _words(alice.get(f"{one}/recu.pdf"))
    assert "BENALI Dana" in given
    assert "CCAS de Lunel" in given
    alice.post(f"{one}/retirer", data={"what": "whole", "_key": key()})
    taken = _words(alice.get(f"{one}/recu.pdf"))
    assert "a pris fin" in taken
    discreet = _words(alice.get(f"{one}/recu.pdf?discret=1"))
    assert "a pris fin" in discreet
    for name in ("BENALI", "Dana", "CCAS", "Mission locale"):
        assert name not in discreet


def _words(answer):
    assert answer.status_code == 200
    reader = PdfReader(io.BytesIO(answer.content))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_the_proof_comes_back_as_it_was_sent_and_never_inside_our_pages(visit, town, key):
    alice = visit("alice")
    one = alice.post(
        here(town), data=said(town, key), files=proof(), follow_redirects=False
    ).headers["location"]
    answer = alice.get(f"{one}/preuve")
    assert answer.content == PDF
    assert answer.headers["content-disposition"].startswith("attachment")


def test_for_a_stranger_none_of_it_exists(visit, town, key):
    one = f"{here(town, town.journey)}/{town.committee_consent.id}"
    for name in ("eva", "chloe", "bruno"):
        stranger = visit(name)
        for path in ("", "/apercu", "/formulaire.pdf"):
            assert stranger.get(here(town, town.journey) + path).status_code == 404, (name, path)
        for path in ("", "/recu.pdf", "/preuve"):
            assert stranger.get(one + path).status_code == 404, (name, path)
        for path in ("/retirer", "/confirmer", "/renouveler", "/lever"):
            assert stranger.post(one + path, data={"_key": key()}).status_code == 404, path
        for path in ("", "/refus", "/retirer"):
            sent = stranger.post(here(town, town.journey) + path, data=said(town, key))
            assert sent.status_code == 404, path


def test_the_consent_of_another_person_is_not_found_here(visit, town):
    other = f"{here(town)}/{town.committee_consent.id}"
    assert visit("alice").get(other).status_code == 404


def test_who_looks_at_figures_may_not_and_who_is_not_signed_in_is_asked_to(visit, town):
    assert visit("regine").get(here(town)).status_code == 403
    sent = visit(None).get(here(town), follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/connexion")


def test_under_fifteen_a_parent_is_named_and_the_minor_agrees_too(visit, town, db, key):
    from coordination.persons.models import PersonIdentity

    identity = db.exec(select(PersonIdentity).where(PersonIdentity.person_id == town.sami.id)).one()
    identity.birth_on = town.today.replace(year=town.today.year - 14)
    db.add(identity)
    db.commit()
    alice = visit("alice")
    assert "Moins de 15 ans" in alice.get(here(town)).text
    parent = {"expressed_by": "parent", "expressed_name": "ORTEGA Luz"}
    for changes in ({}, {"expressed_by": "parent"}, parent):
        answer = alice.post(here(town), data=said(town, key, **changes), files=proof())
        assert answer.status_code == 422, changes
    answer = alice.post(here(town), data=said(town, key, **parent, minor_agreed="1"), files=proof())
    assert answer.status_code == 200
    assert "ORTEGA Luz" in answer.text
    assert covered(db, town.sami, town.ccas) == LEAST


def test_what_a_parent_said_stops_at_eighteen(visit, town, db, key):
    from coordination.rights.agreements import until_on

    born = town.today.replace(year=town.today.year - 17)
    assert until_on(born, "parent", start=town.today, months=24).isoformat() == "2027-06-03"
    assert until_on(born, "person", start=town.today, months=24).isoformat() == "2028-06-04"


def test_the_page_costs_the_same_with_ten_agreements(visit, town, db, counting):
    from coordination.consent.models import Collected

    alice = visit("alice")
    alice.get(here(town, town.journey))
    counting.clear()
    alice.get(here(town, town.journey))
    few = len(counting)
    from coordination.consent import events

    for _ in range(10):
        events.give(
            db, db.get(type(town.dana), town.dana.id), purpose=Purpose.FOLLOW_UP,
            recipients=[town.greta.id], categories=[Category.IDENTITY],
            actor=town.actor("alice"), collected=Collected.PAPER, attested=True,
        )  # fmt: skip
    db.commit()
    counting.clear()
    alice.get(here(town, town.journey))
    assert len(counting) == few


def test_a_name_with_markup_is_shown_as_text(visit, town, db, key):
    answer = visit("alice").post(
        here(town),
        data=said(town, key, way="oral", words_used="<script>alert(1)</script> d’accord"),
    )
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert" in answer.text
