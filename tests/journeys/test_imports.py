"""The file of the départements as it is, and every way a file can be wrong."""

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from sqlmodel import func, select

from coordination import audit, db
from coordination.agencies.actors import COMMAND
from coordination.assembly import CLOSERS
from coordination.consent.models import Reach
from coordination.errors import Invalid
from coordination.journeys import imports, moves
from coordination.journeys.imports import columns, reading
from coordination.journeys.models import Journey, JourneyMove, JourneyPeriod, Party, Referent
from coordination.journeys.models_along import Block
from coordination.persons import records
from coordination.persons.models import Person, PersonFact, PersonIdentifier, PersonIdentity
from coordination.programmes.models import Programme, ProgrammeKind, ProgrammeRule
from tests.conftest import DATA

pytestmark = pytest.mark.sqlite_first

TEMPLATE = DATA / "import-templates" / "import_beneficiaires.csv"
HEAD = "Identifiant dans le SI*;Prénom*;Nom*;Date de naissance*;Téléphone"


@pytest.fixture
def bring(engine, town, tmp_path):
    """bring(text or bytes) imports it for the mission, from the command line."""

    def from_file(content, *, agency=None, **said):
        path = content
        if isinstance(content, str | bytes):
            path = tmp_path / "liste.csv"
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        given = {
            "agency_id": (agency or town.mission).id,
            "programme_slug": "declic",
            "entered_on": date(2026, 3, 2),
            "planned_end_on": date(2026, 12, 18),
            "actor": COMMAND,
        }
        return imports.from_file(engine, CLOSERS, path, **(given | said))

    return from_file


@pytest.fixture
def look(engine):
    def all_of(*columns, **where):
        with db.reading(engine) as session:
            wanted = select(*columns)
            for name, value in where.items():
                wanted = wanted.where(
                    getattr(getattr(columns[0], "class_", columns[0]), name) == value
                )
            return session.exec(wanted).all()

    return all_of


def verdicts(report):
    return [(row["line"], row["verdict"]) for row in report.rows]


def reasons(report, line):
    return " · ".join(next(row["reasons"] for row in report.rows if row["line"] == line))


@pytest.mark.skipif(not TEMPLATE.exists(), reason="the reference data is not beside the project")
def test_the_file_of_the_departements_is_taken_as_it_is(bring, look, engine):
    report = bring(TEMPLATE)
    assert verdicts(report) == [(2, "created"), (3, "created"), (4, "left"), (5, "created")]
    assert any("NIR" in note for note in report.notes)
    assert "ancienne forme" in reasons(report, 2)
    assert "téléphone est illisible" in reasons(report, 2)
    assert "ressemble à la ligne 3" in reasons(report, 4)
    assert "situation" in reasons(report, 4)
    assert "proche de la ligne 3" in reasons(report, 5)
    facts = dict(look(PersonFact.code, PersonFact.value))
    assert facts["rome"] == "N1104 Pontier élingueur / Pontière élingueuse"
    assert facts["mobility_km"] == "30"
    charlotte = look(PersonIdentity.phone, PersonIdentity.address, given_names="Charlotte")
    assert charlotte == [("0601234567", '11 rue du Fromage, Lieu-dit "Le sandwich"')]
    assert len(look(PersonIdentifier.value, system="agency")) == 4

    with db.reading(engine) as session:
        before = session.exec(select(func.max(audit.AuditEntry.seq))).one()
    again = bring(TEMPLATE)
    assert [v for _, v in verdicts(again)] == ["unchanged", "unchanged", "left", "unchanged"]
    with db.reading(engine) as session:
        assert session.exec(select(func.max(audit.AuditEntry.seq))).one() == before
        assert audit.verify(session) is None


def test_an_imported_journey_has_all_that_a_typed_one_has(bring, look, town):
    bring(f"{HEAD};Référent\n7;Inès;Ferrer;02/11/2004;0601020304 / +33612131415;alice@example.org")
    journey = look(Journey, import_key="7")[0]
    assert (journey.entered_on, journey.planned_end_on) == (date(2026, 3, 2), date(2026, 12, 18))
    assert journey.territory_id == town.territory.id
    assert look(JourneyPeriod.from_on, journey_id=journey.id) == [date(2026, 3, 2)]
    assert look(Party.agency_id, journey_id=journey.id) == [town.mission.id]
    assert look(Reach.kind, person_id=journey.person_id) == ["own"]
    assert look(Person.human_hash, id=journey.person_id)[0]
    assert look(PersonIdentity.other_phones, usual_name="Ferrer") == ["+33612131415"]
    assert look(Referent.professional_id, journey_id=journey.id) == [town.alice.id]


