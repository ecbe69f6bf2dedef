"""The person's own page, without an account, by a signed address: read, and stop sharing in two
clicks. And how a professional gives that address: by mail or SMS, or printed with a receipt."""

from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from coordination import audit, clock, links, outbox, settings
from coordination.access import Permission
from coordination.consent import rule
from coordination.errors import Gone, Invalid
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey
from coordination.links import LinkKind
from coordination.persons.models import Person
from coordination.rights import documents, holder, queries, withdrawal
from coordination.web.doors import action, page
from coordination.web.printed import Printed
from coordination.web.render import go, render
from coordination.web.visit import Visit

MAY, KIND = Permission.PERSON_OWN, LinkKind.PERSON
ALL = "tout"


def _expired(visit: Visit) -> Response:
    renew = visit.url("rights:renew_holder_link", jeton=visit.path["jeton"])
    return render(visit, "rights/link_expired.html", renew=renew, to="personne")


@page(may=MAY, by_link=KIND, gone=_expired)
def show(visit: Visit) -> Response:
    return _show(visit)


def _show(visit: Visit) -> Response:
    mine = holder.of(visit.db, _person_id(visit))
    visit.saw(_person_id(visit), {}, once="holder")
    asked = visit.query.get("arreter", "")
    stop = next((s for s in mine.shared if str(s.agency_id) == asked), None)
    return render(
        visit,
        "rights/holder.html",
        mine=mine,
        here=visit.url("rights:holder", jeton=visit.path["jeton"]),
        stop=stop,
        stop_all=asked == ALL and bool(mine.shared),
    )


@action(may=MAY, by_link=KIND, again=_show)
def stop(visit: Visit) -> Response:
    """The person stops sharing with one agency, or with all. Never blocked by another change."""
    person = visit.db.get(Person, _person_id(visit))
    if person is None or person.erased_at is not None:
        raise Gone("Il n’y a plus rien ici : vos informations ont été effacées.")
    chosen = visit.form.get("agency")
    if chosen == ALL:
        withdrawal.withdraw(visit.db, person, everything=True, actor=visit.actor)
        said = "C’est fait. Plus personne ne lit vos informations grâce à vos accords."
    else:
        agency_id = _key(chosen)
        withdrawal.withdraw(visit.db, person, recipient=agency_id, actor=visit.actor)
        said = "C’est fait. Cette structure ne lit plus vos informations."
    return go(visit, visit.url("rights:holder", jeton=visit.path["jeton"]), say=said)


@action(may=Permission.PUBLIC)
def renew(visit: Visit) -> Response:
    """A new link goes where the person said, mail or phone, at most once an hour. The answer is
    the same whether the old one was known or not."""
    link = links.known(visit.db, visit.path["jeton"])
    if link is not None and link.kind is KIND and link.about_id and link.revoked_at is None:
        _send(visit, link.about_id)
    return go(visit, visit.url("rights:holder_link_asked", jeton=visit.path["jeton"]))


@page(may=Permission.PUBLIC)
def link_asked(visit: Visit) -> Response:
    return render(visit, "rights/link_asked.html", to="personne")


@action(may=Permission.CONSENT_WRITE)
def send_link(visit: Visit) -> Response:
    """By mail, or by SMS: to the address that the file holds."""
    journey, person = _own(visit)
    _note(visit, person)
    sent = _send(visit, person.id)
    said = "Le lien part vers la personne." if sent else "Un lien est déjà parti dans l’heure."
    return go(visit, visit.url("rights:consents", id=journey.id), say=said)


@action(may=Permission.CONSENT_WRITE)
def receipt_with_link(visit: Visit) -> Response:
    """The person's receipt, with their address as a QR code. Printed once the link is kept."""
    journey, person = _own(visit)
    known = queries.one(visit.db, person, visit.path["consent"])
    [line] = queries.lines(visit.db, person, only=known.id)
    _note(visit, person)
    token = links.make(visit.db, KIND, about=person.id)
    address = f"{settings.load().public_url}/lien/{token}/mes-informations"
    title, html = documents.receipt_sheet(
        visit.db, person, journey, line, discreet=visit.form.ticked("discret"), address=address
    )
    printed = Printed(html, title=title, name=f"recu-{person.reference}.pdf")
    printed.headers["X-Then"] = visit.url("rights:consent", id=journey.id, consent=line.id)
    return printed


@action(may=Permission.CONSENT_WRITE)
def close_links(visit: Visit) -> Response:
    """Every address given to the person opens nothing any more, and is not renewed by itself."""
    journey, person = _own(visit)
    closed = links.revoke_about(visit.db, person.id, kind=KIND)
    audit.act(visit.db, visit.actor, "rights.links_closed", person=person.id, salt=person.salt,
              links=closed)  # fmt: skip
    return go(visit, visit.url("rights:consents", id=journey.id), say="Les liens sont fermés.")


def _person_id(visit: Visit) -> UUID:
    assert visit.actor.about_id is not None  # a link of this kind is always about a person
    return visit.actor.about_id


def _key(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Invalid("Choisissez une structure, ou toutes.") from None


def _send(visit: Visit, person_id: UUID) -> bool:
    key = f"rights.holder_link:{person_id}:{clock.now():%Y%m%d%H}"
    return outbox.post(visit.db, "rights.holder_link", person=person_id, key=key) is not None


def _note(visit: Visit, person: Person) -> None:
    audit.act(visit.db, visit.actor, "rights.link_made", person=person.id, salt=person.salt)


def _own(visit: Visit) -> tuple[Journey, Person]:
    journey = journeys.own(visit.db, visit.actor, visit.path["id"])
    person = queries.person_of(visit.db, journey, hold=True)
    visit.saw(person.id, rule.for_actor(visit.db, visit.actor, [person.id]).get(person.id, {}))
    return journey, person


_LINK, _HERE, _POST = "/lien/{jeton}/mes-informations", "/parcours/{id:uuid}/accords", ["POST"]
routes = [
    Route(_LINK, show, name="rights:holder"),
    Route(_LINK + "/arreter", stop, name="rights:holder_stop", methods=_POST),
    Route(_LINK + "/nouveau-lien", renew, name="rights:renew_holder_link", methods=_POST),
    Route(_LINK + "/lien-demande", link_asked, name="rights:holder_link_asked"),
    Route(_HERE + "/lien", send_link, name="rights:send_holder_link", methods=_POST),
    Route(_HERE + "/liens-fermes", close_links, name="rights:close_holder_links", methods=_POST),
    Route(_HERE + "/{consent:uuid}/recu-acces", receipt_with_link, name="rights:receipt_with_link",
          methods=_POST),
]  # fmt: skip
