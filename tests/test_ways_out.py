"""What one may not read never leaves by any way out: a page, a part of a page, a header, every
string of a document, a calendar, a workbook, a mail, a log; nor an order of lines, nor a count.

Every route and every table joins by itself: see tests/walking.py and tests/canaries.py. What a
persona may read is worked out in tests/crossing.py, from what the four persons said."""

import io
import json
import logging
import re
from collections import defaultdict
from types import SimpleNamespace

import pytest
from sqlmodel import SQLModel

from coordination import db, settings, worker
from coordination.web import shell
from tests import biography, canaries, crossing, hearing, walking
from tests import town as small
from tests.canaries import Word
from tests.conftest import HTMX

INES = "ines"  # of the refuge, beside the roles of the matrix
ROLES = (*walking.WHO, INES)
# Who reads most, and who reads nothing: the others in the long run.
QUICK = {"own-adviser", "partner-adviser", "stranger-adviser", walking.PERSON_LINK, INES}
# Whose pages each role reads; who is not here reads no one's.
AGENCY = {
    "own-adviser": "mission", "partner-adviser": "ccas", "training-body": "greta",
    "stranger-adviser": "elsewhere", "secretary": "mde", "chair": "mde",
    "other-secretary": "elsewhere", walking.LINK_HOLDER: "ccas", INES: "refuge",
}  # fmt: skip
IN_COMMITTEE = ("committees", "meetings", "agenda", "live", "minutes")
# Lists of agencies, about no one: the refuge stands there as in any directory.
DIRECTORIES = {"committees:new", "committees:members", "administration:show",
               "administration:agency"}  # fmt: skip
MAY_NAME_THE_REFUGE = {"mission", "ccas", "refuge"}  # Dana's carrier; Lena agreed to both
# Whom each role may name, and the fewest words it hears: a walk that heard nothing finds nothing.
HEARS = {
    "own-adviser": ({"dana", "sami", "nour", "lena"}, 60),
    "partner-adviser": ({"dana", "nour", "lena"}, 60),
    "training-body": ({"nour"}, 5),
    walking.LINK_HOLDER: ({"dana"}, 5),
    walking.PERSON_LINK: ({"dana"}, 3),
    INES: ({"lena"}, 40),
}
LIKE_ANOTHER = {"chair", "other-secretary"}  # changed and walked again in the long run only
WORD = re.compile(r"zq\d{4}canari")


@pytest.fixture(name="full")
def _full(engine, town, again):
    def build() -> SimpleNamespace:
        full = walking.full(engine, town)
        with db.transaction(engine) as session:
            crossing.build(session, full)
            full.planted = canaries.plant(session, full)
        return full

    return again("planted", build)


def addresses(full: SimpleNamespace, role: str) -> list[tuple[str, str]]:
    """(route, address) of all that reads: about each of the four where the address names one."""
    found = []
    for way in walking.ways("GET"):
        others = [{}]
        if way.path.startswith("/parcours/{id:uuid}"):
            others = [{"id": one.id} for one in crossing.journeys(full).values()]
        elif way.path.startswith("/orientations/{id:uuid}"):
            others += [{"id": full.draft.id}, {"id": full.lena_referral.id}]
        found += [(way.name, way.of(full, role, **other)) for other in others]
    return found


def walk(full: SimpleNamespace, role: str, *, parts: bool = True) -> dict[tuple[str, str], str]:
    """All that a role hears, by route and address: pages, what htmx asks, documents."""
    visitor, heard = walking.visitor(full, role), {}
    for name, address in addresses(full, role):
        answer = visitor.get(address)
        assert answer.status_code < 500, address
        heard[name, address] = hearing.all_of(answer)
        if parts and answer.status_code == 200 and "html" in answer.headers["content-type"]:
            heard[name, f"{address} (part)"] = hearing.all_of(visitor.get(address, headers=HTMX))
    return heard


def foreign(role: str, route: str, planted: dict[str, Word]) -> set[str]:
    """The words that this role may not hear there. A person hears of no one else."""
    if role == walking.PERSON_LINK:
        return {word for word, where in planted.items() if where.person != "dana"}
    agency = AGENCY.get(role, "")
    here = route.split(":")[0] in IN_COMMITTEE
    purposes = frozenset({"committee"}) if here else crossing.ANY
    return {w for w, where in planted.items() if not canaries.may_hear(agency, where, purposes)}


def test_every_table_is_about_no_one_or_marked_in_each_of_its_columns_of_text(full):
    marked = defaultdict(set)
    for word in full.planted.values():
        marked[f"{word.table}.{word.column}"].add(word.person)
    for table in SQLModel.metadata.sorted_tables:
        about = biography.path_to_a_person(table)
        if table.name in biography.OF_NO_ONE:
            assert about is None, f"{table.name} is about someone"
        if table.name in biography.OF_NO_ONE | canaries.MUTE:
            continue
        assert about, f"say in tests/biography.py of whom {table.name} is"
        for column in canaries.texts(table):
            name = f"{table.name}.{column.name}"
            assert name in canaries.CODES or len(marked[name]) >= 3, f"no canary in {name}"
    assert {crossing.OWNERS[word.person] for word in full.planted.values()} == {
        "mission", "ccas", "refuge"
    }  # fmt: skip