@pytest.mark.parametrize(
    ("asks", "ends"),
    [
        ({}, date(2026, 12, 18)),
        ({"block_weeks": 13, "block_renewals": 2}, date(2026, 12, 18)),
        ({"fixed_duration": True, "max_duration_months": 15}, None),
    ],
)
def test_importing_and_typing_write_the_same_rows(bring, engine, town, act, asks, ends):
    with act() as session:
        rule = session.exec(select(ProgrammeRule)).one()
        for name, value in asks.items():
            setattr(rule, name, value)
    bring(f"{HEAD}\n;Inès;Ferrer;02/11/2004;", planned_end_on=ends)
    with act() as session:
        typed = records.record(
            session, agency_id=town.mission.id, given_names="Noé", usual_name="Roux",
            birth_on=date(2004, 11, 2),
        )  # fmt: skip
        moves.open_journey(
            session, person=typed, programme_id=town.programme.id, agency_id=town.mission.id,
            entered_on=date(2026, 3, 2), planned_end_on=ends, actor=COMMAND,
            territory_id=town.territory.id,
        )  # fmt: skip

    def written(session, name):
        identity = session.exec(
            select(PersonIdentity).where(PersonIdentity.usual_name == name)
        ).one()
        journey = session.exec(select(Journey).where(Journey.person_id == identity.person_id)).one()
        own = {
            *("id", "created_at", "person_id", "journey_id", "number", "reference", "salt"),
            *("human_hash", "given_names", "usual_name", "folded", "from_at", "details"),
        }
        found = {}
        for table in (
            Person,
            PersonIdentity,
            Reach,
            Journey,
            JourneyPeriod,
            Party,
            JourneyMove,
            Block,
        ):
            column, key = (
                (table.person_id, identity.person_id)
                if "person_id" in table.model_fields
                else (table.id, identity.person_id)
                if table is Person
                else (table.journey_id, journey.id)
            )
            rows = session.exec(select(table).where(column == key)).all()
            found[table.__name__] = [row.model_dump(exclude=own) for row in rows]
        return found

    with db.reading(engine) as session:
        imported, opened = written(session, "Ferrer"), written(session, "Roux")
    assert imported["Block"] == opened["Block"]
    assert len(imported.pop("Block")) == len(opened.pop("Block")) == ("block_weeks" in asks)
    assert all(len(rows) == 1 for rows in imported.values())
    assert imported == opened
    if ends is None:
        assert imported["Journey"][0]["planned_end_on"] == date(2027, 6, 2)


def test_a_social_security_number_is_dropped_wherever_it_stands(bring, look):
    report = bring(
        "Nom;Prénom;Date de naissance;Numéro de sécurité sociale;Identifiant;Adresse\n"
        "Roux;Léa;1999-05-25;299057512345678;2 99 05 75 123 456 78;299057512345678"
    )
    assert "numéro de sécurité sociale est effacée" in reasons(report, 2)
    assert look(PersonIdentifier.value) == []
    assert look(PersonIdentity.address, usual_name="Roux") == [""]


def test_the_columns_of_the_journey_win_over_the_answers(bring, look):
    bring(
        "Prénom,Nom,Date de naissance,Dispositif,Date d'entrée,Fin prévue\n"
        "Noé,Petit,03/04/2001,déclic,12/01/2026,15/06/2026\n"
    )
    found = look(Journey.entered_on, Journey.planned_end_on, entered_on=date(2026, 1, 12))
    assert found == [(date(2026, 1, 12), date(2026, 6, 15))]


def test_what_is_written_stays_and_what_was_empty_is_completed(bring, look):
    bring(f"{HEAD}\n7;Inès;Ferrer;02/11/2004;")
    report = bring(f"{HEAD};Email\n7;Inès;Ferrer;02/11/2004;0601020304;ines@exemple.fr")
    assert verdicts(report) == [(2, "completed")]
    report = bring(f"{HEAD};Email\n7;Inès;Ferrer;02/11/2004;0699999999;ines@exemple.fr")
    assert verdicts(report) == [(2, "unchanged")]
    assert "téléphone" in reasons(report, 2)
    assert look(PersonIdentity.phone, usual_name="Ferrer") == ["0601020304"]


