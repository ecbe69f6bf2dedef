"""The same card and the same moves for a partner without an account, who came by the signed address
of a mail. An address that opens nothing any more tells nothing, and offers a new one by mail."""

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from coordination import links, outbox
from coordination.access import Permission
from coordination.clock import now
from coordination.links import LinkKind
from coordination.referrals import answering, card, gestures, queries
from coordination.referrals.models import Referral
from coordination.web.doors import action, page
from coordination.web.render import done, go, render
from coordination.web.visit import Visit

MAY, KIND = Permission.REFERRAL_ANSWER_BY_LINK, LinkKind.REFERRAL


def _expired(visit: Visit) -> Response:
    return render(visit, "referrals/link_expired.html", jeton=visit.path["jeton"])


@page(may=MAY, by_link=KIND, gone=_expired)
def by_link(visit: Visit) -> Response:
    return _show(visit, _only_one(visit))


def _show(visit: Visit, referral: Referral, **said: Any) -> Response:
    said.setdefault("chosen", card.asked_for(visit, referral))
    given = card.context(visit, referral, here=_here(visit), **said)
    return render(visit, "referrals/by_link.html", partial="referrals/_card.html", **given)


def _again(visit: Visit) -> Response:
    verb = gestures.verb_of(visit.path["geste"])
    return _show(visit, _only_one(visit), chosen=verb, form=visit.form)


@action(may=MAY, by_link=KIND, again=_again)
def move(visit: Visit) -> Response:
    referral = _only_one(visit, hold=True)
    said = answering.make(visit, referral, gestures.verb_of(visit.path["geste"]))
    given = card.context(visit, referral, here=_here(visit)) if visit.wants_partial else {}
    return done(visit, then=_here(visit), partial="referrals/_card.html", say=said, **given)


@action(may=Permission.PUBLIC)
def renew(visit: Visit) -> Response:
    """A new link goes to the agency's own address, at most once an hour. The answer is the same
    whether the old one was known or not."""
    link = links.known(visit.db, visit.path["jeton"])
    if link is not None and link.kind is KIND and link.about_id and link.agency_id:
        outbox.post(
            visit.db,
            "referral.link",
            agency=link.agency_id,
            about=link.about_id,
            key=f"referral.link:{link.about_id}:{now():%Y%m%d%H}",
        )
    return go(visit, visit.url("referrals:link_asked", jeton=visit.path["jeton"]))


@page(may=Permission.PUBLIC)
def link_asked(visit: Visit) -> Response:
    return render(visit, "referrals/link_asked.html")


def _only_one(visit: Visit, *, hold: bool = False) -> Referral:
    assert visit.actor.about_id is not None  # a link of this kind is always about a referral
    return queries.one(visit.db, visit.actor, visit.actor.about_id, hold=hold)


def _here(visit: Visit) -> str:
    return visit.url("referrals:by_link", jeton=visit.path["jeton"])


routes = [
    Route("/lien/{jeton}/orientation", by_link, name="referrals:by_link"),
    Route("/lien/{jeton}/orientation/nouveau-lien", renew, name="referrals:renew_link",
          methods=["POST"]),
    Route("/lien/{jeton}/orientation/lien-demande", link_asked, name="referrals:link_asked"),
    Route("/lien/{jeton}/orientation/{geste}", move, name="referrals:by_link_move",
          methods=["POST"]),
]  # fmt: skip
