"""Committees: the list, founding one from an empty base, the page, the settings."""

import pytest
from sqlmodel import select

from coordination.agencies.models import Agency, Grant, Membership, Professional, Role, Territory
from coordination.committees.models import Committee, CommitteeKind, Mandate
from coordination.outbox import Notice
from tests.committees.worlds import another_committee
from tests.conftest import soup


def form(town, key, **more):
    return {
        "kind_id": str(town.kind.id),
        "name": "COPASS de Lunel",
        "territory_id": str(town.territory.id),
        "secretary": "me",
        "_key": key(),
    } | more


def the_new(db) -> Committee:
    return db.exec(select(Committee).where(Committee.name == "COPASS de Lunel")).one()


def test_the_list_shows_my_committees_and_their_next_meeting(visit, town, act):
    with act() as db:
        another_committee(db, town, "eva")
    text = soup(visit("alice").get("/comites")).select_one("main").text
    assert "COPASS du Lodévois" in text
    assert "jeudi 18\u00a0juin 2026" in text
    assert "Aubrac" not in text


def test_a_secretary_founds_a_committee_and_keeps_it(visit, town, key, db):
    db.commit()
    sent = form(
        town, key, agencies=[str(town.ccas.id), str(town.mission.id)], chairs_too="1",
        agency_name_1="Relais Mobilité", agency_kind_1="association", agency_email_1="a@relais.fr",
    )  # fmt: skip
    answer = visit("sophie").post("/comites/nouveau", data=sent)
    assert answer.status_code == 200
    made = the_new(db)
    grants = select(Grant.role).where(Grant.scope_id == made.id)
    assert set(db.exec(grants)) == {Role.SECRETARY, Role.CHAIR}
    text = soup(visit("sophie").get(f"/comites/{made.id}/membres")).select_one("main").text
    for name in ("CCAS de Lunel", "Mission locale du Lodévois", "Relais Mobilité"):
        assert name in text
    assert made.region_id == town.region.id