def test_each_wrong_row_is_refused_with_its_reason_and_the_others_are_kept(bring, look):
    long = "A" * 300
    report = bring(
        f"{HEAD};Dispositif\n"
        "1;Ana;Ruiz;31/02/1999;;\n"
        "2;Ana;Ruiz;04/06/12026;;\n"
        f"3;Ana;{long};04/06/1996;;\n"
        "4;;Ruiz;04/06/1996;;\n"
        "5;Ana;Ruiz;04/06/1996;;Inconnu\n"
        "6;Ana;Ruiz;04/06/2040;;\n"
        "7;أمينة;بن علي;04/06/1996;;\n"
        "8;<script>alert(1)</script>;d’Orgeval;04/06/1996;;\n"
        "9;Ana;Ruiz;35220;601020304;\n"
    )
    assert [v for _, v in verdicts(report)] == ["refused"] * 6 + ["created"] * 3
    assert "n’existe pas" in reasons(report, 2)
    assert "n’existe pas" in reasons(report, 3)
    assert "300 caractères" in reasons(report, 4)
    assert "dispositif" in reasons(report, 6)
    assert "avenir" in reasons(report, 7)
    names = look(PersonIdentity.given_names, PersonIdentity.birth_on, PersonIdentity.phone)
    assert ("أمينة", date(1996, 6, 4), "") in names
    assert ("<script>alert(1)</script>", date(1996, 6, 4), "") in names
    assert ("Ana", date(1996, 6, 4), "0601020304") in names


def test_an_identifier_of_someone_else_is_refused(bring):
    bring(f"{HEAD}\n7;Inès;Ferrer;02/11/2004;")
    report = bring(f"{HEAD}\n7;Marc;Olive;05/01/1990;")
    assert verdicts(report) == [(2, "refused")]


def test_rows_without_a_birth_date_are_flagged_and_a_namesake_is_said(bring):
    report = bring(f"{HEAD}\n;Inès;Ferrer;;\n;INES;ferrer;;\n;Ines;Ferrer;02/11/2004;")
    assert verdicts(report) == [(2, "created"), (3, "left"), (4, "created")]
    assert "à compléter" in reasons(report, 2)
    assert "proche de la ligne 2" in reasons(report, 4)


def test_someone_known_keeps_their_journey_and_opens_one_in_another_programme(
    bring, look, town, act
):
    report = bring(f"{HEAD}\n;Dana;BENALI;14/03/1999;")
    assert verdicts(report) == [(2, "unchanged")]
    with act() as session:
        session.add(Programme(slug="tremplin", name="Tremplin", kind=ProgrammeKind.EMPLOI))
    report = bring(f"{HEAD};Dispositif\n;Dana;BENALI;14/03/1999;;Tremplin")
    assert verdicts(report) == [(2, "created")]
    assert "parcours à créer" in reasons(report, 2)
    assert len(look(Journey.id, person_id=town.dana.id)) == 2
    assert len(look(PersonIdentity.id, usual_name="Benali")) == 1


def test_two_agencies_import_the_same_person_each_for_itself(bring, look, town):
    text = f"{HEAD}\n7;Inès;Ferrer;02/11/2004;"
    bring(text)
    bring(text, agency=town.greta)
    rows = look(PersonIdentity.agency_id, usual_name="Ferrer")
    assert set(rows) == {town.mission.id, town.greta.id}
    hashes = look(Person.human_hash)
    assert len(hashes) == 4
    assert len(set(hashes)) == 3


