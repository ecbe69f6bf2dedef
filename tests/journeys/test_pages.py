"""Typing a journey, and importing a list, from the browser."""

import pytest
from sqlmodel import select

from coordination import audit, db
from coordination.journeys.models import ImportRun, Journey
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity
from tests.conftest import soup

HEAD = "Identifiant;Prénom;Nom;Date de naissance;NIR"


@pytest.fixture
def look(engine):
    def all_of(*columns):
        with db.reading(engine) as session:
            return session.exec(select(*columns)).all()

    return all_of


@pytest.fixture
def six(town):
    return {
        "usual_name": "Ferrer",
        "given_names": "Inès",
        "birth_on": "2004-11-02",
        "programme": str(town.programme.id),
        "entered_on": "2026-05-04",
        "planned_end_on": "2026-12-18",
    }


def post(browser, path, key, data, **more):
    return browser.post(path, data=data | {"_key": key()}, follow_redirects=False, **more)


def send(browser, key, town, content, name="liste.csv", **said):
    fields = {"programme": str(town.programme.id), "entered_on": "2026-03-02"} | said
    body = content.encode() if isinstance(content, str) else content
    return post(browser, "/parcours/importer", key, fields, files={"file": (name, body)})


def test_six_fields_open_a_journey(visit, look, key, six, town):
    answer = post(visit("alice"), "/parcours/nouveau", key, six)
    assert answer.status_code == 303
    journey = next(j for j in look(Journey) if str(j.id) in answer.headers["location"])
    assert (journey.agency_id, journey.territory_id) == (town.mission.id, town.territory.id)
    assert "Ferrer" in look(PersonIdentity.usual_name)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("birth_on", "31/02/2001", "n’existe pas"),
        ("entered_on", "12026-06-04", "n’existe pas"),
        ("entered_on", "04/06/12026", "n’existe pas"),
        ("entered_on", "2029-06-04", "à plus d’un an"),
        ("planned_end_on", "2026-05-04", "après l’entrée"),
        ("birth_on", "2030-01-01", "entre le"),
        ("usual_name", "A" * 300, "100 caractères au plus"),
        ("usual_name", "  ", "nécessaire"),
        ("usual_name", "12 - 4", "au moins une lettre"),
        ("usual_name", "Ferrer\x00", "invisibles"),
        ("programme", "0198f000-0000-7000-8000-000000000000", "de la liste"),
        ("programme", "declic", "de la liste"),
    ],
)
def test_a_wrong_field_is_said_and_nothing_typed_is_lost(visit, look, key, six, field, value, said):
    answer = post(visit("alice"), "/parcours/nouveau", key, six | {field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="Inès"' in answer.text
    assert len(look(Journey.id)) == 2
    assert len(look(Person.id)) == 2


@pytest.mark.parametrize("name", ["بن علي", "d’Orgeval", "O'Neill", "<script>alert(1)</script>"])
def test_any_name_is_kept_and_shown_as_it_is(visit, look, key, six, name):
    browser = visit("alice")
    answer = post(browser, "/parcours/nouveau", key, six | {"usual_name": name})
    assert answer.status_code == 303
    assert name in look(PersonIdentity.usual_name)
    shown = browser.get(answer.headers["location"])
    assert shown.status_code == 200
    assert name.upper() in soup(shown).select_one("h1").text
    assert "<SCRIPT>" not in shown.text


def test_someone_already_known_is_shown_and_creating_asks_once_more(visit, look, key, six, town):
    browser = visit("alice")
    dana = six | {"usual_name": "BÉNALI", "given_names": "dana", "birth_on": "14/03/1999"}
    answer = post(browser, "/parcours/nouveau", key, dana)
    assert answer.status_code == 422
    assert f'href="/parcours/{town.journey.id}"' in answer.text
    assert len(look(Person.id)) == 2
    assert post(browser, "/parcours/nouveau", key, dana | {"someone_else": "1"}).status_code == 303
    assert len(look(Person.id)) == 3
    one_more = dana | {"same_person": str(town.dana.id)}
    assert post(browser, "/parcours/nouveau", key, one_more).status_code == 303
    assert len(look(Person.id)) == 3
    assert len(look(Journey.id)) == 4


def test_a_namesake_in_another_agency_is_never_told(visit, look, key, six):
    dana = six | {"usual_name": "Benali", "given_names": "Dana", "birth_on": "1999-03-14"}
    assert post(visit("bruno"), "/parcours/nouveau", key, dana).status_code == 303
    assert len(look(Person.id)) == 3


def test_a_person_of_another_agency_cannot_be_named_as_the_same(visit, look, key, six, town):
    answer = post(
        visit("bruno"), "/parcours/nouveau", key, six | {"same_person": str(town.dana.id)}
    )
    assert answer.status_code == 404
    assert len(look(Journey.id)) == 2


@pytest.mark.parametrize("path", ["/parcours/nouveau", "/parcours/importer"])
def test_only_who_follows_journeys_may_add_some(visit, path):
    assert visit("alice").get(path).status_code == 200
    assert visit("sophie").get(path).status_code == 403
    assert visit("regine").get(path).status_code == 403
    answer = visit(None).get(path, follow_redirects=False)
    assert (answer.status_code, "/connexion" in answer.headers["location"]) == (303, True)


def test_a_file_is_read_shown_then_written_at_once_and_its_rows_destroyed(
    visit, look, key, town, engine
):
    browser = visit("alice")
    answer = send(browser, key, town, f"{HEAD}\n7;Inès;Ferrer;02/11/2004;2041175123456\n8;;Roux;;")
    assert answer.status_code == 303
    path = answer.headers["location"]
    shown = browser.get(path)
    assert "FERRER Inès" in shown.text
    assert "le nom ou le prénom manque" in shown.text
    assert "NIR" in shown.text
    assert len(look(Person.id)) == 2
    kept = look(ImportRun)[0]
    assert "Ferrer" not in str(kept.report)
    assert post(browser, f"{path}/confirmer", key, {}).headers["location"] == path
    assert look(PersonIdentifier.value) == ["7"]
    after = browser.get(path)
    assert "FERRER Inès" in after.text
    assert "Enregistrer tout ceci" not in after.text
    with db.reading(engine) as session:
        run = session.exec(select(ImportRun)).one()
        from coordination.files import File

        assert session.get(File, run.file_id).content is None
        assert audit.verify(session) is None
    assert post(browser, f"{path}/confirmer", key, {}).status_code == 409
    assert len(look(Person.id)) == 3


def test_the_same_file_again_has_nothing_to_write(visit, key, town):
    browser = visit("alice")
    text = f"{HEAD}\n7;Inès;Ferrer;02/11/2004;"
    path = send(browser, key, town, text).headers["location"]
    post(browser, f"{path}/confirmer", key, {})
    again = browser.get(send(browser, key, town, text).headers["location"])
    assert "ne change rien" in again.text
    assert "déjà été importé" in again.text


def test_what_changed_since_the_reading_is_not_written_unread(visit, look, key, six, town):
    browser = visit("alice")
    path = send(browser, key, town, f"{HEAD}\n;Inès;Ferrer;02/11/2004;").headers["location"]
    post(browser, "/parcours/nouveau", key, six)
    answer = post(browser, f"{path}/confirmer", key, {})
    assert answer.status_code == 422
    assert "Rien n’a été enregistré" in answer.text.replace("&#39;", "’")
    assert len(look(Person.id)) == 3


def test_an_import_of_another_agency_does_not_exist(visit, key, town):
    path = send(visit("alice"), key, town, f"{HEAD}\n7;Inès;Ferrer;02/11/2004;").headers["location"]
    assert visit("bruno").get(path).status_code == 404
    assert post(visit("bruno"), f"{path}/confirmer", key, {}).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"),
        (bytes(range(256)) * 20, "pas du texte"),
        (b"Nom|Prenom\nRoux|Lea", "séparateur"),
    ],
)
def test_a_file_that_cannot_be_read_comes_back_with_the_form(visit, look, key, town, content, said):
    answer = send(visit("alice"), key, town, content)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="2026-03-02"' in answer.text
    assert look(ImportRun.id) == []


