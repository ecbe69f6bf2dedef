"""Whatever is typed or sent: a clear message, nothing lost, nothing kept by half, never a fault.

The rooms test their own wrong fields (an import that cannot be read, two people deciding the same
item…); here is what holds for every form."""

from types import SimpleNamespace

import pytest
from sqlmodel import Session, select
from uuid_utils.compat import uuid7

from coordination import assembly, db
from coordination.agencies.models import Professional
from coordination.journeys.models import Journey
from tests import sweeping, walking
from tests.conftest import soup

SIX = {
    "usual_name": "Costa", "given_names": "Lina", "birth_on": "2001-03-02",
    "entered_on": "2026-06-04", "planned_end_on": "2026-12-18",
}  # fmt: skip
NEW = "/parcours/nouveau"
# A few, for every day; all of them one by one with `make test-long`.
SOME = ("nul\0dedans", "99999999999999999999", "12026-01-01", "é" * 9000, str(uuid7()))

NO_MORE = {"disabled", "former-member", "session-ended"}  # they meet what anyone meets


@pytest.fixture(name="full")
def _full(engine, town, again):
    return again("full", lambda: walking.full(engine, town))


def sweep(full: SimpleNamespace, role: str, tries, but=lambda form: False) -> tuple[int, list[str]]:
    """(forms tried, what went wrong); each form is undone at the end of its transaction."""
    visitor, keys = walking.visitor(full, role), walking.keys()
    found = [form for form in sweeping.forms(visitor, full, role) if not but(form)]
    visitor.app.state.closers = (*assembly.CLOSERS, sweeping.undo)
    faults = []
    for form in found:
        for change in tries(form):
            answer = visitor.post(form.to, data=form.sent(change) | {"_key": next(keys)})
            if answer.status_code >= 500:
                faults.append(f"{answer.status_code} {form.to} {str(change)[:200]}")
    return len(found), faults


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    ("role", "least"),
    [
        ("own-adviser", 18),
        pytest.param("chair", 30, marks=pytest.mark.long),
        ("link-holder", 7),
    ],
)
def test_no_form_of_the_house_falls_over_what_is_typed_in_it(full, role, least):
    tried, faults = sweep(full, role, lambda form: sweeping.at_once(form, SOME))
    assert tried >= least and faults == []


@pytest.mark.long
@pytest.mark.parametrize("half", [0, 1])
def test_no_field_of_any_form_falls_over_what_is_typed_in_it(full, engine_name, half):
    """Each form once, by the first role that meets it; on PostgreSQL with fewer words at a time."""
    met: set[sweeping.Shape] = set()

    def but(form) -> bool:
        known = form.shape in met or form.half != half
        met.add(form.shape)
        return known

    def tries(form):
        if engine_name == "postgresql":
            return sweeping.at_once(form, SOME)
        return [*sweeping.at_once(form), *sweeping.one_by_one(form)]

    swept = {role: sweep(full, role, tries, but) for role in walking.WHO if role not in NO_MORE}
    assert [fault for _, faults in swept.values() for fault in faults] == []
    assert sum(tried for tried, _ in swept.values()) >= 40


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    "role",
    [
        "own-adviser",
        "anonymous",
        *(
            pytest.param(role, marks=pytest.mark.long)
            for role in ("chair", "admin", "dpo", "pilot")
        ),
    ],
)
def test_no_page_falls_over_what_follows_its_question_mark(full, role):
    visitor = walking.visitor(full, role)
    names = ("q", "page", "avant", "periode", "parcours", "comite", "sujet", "point", "decision",
             "geste", "version", "vers", "sens", "etat", "discret", "verdict")  # fmt: skip
    for way in walking.ways("GET"):
        if way.path.endswith((".pdf", "/flux")) and way.name != "minutes:annex":
            continue
        for wrong in ("nul\0dedans", "9" * 25, "²", str(uuid7())):
            answer = visitor.get(way.of(full, role), params=dict.fromkeys(names, wrong))
            assert answer.status_code < 500, (way.name, wrong)


@pytest.fixture
def create(visit, town, key):
    """create(name=…) posts the six fields of a journey, some of them changed."""

    def post(**changes):
        fields = SIX | {"programme": str(town.programme.id), "_key": key()} | changes
        return visit("alice").post(NEW, data=fields, follow_redirects=False)

    return post


