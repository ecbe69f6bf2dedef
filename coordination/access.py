"""Who may do what. One table; read it top to bottom.

A permission opens a door; what is behind it is then found through the actor (which committee,
which journey, which person): the queries of each room and `consent` see to that.
"""

from enum import StrEnum

from coordination.agencies.actors import Actor
from coordination.agencies.models import Role
from coordination.errors import NotAllowed, NotSignedIn


class Permission(StrEnum):
    PUBLIC = "public"  # no sign-in: sign-in page, health
    SIGNED_IN = "signed_in"  # any professional
    TODAY_READ = "today:read"
    JOURNEY_READ = "journey:read"
    JOURNEY_WRITE = "journey:write"
    JOURNEY_IMPORT = "journey:import"
    DEMAND_WRITE = "demand:write"
    CONSENT_READ = "consent:read"
    CONSENT_WRITE = "consent:write"
    COMMITTEE_READ = "committee:read"
    COMMITTEE_CREATE = "committee:create"
    COMMITTEE_RUN = "committee:run"  # secretary: members, meetings, agenda
    MEETING_PRESIDE = "meeting:preside"  # chair: open, confirm, adjourn
    MINUTES_READ = "minutes:read"
    FOLLOW_UP_REPORT = "follow_up:report"
    RECALL_ANSWER_BY_LINK = "recall:answer_by_link"
    PERSON_OWN = "person:own"  # one's own page, by link
    REFERRAL_READ = "referral:read"
    REFERRAL_SEND = "referral:send"
    REFERRAL_ANSWER = "referral:answer"
    REFERRAL_ANSWER_BY_LINK = "referral:answer_by_link"
    FIGURES_READ = "figures:read"
    AGENCY_READ = "agency:read"
    AGENCY_ADMIN = "agency:admin"
    ADMINISTER = "administer"
    AUDIT_READ = "audit:read"


P = Permission

_ANYONE = frozenset({P.PUBLIC})
_SIGNED_IN = _ANYONE | {P.SIGNED_IN}
_WORKS = _SIGNED_IN | {
    P.TODAY_READ,
    P.JOURNEY_READ,
    P.JOURNEY_WRITE,
    P.JOURNEY_IMPORT,
    P.DEMAND_WRITE,
    P.CONSENT_READ,
    P.CONSENT_WRITE,
    P.REFERRAL_READ,
    P.REFERRAL_SEND,
    P.REFERRAL_ANSWER,
    P.AGENCY_READ,
    P.FOLLOW_UP_REPORT,
}
_SITS = _SIGNED_IN | {P.TODAY_READ, P.COMMITTEE_READ, P.MINUTES_READ, P.FOLLOW_UP_REPORT}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADVISER: _WORKS,
    Role.MANAGER: _WORKS,
    Role.AGENCY_ADMIN: _SIGNED_IN | {P.TODAY_READ, P.AGENCY_READ, P.AGENCY_ADMIN},
    Role.MEMBER: _SITS,
    Role.SECRETARY: _SITS | {P.COMMITTEE_CREATE, P.COMMITTEE_RUN},
    Role.CHAIR: _SITS | {P.COMMITTEE_RUN, P.MEETING_PRESIDE},
    Role.PILOT: _SIGNED_IN | {P.FIGURES_READ},
    Role.ADMIN: _SIGNED_IN | {P.ADMINISTER, P.COMMITTEE_CREATE},
    Role.DPO: _SIGNED_IN | {P.AUDIT_READ},
    Role.AGENCY_LINK: _ANYONE | {P.REFERRAL_ANSWER_BY_LINK, P.RECALL_ANSWER_BY_LINK},
    Role.PERSON_LINK: _ANYONE | {P.PERSON_OWN},
    Role.CLOCK: frozenset(Permission),
    Role.COMMAND: frozenset(Permission),
    Role.ANONYMOUS: _ANYONE,
}


def permissions(actor: Actor) -> frozenset[Permission]:
    return frozenset().union(*(GRANTS[role] for role in actor.all_roles))


def may(actor: Actor, permission: Permission) -> bool:
    return permission is P.PUBLIC or permission in permissions(actor)


def require(actor: Actor, permission: Permission) -> None:
    if may(actor, permission):
        return
    if Role.ANONYMOUS in actor.roles:
        raise NotSignedIn("Connectez-vous pour continuer.")
    raise NotAllowed("Votre fonction ne donne pas accès à cette page.")
