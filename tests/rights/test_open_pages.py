"""A page left open when someone takes back their agreement: its next exchange asks for all of it
again, and what was typed is kept."""

import pytest

from coordination.committees.models import MeetingState
from coordination.persons.models import Person
from coordination.web import sharing
from tests import walking
from tests.conftest import HTMX, soup


@pytest.fixture(name="full")
def _full(engine, town, again):
    return again("full", lambda: walking.full(engine, town))


def opened(client, path):
    """The page as a browser keeps it: (its page, the headers of its next exchange)."""
    answer = client.get(path)
    assert answer.status_code == 200
    meta = soup(answer).select_one("meta[name=sharing]")
    return answer, HTMX | ({"X-Sharing": meta["content"]} if meta else {})


def take_back(full, key="take-back-key"):
    path = f"/parcours/{full.journey.id}/accords/retirer"
    answer = walking.visitor(full, "alice").post(path, data={"_key": key})
    assert answer.status_code == 303


PAGES = {
    "journey": lambda full: f"/parcours/{full.journey.id}",
    "referral": lambda full: f"/orientations/{full.referral.id}",
    "agenda": lambda full: f"/seances/{full.open.id}/ordre-du-jour",
    "in session": lambda full: f"/seances/{full.open.id}/en-seance",
    "minutes": lambda full: f"/seances/{full.held.id}/releve",
}


@pytest.mark.parametrize("name", PAGES)
def test_the_next_exchange_of_an_open_page_asks_for_the_page_again(full, name):
    chloe, path = walking.visitor(full, "chloe"), PAGES[name](full)
    page, carried = opened(chloe, path)
    assert "BENALI" in page.text
    assert "HX-Refresh" not in chloe.get(path, headers=carried).headers
    take_back(full)
    stale = chloe.get(path, headers=carried)
    assert (stale.status_code, stale.headers["HX-Refresh"], stale.text) == (200, "true", "")
    again = chloe.get(path)
    assert "BENALI" not in again.text


def test_the_rooms_screen_is_asked_for_again(full):
    sophie, path = walking.visitor(full, "sophie"), f"/seances/{full.open.id}/ecran"
    with_all = sharing.seal  # the screen names nobody in the town: carry Dana as if it had
    from coordination import db

    with db.reading(full.engine) as session:
        carried = HTMX | {"X-Sharing": with_all(session, [full.dana.id])}
    assert "HX-Refresh" not in sophie.get(path, headers=carried).headers
    take_back(full)
    assert sophie.get(path, headers=carried).headers["HX-Refresh"] == "true"


def test_a_part_brings_the_seal_of_whom_it_shows_and_of_whom_the_page_showed(full):
    chloe, path = walking.visitor(full, "chloe"), f"/seances/{full.open.id}/en-seance"
    _, carried = opened(chloe, path)
    part = chloe.get(path, headers=carried)
    assert full.dana.id in sharing.opened(part.headers["X-Sharing"])


def test_the_seal_tells_nothing_to_who_carries_it(full):
    _, carried = opened(walking.visitor(full, "chloe"), f"/parcours/{full.journey.id}")
    assert str(full.dana.id) not in carried["X-Sharing"]
    assert full.dana.id.hex not in carried["X-Sharing"]
    assert list(sharing.opened(carried["X-Sharing"])) == [full.dana.id]


@pytest.mark.parametrize("forged", ["", "x", "gAAAAA=="])
def test_a_seal_that_is_not_ours_only_asks_for_the_page_again(full, forged):
    path = f"/parcours/{full.journey.id}"
    answer = walking.visitor(full, "chloe").get(path, headers=HTMX | {"X-Sharing": forged})
    assert answer.headers.get("HX-Refresh") == ("true" if forged else None)


def test_a_page_that_names_nobody_carries_nothing(full):
    page, carried = opened(walking.visitor(full, "bruno"), f"/seances/{full.open.id}/en-seance")
    assert "BENALI" not in page.text
    assert "X-Sharing" not in carried


def move(client, full, verb, carried, **fields):
    path = f"/orientations/{full.referral.id}/{verb}"
    said = {"_key": f"key-of-{verb}", "_version": str(full.referral.version)} | fields
    return client.post(path, data=said, headers=carried)


def test_a_gesture_made_on_an_open_page_is_kept_and_the_page_asked_for_again(full, act):
    chloe = walking.visitor(full, "chloe")
    _, carried = opened(chloe, f"/orientations/{full.referral.id}")
    with act() as db:  # something else is shared: the referral still stands
        db.get_one(Person, full.dana.id).sharing_version += 1
    answer = move(chloe, full, "prendre-en-compte", carried)
    assert answer.headers["HX-Refresh"] == "true"
    assert "prise en compte" in chloe.get(f"/orientations/{full.referral.id}").text.lower()


def test_a_refused_form_keeps_what_was_typed_and_all_around_it_is_made_again(full, act):
    chloe = walking.visitor(full, "chloe")
    _, carried = opened(chloe, f"/orientations/{full.referral.id}?geste=refuser")
    with act() as db:
        db.get_one(Person, full.dana.id).sharing_version += 1
    answer = move(chloe, full, "refuser", carried, note="Un texte déjà long.")
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#main"
    assert "Un texte déjà long." in answer.text
    assert soup(answer).select_one("main") is not None


def test_a_gesture_that_is_no_longer_possible_asks_for_the_page_again(full):
    alice = walking.visitor(full, "alice")
    chloe = walking.visitor(full, "chloe")
    _, carried = opened(chloe, f"/parcours/{full.journey.id}")
    take_back(full)
    gone = chloe.post(
        f"/parcours/{full.journey.id}/contacts", data={"_key": "a-contact"}, headers=carried
    )
    assert gone.headers["HX-Refresh"] == "true"
    assert alice.get(f"/parcours/{full.journey.id}").status_code == 200


def test_what_others_share_does_not_disturb_a_page(full, act):
    chloe = walking.visitor(full, "chloe")
    _, carried = opened(chloe, f"/parcours/{full.journey.id}")
    with act() as db:
        db.get_one(Person, full.sami.id).sharing_version += 1
    assert "HX-Refresh" not in chloe.get(f"/parcours/{full.journey.id}", headers=carried).headers
    assert full.open.state is MeetingState.OPEN
