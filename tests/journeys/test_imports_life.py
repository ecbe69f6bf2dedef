"""An import from its columns to its undoing: what is asked, remembered, shown, kept, taken back."""

import csv
import io
from datetime import date
from itertools import chain
from itertools import count as count_from

import openpyxl
import pytest
from sqlmodel import func, select

from coordination import assembly, audit, db, files
from coordination import worker as working
from coordination.agencies import actors
from coordination.consent.models import Reach
from coordination.journeys import contacts, imports, numbers
from coordination.journeys.imports import runs, undoing
from coordination.journeys.imports import working as ranges
from coordination.journeys.imports.columns import Cleaned
from coordination.journeys.imports.gathered import foresee
from coordination.journeys.imports.lines import Line, Verdict
from coordination.journeys.models import (
    Channel,
    Journey,
    JourneyMove,
    JourneyPeriod,
    Party,
    Referent,
)
from coordination.journeys.models_imports import ImportMapping, ImportPart, ImportRun, ImportState
from coordination.persons.models import (
    Person,
    PersonFact,
    PersonIdentifier,
    PersonIdentity,
    PersonToken,
)
from coordination.signals.models import Signal
from tests.conftest import soup

HEAD = "Identifiant;Prénom;Nom;Date de naissance;Téléphone"
PERSONS = f"{HEAD}\n7;Inès;Ferrer;02/11/2004;0601020304\n8;Marc;Olive;05/01/1990;\n"
STRANGE = "Né le;Bénéficiaire;Prenom usuel;Couleur\n02/11/2004;Ferrer;Inès;bleu\n"
WRITTEN = (Person, PersonIdentity, PersonIdentifier, PersonFact, PersonToken, Reach, Journey,
           JourneyPeriod, JourneyMove, Party, Referent, Signal)  # fmt: skip


@pytest.fixture
def send(visit, key, town):
    """send(text) posts the list as Alice; the address it leads to comes back."""

    def list_of(content, *, who="alice", **said):
        fields = {"programme": str(town.programme.id), "entered_on": "2026-03-02"} | said
        answer = visit(who).post(
            "/parcours/importer", data=fields | {"_key": key()}, follow_redirects=False,
            files={"file": ("liste.csv", content.encode())},
        )  # fmt: skip
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    return list_of


@pytest.fixture
def post(visit, key):
    def sent(path, *, who="alice", **data):
        return visit(who).post(path, data=data | {"_key": key()}, follow_redirects=False)

    return sent


@pytest.fixture
def count(engine):
    def rows():
        with db.reading(engine) as session:
            return {
                table.__name__: session.execute(select(func.count()).select_from(table)).scalar()
                for table in WRITTEN
            }

    return rows


@pytest.fixture
def run(engine):
    """The last import, as it stands."""

    def last():
        with db.reading(engine) as session:
            return session.exec(select(ImportRun).order_by(ImportRun.id.desc())).first()

    return last


def long_list(n=310):
    return HEAD + "".join(f"\n{i};Prénom{i};Nom{i};0{i % 9 + 1}/02/1990;" for i in range(n))


def work(engine):
    while working.work_once(engine):
        pass


def test_columns_that_are_not_understood_are_asked_once_then_remembered(
    send, post, visit, engine, run
):
    path = send(STRANGE)
    assert path.endswith("/colonnes")
    page = soup(visit("alice").get(path))
    assert "Prénom" in page.select_one(".alert").text
    chosen = {s["name"]: s.select_one("option[selected]") for s in page.select("td select")}
    assert chosen["column-0"]["value"] == "birth_on"
    assert chosen["column-1"] is None
    refused = post(path, **{"column-0": "birth_on", "column-1": "usual_name", "column-3": "",
                            "entered_on": "2026-03-02"})  # fmt: skip
    assert refused.status_code == 422
    assert "Prénom" in soup(refused).select_one(".error-summary").text
    assert soup(refused).select_one("[name=column-1] option[selected]")["value"] == "usual_name"
    twice = post(path, **{"column-0": "birth_on", "column-1": "usual_name",
                          "column-2": "usual_name"})  # fmt: skip
    assert "déjà une autre colonne" in twice.text
    fields = {"column-0": "birth_on", "column-1": "usual_name", "column-2": "given_names"}
    shown = post(path, programme=str(run().programme_id), entered_on="2026-03-02", **fields)
    assert "FERRER Inès" in visit("alice").get(shown.headers["location"]).text
    turned = "Couleur;Prenom usuel;Bénéficiaire;Né le\nvert;Noé;Petit;03/04/2001\n"
    again = send(turned)
    assert not again.endswith("/colonnes")
    assert "PETIT Noé" in visit("alice").get(again).text
    assert send(STRANGE, who="bruno").endswith("/colonnes"), "each agency says it of its own files"
    with db.reading(engine) as session:
        kept = session.exec(select(ImportMapping)).one()
    assert "Bénéficiaire" not in kept.model_dump_json()


