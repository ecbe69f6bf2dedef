"""Who comes by a signed address: an agency without an account, for the one thing its link opens; or
the person, for what concerns them."""

from collections.abc import Callable

from sqlalchemy import update
from sqlmodel import Session, col
from starlette.requests import Request

from coordination import clock, links
from coordination.agencies.actors import Actor, ActorKind
from coordination.agencies.models import Agency, Role
from coordination.errors import NotFound
from coordination.links import Link, LinkKind

_AGENCIES = {LinkKind.REFERRAL, LinkKind.RECALL}


def identify(
    request: Request,
    db: Session,
    kind: LinkKind,
    later: Callable[[Callable[[Session], None]], None],
) -> Actor:
    """The actor of the address's token; never the one of a session. Each opening is counted.

    NotFound: unknown, or of another kind. Gone: it opens nothing any more.
    """
    link = links.find(db, request.path_params["jeton"])
    if link.kind is not kind:
        raise NotFound("Ce lien n’existe pas.")
    actor = _agency(db, link) if kind in _AGENCIES else _person(link)
    link_id = link.id
    later(lambda session: _count(session, link_id))
    return actor


def _agency(db: Session, link: Link) -> Actor:
    if link.agency_id is None:
        raise NotFound("Ce lien n’existe pas.")
    agency = db.get_one(Agency, link.agency_id)
    if agency.closed_on is not None and agency.closed_on <= clock.today():
        raise NotFound("Ce lien n’existe pas.")
    return Actor(
        ActorKind.AGENCY_LINK,
        agency.name,
        agency_id=agency.id,
        agency_name=agency.name,
        roles=frozenset({Role.AGENCY_LINK}),
        about_id=link.about_id,
        link_id=link.id,
        region_id=agency.region_id,
    )


def _person(link: Link) -> Actor:
    """The person themselves: no agency, no account; `about_id` is their row."""
    if link.kind is not LinkKind.PERSON or link.about_id is None:
        raise NotFound("Ce lien n’existe pas.")
    return Actor(
        ActorKind.PERSON_LINK,
        "La personne, par son lien",
        roles=frozenset({Role.PERSON_LINK}),
        about_id=link.about_id,
        link_id=link.id,
    )


def _count(db: Session, link_id: object) -> None:
    db.execute(update(Link).where(col(Link.id) == link_id).values(opened=Link.opened + 1))
