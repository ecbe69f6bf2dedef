"""A referral as one reader may see it now: the sender all of it, the recipient what was consented,
and once it has ended (or consent is gone) a stub with its own notes. One function builds it, for
the page, the part that htmx swaps and the page behind a signed address."""

from typing import Any

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Agency, Professional, Role
from coordination.consent import known_as, rule
from coordination.consent.models import ReachKind
from coordination.directory.models import Service
from coordination.errors import NotFound
from coordination.journeys import queries as journeys
from coordination.journeys.models import Need
from coordination.persons.categories import ALL, Category, from_bits
from coordination.referrals import (
    choices,
    forms,
    gestures,
    guards,
    moves,
    opened,
    sending,
    shared,
    telling,
)
from coordination.referrals.models import Referral
from coordination.referrals.states import ENDED, LIVE, OPEN, By, Status, Verb
from coordination.web.forms import Form
from coordination.web.visit import Visit


def context(
    visit: Visit,
    referral: Referral,
    *,
    here: str,
    chosen: Verb | None = None,
    form: Form | None = None,
) -> dict[str, Any]:
    """What `_card.html` takes. `here` is the page's path; moves are posted below it. Declares what
    is shown of the person."""
    by = moves.side_of(visit.actor, referral)
    if by is None:
        raise NotFound("Cette orientation n’existe pas.")
    readable = may_read(visit.db, visit.actor, referral, by)
    if readable:
        visit.saw(referral.person_id, readable)
    if chosen in gestures.DIRECT:
        chosen = None  # it has no form of its own: its refusal shows above the buttons
    stub = by is By.RECIPIENT and (referral.status in ENDED or not readable)
    chief, others = gestures.offered(
        referral.status,
        by,
        manager=Role.MANAGER in visit.actor.all_roles,
        but=_out_of_place(visit.db, referral),
    )
    return {
        "referral": referral,
        "here": here,
        "by": by.value,
        "stub": stub,
        "title": _title(visit.db, referral, readable, stub),
        "known_as": [] if stub else _known_as(visit, referral, readable),
        "agencies": _agencies(visit.db, referral, by, stub),
        "asked": [] if stub else _asked(visit.db, referral, by, readable),
        "parts": [] if stub else _parts(visit.db, referral, by, readable),
        "facts": telling.facts(referral, stub),
        "words": telling.words(visit.db, referral, by),
        "steps": telling.steps(visit.db, visit.actor, referral, by, stub),
        "chief": chief,
        "others": others,
        "chosen": chosen,
        "slug": gestures.SLUGS.get(chosen, "") if chosen else "",
        "form": form or (forms.fresh(chosen) if chosen else Form()),
        "choices": choices.of(visit.db, referral, chosen),
        "siblings": _siblings(visit.db, referral, by),
        "opens_here": opened.offered(visit.actor, referral, readable),
        "opened_here": opened.of(visit.db, visit.actor, referral),
    }


def asked_for(visit: Visit, referral: Referral) -> Verb | None:
    """The form that the address asks for, when this side may make that move from here."""
    slug = visit.query.get("geste", "")
    if slug not in gestures.SLUGS.values():
        return None
    verb, by = gestures.verb_of(slug), moves.side_of(visit.actor, referral)
    manager = Role.MANAGER in visit.actor.all_roles
    if by is None or verb in gestures.DIRECT:
        return None
    chief, others = gestures.offered(referral.status, by, manager=manager)
    return verb if verb in {g.verb for g in (*chief, *others)} else None


def may_read(db: Session, actor: Actor, referral: Referral, by: By) -> rule.Readable:
    """For the recipient: what this referral opened, at most what went, and no more than consent
    covers now; together from its start."""
    if by is By.SENDER:
        return rule.for_actor(db, actor, [referral.person_id]).get(referral.person_id, {})
    if referral.status not in LIVE:
        return {}
    most = ALL if referral.status is Status.STARTED else referral.categories
    found = rule.readable(
        db,
        agency_id=actor.agency_id,
        professional_id=actor.professional_id,
        persons=[referral.person_id],
        kinds=(ReachKind.REFERRAL,),
    ).get(referral.person_id, {})
    return {category: basis for category, basis in found.items() if most & category.bit}