def test_a_list_of_persons_asks_once_for_their_journeys_and_lets_them_wait(
    send, post, visit, town, engine, run, count
):
    path = send(PERSONS, programme="", entered_on="")
    assert path.endswith("/colonnes")
    assert "une fois pour toutes" in visit("alice").get(path).text
    fields = {f"column-{n}": name for n, name in enumerate(
        ("external_id", "given_names", "usual_name", "birth_on", "phones"))}  # fmt: skip
    shown = post(path, **fields).headers["location"]
    assert "attendront un parcours" in visit("alice").get(shown).text
    before = count()
    assert post(f"{shown}/confirmer").status_code == 303
    after = count()
    assert (after["Person"] - before["Person"], after["Journey"] - before["Journey"]) == (2, 0)
    waiting = soup(visit("alice").get("/parcours/a-completer"))
    assert "FERRER Inès" in waiting.text
    assert "FERRER" not in visit("bruno").get("/parcours/a-completer").text
    boxes = [box["value"] for box in waiting.select("[name=person]")]
    said = {"programme": str(town.programme.id), "entered_on": "2026-03-02"}
    assert post("/parcours/a-completer", who="bruno", person=boxes, **said).status_code == 404
    none = post("/parcours/a-completer", **said)
    assert none.status_code == 422
    assert "Cochez" in none.text
    assert post("/parcours/a-completer", person=boxes, **said).status_code == 303
    assert count()["Journey"] == before["Journey"] + 2
    assert "Personne n’attend" in visit("alice").get("/parcours/a-completer").text
    assert "0 " in visit("alice").get(send(PERSONS)).text
    assert run().report["writes"] is False


def test_an_import_undone_leaves_the_base_as_it_was(send, post, visit, count, engine, run):
    post(f"{send(PERSONS)}/confirmer")
    before = count()
    more = PERSONS.replace("05/01/1990;", "05/01/1990;0611223344") + "9;Ana;Ruiz;04/06/1996;\n"
    path = send(more.replace("Téléphone", "Téléphone;RQTH").replace("1996;", "1996;;oui"))
    post(f"{path}/confirmer")
    assert count() != before
    page = visit("alice").get(path)
    assert "Annuler tout l’import" in page.text
    assert post(f"{path}/annuler").status_code == 303
    assert count() == before
    assert run().state is ImportState.UNDONE
    with db.reading(engine) as session:
        olive = session.exec(select(PersonIdentity).where(PersonIdentity.usual_name == "Olive"))
        assert olive.one().phone == ""
        assert session.exec(select(ImportPart).where(ImportPart.run_id == run().id)).all() == []
        assert audit.verify(session) is None
        verbs = [entry.entry for entry in session.exec(select(audit.AuditEntry))]
    assert any('"journey.import_undone"' in entry for entry in verbs)
    assert "Import annulé" in visit("alice").get(path).text
    assert post(f"{path}/annuler").status_code == 409


