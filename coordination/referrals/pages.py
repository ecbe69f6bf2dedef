"""The list of referrals, one referral, and its moves."""

from typing import Any
from uuid import UUID

from sqlmodel import col
from starlette.responses import Response
from starlette.routing import Route

from coordination.access import Permission
from coordination.errors import Invalid, NotAllowed
from coordination.referrals import (
    answering,
    by_link,
    card,
    gestures,
    listing,
    moves,
    preparing,
    queries,
    sending,
)
from coordination.referrals.models import Referral
from coordination.referrals.reasons import Reason
from coordination.referrals.states import By, Status, Verb
from coordination.web import french
from coordination.web.doors import action, page
from coordination.web.render import done, go, render
from coordination.web.visit import Visit


@page(may=Permission.REFERRAL_READ)
def index(visit: Visit) -> Response:
    return _index(visit)


def _index(visit: Visit) -> Response:
    visit.saw_list("referrals:index")
    wish = listing.asked(visit.query)
    given = listing.context(visit, wish)
    return render(visit, "referrals/index.html", partial="referrals/_list.html", **given)


@action(may=Permission.REFERRAL_ANSWER, again=_index)
def acknowledge_all(visit: Visit) -> Response:
    """Those ticked in the list, and still only sent: the others have moved on meanwhile."""
    ticked = [word.partition(":")[0] for word in visit.form.getlist("ids")]
    ids = [UUID(word) for word in ticked if _is_key(word)]
    if not ids:
        raise Invalid("Cochez au moins une orientation.")
    wanted = queries.visible_to(visit.actor).where(
        col(Referral.id).in_(ids),
        Referral.recipient_id == visit.actor.agency_id,
        Referral.status == Status.SENT,
    )
    found = visit.db.exec(wanted.order_by(col(Referral.id)).with_for_update()).all()
    for referral in found:
        moves.move(visit.db, referral, Verb.ACKNOWLEDGE, actor=visit.actor, side=By.RECIPIENT)
    said = french.count(len(found), "orientation prise en compte", "orientations prises en compte")
    return go(visit, listing.asked(visit.query).address(), say=f"{said}.")


@page(may=Permission.REFERRAL_READ)
def show(visit: Visit) -> Response:
    return _show(visit, queries.one(visit.db, visit.actor, visit.path["id"]))


def _show(visit: Visit, referral: Referral, **said: Any) -> Response:
    here = visit.url("referrals:show", id=referral.id)
    said.setdefault("chosen", card.asked_for(visit, referral))
    given = card.context(visit, referral, here=here, **said)
    return render(visit, "referrals/show.html", partial="referrals/_card.html", **given)


def _again(visit: Visit) -> Response:
    referral = queries.one(visit.db, visit.actor, visit.path["id"])
    verb = gestures.verb_of(visit.path["geste"])
    return _show(visit, referral, chosen=verb, form=visit.form)


@action(may=Permission.REFERRAL_ANSWER, again=_again)
def move(visit: Visit) -> Response:
    referral = queries.one(visit.db, visit.actor, visit.path["id"], hold=True)
    verb = gestures.verb_of(visit.path["geste"])
    said = answering.make(visit, referral, verb)
    here = visit.url("referrals:show", id=referral.id)
    given = card.context(visit, referral, here=here) if visit.wants_partial else {}
    return done(visit, then=here, partial="referrals/_card.html", say=said, **given)


@action(may=Permission.REFERRAL_SEND)
def cancel_others(visit: Visit) -> Response:
    """Once one is accepted: the others that try to meet the same need are taken back."""
    referral = queries.one(visit.db, visit.actor, visit.path["id"], hold=True)
    if referral.sender_id != visit.actor.agency_id:
        raise NotAllowed("Ce geste revient à la structure qui oriente.")
    for other in sending.siblings(visit.db, referral, hold=True):
        moves.cancel(visit.db, other, reasons=[Reason.PLACE_AILLEURS], actor=visit.actor)
    here = visit.url("referrals:show", id=referral.id)
    return go(visit, here, say="Les autres orientations de ce besoin sont annulées.")


def _is_key(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True


routes = [
    Route("/orientations", index, name="referrals:index"),
    Route("/orientations/prendre-en-compte", acknowledge_all, name="referrals:acknowledge_all",
          methods=["POST"]),
    Route("/orientations/nouvelle", preparing.new, name="referrals:new"),
    Route("/orientations/nouvelle", preparing.create, name="referrals:create", methods=["POST"]),
    Route("/orientations/{id:uuid}", show, name="referrals:show"),
    Route("/orientations/{id:uuid}/annuler-les-autres", cancel_others,
          name="referrals:cancel_others", methods=["POST"]),
    Route("/orientations/{id:uuid}/{geste}", move, name="referrals:move", methods=["POST"]),
    *by_link.routes,
]  # fmt: skip