def test_no_file_at_all_is_said(visit, key, town):
    fields = {"programme": str(town.programme.id), "entered_on": "2026-03-02"}
    answer = post(visit("alice"), "/parcours/importer", key, fields)
    assert answer.status_code == 422
    assert "Choisissez un fichier" in answer.text


def test_a_huge_file_is_refused_before_it_is_read(visit, look, key, town):
    answer = send(visit("alice"), key, town, b"Nom;Prenom\n" + b"x" * (11 * 1024 * 1024))
    assert answer.status_code == 413
    assert "10 Mo" in answer.text
    assert "Se déconnecter" in answer.text
    assert look(ImportRun.id) == []


def test_a_huge_file_from_nobody_is_asked_to_sign_in(visit, key, town):
    answer = send(visit(None), key, town, b"Nom;Prenom\n" + b"x" * (11 * 1024 * 1024))
    assert answer.status_code == 401


def test_names_in_an_import_are_escaped(visit, key, town):
    browser = visit("alice")
    text = f"{HEAD}\n7;<img src=x>;Ferrer;02/11/2004;"
    shown = browser.get(send(browser, key, town, text).headers["location"])
    assert "&lt;img src=x&gt;" in shown.text


def test_a_long_import_is_paged_and_filtered(visit, key, town, counting):
    browser = visit("alice")
    rows = "\n".join(f"{n};Prénom{n};Nom;{n % 28 + 1:02}/01/1990;" for n in range(230))
    path = send(browser, key, town, f"{HEAD}\n{rows}").headers["location"]
    assert len(soup(browser.get(path)).select("tbody tr")) == 100
    assert len(soup(browser.get(f"{path}?page=3")).select("tbody tr")) == 30
    assert len(soup(browser.get(f"{path}?page=99999999")).select("tbody tr")) == 100
    assert "Aucune ligne" in browser.get(f"{path}?sort=refused").text