def _title(db: Session, referral: Referral, readable: rule.Readable, stub: bool) -> str:
    name = None if stub else shared.name_of(db, referral, readable)
    return name or f"Orientation {referral.number}"


def _known_as(
    visit: Visit, referral: Referral, readable: rule.Readable
) -> list[tuple[known_as.Other, str]]:
    """The person's other files, with their page; to who signed in only, never by an address."""
    if Category.IDENTITY not in readable or visit.actor.kind is not ActorKind.PROFESSIONAL:
        return []
    found = known_as.of(visit.db, visit.actor, [referral.person_id]).get(referral.person_id, [])
    opened = journeys.latest_of(visit.db, visit.actor, [other.id for other in found])
    for other in found:
        visit.saw(other.id, other.readable)
    return [
        (other, visit.url("journeys:show", id=opened[other.id]) if other.id in opened else "")
        for other in found
    ]


def _agencies(db: Session, referral: Referral, by: By, stub: bool) -> dict[str, str]:
    """A sensitive sender is named only to those whom consent covers."""
    rows = db.exec(
        select(Agency).where(col(Agency.id).in_((referral.sender_id, referral.recipient_id)))
    ).all()
    hidden = stub and by is By.RECIPIENT
    names = {
        agency.id: "Une structure partenaire"
        if hidden and agency.sensitive and agency.id == referral.sender_id
        else agency.name
        for agency in rows
    }
    service = db.get(Service, referral.service_id) if referral.service_id else None
    author = db.get(Professional, referral.professional_id) if referral.professional_id else None
    return {
        "sender": names[referral.sender_id],
        "recipient": names[referral.recipient_id],
        "service": service.name if service else "",
        "follows": author.name if author else "",
        "training": "1" if service and service.is_training else "",
    }


def _asked(
    db: Session, referral: Referral, by: By, readable: rule.Readable
) -> list[tuple[str, str]]:
    need = db.get(Need, referral.need_id)  # behind its own category's wall
    said = []
    if need is not None and (by is By.SENDER or need.category in readable):
        said.append(("Besoin", need.label))
    if referral.question:
        said.append(("Demande", referral.question))
    if by is By.SENDER and referral.origin_label:
        said.append(("Origine", referral.origin_label))
    return said


def _parts(db: Session, referral: Referral, by: By, readable: rule.Readable) -> list[shared.Part]:
    """The sender sees what the recipient sees, or would see if it left now."""
    if by is By.RECIPIENT:
        return shared.parts(db, referral, readable)
    if referral.status in ENDED:
        return []
    now = guards.covered(db, referral)[0]
    went = now if referral.status in OPEN | {Status.STARTED} else now & referral.categories
    return shared.parts(db, referral, from_bits(went))


def _siblings(db: Session, referral: Referral, by: By) -> list[tuple[str, str, str]]:
    """(id, number, status) of the others that try to meet the same need, once this one is taken:
    the sender may cancel them."""
    if by is not By.SENDER or referral.status not in {Status.ACCEPTED, Status.STARTED}:
        return []
    return [
        (str(other.id), other.number, labels.of(other.status))
        for other in sending.siblings(db, referral)
    ]


def _out_of_place(db: Session, referral: Referral) -> frozenset[Verb]:
    """Moves of the table whose moment has passed, or that a first person must ask for."""
    hidden = set()
    if referral.status in OPEN:
        hidden.add(Verb.ASK_AGREEMENT if guards.covered(db, referral)[0] else Verb.SEND)
    if referral.cancellation_seen_at:
        hidden.add(Verb.SEEN)
    if referral.accepted_at and clock.now() - referral.accepted_at > guards.UNDO_WITHIN:
        hidden.add(Verb.UNDO)
    if referral.ended_at is None or clock.now() - referral.ended_at > guards.REOPEN_WITHIN:
        hidden |= {Verb.ASK_REOPEN, Verb.REOPEN}
    if referral.sent_at is None:
        hidden |= {Verb.ASK_REOPEN, Verb.REOPEN, Verb.REPORT_ERROR}
    return frozenset(hidden)
