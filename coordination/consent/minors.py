"""Who may agree at which age: dated rows of the controller, by purpose. Under that age, the minor
and a holder of parental authority; from it, the minor alone; at 18, the person, whoever spoke."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from coordination import audit, clock
from coordination.agencies.actors import Actor
from coordination.consent.models import MinorRule, Purpose
from coordination.errors import Invalid

ALONE_FROM = 15  # years, as long as the controller set nothing
ADULT = 18


def alone_from(db: Session, purpose: Purpose, on: date | None = None) -> int:
    """The age from which a minor agrees alone, that day, for that purpose."""
    rule = db.exec(
        select(MinorRule)
        .where(MinorRule.purpose == purpose, MinorRule.from_on <= (on or clock.today()))
        .order_by(col(MinorRule.from_on).desc(), col(MinorRule.id).desc())
        .limit(1)
    ).first()
    return rule.alone_from if rule else ALONE_FROM


def set_rule(
    db: Session, *, purpose: Purpose, alone_from: int, from_on: date, note: str, actor: Actor
) -> MinorRule:
    """From that day on; what was said before keeps the rule of its day."""
    if from_on < clock.today():
        raise Invalid("Un réglage ne change pas le passé : choisissez aujourd’hui ou plus tard.",
                      field="from_on")  # fmt: skip
    if not 0 <= alone_from <= ADULT:
        raise Invalid("Un âge entre 0 et 18 ans est attendu.", field="alone_from")
    rule = MinorRule(purpose=purpose, alone_from=alone_from, from_on=from_on, note=note)
    db.add(rule)
    db.flush()
    audit.act(db, actor, "consent.minor_rule", about=rule.id, purpose=purpose.value,
              alone_from=alone_from)  # fmt: skip
    return rule


def age(born: date, on: date | None = None) -> int:
    day = on or clock.today()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def majority(born: date) -> date:
    """The 18th birthday; of who was born on 29 February, the 1st of March of a plain year."""
    try:
        return born.replace(year=born.year + ADULT)
    except ValueError:
        return date(born.year + ADULT, 3, 1)


def last_day_of_a_proxy(born: date | None, start: date, end: date) -> date:
    """What someone said for a minor stops the day before their majority: the person then says it
    themselves."""
    if born is None or start >= majority(born):
        return end
    return min(end, majority(born) - timedelta(days=1))
