"""Which rows of each table the web role may see and write, as SQL.

Every transaction says who acts (`db.set_context`): `agency`, `professional`, `person` (who came by
their own link), `now`. What is not said is null, and null opens nothing. `beyond` names a piece of
work that looks past the walls (`db.beyond`).
"""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel

from coordination.consent import rule
from coordination.persons.categories import BY_ROW, TABLES, TECHNICAL, Category

AGENCY = "(SELECT nullif(current_setting('passerelles.agency', true), '')::uuid)"
PROFESSIONAL = "(SELECT nullif(current_setting('passerelles.professional', true), '')::uuid)"
PERSON = "(SELECT nullif(current_setting('passerelles.person', true), '')::uuid)"
NOW = "(SELECT nullif(current_setting('passerelles.now', true), '')::timestamptz)"
BEYOND = "(SELECT coalesce(current_setting('passerelles.beyond', true), '') <> '')"

KNOWS = "passerelles_knows"  # a function: has this agency any live business with this person?


class Policy(NamedTuple):
    """Rows that may be seen (and changed), rows that may be added."""

    seen: str
    added: str


def policies() -> dict[str, Policy]:
    """By table, for every table that says something of a person or about one."""
    own = _of_their_own()
    return {table: own.get(table) or _about(table) for table in TABLES if table in _tables()}


def sees(person: str, bit: str) -> str:
    """The read rule (`consent.rule`), for whoever the transaction says; `bit`: which category."""
    clause = rule.opened(
        _sql(person),
        _sql(bit),
        agency_id=_sql(AGENCY),
        professional_id=_sql(PROFESSIONAL),
        moment=_sql(NOW),
    )
    compiled = clause.compile(
        dialect=postgresql.dialect(),
        compile_kwargs={"literal_binds": True},
    )
    return str(compiled)


def _about(table: str) -> Policy:
    """By the table's category. What one's own agency recorded stays its own; a table that tells
    nothing opens to whoever knows the person; a row without a person follows the row above it."""
    columns = _tables()[table].columns
    category = TABLES[table]
    ways = [f"{table}.agency_id = {AGENCY}"] if "agency_id" in columns else []
    if "person_id" in columns:
        person = f"{table}.person_id"
        ways.append(f"{PERSON} = {person}")
        ways.append(
            f"{KNOWS}({person})" if category == TECHNICAL else sees(person, _bit(table, category))
        )
    else:
        ways.append(_above(table))
    seen = " OR ".join(ways)
    return Policy(seen, seen)


def _above(table: str) -> str:
    """The row that this one hangs on may be seen: its own policy says so."""
    for key in sorted(
        _tables()[table].foreign_keys,
        key=lambda key: (
            _ORDER.index(key.column.table.name) if key.column.table.name in _ORDER else 99
        ),
    ):
        parent = key.column.table.name
        if parent in TABLES:
            return (
                f"EXISTS (SELECT 1 FROM {parent} above WHERE above.id = {table}.{key.parent.name})"
            )
    raise LookupError(f"{table}: hangs on no table about a person; say its policy here")


_ORDER = ("person", "journey", "consent", "agenda_item", "decision", "referral")


def _of_their_own() -> dict[str, Policy]:
    """Tables whose rows concern two agencies, or a committee."""
    received = (
        f"referral.recipient_id = {AGENCY} AND referral.sent_at IS NOT NULL AND EXISTS ("
        f"SELECT 1 FROM reach JOIN consent_cover ON consent_cover.person_id = reach.person_id"
        f" AND consent_cover.agency_id = reach.agency_id AND consent_cover.effect = 'allow'"
        f" AND consent_cover.purpose = reach.purpose"
        f" AND consent_cover.from_at <= {NOW} AND consent_cover.until_at > {NOW}"
        f" WHERE reach.source_id = referral.id AND reach.agency_id = {AGENCY}"
        f" AND reach.from_at <= {NOW} AND (reach.until_at IS NULL OR reach.until_at > {NOW}))"
    )
    made = {
        "person": _same(
            f"person.agency_id = {AGENCY} OR {PERSON} = person.id OR {KNOWS}(person.id)"
        ),
        "referral": _same(
            f"referral.sender_id = {AGENCY} OR {PERSON} = referral.person_id OR ({received})"
        ),
        "referral_step": _same(f"referral_step.agency_id = {AGENCY} OR {_above('referral_step')}"),
        "file": _same(
            f"(file.person_id IS NULL AND (file.agency_id IS NULL OR file.agency_id = {AGENCY}))"
            f" OR file.agency_id = {AGENCY} OR {sees('file.person_id', _bit('file', BY_ROW))}"
        ),
        "notice": Policy(
            f"notice.person_id IS NULL OR notice.agency_id = {AGENCY}"
            f" OR notice.professional_id = {PROFESSIONAL} OR {KNOWS}(notice.person_id)",
            "true",
        ),
        "access_line": Policy(
            f"access_line.agency_id = {AGENCY} OR access_line.professional_id = {PROFESSIONAL}"
            f" OR {PERSON} = access_line.person_id",
            "true",
        ),
    }
    made |= {
        "extract": _same(
            f"extract.agency_id = {AGENCY} OR EXISTS (SELECT 1 FROM minutes"
            f" WHERE minutes.id = extract.minutes_id AND ({_seated('minutes.meeting_id')}))"
        ),
        "compared": _same(f"compared.agency_id = {AGENCY}"),  # nobody learns who else knows someone
        "draft": _same(f"draft.professional_id = {PROFESSIONAL}"),
        "journey_due": Policy(_above("journey_due"), "true"),
        "transition_fact": Policy("true", "false"),  # counts, and no way back to anyone
    }
    for table in ("agenda_item", "decision", "follow_up"):
        made[table] = _same(f"{_seated(table + '.meeting_id')} OR {_about_item(table)}")
    return made


def _about_item(table: str) -> str:
    columns = _tables()[table].columns
    if "person_id" not in columns:
        return _above(table)
    person = f"{table}.person_id"
    return (
        f"{table}.agency_id = {AGENCY} OR {PERSON} = {person}"
        f" OR {sees(person, str(Category.STEPS.bit))}"
    )


def _seated(meeting: str) -> str:
    """A mandate on the committee today, or a seat at that meeting: its items name nobody by
    themselves (an item carries its anonymous form)."""
    today = f"({NOW} AT TIME ZONE 'Europe/Paris')::date"
    return (
        f'EXISTS (SELECT 1 FROM meeting JOIN "grant" ON "grant".scope_id = meeting.committee_id'
        f' WHERE meeting.id = {meeting} AND "grant".professional_id = {PROFESSIONAL}'
        f' AND "grant".from_on <= {today}'
        f' AND ("grant".until_on IS NULL OR "grant".until_on >= {today}))'
        f" OR EXISTS (SELECT 1 FROM attendance WHERE attendance.meeting_id = {meeting}"
        f" AND attendance.professional_id = {PROFESSIONAL})"
        f" OR EXISTS (SELECT 1 FROM invitation WHERE invitation.meeting_id = {meeting}"
        f" AND invitation.professional_id = {PROFESSIONAL})"
    )


def _same(seen: str) -> Policy:
    return Policy(seen, seen)


def _bit(table: str, category: Category | str) -> str:
    if isinstance(category, Category):
        return str(category.bit)
    words = " ".join(f"WHEN '{known}' THEN {known.bit}" for known in Category)
    return f"(CASE {table}.category {words} ELSE {Category.DOCUMENTS.bit} END)"


def _sql(words: str) -> ColumnElement[Any]:
    return literal_column(words)


def _tables() -> Any:
    return SQLModel.metadata.tables
