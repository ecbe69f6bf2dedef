"""Signing in and out: the personas of the demonstration, the single-use e-mail link."""

from sqlalchemy import func
from sqlmodel import col, select
from starlette.responses import Response
from starlette.routing import Route

from coordination import access, audit, clock, links, outbox, settings
from coordination.access import Permission
from coordination.agencies import actors
from coordination.agencies.models import Agency, Membership, Professional
from coordination.errors import Invalid, NotFound
from coordination.links import LinkKind
from coordination.signin import sessions
from coordination.web.doors import action, page
from coordination.web.render import go, render
from coordination.web.visit import Visit

PERSONAS = {
    "presidence": ("Présidence de comité", "Préside, arbitre, lève la séance"),
    "secretariat": ("Secrétariat de comité", "Prépare, convoque, rédige"),
    "referent": ("Référent·e de mission locale", "Suit des parcours, demande un examen"),
    "formation": ("Organisme de formation", "Importe ses listes, signale les fins"),
    "partenaire": ("Structure partenaire", "Reçoit des orientations, y répond"),
    "region": ("Région, pilotage", "Regarde les passages, jamais une personne"),
    "administration": ("Administration", "Structures, membres, catalogue"),
    "dpd": ("Protection des données", "Journal des actes et des consultations"),
}


@page(may=Permission.PUBLIC)
def sign_in(visit: Visit) -> Response:
    if visit.actor.professional_id:
        return go(visit, _home(visit))
    return _sign_in(visit)


def _sign_in(visit: Visit) -> Response:
    return render(visit, "signin/sign_in.html", form=visit.form, personas=_personas(visit),
                  to=_safe(visit.query.get("vers", "")), sent="envoye" in visit.query)  # fmt: skip


def _personas(visit: Visit) -> list[tuple[str, str, str, str]]:
    """(persona, label, what they do, who) for those that the demonstration has."""
    if not settings.load().demo:
        return []
    rows = visit.db.exec(
        select(Professional.persona, Professional.usual_name, Professional.given_name, Agency.name)
        .outerjoin(Membership, col(Membership.professional_id) == Professional.id)
        .outerjoin(Agency, col(Agency.id) == Membership.agency_id)
        .where(col(Professional.persona).is_not(None))
    ).all()
    who = {
        persona: " · ".join(filter(None, (f"{name.upper()} {given}", agency)))
        for persona, name, given, agency in rows
    }
    return [(key, *PERSONAS[key], who[key]) for key in PERSONAS if key in who]


@action(may=Permission.PUBLIC, again=_sign_in)
def as_persona(visit: Visit) -> Response:
    """One click of the demonstration. Without a form key: signing in is safe to repeat."""
    persona = visit.form.get("persona")
    if not settings.load().demo or persona not in PERSONAS:
        raise NotFound()
    found = visit.db.exec(select(Professional).where(Professional.persona == persona)).first()
    if found is None:
        raise NotFound("Ce personnage n’existe pas dans cette base.")
    return _welcome(visit, found, means="demo", to=_safe(visit.form.get("vers")))


@action(may=Permission.PUBLIC, again=_sign_in)
def ask_link(visit: Visit) -> Response:
    """Send a single-use link. The answer is the same whether the address is known or not."""
    email = visit.form.text("email", most=254).casefold()
    visit.form.check()
    if "@" not in email:
        raise Invalid("Écrivez une adresse complète, par exemple nom@structure.fr.", field="email")
    found = visit.db.exec(
        select(Professional).where(
            func.lower(Professional.email) == email, col(Professional.disabled).is_(False)
        )
    ).first()
    if found is not None:
        outbox.post(visit.db, "signin.link", professional=found.id, about=found.id)
    return go(visit, "/connexion?envoye=1")


@page(may=Permission.PUBLIC)
def open_link(visit: Visit) -> Response:
    """What a signed address opens. Signing in asks for one click, so that a mail filter that opens
    addresses does not use the link up."""
    link = links.find(visit.db, visit.path["jeton"])
    if link.kind is LinkKind.REFERRAL:
        return go(visit, visit.url("referrals:by_link", jeton=visit.path["jeton"]))
    if link.kind is not LinkKind.SIGN_IN:
        raise NotFound()
    return render(visit, "signin/open_link.html", jeton=visit.path["jeton"])


@action(may=Permission.PUBLIC)
def use_link(visit: Visit) -> Response:
    link = links.find(visit.db, visit.path["jeton"], hold=True)
    if link.kind is not LinkKind.SIGN_IN or link.professional_id is None:
        raise NotFound()
    link.used_at, link.opened = clock.now(), link.opened + 1
    professional = visit.db.get_one(Professional, link.professional_id)
    return _welcome(visit, professional, means="link", to="")


@action(may=Permission.PUBLIC)
def sign_out(visit: Visit) -> Response:
    sessions.close(visit.db, visit.request)
    response = go(visit, "/connexion", say="Vous êtes déconnecté·e.")
    sessions.take_cookie(response)
    return response


@action(may=Permission.SIGNED_IN)
def switch(visit: Visit) -> Response:
    """Work for another of one's agencies: the whole session moves, never one page."""
    agency = visit.form.key("agency")
    visit.form.check()
    found = sessions.find(visit.db, visit.request)
    if found is None or agency not in {known for known, _ in visit.actor.memberships}:
        raise NotFound()
    found.agency_id = agency
    return go(visit, _home(visit))


@page(may=Permission.PUBLIC)
def home(visit: Visit) -> Response:
    return go(visit, _home(visit) if visit.actor.professional_id else "/connexion")


def _welcome(visit: Visit, professional: Professional, *, means: str, to: str) -> Response:
    actor = actors.of_professional(visit.db, professional.id)
    if actor is None:
        raise NotFound("Ce compte n’a plus d’accès. Adressez-vous à votre structure.")
    sessions.close(visit.db, visit.request)
    token = sessions.open_session(visit.db, professional.id, means=means)
    audit.act(visit.db, actor, "signin.opened", means=means)
    response = go(visit, to or _first_page(access.permissions(actor)))
    sessions.give_cookie(response, token)
    return response


def _home(visit: Visit) -> str:
    return _first_page(access.permissions(visit.actor))


def _first_page(may: frozenset[Permission]) -> str:
    for permission, path in (
        (Permission.TODAY_READ, "/aujourdhui"),
        (Permission.FIGURES_READ, "/pilotage"),
        (Permission.ADMINISTER, "/administration"),
        (Permission.AUDIT_READ, "/administration/journal"),
    ):
        if permission in may:
            return path
    return "/connexion"


def _safe(to: str) -> str:
    """A path of ours, or nothing: never another site."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else ""


routes = [
    Route("/", home, name="home"),
    Route("/connexion", sign_in, name="signin:sign_in"),
    Route("/connexion/demo", as_persona, name="signin:as_persona", methods=["POST"]),
    Route("/connexion/lien", ask_link, name="signin:ask_link", methods=["POST"]),
    Route("/connexion/structure", switch, name="signin:switch", methods=["POST"]),
    Route("/deconnexion", sign_out, name="signin:sign_out", methods=["POST"]),
    Route("/lien/{jeton}", open_link, name="signin:open_link"),
    Route("/lien/{jeton}/connexion", use_link, name="signin:use_link", methods=["POST"]),
]
