"""What one may not read never leaves: not in a page, a part of a page, a header, a document, a
mail, a log. And on PostgreSQL, what the base itself refuses to the web role."""

import io
import json
import logging
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from pypdf import PdfReader
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import ProgrammingError
from starlette.testclient import TestClient

from coordination import assembly, db, settings, worker
from coordination.web import shell
from tests import canaries, postgres, walking
from tests import town as small
from tests.conftest import HTMX, WEB_ROLE, _create_tables

DANA = ("Benali", "BENALI", "Dana")  # agreed: the mission and the ccas
MAY_NAME_DANA = {"own-adviser", "partner-adviser", walking.LINK_HOLDER}


@pytest.fixture(name="full")
def _full(engine, town):
    return walking.full(engine, town)


@pytest.fixture
def planted(full: SimpleNamespace) -> dict[str, str]:
    with db.transaction(full.engine) as session:
        return canaries.plant(session, full)


def addresses(full: SimpleNamespace, role: str) -> list[str]:
    """Of every route that reads: about Dana, and about Sami where the address names someone."""
    found = []
    for way in walking.ways("GET"):
        found.append(way.of(full, role))
        if way.path.startswith("/parcours/{id:uuid}"):
            found.append(way.of(full, role, id=full.sami_journey.id))
        if way.path.startswith("/orientations/{id:uuid}"):
            found.append(way.of(full, role, id=full.draft.id))
    return found


