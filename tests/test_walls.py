"""What the base itself refuses to the web role, on PostgreSQL. What leaves by the pages is in
tests/test_ways_out.py."""

from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import ProgrammingError
from starlette.testclient import TestClient

from coordination import assembly, db
from tests import postgres, walking
from tests import town as small
from tests.bases import ROLES, create_template


def _as(full: SimpleNamespace, role: str) -> TestClient:
    return walking.visitor(full, role)


@pytest.fixture(scope="module")
def walls():
    """(worker, web): two roles over a base that another role owns."""
    assembly.load_models()
    with postgres.cluster(postgres.memory()) as cluster:
        create_template(cluster, "walls")
        worker = db.connect(cluster.url("walls", ROLES.worker), pool_size=2)
        behind = db.connect(cluster.url("walls", ROLES.web), pool_size=2)
        yield worker, behind
        behind.dispose()
        worker.dispose()


@pytest.fixture
def web(walls) -> Engine:
    return walls[1]


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
def test_each_transaction_of_a_door_says_whose_agency_acts_and_forgets_it(walls):
    worker, web = walls
    with db.transaction(worker) as session:
        town = small.build(session)
    town.web = web
    full = walking.full(worker, town)
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
