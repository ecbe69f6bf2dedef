"""The catalogue: what each programme asks, read by whoever works here, changed by the Région."""

from datetime import date

from sqlmodel import col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination import access, clock, labels
from coordination.access import Permission
from coordination.errors import NotFound
from coordination.programmes import (
    catalogue,
    editing,
    fields,
    forms,
    planting,
    rules,
    sentences,
)
from coordination.programmes.models import Programme, ProgrammeKind, ProgrammeRule
from coordination.web.doors import action, page
from coordination.web.forms import Form, read_day
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.SIGNED_IN)
def index(visit: Visit) -> Response:
    words = visit.query.get("q", "").strip()
    wanted = (
        select(Programme, ProgrammeRule)
        .outerjoin(
            ProgrammeRule,
            (col(ProgrammeRule.programme_id) == Programme.id) & rules.holds_on(clock.today()),
        )
        .order_by(col(Programme.active).desc(), Programme.kind, Programme.name, col(Programme.id))
    )
    if words:
        wanted = wanted.where(col(Programme.name).icontains(words, autoescape=True))
    rows = [
        (programme, sentences.flat(rules.of_row(row))[:3] if row else [])
        for programme, row in visit.db.exec(wanted)
    ]
    return render(visit, "programmes/index.html", rows=rows, words=words, may_change=_may(visit))


@page(may=Permission.SIGNED_IN)
def show(visit: Visit) -> Response:
    """The rules of a day (`?le=`), in sentences; what held before, what is planned."""
    programme = _one(visit)
    today = clock.today()
    day = read_day(visit.query.get("le", "")) or today
    known = visit.db.exec(rules.history(programme.id)).all()
    holds = next((r for r in known if r.from_on <= day and (r.until_on or day) >= day), None)
    shipped = catalogue.entry(programme.slug)
    return render(
        visit,
        "programmes/show.html",
        form=visit.form,
        programme=programme,
        day=day,
        today=today,
        told=sentences.of(rules.of_row(holds)) if holds else [],
        since=holds.from_on if holds else None,
        history=_history(list(known), today),
        pages=[shipped.page, *shipped.other_pages] if shipped else [],
        assumed=_assumed(shipped) if holds and holds.from_on == planting.SINCE else [],
        may_change=_may(visit),
    )


@page(may=Permission.ADMINISTER)
def new(visit: Visit) -> Response:
    return render(visit, "programmes/new.html", form=visit.form,
                  kinds=labels.options(ProgrammeKind))  # fmt: skip


@action(may=Permission.ADMINISTER, again=new)
def create(visit: Visit) -> Response:
    said = forms.description(visit.form)
    made = editing.add(
        visit.db, name=said.name, kind=said.kind, carrier=said.carrier, summary=said.summary,
        region_id=visit.actor.region_id, actor=visit.actor,
    )  # fmt: skip
    return go(visit, visit.url("programmes:change_rules", id=made.id),
              say="Dispositif ajouté. Ses règles sont à dire.")  # fmt: skip


@page(may=Permission.ADMINISTER)
def edit(visit: Visit) -> Response:
    programme = _one(visit)
    form = visit.form if visit.form.values else Form(_described(programme))
    return render(visit, "programmes/edit.html", form=form, programme=programme,
                  kinds=labels.options(ProgrammeKind))  # fmt: skip


@action(may=Permission.ADMINISTER, again=edit)
def describe(visit: Visit) -> Response:
    programme = _one(visit, hold=True)
    said = forms.description(visit.form)
    stands = _described(programme) | {"kind": labels.of(programme.kind)}
    visit.form.same_version(programme.version, **{k: v for k, v in stands.items() if k != "active"})
    editing.describe(
        visit.db, programme, name=said.name, kind=said.kind, carrier=said.carrier,
        summary=said.summary, active=visit.form.ticked("active"), actor=visit.actor,
    )  # fmt: skip
    return go(visit, visit.url("programmes:show", id=programme.id), say="C’est enregistré.")


@page(may=Permission.ADMINISTER)
def change_rules(visit: Visit) -> Response:
    programme = _one(visit)
    today = clock.today()
    day = max(read_day(visit.query.get("le", "")) or today, today)
    stands = forms.written(rules.in_force(visit.db, programme.id, day))
    form = visit.form if visit.form.values else Form(stands | {"from_on": day.isoformat()})
    return render(visit, "programmes/change_rules.html", form=form, programme=programme,
                  groups=fields.GROUPS, named={f.name: f.label for f in fields.every()},
                  today=today.isoformat())  # fmt: skip