BUILT = {
    "un contact a été noté": lambda session, journey, town: contacts.record(
        session, journey, on_day=town.today, channel=Channel.PHONE,
        actor=actors.of_professional(session, town.alice.id),
    ),
    "le parcours a changé": lambda session, journey, town: setattr(
        journey, "planned_end_on", date(2026, 11, 30)
    ),
    "une alerte a été traitée": lambda session, journey, town: session.add(
        Signal(journey_id=journey.id, person_id=journey.person_id, agency_id=journey.agency_id,
               code="duree_excessive", subject_id=journey.id, since_on=town.today,
               sentence="Long.", state="treated")
    ),
    "la fiche de la personne a changé": lambda session, journey, town: setattr(
        session.exec(select(PersonIdentity).where(
            PersonIdentity.person_id == journey.person_id)).one(), "phone", "0600000000"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("said", "build"), BUILT.items(), ids=BUILT)
def test_what_was_worked_on_is_not_taken_back(send, post, count, town, act, said, build):
    path = send(PERSONS)
    post(f"{path}/confirmer")
    with act() as session:
        build(session, session.exec(select(Journey).where(Journey.import_key == "7")).one(), town)
    before = count()
    answer = post(f"{path}/annuler")
    assert answer.status_code == 409
    assert said in answer.text
    assert "ligne 2" in answer.text
    assert count() == before


def test_a_later_list_that_completed_someone_holds_the_first_one(send, post, count):
    first = send(PERSONS)
    post(f"{first}/confirmer")
    post(f"{send(PERSONS.replace('1990;', '1990;0611223344'))}/confirmer")
    assert "la fiche de la personne a changé" in post(f"{first}/annuler").text


def test_a_long_list_is_done_by_the_worker_and_followed_from_anywhere(
    send, post, visit, engine, count, run
):
    browser, before = visit("alice"), count()
    path = send(long_list())
    page = soup(browser.get(path))
    assert page.select_one("#import-progress progress")["max"] == "310"
    assert page.select_one("#import-progress")["hx-get"] == path
    assert "confirmer" not in str(page)
    part = browser.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert next(iter(soup(part).select("[id]")))["id"] == "import-progress"
    assert post(f"{path}/confirmer").status_code == 409
    work(engine)
    over = browser.get(path, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert over.headers["HX-Redirect"] == path
    assert "Enregistrer tout ceci" in browser.get(path).text
    assert count() == before
    post(f"{path}/confirmer")
    assert "Enregistrement de la liste" in browser.get(path).text
    held = post(f"{send(PERSONS)}/confirmer")
    assert held.status_code == 409
    assert "attendez" in held.text
    work(engine)
    assert count()["Journey"] == before["Journey"] + 310
    assert "Import enregistré" in browser.get(path).text
    post(f"{path}/annuler")
    work(engine)
    assert count() == before
    with db.reading(engine) as session:
        assert audit.verify(session) is None


def test_a_range_that_cannot_be_written_takes_back_those_before_it(
    send, post, visit, engine, count, town, monkeypatch
):
    monkeypatch.setattr(ranges, "RANGES", dict.fromkeys(ranges.RANGES, 100))
    path = send(long_list())
    work(engine)
    post(f"{path}/confirmer")
    before = count()
    written = []

    def someone_is_faster(session):
        """Someone records number 305 while the first ranges are written."""
        if not written:
            written.append(session)
            other = Person(agency_id=town.mission.id, reference="P-other", salt="a" * 32)
            session.add(other)
            session.flush()
            session.add(PersonIdentifier(person_id=other.id, agency_id=town.mission.id,
                                         system="agency", value="305"))  # fmt: skip

    with db.reading(engine) as session:
        key = str(session.exec(select(ImportRun.id)).one())
    ranges.write(engine, {"run": key}, closers=(someone_is_faster, *assembly.CLOSERS))
    now = count()
    assert now["Journey"] == before["Journey"]
    assert (now["Person"], now["PersonIdentifier"]) == (before["Person"] + 1, 1)
    assert "Rien n’en est resté" in visit("alice").get(path).text
    with db.reading(engine) as session:
        assert session.exec(select(ImportPart)).all() == []


def power_cut():
    """A closer that ends the worker in its third transaction."""
    closed = []

    def cut(session):
        closed.append(session)
        if len(closed) == 3:
            raise SystemExit

    return cut


def test_a_worker_that_died_is_followed_by_one_that_goes_on(
    send, post, engine, count, run, monkeypatch
):
    monkeypatch.setattr(ranges, "RANGES", dict.fromkeys(ranges.RANGES, 100))
    before = count()
    path = send(long_list())
    work(engine)
    post(f"{path}/confirmer")
    with pytest.raises(SystemExit):
        ranges.write(engine, {"run": str(run().id)}, closers=(*assembly.CLOSERS, power_cut()))
    assert (run().done, run().state) == (200, ImportState.WRITING)
    ranges.write(engine, {"run": str(run().id)}, closers=assembly.CLOSERS)
    assert run().state is ImportState.DONE
    assert count()["Journey"] == before["Journey"] + 310
    post(f"{path}/annuler")
    work(engine)
    assert count() == before


def test_a_worker_of_another_version_goes_on_in_other_ranges(
    send, post, engine, count, run, monkeypatch
):
    before = count()
    path = send(long_list())
    work(engine)
    post(f"{path}/confirmer")
    monkeypatch.setattr(ranges, "RANGES", dict.fromkeys(ranges.RANGES, 100))
    with pytest.raises(SystemExit):
        ranges.write(engine, {"run": str(run().id)}, closers=(*assembly.CLOSERS, power_cut()))
    monkeypatch.setattr(ranges, "RANGES", dict.fromkeys(ranges.RANGES, 230))
    ranges.write(engine, {"run": str(run().id)}, closers=assembly.CLOSERS)
    assert (run().state, count()["Journey"]) == (ImportState.DONE, before["Journey"] + 310)
    post(f"{path}/annuler")
    work(engine)
    assert count() == before


def test_a_number_already_borne_is_drawn_again(engine, town, monkeypatch):
    """More than one question asks which of them are borne."""
    borne = town.journey.number
    drawn = chain([borne], (f"J-26-{number:05}" for number in count_from(1)))
    monkeypatch.setattr(numbers, "draw", lambda year: next(drawn))
    lines = [
        Line(Cleaned(number), Verdict.CREATED, opens_journey=True, entered_on=date(2026, 3, 2))
        for number in range(900)
    ]
    with db.reading(engine) as session:
        foreseen = foresee(session, lines, agency_id=town.mission.id, by=None)
    assert len(foreseen.numbers[2026]) == 900 and borne not in foreseen.numbers[2026]


def test_the_lines_are_kept_as_a_file_where_text_stays_text(send, post, visit, engine):
    path = send(f"{HEAD}\n7;=1+1;+Ferrer;02/11/2004;\n8;;Olive;05/01/1990;\n")
    browser = visit("alice")
    answer = browser.get(f"{path}/lignes.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Ligne", "Personne", "Sort", "Pourquoi"]
    assert rows[1][:3] == ["2", "'+FERRER =1+1", "Créé"]
    assert rows[2][2:] == ["Refusé", "le nom ou le prénom manque"]
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"{path}/lignes.xlsx").content)).active
    assert [cell.data_type for cell in sheet[2]] == ["n", "s", "s", "s"]
    assert sheet["B2"].value == "+FERRER =1+1"
    assert browser.get(f"{path}/lignes.pdf").status_code == 404
    assert visit("bruno").get(f"{path}/lignes.csv").status_code == 404
    post(f"{path}/confirmer")
    assert "+FERRER" in browser.get(f"{path}/lignes.csv").text


