"""An import's pages: what its columns say, how far its work went, what will be or was done, row by
row."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.consent import rule
from coordination.journeys.imports import headings, staging
from coordination.journeys.imports.lines import Verdict
from coordination.journeys.models import Journey
from coordination.journeys.models_imports import ImportRun, ImportState
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.programmes.models import Programme
from coordination.rows import ranges
from coordination.web.forms import Form

PAGE = 100
_SAMPLES = 3
AT_WORK = (ImportState.READING, ImportState.WRITING, ImportState.UNDOING)


class Shown(NamedTuple):
    line: int
    name: str
    url: str
    verdict: Verdict
    reasons: list[str]


class Column(NamedTuple):
    """A column of the file, to be named. `nir`: never read, whatever is chosen."""

    place: int
    heading: str
    samples: list[str]
    nir: bool


def page_of(db: Session, actor: Actor, run: ImportRun, query: Mapping[str, str]) -> dict[str, Any]:
    """The template's context. Names come from the file's cells before the confirmation, and after
    it from the journeys, as far as the reader may read them."""
    sort = query.get("sort", "")
    kept = [row for row in staging.rows_of(db, run) if sort in ("", row["verdict"])]
    pages = max(1, -(-len(kept) // PAGE))
    chosen = query.get("page", "1")
    number = min(max(int(chosen) if chosen.isdecimal() and len(chosen) < 6 else 1, 1), pages)
    programme = db.get(Programme, run.programme_id) if run.programme_id else None

    def url_of(page: int) -> str:
        return "?" + urlencode({k: v for k, v in (("sort", sort), ("page", page)) if v})

    return {
        "run": run,
        "programme": programme.name if programme else "—",
        "counts": [(v, run.report["counts"][v.value]) for v in Verdict],
        "notes": run.report["notes"],
        "sort": sort,
        "rows": _named(db, actor, run, kept[(number - 1) * PAGE : number * PAGE]),
        "page": number,
        "pages": pages,
        "url_of": url_of,
        "already": _earlier(db, run),
    }


def every_line(db: Session, actor: Actor, run: ImportRun) -> list[Shown]:
    """The same, whole."""
    return _named(db, actor, run, staging.rows_of(db, run))


def columns_of(db: Session, run: ImportRun, form: Form) -> dict[str, Any]:
    """What the mapping page shows: what was typed wins over what was kept."""
    table = staging.table_of(db, run)
    told = [
        Column(place, heading or f"Colonne {place + 1}", _samples(table.rows, place),
               run.columns[place] == headings.NIR)
        for place, heading in enumerate(table.headings)
    ]  # fmt: skip
    kept = {f"column-{place}": name for place, name in enumerate(run.columns)} | {
        "programme": run.programme_id,
        "entered_on": run.entered_on,
        "planned_end_on": run.planned_end_on,
    }
    missing = headings.Match(run.columns, remembered=False).missing
    return {
        "form": form if form.sent else Form(kept),
        "columns": told,
        "options": headings.OPTIONS,
        "missing": missing,
        "rows": len(table.rows),
        "only_persons": "programme" not in run.columns and "entered_on" not in run.columns,
    }


def progress_of(run: ImportRun) -> dict[str, Any]:
    says = {
        ImportState.READING: ("Lecture de la liste", "lues"),
        ImportState.WRITING: ("Enregistrement de la liste", "enregistrées"),
        ImportState.UNDOING: ("Annulation de l’import", "reprises"),
    }
    title, word = says[run.state]
    return {"title": title, "word": word}


def _samples(rows: list[tuple[int, list[str]]], place: int) -> list[str]:
    found: list[str] = []
    for _, cells in rows[:200]:
        value = cells[place] if place < len(cells) else ""
        if value.isprintable() and value and value[:40] not in found:
            found.append(value[:40])
        if len(found) == _SAMPLES:
            break
    return found


def _named(db: Session, actor: Actor, run: ImportRun, rows: list[dict[str, Any]]) -> list[Shown]:
    if run.state is ImportState.READY:
        named = _from_cells(db, run)
        return [_shown(row, named.get(row["line"], "")) for row in rows]
    named_after = _from_journeys(db, actor, rows)
    return [_shown(row, named_after.get(row["journey"] or "", "")) for row in rows]


def _from_cells(db: Session, run: ImportRun) -> dict[int, str]:
    table = staging.table_of(db, run)
    usual, given = (run.columns.index(name) for name in ("usual_name", "given_names"))

    def cell(cells: list[str], place: int) -> str:
        value = cells[place] if place < len(cells) else ""
        return value if value.isprintable() else ""

    return {
        line: f"{cell(cells, usual).upper()} {cell(cells, given)}".strip()
        for line, cells in table.rows
    }


def _from_journeys(db: Session, actor: Actor, rows: list[dict[str, Any]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for some in ranges([UUID(row["journey"]) for row in rows if row["journey"]]):
        found = db.exec(
            select(Journey.id, PersonIdentity.usual_name, PersonIdentity.given_names)
            .join(PersonIdentity, col(PersonIdentity.person_id) == Journey.person_id)
            .where(
                col(Journey.id).in_(some), rule.sees(actor, Journey.person_id, Category.IDENTITY)
            )
        )
        named |= {str(key): f"{usual.upper()} {given}" for key, usual, given in found}
    return named


def _shown(row: dict[str, Any], name: str) -> Shown:
    url = f"/parcours/{row['journey']}" if row["journey"] else ""
    return Shown(row["line"], name or "—", url, Verdict(row["verdict"]), row["reasons"])


def _earlier(db: Session, run: ImportRun) -> ImportRun | None:
    """The same file, already imported by the same agency."""
    return db.exec(
        select(ImportRun)
        .where(
            ImportRun.agency_id == run.agency_id,
            ImportRun.sha256 == run.sha256,
            ImportRun.id != run.id,
            ImportRun.state == ImportState.DONE,
        )
        .order_by(col(ImportRun.confirmed_at).desc())
        .limit(1)
    ).first()