def journeys(engine) -> int:
    with db.reading(engine) as session:
        return len(session.exec(select(Journey)).all())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("birth_on", "2001-02-31", "n’existe pas"),
        ("birth_on", "31/02/2001", "n’existe pas"),
        ("entered_on", "12026-01-01", "n’existe pas"),
        ("usual_name", "x" * 300, "100 caractères au plus"),
        ("usual_name", "nul\0dedans", "caractères invisibles"),
        ("programme", "not-a-key", "de la liste"),
        ("programme", "01a20000-0000-7000-8000-000000000000", "de la liste"),
    ],
)
@pytest.mark.parametrize("name", ["عائشة الإدريسي", "N’Diaye d'Arc", "<script>alert(1)</script>"])
def test_a_wrong_field_is_said_and_all_that_was_typed_comes_back(
    engine, create, field, value, said, name
):
    before = journeys(engine)
    answer = create(**({"given_names": name, field: value}))
    page = soup(answer)
    assert answer.status_code == 422 and said in page.get_text()
    assert page.select_one("input[name=given_names]")["value"] == name
    assert "<script>alert" not in answer.text
    if "\0" not in value and field != "programme":
        assert page.select_one(f"input[name={field}]")["value"] == value
    assert journeys(engine) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"usual_name": ["Costa", "Autre"]},
        {"_version": "99999999999999999999"},
        {"unknown": "field"},
    ],
)
def test_a_field_twice_a_huge_version_an_unknown_field_are_no_fault(create, changes):
    assert create(**changes).status_code in {303, 409, 422}


@pytest.mark.parametrize("wrong", ["k", "k" * 65, "../../etc/passwd", "clé-avec-accent"])
def test_a_form_key_that_is_not_ours_is_refused_with_the_form(engine, create, wrong):
    before = journeys(engine)
    answer = create(_key=wrong)
    assert answer.status_code == 422 and "incomplet" in answer.text
    assert soup(answer).select_one("input[name=usual_name]")["value"] == "Costa"
    assert journeys(engine) == before


MULTIPART = "multipart/form-data; boundary=xyz"
PART = b'--xyz\r\nContent-Disposition: form-data; name="usual_name"\r\n\r\nCosta\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        (MULTIPART, PART, 422),  # cut before its end
        (MULTIPART, b"--xyz\r\nnonsense\r\n--xyz--\r\n", 422),
        ("multipart/form-data", PART, 422),  # without saying what separates
        (f"{MULTIPART}; charset=utf-7", PART + b"--xyz--\r\n", 415),
        ("application/json", b'{"usual_name": "Costa"}', 415),
        ("text/plain", b"usual_name=Costa", 415),
        ("application/x-www-form-urlencoded", b"usual_name=%ED%A0%80&given_names=%FF%FE", 422),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(4000)), 422),
    ],
)
def test_what_is_no_form_of_ours_is_refused(engine, visit, content_type, body, status):
    before = journeys(engine)
    answer = visit("alice").post(NEW, content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert journeys(engine) == before


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://ailleurs.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.ailleurs.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_every_form_sent_from_another_site_is_refused(full, headers):
    visitor, keys = walking.visitor(full, "own-adviser"), walking.keys()
    for way in walking.ways("POST"):
        fields = {"_key": next(keys)} | walking.least(way, full)
        answer = visitor.post(way.of(full, "own-adviser"), data=fields, headers=headers)
        assert answer.status_code == 403 and "autre site" in answer.text, way.name
    assert visitor.get("/aujourdhui").status_code == 200  # not even signed out


@pytest.mark.parametrize("word", ["1", "not-a-key", "0" * 32, "..%2f..", "%00", "é"])
def test_an_id_that_is_none_does_not_exist(visit, word):
    for folder in ("parcours", "comites", "seances", "orientations", "decisions", "alertes"):
        assert visit("alice").get(f"/{folder}/{word}").status_code in {404, 405}, folder


def test_where_to_go_after_signing_in_stays_in_the_house(engine, town, visit):
    with Session(engine) as session:
        session.get_one(Professional, town.alice.id).persona = "referent"
        session.commit()
    for to, where in (
        ("//ailleurs.example", "/aujourdhui"),
        ("/\\ailleurs.example", "/aujourdhui"),
        ("https://ailleurs.example", "/aujourdhui"),
        ("/parcours?q=中", "/parcours?q=%E4%B8%AD"),
    ):
        fields = {"persona": "referent", "vers": to}
        answer = visit(None).post("/connexion/demo", data=fields, follow_redirects=False)
        assert answer.headers["location"] == where
        answer = visit(None).post(
            "/connexion/demo", data=fields, headers={"HX-Request": "true"}, follow_redirects=False
        )
        assert answer.headers["hx-redirect"] == where