def test_the_journal_says_who_sent_what_and_when(send, post, visit, engine, town, tmp_path):
    post(f"{send(PERSONS)}/confirmer")
    file = tmp_path / "depuis-la-commande.csv"
    file.write_text(f"{HEAD}\n9;Ana;Ruiz;04/06/1996;\n")
    imports.from_file(engine, assembly.CLOSERS, file, agency_id=town.mission.id,
                      programme_slug="declic", entered_on=date(2026, 3, 2),
                      actor=actors.COMMAND)  # fmt: skip
    rows = soup(visit("alice").get("/parcours/importer/journal")).select("tbody tr")
    assert len(rows) == 2
    assert "depuis-la-commande.csv" in rows[0].text
    assert "Ligne de commande" in rows[0].text
    assert "MARTIN" in rows[1].text.upper() or "Alice" in rows[1].text
    assert "Créé" in rows[1].text
    assert "jeudi 4 juin 2026 à 12 h" in rows[1].text.replace("\u00a0", " ")
    assert "liste.csv" not in visit("bruno").get("/parcours/importer/journal").text


def test_no_social_security_number_is_kept_even_while_the_columns_are_asked(send, engine, visit):
    path = send(
        "Né le;Bénéficiaire;Matricule;NIR\n02/11/2004;Ferrer;299057512345678;299057512345678"
    )
    page = soup(visit("alice").get(path))
    assert "2990575" not in page.text
    assert page.select_one("[name=column-3]") is None
    with db.reading(engine) as session:
        run = session.exec(select(ImportRun)).one()
        table = imports.staging.table_of(session, run)
        assert "2990575" not in str(table)


def test_the_cells_of_a_file_are_destroyed_once_confirmed(send, post, engine):
    post(f"{send(PERSONS)}/confirmer")
    with db.reading(engine) as session:
        run = session.exec(select(ImportRun)).one()
        assert session.get(files.File, run.file_id).content is None
        assert "Ferrer" not in str(imports.staging.rows_of(session, run))
        part = session.exec(select(ImportPart)).one()
        assert "Ferrer" not in str(part.made)
        assert undoing.built_on(session, part.made) == {}
        assert runs.parts_of(session, run) == [part]