@action(may=Permission.ADMINISTER, again=change_rules)
def change(visit: Visit) -> Response:
    programme = _one(visit, hold=True)
    has_rules = visit.db.exec(rules.history(programme.id).limit(1)).first() is not None
    earliest = clock.today() if has_rules else date(2000, 1, 1)
    said = forms.change(visit.form, earliest=earliest)
    now = forms.written(rules.in_force(visit.db, programme.id, clock.today()))
    visit.form.same_version(programme.version, **_apart(now, forms.written(said.rules)))
    row = editing.change(visit.db, programme, wanted=said.rules, from_on=said.from_on,
                         note=said.note, actor=visit.actor)  # fmt: skip
    soon = "dès aujourd’hui" if row.from_on <= clock.today() else "à la date dite"
    return go(visit, visit.url("programmes:show", id=programme.id),
              say=f"Règles enregistrées : elles valent {soon}. Les alertes suivent la nuit "
                  "d’après.")  # fmt: skip


@action(may=Permission.ADMINISTER, again=show)
def drop(visit: Visit) -> Response:
    programme = _one(visit, hold=True)
    visit.form.same_version(programme.version)
    row = visit.db.exec(
        select(ProgrammeRule).where(
            ProgrammeRule.id == visit.path["regle"], ProgrammeRule.programme_id == programme.id
        )
    ).one_or_none()
    if row is None:
        raise NotFound("Ce changement n’existe pas.")
    editing.drop(visit.db, programme, row, actor=visit.actor)
    return go(visit, visit.url("programmes:show", id=programme.id),
              say="Le changement prévu est annulé.")  # fmt: skip


def _one(visit: Visit, *, hold: bool = False) -> Programme:
    wanted = select(Programme).where(Programme.id == visit.path["id"])
    found = visit.db.exec(wanted.with_for_update() if hold else wanted).one_or_none()
    if found is None:
        raise NotFound("Ce dispositif n’existe pas.")
    return found


def _history(
    known: list[ProgrammeRule], today: date
) -> list[tuple[ProgrammeRule, list[str], list[str], bool]]:
    """(row, sentences that came, sentences that went, still to come), the latest first."""
    lines = []
    for rank, row in enumerate(known):
        now = sentences.flat(rules.of_row(row))
        older = known[rank + 1] if rank + 1 < len(known) else None
        before = sentences.flat(rules.of_row(older)) if older else []
        came = [s for s in now if s not in before]
        lines.append((row, came, [s for s in before if s not in now], row.from_on > today))
    return lines


def _assumed(shipped: catalogue.CatalogueEntry | None) -> list[str]:
    """The rules that the guide does not give: a starting point, to be confirmed."""
    named = {field.name: field.label for field in fields.every()}
    return sorted(named[name] for name in shipped.assumed if name in named) if shipped else []


def _described(programme: Programme) -> dict[str, str]:
    return {
        "name": programme.name,
        "kind": programme.kind.value,
        "carrier": programme.carrier,
        "summary": programme.summary,
        "active": "1" if programme.active else "",
    }


def _apart(stands: dict[str, str], typed: dict[str, str]) -> dict[str, str]:
    """What stands, where it differs from what was typed."""
    return {name: value or "—" for name, value in stands.items() if value != typed[name]}


def _may(visit: Visit) -> bool:
    return access.may(visit.actor, Permission.ADMINISTER)


routes = [
    Route("/dispositifs", index, name="programmes:index"),
    Route("/dispositifs/nouveau", new, name="programmes:new"),
    Route("/dispositifs/nouveau", create, name="programmes:create", methods=["POST"]),
    Route("/dispositifs/{id:uuid}", show, name="programmes:show"),
    Route("/dispositifs/{id:uuid}/presentation", edit, name="programmes:edit"),
    Route("/dispositifs/{id:uuid}/presentation", describe, name="programmes:describe",
          methods=["POST"]),
    Route("/dispositifs/{id:uuid}/regles", change_rules, name="programmes:change_rules"),
    Route("/dispositifs/{id:uuid}/regles", change, name="programmes:change", methods=["POST"]),
    Route("/dispositifs/{id:uuid}/regles/{regle:uuid}/annuler", drop, name="programmes:drop",
          methods=["POST"]),
]  # fmt: skip