def said_by(answer) -> str:
    """All that an answer says: its headers, its text, the text of its document."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    if answer.headers.get("content-type") != "application/pdf" or answer.status_code != 200:
        return f"{headers}\n{answer.text}"
    if not answer.content.startswith(b"%PDF-1.7\n%"):  # the signed paper kept as it came
        return headers
    reader = PdfReader(io.BytesIO(answer.content))
    return "\n".join([headers, str(reader.metadata), *(p.extract_text() for p in reader.pages)])


def walk(full: SimpleNamespace, role: str, visitor: TestClient) -> list[tuple[str, str]]:
    heard = []
    for address in addresses(full, role):
        answer = visitor.get(address)
        heard.append((address, said_by(answer)))
        if answer.status_code == 200 and "html" in answer.headers["content-type"]:
            heard.append((f"{address} (part)", said_by(visitor.get(address, headers=HTMX))))
    return heard


def foreign_to(role: str, planted: dict[str, str]) -> dict[str, str]:
    if role == "own-adviser":
        return {}
    names = {} if role in MAY_NAME_DANA else dict.fromkeys(DANA, "dana identity")
    words = planted | names
    if role == "partner-adviser":  # the ccas reads again what it reported itself
        return {word: said for word, said in words.items() if said != "sami follow_up.report"}
    return words


def test_every_table_that_tells_something_of_a_person_was_marked(planted):
    marked = {said.split()[1].split(".")[0] for said in planted.values()}
    told = {name for name, category in canaries.TABLES.items() if category != canaries.TECHNICAL}
    quiet = {"file", "agenda_item", "follow_up"}  # no text of their own, or said to everyone
    quiet |= {"journey_period", "party", "referent", "decision_destination"}  # dates and keys
    quiet |= {"decision", "draft"}  # of an anonymous situation, at its table; its author's alone
    assert told - quiet - marked == set(), "write such a row about Sami in tests/canaries.py"
    assert len(planted) > 60


@pytest.mark.sqlite_first
def test_who_may_read_does_read_the_marks(full, planted):
    heard = "\n".join(said for _, said in walk(full, "own-adviser", _as(full, "own-adviser")))
    assert sum(word in heard for word in planted) > 8


@pytest.mark.sqlite_first
@pytest.mark.parametrize("role", [role for role in walking.WHO if role != "own-adviser"])
def test_no_page_part_header_or_document_says_a_foreign_word(full, planted, role):
    words = foreign_to(role, planted)
    leaks = {
        f"{address}: {said}"
        for address, heard in walk(full, role, _as(full, role))
        for word, said in words.items()
        if word in heard
    }
    assert leaks == set()


def test_no_mail_says_anything_of_a_person_and_sent_documents_keep_the_walls(full, planted):
    before = set(settings.load().mail_folder.glob("*.eml"))
    while worker.work_once(full.engine):
        continue
    assert worker.deliver(full.engine) > 0
    mails = set(settings.load().mail_folder.glob("*.eml")) - before
    assert mails
    for path in mails:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [part.get_content() for part in message.walk() if not part.is_multipart()]
        heard = "\n".join([str(message.items()), *map(str, parts)])
        assert not any(word in heard for word in (*planted, *DANA)), message["Subject"]
    for role in ("partner-adviser", "training-body", "secretary"):
        for name in ("releve.pdf", "annexe.pdf"):
            answer = _as(full, role).get(f"/seances/{full.held.id}/{name}")
            assert answer.status_code == 200
            heard = said_by(answer)
            assert not any(word in heard for word in foreign_to(role, planted)), (role, name)


@pytest.mark.sqlite_first
def test_the_logs_of_a_walk_name_nobody_and_no_address(full, planted):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(shell.JsonLines())
    kept = shell.log.level
    shell.log.addHandler(handler)
    shell.log.setLevel(logging.INFO)
    try:
        for role in ("own-adviser", "secretary", walking.LINK_HOLDER):
            visitor, keys = _as(full, role), walking.keys()
            for way in walking.ways():
                if way.path.endswith(".pdf"):
                    continue
                address = way.of(full, role) + ("" if "?" in way.of(full, role) else "?q=Benali")
                if way.method == "GET":
                    visitor.get(address)
                else:
                    visitor.post(address, data={"_key": next(keys), "text": "Benali"})
    finally:
        shell.log.removeHandler(handler)
        shell.log.setLevel(kept)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert len(lines) > 200
    secrets = (*planted, *DANA, full.token, *full.cookies.values(), "@example.org",
               *(usual for _, usual, _ in small.PEOPLE.values()))  # fmt: skip
    for line in lines:
        heard = json.dumps(line, ensure_ascii=False)
        assert set(line) <= {"at", "level", "event", "method", "route", "status", "ms", "fault",
                             "where"}  # fmt: skip
        assert not any(secret in heard for secret in secrets), line
        assert "/" not in heard, line


def _as(full: SimpleNamespace, role: str) -> TestClient:
    return walking.visitor(full, role)


@pytest.fixture(scope="module")
def web():
    """An engine of the web role over a base that another role owns."""
    assembly.load_models()
    with postgres.cluster() as cluster:
        cluster.role(WEB_ROLE)
        cluster.create("walls")
        _create_tables(cluster.url("walls"))
        engine = db.connect(cluster.url("walls", WEB_ROLE), pool_size=2)
        yield engine
        engine.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET entry = '{}'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
        "UPDATE access_line SET route = ''",
        "DELETE FROM access_line",
        "TRUNCATE access_line",
        "CREATE TABLE aside (said text)",
        "DROP TABLE access_line",
        "ALTER TABLE audit_entry ADD COLUMN said text",
        "GRANT UPDATE ON audit_entry TO passerelles_web",
        "CREATE FUNCTION ajar() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER ROLE passerelles_web SUPERUSER",
        "COPY audit_entry TO PROGRAM 'cat'",
    ],
)
def test_the_base_refuses_to_the_web_role_what_no_page_should_do(web: Engine, statement: str):
    if statement.startswith("GRANT"):
        with web.connect() as connection:
            connection.execute(text(statement))  # PostgreSQL says "no privileges were granted"
            connection.commit()
            granted = text("SELECT has_table_privilege('audit_entry', 'UPDATE')")
            assert connection.execute(granted).scalar_one() is False
        return
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be"),
        web.begin() as connection,
    ):
        connection.execute(text(statement))


@pytest.mark.postgres
def test_each_transaction_of_a_door_says_whose_agency_acts_and_forgets_it(web: Engine):
    with db.transaction(web) as session:
        town = small.build(session)
    full = walking.full(web, town)
    heard: list[str] = []

    def ask(connection) -> None:
        said = "SELECT current_setting('passerelles.agency', true)"
        heard.append(connection.exec_driver_sql(said).scalar_one())

    chloe, alice, nobody = (_as(full, r) for r in ("partner-adviser", "own-adviser", "anonymous"))
    event.listen(web, "commit", ask)
    try:
        chloe.get(f"/orientations/{full.referral.id}")
        assert len(heard) == 2 and set(heard) == {str(full.ccas.id)}  # the page, its access line
        heard.clear()
        fields = {"_key": "a-key-of-the-test", "_version": "1"}
        path = f"/parcours/{full.journey.id}/demande/{full.demand.id}/retirer"
        assert alice.post(path, data=fields).status_code == 303
        assert heard == [str(full.mission.id)]
        heard.clear()
        nobody.get("/connexion")
        assert heard == [""]
    finally:
        event.remove(web, "commit", ask)
    with web.connect() as connection:
        said = text("SELECT coalesce(current_setting('passerelles.agency', true), '')")
        assert connection.execute(said).scalar_one() == ""
