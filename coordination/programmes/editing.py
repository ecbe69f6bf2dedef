"""Changing the catalogue: from a day on, never before it. What held in February stays readable."""

import re
import unicodedata
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.programmes import checks, rules
from coordination.programmes.catalogue import Rules
from coordination.programmes.models import Programme, ProgrammeKind, ProgrammeRule

_DAY = timedelta(days=1)


def add(
    db: Session,
    *,
    name: str,
    kind: ProgrammeKind,
    carrier: str = "",
    summary: str = "",
    region_id: UUID | None = None,
    actor: Actor,
) -> Programme:
    """A programme of the Région's own; its rules come after, from the day they hold."""
    programme = Programme(
        region_id=region_id,
        slug=_slug(db, name),
        name=name,
        kind=kind,
        carrier=carrier,
        summary=summary,
    )
    db.add(programme)
    db.flush()
    audit.act(db, actor, "programme.added", about=programme.id)
    return programme


def describe(
    db: Session,
    programme: Programme,
    *,
    name: str,
    kind: ProgrammeKind,
    carrier: str,
    summary: str,
    active: bool,
    actor: Actor,
) -> Programme:
    """What is said of the programme. No longer active: no journey begins in it, those under way go
    on."""
    programme.name, programme.kind, programme.carrier = name, kind, carrier
    programme.summary, programme.active = summary, active
    programme.version += 1
    db.add(programme)
    audit.act(db, actor, "programme.described", about=programme.id)
    return programme


def change(
    db: Session,
    programme: Programme,
    *,
    wanted: Rules,
    from_on: date,
    note: str = "",
    actor: Actor,
) -> ProgrammeRule:
    """Other rules from a day on: today at the earliest, once the programme has rules. Those in
    force until then keep their dates; a change already planned for later stays planned."""
    for name, why in checks.contradictions(wanted).items():
        raise Invalid(why, field=name)
    known = db.exec(rules.history(programme.id)).all()
    if known and from_on < clock.today():
        raise Invalid("Une règle se change à partir d’aujourd’hui : ce qui était en vigueur avant "
                      "ne se réécrit pas.", field="from_on")  # fmt: skip
    before = next((row for row in known if row.from_on <= from_on), None)
    after = next((row for row in reversed(known) if row.from_on > from_on), None)
    if before is not None and _holds(before, from_on) and rules.of_row(before) == wanted:
        raise Invalid("Ces règles sont déjà celles qui seront en vigueur ce jour-là.",
                      field="from_on")  # fmt: skip
    if before is not None and before.from_on == from_on:
        row = before
    else:
        row = ProgrammeRule(programme_id=programme.id, from_on=from_on)
        row.until_on = after.from_on - _DAY if after else None
        if before is not None and _holds(before, from_on):
            row.until_on, before.until_on = before.until_on, from_on - _DAY
            db.add(before)
            db.flush()
    for name, value in rules.as_row(wanted).items():
        setattr(row, name, value)
    row.note, row.professional_id = note, actor.professional_id
    db.add(row)
    _noted(db, programme, "programme.rules_changed", from_on, actor)
    return row


def drop(db: Session, programme: Programme, row: ProgrammeRule, *, actor: Actor) -> None:
    """A change planned for later does not happen: what holds before it goes on."""
    if row.from_on <= clock.today():
        raise Refused("Ces règles sont déjà en vigueur : changez-les à partir d’un jour.")
    before = db.exec(
        select(ProgrammeRule)
        .where(ProgrammeRule.programme_id == programme.id, ProgrammeRule.from_on < row.from_on)
        .order_by(col(ProgrammeRule.from_on).desc())
        .limit(1)
    ).first()
    if before is not None and before.until_on == row.from_on - _DAY:
        before.until_on = row.until_on
        db.add(before)
    db.delete(row)
    _noted(db, programme, "programme.rules_dropped", row.from_on, actor)


def _holds(row: ProgrammeRule, day: date) -> bool:
    return row.from_on <= day and (row.until_on is None or row.until_on >= day)


def _noted(db: Session, programme: Programme, verb: str, on: date, actor: Actor) -> None:
    programme.version += 1
    db.add(programme)
    db.flush()
    audit.act(db, actor, verb, about=programme.id, on=on.isoformat())


def _slug(db: Session, name: str) -> str:
    """A word for addresses and imports, that no other programme bears."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "dispositif"
    known = set(db.exec(select(Programme.slug).where(col(Programme.slug).startswith(base))))
    number = 2
    slug = base
    while slug in known:
        slug, number = f"{base}-{number}", number + 1
    return slug
