"""What the chosen agencies would read, agency by agency, as the agreement would leave it: what is
chosen and what is open already, less what the person refused; with an extract of today's values."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.consent.models import ConsentCover, Effect, Purpose, Regime
from coordination.consent.regimes import DEFAULT
from coordination.journeys.models import Journey
from coordination.persons.categories import Category, bits, from_bits
from coordination.persons.models import Person
from coordination.rights import contents, forms, grounds, queries
from coordination.web import french
from coordination.web.forms import Form

EVERY = tuple(Category)
KEPT = ("phrase", "choisi", "months", "recipients", "categories")  # of the form, when printed


class Sight(NamedTuple):
    """What these agencies would see, all the same."""

    names: tuple[str, ...]
    opened: tuple[tuple[str, str, bool], ...]  # category, how much is in it, open already
    refused: tuple[str, ...]


def preview(db: Session, journey: Journey, person: Person, form: Form) -> dict[str, Any]:
    """The context of `_preview.html`."""
    chosen = bits(c for c in EVERY if c.value in form.getlist("categories"))
    asked = dict.fromkeys(Form({"r": form.getlist("recipients")}).keys("r"))
    names = queries.names_of(db, asked)
    keys = [key for key in asked if str(key) in names]
    purpose = forms.sentence(form).purpose
    values = contents.of(db, person, journey)
    seen, opened_somewhere = _sights(db, person, purpose, keys, names, chosen, values)
    return {
        "preview_sights": seen,
        "preview_opened": [(labels.of(c), values[c]) for c in from_bits(opened_somewhere)],
        "preview_closed": [labels.of(c) for c in EVERY if not opened_somewhere & c.bit],
        "preview_query": [(name, v) for name in KEPT for v in form.getlist(name) if v],
        "preview_grounds": _grounds(db, journey, purpose, keys, names),
    }


def _sights(
    db: Session,
    person: Person,
    purpose: Purpose,
    keys: list[UUID],
    names: dict[str, str],
    chosen: int,
    values: dict[Category, contents.Pairs],
) -> tuple[list[Sight], int]:
    """(those who would see the same together, the categories that any of them would see)"""
    already, refused = _covers(db, person, purpose, keys)
    groups: dict[tuple[int, int, int], list[str]] = {}
    total = 0
    for key in keys:
        no = refused.get(key, 0)
        opened = (chosen | already.get(key, 0)) & ~no
        total |= opened
        kind = (opened, already.get(key, 0) & ~no, no & (chosen | already.get(key, 0)))
        groups.setdefault(kind, []).append(names[str(key)])
    seen = [
        Sight(
            tuple(sorted(group)),
            tuple(
                (labels.of(c), _how_much(values[c]), bool(before & c.bit & ~chosen))
                for c in from_bits(opened)
            ),
            tuple(labels.of(c) for c in from_bits(no)),
        )
        for (opened, before, no), group in groups.items()
    ]
    return sorted(seen, key=lambda sight: sight.names), total


def _covers(
    db: Session, person: Person, purpose: Purpose, keys: list[UUID]
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """(open already, refused) by agency, for this purpose, now."""
    now = clock.now()
    already: dict[UUID, int] = {}
    refused: dict[UUID, int] = {}
    for cover in db.exec(
        select(ConsentCover).where(
            ConsentCover.person_id == person.id,
            ConsentCover.purpose == purpose,
            col(ConsentCover.agency_id).in_(keys),
            ConsentCover.from_at <= now,
            ConsentCover.until_at > now,
        )
    ):
        side = refused if cover.effect is Effect.DENY else already
        side[cover.agency_id] = side.get(cover.agency_id, 0) | cover.categories
    return already, refused


def _grounds(
    db: Session, journey: Journey, purpose: Purpose, keys: list[UUID], names: dict[str, str]
) -> list[tuple[str, str, bool, list[str]]]:
    """(title, text, whether informing is enough, names) of each legal basis among the chosen."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    for key, ground in grounds.of(db, journey, purpose, keys).items():
        said = (ground.title, ground.text, ground.regime is Regime.INFORMATION)
        found.setdefault(said, []).append(names[str(key)])
    if not found:
        found[(DEFAULT.title, DEFAULT.text, False)] = []
    return [(*said, sorted(group)) for said, group in sorted(found.items())]


def _how_much(pairs: contents.Pairs) -> str:
    return french.count(len(pairs), "information") if pairs else "rien de noté à ce jour"
