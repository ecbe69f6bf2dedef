"""An import's page: what was found, what will be or was done, row by row."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session, col, select

from coordination.agencies.actors import Actor
from coordination.consent import rule
from coordination.journeys import imports
from coordination.journeys.imports.lines import Verdict
from coordination.journeys.models import ImportRun, Journey
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.programmes.models import Programme

PAGE = 100


class Shown(NamedTuple):
    line: int
    name: str
    url: str
    verdict: Verdict
    reasons: list[str]


def page_of(db: Session, actor: Actor, run: ImportRun, query: Mapping[str, str]) -> dict[str, Any]:
    """The template's context. Names come from the cleaned rows before the confirmation, and after
    it from the journeys, as far as the reader may read them."""
    kept = [row for row in run.report["rows"] if query.get("sort", "") in ("", row["verdict"])]
    pages = max(1, -(-len(kept) // PAGE))
    chosen = query.get("page", "1")
    number = min(max(int(chosen) if chosen.isdecimal() and len(chosen) < 6 else 1, 1), pages)
    some = kept[(number - 1) * PAGE : number * PAGE]
    programme = db.get(Programme, run.programme_id) if run.programme_id else None
    sort = query.get("sort", "")

    def url_of(page: int) -> str:
        return "?" + urlencode({k: v for k, v in (("sort", sort), ("page", page)) if v})

    return {
        "run": run,
        "programme": programme.name if programme else "—",
        "counts": [(v, run.report["counts"][v.value]) for v in Verdict],
        "notes": run.report["notes"],
        "sort": sort,
        "rows": _after(db, actor, some) if run.confirmed_at else _before(db, run, some),
        "page": number,
        "pages": pages,
        "url_of": url_of,
        "already": _earlier(db, run),
    }


def _before(db: Session, run: ImportRun, rows: list[dict[str, Any]]) -> list[Shown]:
    named = {
        row.line: f"{row.values.get('usual_name', '').upper()} {row.values.get('given_names', '')}"
        for row in imports.rows_of(db, run)
    }
    return [_shown(row, named.get(row["line"], "").strip()) for row in rows]


def _after(db: Session, actor: Actor, rows: list[dict[str, Any]]) -> list[Shown]:
    keys = {UUID(row["journey"]) for row in rows if row["journey"]}
    found = db.exec(
        select(Journey.id, PersonIdentity.usual_name, PersonIdentity.given_names)
        .join(PersonIdentity, col(PersonIdentity.person_id) == Journey.person_id)
        .where(col(Journey.id).in_(keys), rule.sees(actor, Journey.person_id, Category.IDENTITY))
    )
    named = {str(key): f"{usual.upper()} {given}" for key, usual, given in found}
    return [_shown(row, named.get(row["journey"] or "", "")) for row in rows]


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
            col(ImportRun.confirmed_at).is_not(None),
        )
        .order_by(col(ImportRun.confirmed_at).desc())
        .limit(1)
    ).first()
