"""Agreements that end soon, or just ended, among those that this professional recorded or follows:
proposed again to the person, who is free to stop there."""

from datetime import timedelta

from sqlalchemy import Exists, and_, exists, func, or_, select
from sqlmodel import Session, col

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.consent import minors, rule
from coordination.consent.models import Consent, ConsentEvent
from coordination.db import columns
from coordination.desk.lines import Line, Panel
from coordination.journeys.models import Journey, Referent
from coordination.persons.categories import Category
from coordination.persons.models import PersonIdentity
from coordination.rights import endings
from coordination.web import french

SINCE = timedelta(days=30)  # what ended that long ago still waits for a word
SHOWN = 8


def panel(db: Session, actor: Actor) -> Panel:
    now = clock.now()
    ending = endings.ending(
        after=now - SINCE, before=now + endings.BEFORE + timedelta(days=1)
    ).subquery()
    journey = (
        select(col(Journey.id))
        .where(
            col(Journey.person_id) == ending.c.person_id,
            col(Journey.agency_id) == actor.agency_id,
        )
        .order_by(col(Journey.created_at).desc(), col(Journey.id))
        .limit(1)
        .scalar_subquery()
    )
    said_until = (
        select(func.max(col(ConsentEvent.valid_until)))
        .where(
            col(ConsentEvent.consent_id) == col(Consent.id),
            col(ConsentEvent.kind).in_(endings.SAID),
        )
        .scalar_subquery()
    )
    where = (
        col(Consent.agency_id) == actor.agency_id,
        or_(_recorded_by(actor), _followed_by(actor)),
        rule.sees(actor, col(Consent.person_id), Category.STEPS),
        journey.is_not(None),
    )
    joined = columns(
        Consent.id, Consent.purpose, Consent.expressed_by, ending.c.until_at,
        journey.label("journey"), PersonIdentity.usual_name, PersonIdentity.given_names,
        PersonIdentity.birth_on, said_until.label("said_until"),
    )  # fmt: skip
    wanted = (
        joined.join(ending, ending.c.consent_id == col(Consent.id))
        .outerjoin(
            PersonIdentity,
            and_(
                col(PersonIdentity.person_id) == Consent.person_id,
                rule.sees(actor, col(Consent.person_id), Category.IDENTITY),
            ),
        )
        .where(*where)
    )
    total = db.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()
    rows = db.execute(wanted.order_by(ending.c.until_at, col(Consent.id)).limit(SHOWN))
    lines = []
    for key, purpose, by, until_at, path, usual, given, born, said in rows:
        last = clock.local(until_at).date() - timedelta(days=1)
        grown = by != "person" and born and last == minors.majority(born) - timedelta(days=1)
        ends = "a pris fin" if until_at <= now else "prend fin"
        note = f"{labels.of(purpose).capitalize()} : {ends} le {french.day(last)}"
        if said and said > last and not grown:
            note += ". Accord oral : faites signer le formulaire"
        if grown:
            note += ", veille des 18 ans. La personne le confirme elle-même"
        lines.append(
            Line(
                f"{usual.upper()} {given}" if usual else "Situation sans nom",
                note,
                f"/parcours/{path}/accords/{key}",
                due=last,
            )
        )
    return Panel("accords-echus", "Accords qui prennent fin", lines, total, "")


def _recorded_by(actor: Actor) -> Exists:
    return exists().where(
        col(ConsentEvent.consent_id) == col(Consent.id),
        col(ConsentEvent.professional_id) == actor.professional_id,
        col(ConsentEvent.kind).in_(endings.SAID),
    )


def _followed_by(actor: Actor) -> Exists:
    return exists().where(
        col(Referent.journey_id) == col(Journey.id),
        col(Journey.person_id) == col(Consent.person_id),
        col(Referent.professional_id) == actor.professional_id,
        col(Referent.until_on).is_(None),
    )
