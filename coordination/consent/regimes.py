"""Agreement, or information: what the controller decided, from when, for which kind of committee
and between which kinds of agencies. Agreement everywhere, as long as no row says otherwise."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import AgencyKind
from coordination.consent.models import Purpose, Regime, RegimeRule
from coordination.errors import Invalid


class Ground(NamedTuple):
    """The regime, and the legal basis of the processing as the screen says it."""

    regime: Regime
    title: str
    text: str


DEFAULT = Ground(
    Regime.AGREEMENT,
    "Mission d’intérêt public (RGPD, article 6, 1, e)",
    "Le traitement sert une mission d’accompagnement vers l’emploi. Cette base n’ouvre aucun "
    "partage à elle seule : chaque structure ne lit que ce que la personne accepte.",
)


def ground(
    db: Session,
    *,
    purpose: Purpose,
    committee_kinds: Collection[str],
    from_kind: AgencyKind,
    to_kind: AgencyKind,
    on: date | None = None,
) -> Ground:
    """What holds that day between these kinds. For a committee, every kind where the situation may
    come must say `information`: one that asks for the agreement is enough to ask."""
    kinds = sorted(set(committee_kinds)) if purpose is Purpose.COMMITTEE else [""]
    found = [_latest(db, purpose, kind, from_kind, to_kind, on or clock.today()) for kind in kinds]
    for rule in found:
        if rule is None or rule.regime is Regime.AGREEMENT:
            return _said(rule)
    return _said(found[0]) if found else DEFAULT


def informs_somewhere(db: Session, *, purpose: Purpose, from_kind: AgencyKind) -> bool:
    """Whether any row speaks of information from this kind: most pages then ask no further."""
    wanted = select(RegimeRule.id).where(
        RegimeRule.purpose == purpose,
        RegimeRule.from_kind == from_kind,
        RegimeRule.regime == Regime.INFORMATION,
        RegimeRule.from_on <= clock.today(),
    )
    return db.exec(wanted.limit(1)).first() is not None


def set_rule(
    db: Session,
    *,
    purpose: Purpose,
    committee_kind: str,
    from_kind: AgencyKind,
    to_kind: AgencyKind,
    regime: Regime,
    title: str,
    text: str,
    from_on: date,
    actor: Actor,
) -> RegimeRule:
    """From that day on. Information needs the text that allows it."""
    if from_on < clock.today():
        raise Invalid("Un réglage ne change pas le passé : choisissez aujourd’hui ou plus tard.",
                      field="from_on")  # fmt: skip
    if (purpose is Purpose.COMMITTEE) != bool(committee_kind):
        raise Invalid("Choisissez le type de comité, pour un passage en comité seulement.",
                      field="committee_kind")  # fmt: skip
    if regime is Regime.INFORMATION and not (title.strip() and len(text.strip()) >= 20):
        raise Invalid("Citez le texte qui permet ce partage sans accord (20 caractères au moins).",
                      field="text")  # fmt: skip
    rule = RegimeRule(
        purpose=purpose, committee_kind=committee_kind, from_kind=from_kind, to_kind=to_kind,
        regime=regime, title=title, text=text, from_on=from_on,
    )  # fmt: skip
    db.add(rule)
    db.flush()
    audit.act(db, actor, "consent.regime_rule", about=rule.id, purpose=purpose.value,
              regime=regime.value)  # fmt: skip
    return rule


def _latest(
    db: Session, purpose: Purpose, kind: str, from_kind: AgencyKind, to_kind: AgencyKind, day: date
) -> RegimeRule | None:
    return db.exec(
        select(RegimeRule)
        .where(
            RegimeRule.purpose == purpose,
            RegimeRule.committee_kind == kind,
            RegimeRule.from_kind == from_kind,
            RegimeRule.to_kind == to_kind,
            RegimeRule.from_on <= day,
        )
        .order_by(col(RegimeRule.from_on).desc(), col(RegimeRule.id).desc())
        .limit(1)
    ).first()


def _said(rule: RegimeRule | None) -> Ground:
    if rule is None:
        return DEFAULT
    return Ground(rule.regime, rule.title or DEFAULT.title, rule.text or DEFAULT.text)