def test_the_administration_names_another_as_secretary_who_receives_an_access(visit, town, key, db):
    db.commit()
    sent = form(
        town, key, secretary="other", usual_name="Haddad", given_name="Farid",
        email="farid@example.org", agency_name_1="Maison commune", agency_kind_1="mde",
    )  # fmt: skip
    answer = visit("adam").post("/comites/nouveau", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/administration")
    farid = db.exec(select(Professional).where(Professional.email == "farid@example.org")).one()
    mandate = db.exec(select(Mandate).where(Mandate.professional_id == farid.id)).one()
    assert (
        mandate.agency_id == db.exec(select(Agency.id).where(Agency.name == "Maison commune")).one()
    )
    assert db.exec(select(Notice.professional_id).where(Notice.kind == "signin.invited")).one() == (
        farid.id
    )


def test_the_first_committee_of_a_base_without_region_agency_or_territory(visit, town, key, db):
    """The administration alone, as after `coordination init`."""
    for row in db.exec(select(Agency)):
        row.region_id = row.territory_id = None
    db.commit()
    sent = form(
        town, key, territory_id="", territory_name="Bassin de Lunel", region_code="76",
        agency_name_1="Maison commune", agency_kind_1="mde",
    )  # fmt: skip
    answer = visit("adam").post("/comites/nouveau", data=sent)
    assert answer.status_code == 200
    made = the_new(db)
    assert db.get(Territory, made.territory_id).name == "Bassin de Lunel"
    member = db.exec(select(Membership).where(Membership.professional_id == town.adam.id)).one()
    assert db.get(Agency, member.agency_id).name == "Maison commune"
    assert visit("adam").get("/comites").status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "nécessaire"),
        ("name", "n" * 300, "120 caractères au plus"),
        ("kind_id", "", "Choisissez"),
        ("kind_id", "00000000-0000-0000-0000-000000000007", "Choisissez"),
        ("territory_id", "00000000-0000-0000-0000-000000000007", "Choisissez"),
        ("agencies", "00000000-0000-0000-0000-000000000007", "Choisissez"),
        ("agency_email_1", "a@b.fr", "nom de cette structure"),
        ("agency_name_1", "Sans sorte", "Choisissez"),
        ("secretary", "other", "nécessaire"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(visit, town, key, db, field, value, says):
    db.commit()
    answer = visit("sophie").post("/comites/nouveau", data=form(town, key, **{field: value}))
    assert answer.status_code == 422
    assert says in answer.text
    assert len(db.exec(select(Committee)).all()) == 1
    assert len(db.exec(select(Agency)).all()) == 5


def test_a_name_in_arabic_with_markup_is_kept_and_escaped(visit, town, key):
    name = "لجنة l’Étang <script>alert(1)</script>"
    answer = visit("sophie").post("/comites/nouveau", data=form(town, key, name=name))
    assert "<script>alert(1)" not in answer.text
    assert name in soup(answer).select_one("main").text


def test_a_form_sent_twice_founds_one_committee(visit, town, key, db):
    db.commit()
    sent = form(town, key)
    for _ in range(2):
        assert visit("sophie").post("/comites/nouveau", data=sent).status_code == 200
    assert the_new(db)


@pytest.mark.parametrize("name", ["alice", "regine", "diane"])
def test_only_secretaries_and_the_administration_found_committees(visit, town, key, name):
    assert visit(name).get("/comites/nouveau").status_code == 403
    assert visit(name).post("/comites/nouveau", data=form(town, key)).status_code == 403


def test_the_page_says_what_to_do_next_to_who_runs_it_only(visit, town):
    text = soup(visit("sophie").get(f"/comites/{town.committee.id}")).select_one("main").text
    assert "Nommer les responsables du traitement" in text
    assert "À faire ensuite" not in visit("alice").get(f"/comites/{town.committee.id}").text


def test_for_a_stranger_the_committee_does_not_exist(visit, town, act):
    with act() as db:
        another_committee(db, town, "eva")
    for rest in ("", "/reglages"):
        assert visit("eva").get(f"/comites/{town.committee.id}{rest}").status_code == 404


def test_who_is_not_signed_in_is_asked_to(visit, town):
    for path in ("/comites", "/comites/nouveau", f"/comites/{town.committee.id}"):
        answer = visit(None).get(path, follow_redirects=False)
        assert answer.status_code == 303


def settings(key, **more):
    return {
        "name": "COPASS du Lodévois",
        "place": "Mairie",
        "length_minutes": "150",
        "cases": "12",
        "controllers": "Région Occitanie",
        "_version": "1",
        "_key": key(),
    } | more


def test_the_settings_are_kept_and_shown(visit, town, key):
    here = f"/comites/{town.committee.id}/reglages"
    answer = visit("sophie").post(here, data=settings(key))
    assert "Région Occitanie" in answer.text
    assert soup(visit("sophie").get(here)).select_one("[name=cases]")["value"] == "12"


def test_settings_opened_on_an_older_version_show_both_texts(visit, town, key):
    here = f"/comites/{town.committee.id}/reglages"
    visit("sophie").post(here, data=settings(key))
    answer = visit("paul").post(here, data=settings(key, place="Médiathèque"))
    assert answer.status_code == 409
    assert soup(answer).select_one("[name=place]")["value"] == "Médiathèque"
    assert "Mairie" in answer.text


def test_a_member_does_not_open_the_settings(visit, town, key):
    here = f"/comites/{town.committee.id}/reglages"
    assert visit("alice").get(here).status_code == 403
    assert visit("alice").post(here, data=settings(key)).status_code == 403


def test_the_number_of_queries_does_not_grow_with_committees(visit, town, act, counting):
    browser = visit("sophie")
    browser.get("/comites")
    counting.clear()
    browser.get("/comites")
    few = len(counting)
    with act() as db:
        kind = db.exec(select(CommitteeKind)).one()
        for number in range(8):
            made = Committee(kind_id=kind.id, name=f"Comité {number}")
            db.add(made)
            db.flush()
            db.add(
                Grant(
                    professional_id=town.sophie.id,
                    role=Role.SECRETARY,
                    scope_id=made.id,
                    from_on=town.today,
                )
            )
    counting.clear()
    assert "Comité 7" in browser.get("/comites").text
    assert len(counting) == few
