"""How agreements are asked for: the age from which a minor agrees alone, and where the law lets
agencies inform rather than ask. Dated rows, read by every screen that records an agreement."""

from typing import Any

from sqlalchemy import Select
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination import clock, labels
from coordination.access import Permission
from coordination.agencies.models import AgencyKind
from coordination.committees.models import CommitteeKind
from coordination.consent import minors, regimes
from coordination.consent.models import MinorRule, Purpose, Regime, RegimeRule
from coordination.db import columns
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.ADMINISTER)
def show(visit: Visit) -> Response:
    today, db = clock.today(), visit.db
    starting = {"from_on": today.isoformat(), "age_from_on": today.isoformat()}
    kinds = [(slug, name) for slug, name in db.execute(_kinds())]
    named = dict(kinds)
    return render(
        visit,
        "administration/sharing.html",
        form=Form(starting | visit.form.values, visit.form.errors),
        today=today,
        ages=[(labels.of(p), minors.alone_from(db, p)) for p in Purpose],
        minor_rules=db.execute(_minor_rules()).scalars().all(),
        regime_rules=[
            (rule, named.get(rule.committee_kind, rule.committee_kind))
            for rule in db.execute(_regime_rules()).scalars()
        ],
        default=regimes.DEFAULT,
        purposes=labels.options(Purpose),
        kinds=kinds,
        agency_kinds=labels.options(AgencyKind),
        regimes=[
            (Regime.AGREEMENT.value, "Accord", "La personne dit oui ; sans elle, rien ne s’ouvre."),
            (
                Regime.INFORMATION.value,
                "Information",
                "La personne est informée et peut s’opposer ; citez le texte qui le permet.",
            ),
        ],
    )


@action(may=Permission.ADMINISTER, again=show)
def set_age(visit: Visit) -> Response:
    form = visit.form
    purpose = form.choice("age_purpose", Purpose)
    alone_from = form.number("alone_from", most=minors.ADULT)
    from_on = form.day("age_from_on", earliest=clock.today())
    note = form.text("note", required=False, most=300)
    form.check()
    assert purpose is not None and alone_from is not None and from_on is not None
    minors.set_rule(
        visit.db, purpose=purpose, alone_from=alone_from, from_on=from_on, note=note,
        actor=visit.actor,
    )  # fmt: skip
    return go(visit, visit.url("administration:sharing"), say="Le réglage est enregistré.")


@action(may=Permission.ADMINISTER, again=show)
def set_regime(visit: Visit) -> Response:
    form = visit.form
    purpose, regime = form.choice("purpose", Purpose), form.choice("regime", Regime)
    from_kind, to_kind = form.choice("from_kind", AgencyKind), form.choice("to_kind", AgencyKind)
    committee_kind = form.get("committee_kind")
    if committee_kind and committee_kind not in {slug for slug, _ in visit.db.execute(_kinds())}:
        form.wrong("committee_kind", "Choisissez une réponse de la liste.")
    from_on = form.day("from_on", earliest=clock.today())
    title = form.text("title", required=False, most=160)
    text = form.text("text", required=False, most=2000)
    form.check()
    assert purpose is not None and regime is not None and from_on is not None
    assert from_kind is not None and to_kind is not None
    regimes.set_rule(
        visit.db, purpose=purpose, committee_kind=committee_kind, from_kind=from_kind,
        to_kind=to_kind, regime=regime, title=title, text=text, from_on=from_on,
        actor=visit.actor,
    )  # fmt: skip
    return go(visit, visit.url("administration:sharing"), say="Le réglage est enregistré.")


def _kinds() -> Select[Any]:
    return columns(CommitteeKind.slug, CommitteeKind.name).order_by(CommitteeKind.name)


def _minor_rules() -> Select[Any]:
    return (
        columns(MinorRule)
        .order_by(col(MinorRule.from_on).desc(), col(MinorRule.id).desc())
        .limit(50)
    )


def _regime_rules() -> Select[Any]:
    return columns(RegimeRule).order_by(col(RegimeRule.from_on).desc(), col(RegimeRule.id).desc())


routes = [
    Route("/administration/partage", show, name="administration:sharing"),
    Route("/administration/partage/ages", set_age, name="administration:set_age",
          methods=["POST"]),
    Route("/administration/partage/regimes", set_regime, name="administration:set_regime",
          methods=["POST"]),
]  # fmt: skip
