"""The pages and actions of agreements: what a person shares, said, shown, renewed, taken back."""

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import Route

from coordination import files
from coordination.access import Permission
from coordination.consent import rule
from coordination.consent.models import CodeChannel, Regime
from coordination.errors import NotFound
from coordination.journeys import queries as journeys
from coordination.journeys.models import Journey
from coordination.persons.models import Person
from coordination.rights import (
    agreements,
    documents,
    forms,
    narrowing,
    queries,
    sending,
    shown,
    withdrawal,
)
from coordination.web.doors import action, page
from coordination.web.forms import Form
from coordination.web.render import go, render
from coordination.web.visit import Visit


@page(may=Permission.CONSENT_READ)
def consents(visit: Visit) -> Response:
    return _show(visit, _asked(visit))


@page(may=Permission.CONSENT_READ)
def preview(visit: Visit) -> Response:
    """What the chosen agencies would read: the part of the page, or the page without JavaScript."""
    return _show(visit, _asked(visit))


@page(may=Permission.CONSENT_READ)
def form_pdf(visit: Visit) -> Response:
    """The form to sign, as it would be recorded."""
    journey, person = _own(visit)
    form = shown.prefilled(visit.db, journey, _asked(visit))
    choice = forms.choice(form)
    form.check()
    easy = form.get("format") == "falc" or visit.query.get("format") == "falc"
    printed = documents.consent_form(visit.db, person, journey, choice, easy=easy)
    return _pdf(printed, f"accord-{person.reference}.pdf")


def _typed(visit: Visit) -> Response:
    return _show(visit, visit.form)


@action(may=Permission.CONSENT_WRITE, again=_typed)
def give(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    visit.form.same_version(person.sharing_version)
    choice, said = forms.choice(visit.form), forms.said(visit.form)
    visit.form.check()
    made = agreements.record(
        visit.db, person, journey=journey, choice=choice, said=said, actor=visit.actor
    )
    then = visit.url("rights:consent", id=journey.id, consent=made.id)
    return go(visit, then, say=shown.after_giving(said))


@action(may=Permission.CONSENT_WRITE, again=_typed)
def refuse(visit: Visit) -> Response:
    """The person says no. Never blocked by another change."""
    journey, person = _own(visit, hold=True)
    choice = forms.choice(visit.form)
    if not choice.recipients:
        visit.form.wrong("recipients", "Choisissez au moins une structure.")
    visit.form.check()
    withdrawal.refuse(
        visit.db,
        person,
        purpose=choice.sentence.purpose,
        recipients=agreements.receivers(visit.db, person, choice.recipients),
        categories=tuple(shown.EVERY),
        actor=visit.actor,
        regime=Regime.INFORMATION if visit.form.get("way") == "informed" else Regime.AGREEMENT,
    )
    then = visit.url("rights:consents", id=journey.id)
    return go(visit, then, say="Le refus est enregistré. Il l’emporte sur tout accord.")


@action(may=Permission.CONSENT_WRITE, again=_typed)
def withdraw_all(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    done = withdrawal.withdraw(visit.db, person, everything=True, actor=visit.actor)
    then = visit.url("rights:consents", id=journey.id)
    return go(visit, then, say=shown.after_withdrawing(done))


@page(may=Permission.CONSENT_READ)
def consent(visit: Visit) -> Response:
    return _show_one(visit, Form())


def _typed_one(visit: Visit) -> Response:
    return _show_one(visit, visit.form)


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def confirm(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    proof = visit.form.upload("proof")
    agreements.confirm(visit.db, person, found, proof=proof, actor=visit.actor)
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say="Le formulaire est joint : l’accord est confirmé.")


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def send_code(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    channel = visit.form.choice("channel", CodeChannel)
    visit.form.check()
    sending.send(visit.db, person, found, channel=channel, actor=visit.actor)
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say="Un code part. Tapez-le quand la personne vous le lit.")


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def enter_code(visit: Visit) -> Response:
    """What the person reads aloud. A wrong code is answered, so that the try counts."""
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    typed = visit.form.text("code", most=20)
    visit.form.check()
    answer, left = agreements.enter_code(visit.db, person, found, typed=typed, actor=visit.actor)
    said, level = shown.after_a_code(answer, left)
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say=said, level=level)


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def narrow(visit: Visit) -> Response:
    """What was unticked is taken back, with all that follows. Never blocked by another change."""
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    recipients, categories = forms.narrowed(visit.form)
    visit.form.check()
    done = narrowing.keep_only(
        visit.db,
        person,
        found,
        recipients=recipients,
        categories=categories,
        actor=visit.actor,
    )
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say=shown.after_withdrawing(done))


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def renew(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    visit.form.same_version(person.sharing_version)
    months, said = forms.months(visit.form), forms.said(visit.form, dated=False)
    visit.form.check()
    agreements.renew(
        visit.db, person, found, journey=journey, months=months, said=said, actor=visit.actor
    )
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say="Le renouvellement est enregistré.")


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def withdraw(visit: Visit) -> Response:
    """Whole, for one agency or for one subject. Never blocked by another change."""
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    recipient, category = forms.taken_back(visit.form)
    visit.form.check()
    done = withdrawal.withdraw(
        visit.db,
        person,
        consents=[found],
        recipient=recipient,
        category=category,
        actor=visit.actor,
    )
    then = visit.url("rights:consent", id=journey.id, consent=found.id)
    return go(visit, then, say=shown.after_withdrawing(done))


