"""Either wall alone lets nothing out: the queries' wall taken away, then PostgreSQL's. And what the
base says of itself: every table about a person is walled, for everyone but who must see."""

from datetime import datetime
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text, true
from sqlmodel import Session, SQLModel, col, select

from coordination import assembly, clock, db
from coordination.agencies.actors import ActorKind
from coordination.consent import rule
from coordination.consent.models import ReachKind
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey
from coordination.persons.categories import TABLES, Category
from coordination.persons.models import PersonIdentity
from coordination.referrals import queries as referrals
from coordination.referrals.models import Referral
from tests import canaries, crossing, hearing, postgres, walking
from tests import town as small
from tests.bases import OWNER, ROLES, create_template
from tests.conftest import HTMX
from tests.test_ways_out import INES, WORD, addresses, foreign

pytestmark = pytest.mark.postgres
QUICK = ("partner-adviser",)
LONG = ("stranger-adviser", "secretary", "training-body", "chair", "other-secretary", "pilot",
        "dpo", "admin", walking.LINK_HOLDER, walking.PERSON_LINK, INES)  # fmt: skip
LOOKERS = (*QUICK, *(pytest.param(role, marks=pytest.mark.long) for role in LONG))


@pytest.fixture(scope="module")
def cluster():
    assembly.load_models()
    with postgres.cluster(postgres.memory()) as made:
        create_template(made, "walled")
        yield made


@pytest.fixture(scope="module")
def worker(cluster):
    made = db.connect(cluster.url("walled", ROLES.worker), pool_size=2)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def web(cluster):
    made = db.connect(cluster.url("walled", ROLES.web), pool_size=2)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def full(worker, web) -> SimpleNamespace:
    """The four persons of tests/crossing.py, a word of their own in every column of text."""
    clock.set_source(lambda: datetime.fromisoformat(small.NOON))
    with db.transaction(worker) as session:
        town = small.build(session)
    town.engine, town.web = worker, web
    made = walking.full(worker, town)
    with db.transaction(worker) as session:
        crossing.build(session, made)
        made.planted = canaries.plant(session, made)
    clock.set_source(None)
    return made


def leaks(full: SimpleNamespace, role: str) -> set[str]:
    """What the role hears and may not, whatever the status: a page that falls over may leak."""
    visitor, found = walking.visitor(full, role), set()
    for route, address in addresses(full, role):
        for headers in ({}, HTMX):
            heard = {w: full.planted[w] for w in WORD.findall(_said(visitor, address, headers))}
            found |= {f"{address}: {heard[w].what}" for w in foreign(role, route, heard)}
    return found


def _said(visitor, address: str, headers: dict[str, str]) -> str:
    return hearing.all_of(visitor.get(address, headers=headers))


class Everyone(dict):
    """Whoever is asked about: readable in full."""

    def get(self, person, _=None):
        return {c: rule.Basis(uuid4(), ReachKind.OWN) for c in Category}

    def __getitem__(self, person):
        return self.get(person)

    def __contains__(self, person):
        return True


@pytest.fixture
def without_queries_wall(monkeypatch):
    """Every query of the house believes that everyone may read everything."""

    def readable(db: Session, *, persons, **_):
        return Everyone(dict.fromkeys(persons))

    monkeypatch.setattr(rule, "sees", lambda *_, **__: true())
    monkeypatch.setattr(rule, "opened", lambda *_, **__: true())
    monkeypatch.setattr(rule, "readable", readable)
    monkeypatch.setattr(
        rule, "for_actor", lambda db, actor, persons, **_: readable(db, persons=persons)
    )
    monkeypatch.setattr(journeys, "visible_to", lambda actor: select(Journey))
    monkeypatch.setattr(referrals, "visible_to", lambda actor: select(Referral))
    for kept in (referrals._counting, referrals._listing, referrals._names):
        kept.cache_clear()
    yield
    for kept in (referrals._counting, referrals._listing, referrals._names):
        kept.cache_clear()


@pytest.mark.parametrize("role", LOOKERS)
def test_with_the_queries_wall_gone_the_base_says_no_foreign_word(full, without_queries_wall, role):
    assert leaks(full, role) == set()


def test_that_wall_was_really_gone(full, without_queries_wall):
    """Where the base has no wall of its own, the same pages tell everything."""
    open_house = SimpleNamespace(**{**vars(full), "web": full.engine})
    assert len(leaks(open_house, "stranger-adviser")) > 20