@pytest.mark.sqlite_first
@pytest.mark.parametrize(
    "role",
    [pytest.param(role, marks=() if role in QUICK else pytest.mark.long) for role in ROLES],
)
def test_no_way_out_says_a_foreign_word_nor_changes_with_what_is_hidden(full, role, request):
    """First the words; then every hidden text is written otherwise, in the opposite order, and rows
    are added that this role may not read: nothing on any of its pages moves."""
    before = walk(full, role)
    leaks = set()
    for (route, address), said in before.items():
        heard = {word: full.planted[word] for word in WORD.findall(said)}
        leaks |= {f"{address}: {heard[word].what}" for word in foreign(role, route, heard)}
        if _names_the_refuge(role, route, said):
            leaks.add(f"{address}: the refuge")
    assert leaks == set()
    words = [full.planted[word] for word in set(WORD.findall("".join(before.values())))]
    named, least = HEARS.get(role, (set(), 0))
    assert {word.person for word in words if word.column == "usual_name"} == named
    assert len(words) >= least
    if role not in AGENCY or (role in LIKE_ANOTHER and _quick(request)):
        return
    hidden = set.intersection(
        *(foreign(role, r, full.planted) for r in ("live:chair", "desk:today"))
    )
    with db.transaction(full.engine) as session:
        canaries.renamed(session, full.planted, hidden)
        biography.more_hidden(session, full, AGENCY[role])
    after = walk(full, role, parts=False)
    assert [_moved(key[1], before[key], said) for key, said in after.items()
            if _still(before[key]) != _still(said)] == []  # fmt: skip


def test_the_walk_goes_through_the_page_that_takes_a_referral_into_ones_own_house(full):
    page = f"/orientations/{full.lena_referral.id}/ouvrir-chez-nous"
    assert ("referrals:open_here", page) in addresses(full, "partner-adviser")
    answer = walking.visitor(full, "partner-adviser").get(page)
    assert answer.status_code == 200
    heard = {full.planted[word] for word in WORD.findall(hearing.all_of(answer))}
    assert {(word.person, word.table) for word in heard} == {("lena", "person_identity")}


def test_no_mail_says_anything_of_a_person_nor_names_the_refuge(full):
    folder = settings.load().mail_folder
    before = set(folder.glob("*.eml"))
    while worker.work_once(full.engine):
        continue
    assert worker.deliver(full.engine) > 0
    mails = set(folder.glob("*.eml")) - before
    assert mails
    for path in mails:
        heard = hearing.of_mail(path.read_bytes())
        assert WORD.findall(heard) == [], path
        assert crossing.REFUGE.split()[0].lower() not in heard, path
    for role in ("partner-adviser", "training-body", "secretary"):
        for name in ("releve.pdf", "annexe.pdf"):
            answer = walking.visitor(full, role).get(f"/seances/{full.held.id}/{name}")
            heard = {w: full.planted[w] for w in WORD.findall(hearing.all_of(answer))}
            assert answer.status_code == 200 and foreign(role, "minutes:pdf", heard) == set()


@pytest.mark.sqlite_first
def test_the_logs_of_a_walk_name_nobody_and_no_address(full):
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(shell.JsonLines())
    kept = shell.log.level
    shell.log.addHandler(handler)
    shell.log.setLevel(logging.INFO)
    try:
        for role in ("own-adviser", walking.LINK_HOLDER):
            visitor, keys = walking.visitor(full, role), walking.keys()
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
    secrets = ("Benali", crossing.REFUGE, full.token, *full.cookies.values(), "@example.org",
               *(usual for _, usual, _ in small.PEOPLE.values()))  # fmt: skip
    for line in lines:
        heard = json.dumps(line, ensure_ascii=False)
        assert set(line) <= {"at", "level", "event", "method", "route", "status", "ms", "fault",
                             "where"}  # fmt: skip
        assert WORD.findall(heard) == []
        assert not any(secret in heard for secret in secrets), line
        assert "/" not in heard, line


def _names_the_refuge(role: str, route: str, said: str) -> bool:
    knows = role == walking.PERSON_LINK or AGENCY.get(role) in MAY_NAME_THE_REFUGE
    if knows or route in DIRECTORIES:
        return False
    said = re.sub(r"<option.*?</option>", "", said)  # a choice is a line of a directory
    return crossing.REFUGE.split()[0].lower() in said


def _quick(request: pytest.FixtureRequest) -> bool:
    return "not long" in request.config.getoption("-m")


def _moved(address: str, before: str, after: str) -> str:
    before, after = _still(before), _still(after)
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), -1)
    return f"{address}: …{before[max(0, at - 40) : at + 60]}… became …{after[at : at + 60]}…"


def _still(said: str) -> str:
    """Without what is drawn anew for each page."""
    said = re.sub(r'name="sharing"content="[^"]*"', "", said)
    return re.sub(r'name="_key"value="[^"]*"', "", said)