@action(may=Permission.CONSENT_WRITE, again=_typed_one)
def lift(visit: Visit) -> Response:
    journey, person = _own(visit, hold=True)
    found = queries.one(visit.db, person, visit.path["consent"], hold=True)
    withdrawal.lift_refusal(visit.db, person, found, actor=visit.actor)
    agreements.touch_all(visit.db, person)
    then = visit.url("rights:consents", id=journey.id)
    return go(visit, then, say="Le refus est levé. Il n’ouvre rien : recueillez un accord.")


@page(may=Permission.CONSENT_READ)
def receipt(visit: Visit) -> Response:
    """The person's receipt; `?discret=1` names nobody."""
    journey, person = _own(visit)
    line = _line(visit, person)
    discreet = visit.query.get("discret") == "1"
    printed = documents.receipt(visit.db, person, journey, line, discreet=discreet)
    return _pdf(printed, f"recu-{person.reference}.pdf")


@page(may=Permission.CONSENT_READ)
def proof(visit: Visit) -> Response:
    """The signed form that was attached: never opened inside our pages."""
    _, person = _own(visit)
    line = _line(visit, person)
    kept = [event.proof_file_id for event in line.events if event.proof_file_id]
    if not kept:
        raise NotFound("Aucun formulaire n’est joint.")
    file, content = files.read(visit.db, kept[-1])
    ending = file.media_type.rsplit("/", 1)[-1]
    return Response(
        content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="formulaire-{person.reference}.{ending}"'
        },
    )


def _own(visit: Visit, *, hold: bool = False) -> tuple[Journey, Person]:
    """The journey that the actor's agency carries, and its person; opening it is noted."""
    journey = journeys.own(visit.db, visit.actor, visit.path["id"])
    person = queries.person_of(visit.db, journey, hold=hold)
    readable = rule.for_actor(visit.db, visit.actor, [person.id]).get(person.id)
    if not readable:
        raise NotFound("Ce parcours n’existe pas.")
    visit.saw(person.id, readable)
    return journey, person


def _asked(visit: Visit) -> Form:
    """What the address says is chosen."""
    return Form(FormData([*visit.request.query_params.multi_items()]))


def _line(visit: Visit, person: Person) -> queries.Line:
    found = queries.lines(visit.db, person, only=visit.path["consent"])
    if not found:
        raise NotFound("Cet accord n’existe pas.")
    return found[0]


def _show(visit: Visit, form: Form) -> Response:
    journey, person = _own(visit)
    context = shown.page(visit, journey, person, form)
    return render(visit, "rights/consents.html", partial="rights/_preview.html", **context)


def _show_one(visit: Visit, form: Form) -> Response:
    journey, person = _own(visit)
    context = shown.one(visit, journey, person, _line(visit, person), form)
    return render(visit, "rights/consent.html", **context)


def _pdf(content: bytes, name: str) -> Response:
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


_HERE = "/parcours/{id:uuid}/accords"
_ONE = _HERE + "/{consent:uuid}"
_POST = ["POST"]

routes: list[Route] = [
    Route(_HERE, consents, name="rights:consents"),
    Route(_HERE, give, name="rights:give", methods=_POST),
    Route(_HERE + "/apercu", preview, name="rights:preview"),
    Route(_HERE + "/formulaire.pdf", form_pdf, name="rights:form_pdf"),
    Route(_HERE + "/refus", refuse, name="rights:refuse", methods=_POST),
    Route(_HERE + "/retirer", withdraw_all, name="rights:withdraw_all", methods=_POST),
    Route(_ONE, consent, name="rights:consent"),
    Route(_ONE + "/confirmer", confirm, name="rights:confirm", methods=_POST),
    Route(_ONE + "/code", enter_code, name="rights:enter_code", methods=_POST),
    Route(_ONE + "/code/envoi", send_code, name="rights:send_code", methods=_POST),
    Route(_ONE + "/restreindre", narrow, name="rights:narrow", methods=_POST),
    Route(_ONE + "/renouveler", renew, name="rights:renew", methods=_POST),
    Route(_ONE + "/retirer", withdraw, name="rights:withdraw", methods=_POST),
    Route(_ONE + "/lever", lift, name="rights:lift", methods=_POST),
    Route(_ONE + "/recu.pdf", receipt, name="rights:receipt"),
    Route(_ONE + "/preuve", proof, name="rights:proof"),
]