@pytest.mark.parametrize(
    "role", ["secretary", pytest.param("partner-adviser", marks=pytest.mark.long)]
)
def test_with_the_walls_of_the_base_down_the_queries_say_no_foreign_word(full, cluster, role):
    lowered = SimpleNamespace(**{**vars(full), "web": full.engine})  # the worker sees every row
    assert leaks(lowered, role) == set()


def test_every_table_about_a_person_is_walled_and_forced_and_says_who_may_pass(worker: Engine):
    assembly.load_models()
    with db.reading(worker) as session:
        rows = session.execute(text(
            "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        )).all()  # fmt: skip
        told = session.execute(text(
            "SELECT tablename, policyname, cmd, roles::text FROM pg_policies"
        )).all()  # fmt: skip
    walled = {name for name, enabled, forced in rows if enabled and forced}
    about = {name for name in TABLES if name in SQLModel.metadata.tables}
    assert about == walled
    for table in about:
        mine = {(name, cmd, roles) for of, name, cmd, roles in told if of == table}
        web = {cmd for _, cmd, roles in mine if roles == f"{{{ROLES.web}}}"}
        assert web == {"SELECT", "INSERT", "UPDATE", "DELETE"}, table
        everyone = {roles for _, _, roles in mine}
        assert "{public}" not in everyone, table


@pytest.mark.parametrize("role", [ROLES.web, OWNER, ROLES.audit])
def test_who_does_not_say_who_acts_sees_no_one(full, cluster, role):
    engine = db.connect(cluster.url("walled", role), pool_size=1)
    try:
        for table in sorted(TABLES):
            if table in {"access_line", "transition_fact", "reach", "file", "notice"}:
                continue  # what is about no one in there may be seen; the owner counts business
            with db.reading(engine) as session:
                may = text("SELECT has_table_privilege(:table, 'SELECT')")
                if session.execute(may, {"table": f'"{table}"'}).scalar_one():
                    count = text(f'SELECT count(*) FROM "{table}"')
                    assert session.execute(count).scalar_one() == 0, table
    finally:
        engine.dispose()


def test_the_worker_and_the_backup_see_every_row_and_the_backup_writes_none(full, cluster):
    with db.reading(full.engine) as session:
        persons = len(session.exec(select(PersonIdentity)).all())
    assert persons >= 4
    backup = db.connect(cluster.url("walled", ROLES.backup), pool_size=1)
    try:
        with db.reading(backup) as session:
            assert len(session.exec(select(PersonIdentity)).all()) == persons
        with pytest.raises(Exception, match="permission denied"), db.transaction(backup) as session:
            session.execute(text("DELETE FROM person_note"))
    finally:
        backup.dispose()


def test_the_roles_are_made_once_and_pass_no_wall(full, cluster):
    with db.reading(full.engine) as session:
        rows = session.execute(
            text("SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles"
                 " WHERE rolname = ANY(:names)"),
            {"names": list(ROLES)},
        ).all()  # fmt: skip
    assert {row[0] for row in rows} == set(ROLES)
    assert not any(flag for row in rows for flag in row[1:])


def test_for_that_piece_of_work_web_is_another_role_and_then_itself_again(full):
    who = text("SELECT current_user")
    with db.reading(full.web) as session:
        assert session.execute(who).scalar_one() == ROLES.web
        with db.beyond(session, "one"):
            with db.beyond(session, "within"):
                assert session.execute(who).scalar_one() == ROLES.beyond
            assert session.execute(who).scalar_one() == ROLES.beyond
            planned = session.execute(text("EXPLAIN SELECT * FROM person_note")).scalars()
            assert not any("InitPlan" in step for step in planned)  # no policy is planned
        assert session.execute(who).scalar_one() == ROLES.web
        planned = session.execute(text("EXPLAIN SELECT * FROM person_note")).scalars()
        assert any("InitPlan" in step for step in planned)
    with db.reading(full.web) as session:
        assert session.execute(who).scalar_one() == ROLES.web


def test_beyond_is_for_one_piece_of_work_only(full):
    actor = {"kind": ActorKind.PROFESSIONAL.value, "agency": str(full.elsewhere.id),
             "professional": str(full.eva.id)}  # fmt: skip
    wanted = select(PersonIdentity).where(col(PersonIdentity.person_id) == full.dana.id)
    with db.reading(full.web, context=actor) as session:
        assert session.exec(wanted).all() == []
        with db.beyond(session, "a test"):
            assert len(session.exec(wanted).all()) == 1
        session.expunge_all()
        assert session.exec(wanted).all() == []
    with db.reading(full.web, context=actor) as session:
        assert session.exec(wanted).all() == []