def workbook(rows, **sheet):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_is_read_with_its_dates_and_its_wrong_dimensions(bring, look):
    content = workbook(
        [["Nom", "Prénom", "Date de naissance", "Téléphone"],
         ["Ferrer", "Inès", date(2004, 11, 2), 601020304]]
    )  # fmt: skip
    lying = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(lying, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name.endswith("sheet1.xml"):
                assert b'<dimension ref="A1:D2"' in body
                body = body.replace(b'<dimension ref="A1:D2"', b'<dimension ref="A1:A1"')
            new.writestr(name, body)
    report = bring(lying.getvalue())
    assert verdicts(report) == [(2, "created")]
    found = look(PersonIdentity.birth_on, PersonIdentity.phone, usual_name="Ferrer")
    assert found == [(date(2004, 11, 2), "0601020304")]


def zipped(**members):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as new:
        for name, body in members.items():
            new.writestr(name.replace("__", "/").replace("_xml", ".xml"), body)
    return kept.getvalue()


WRONG = {
    "vide": (b"", "vide"),
    "blanc": (b"\xef\xbb\xbf \r\n ", "vide"),
    "binaire": (bytes(range(256)) * 40, "pas du texte"),
    "image": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "pas du texte"),
    "ancien Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 200, ".xls"),
    "autre séparateur": (b"Nom|Prenom|Naissance\nRoux|Lea|1999-05-25", "séparateur"),
    "titre manquant": (b"Nom;Prenom\nRoux;Lea", "Date de naissance"),
    "titres seuls": (HEAD.encode() + b"\n", "aucune ligne"),
    "trop large": (b";".join([b"Nom", *[b"c"] * 60]) + b"\n1;2", "60 au plus"),
    "trop lourd": (b"a;b\n" + b"x" * reading.MOST_BYTES, "10 Mo"),
    "zip": (zipped(lisez="moi"), "ni un CSV ni un classeur"),
    "faux classeur": (zipped(xl__workbook_xml="<oui>"), "ne s’ouvre pas"),
    "zip coupé": (zipped(xl__workbook_xml="<oui/>")[:40], "ne s’ouvre pas"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_written(bring, look, content, said):
    with pytest.raises(Invalid) as refusal:
        bring(content)
    assert said in str(refusal.value)
    assert refusal.value.field == "file"
    assert len(look(Person.id)) == 2


def test_too_many_rows_are_refused_before_anything(bring):
    with pytest.raises(Invalid, match="20\u202f000 lignes"):
        bring(HEAD + "\n" + "1;Ana;Ruiz;04/06/1996;\n" * 20_001)


def test_windows_and_tabs_are_understood():
    text = "Nom\tPrénom\tDate de naissance\nGarçon\tÉmile\t01/02/1990"
    table = reading.read(text.encode("cp1252"))
    assert table.rows == [(2, ["Garçon", "Émile", "01/02/1990"])]
    assert "Windows-1252" in table.notes[0]
    assert reading.read(text.encode("utf-16")).rows == table.rows


def test_a_line_break_inside_quotes_keeps_one_row():
    table = reading.read(b'Nom;Prenom;Date de naissance\n"Da\nSilva";Rui;01/02/1990\nB;C;D')
    assert [cells[0] for _, cells in table.rows] == ["Da Silva", "B"]


@pytest.mark.parametrize(
    ("raw", "first", "rest"),
    [
        ("0601234567, 071234567", "0601234567", None),
        ("06 01 23 45 67 / 07.12.34.56.78", "0601234567", "0712345678"),
        ("601234567", "0601234567", None),
        ("33601234567 ou 0033712345678", "0601234567", "0712345678"),
        ("demander à Marie", None, None),
    ],
)
def test_phones_of_all_kinds(raw, first, rest):
    row = columns.clean(2, [raw], {0: "phones"})
    assert (row.values.get("phone"), row.values.get("other_phones")) == (first, rest)


def test_who_imports_holds_the_thread_where_the_file_names_nobody(engine, town, db, visit, key):
    bruno, content = visit("bruno"), "Nom;Prénom;Date de naissance\nNgo;Lan;2001-02-03\n"
    shown = bruno.post(
        "/parcours/importer",
        data={
            "_key": key(),
            "programme": str(town.programme.id),
            "entered_on": "2026-05-04",
            "planned_end_on": "2026-09-30",
        },
        files={"file": ("liste.csv", content.encode())},
    )
    assert shown.status_code == 200, shown.text
    bruno.post(f"{shown.url.path}/confirmer", data={"_key": key()})
    held = db.exec(
        select(Referent.professional_id).join(Journey).where(Journey.agency_id == town.greta.id)
    ).all()
    assert held == [town.bruno.id]
