"""What the pages of agreements show, made ready for their templates."""

from typing import Any

from sqlmodel import Session, select

from coordination import labels
from coordination.agencies.models import Agency
from coordination.consent import codes, minors, regimes
from coordination.consent.models import Collected, EventKind, Purpose, Regime
from coordination.journeys.models import Journey
from coordination.persons.categories import SENSITIVE, Category
from coordination.persons.models import Person, PersonIdentity
from coordination.rights import agreements, answers, forms, previews, queries, sending
from coordination.rights.forms import Said, Way
from coordination.rights.sentences import DURATIONS, IN_PLAIN_WORDS, LANGUAGES, SENTENCES
from coordination.rights.withdrawal import Withdrawn
from coordination.web import french
from coordination.web.forms import Form
from coordination.web.visit import Visit

EVERY = previews.EVERY
CONFIRMED = EventKind.CONFIRMED


def page(visit: Visit, journey: Journey, person: Person, form: Form) -> dict[str, Any]:
    """The agreements of a person, and the form to record one more."""
    filled = prefilled(visit.db, journey, form)
    filled.errors, filled.conflict = form.errors, form.conflict
    lines = queries.lines(visit.db, person)
    table = queries.at_the_table(visit.db, journey)
    around = queries.around(visit.db, journey)
    near = {str(agency.id): agency.name for agency in (*table, *around)}
    chosen = forms.sentence(filled)
    return {
        **_whose(visit.db, journey, person),
        "form": filled,
        "lines": lines,
        "in_force": any(line.in_force for line in lines),
        "recalls": answers.shown(visit.db, answers.about(person.id)),
        "reached": bool(sending.channels(visit.db, person)),
        "sentences": list(SENTENCES.values()),
        "chosen": chosen,
        "agencies": sorted(near.items(), key=lambda pair: (pair[1], pair[0])),
        "elsewhere": queries.elsewhere(visit.db, visit.actor, journey),
        "categories": [(c.value, labels.of(c), _hint(c)) for c in EVERY],
        "durations": [(str(months), f"{months} mois") for months in DURATIONS],
        "waiting": visit.db.exec(queries.waiting_referrals(journey)).all(),
        **_saying(
            visit.db,
            journey,
            person,
            chosen.purpose,
            informed=_informs(visit.db, journey, chosen.purpose),
        ),
        **previews.preview(visit.db, journey, person, filled),
    }


def one(
    visit: Visit, journey: Journey, person: Person, line: queries.Line, form: Form
) -> dict[str, Any]:
    """One consent: what it says, what happened to it, what can be done with it."""
    values = {"way": "paper", "months": "12", "expressed_by": line.expressed_by, "whole": "whole"}
    values |= {"expressed_name": line.expressed_name, "what": "whole"}
    if line.regime is Regime.INFORMATION:
        values["way"] = "informed"
    kept: dict[str, Any] = {
        "kept_recipients": [key for key, _ in line.recipients],
        "kept_categories": [c.value for c in line.categories],
    }
    if "narrowing" in form:
        kept = {name: form.getlist(name) for name in kept}
    filled = Form(values | form.values | kept, form.errors)
    filled.conflict = form.conflict
    taken_back = [("whole", "Tout l’accord")]
    taken_back += [(f"agency:{key}", name) for key, name in line.recipients]
    if len(line.categories) > 1:
        taken_back += [(f"category:{c.value}", labels.of(c)) for c in line.categories]
    authors = queries.authors(visit.db, line.events)
    named = queries.names_of(visit.db, (r for e in line.events for r in e.recipients))
    return {
        **_whose(visit.db, journey, person),
        "form": filled,
        "line": line,
        "taken_back": taken_back,
        "has_proof": any(event.proof_file_id for event in line.events),
        "history": [
            {
                "when": french.moment(event.created_at),
                "title": labels.of(event.kind).capitalize(),
                "tone": "",
                "event": event,
                "by": authors.get(event.professional_id, "") if event.professional_id else "",
                "names": [named[r] for r in event.recipients if r in named],
            }
            for event in reversed(line.events)
        ],
        "durations": [(str(months), f"{months} mois") for months in DURATIONS],
        "by_code": any(e.collected is Collected.CODE for e in line.events if e.kind is CONFIRMED),
        "languages_said": dict(LANGUAGES),
        "formats_said": dict(forms.FORMATS),
        "code": codes.waiting(visit.db, line.id) if line.waits else None,
        "kept_recipients": line.recipients,
        "kept_categories": [(c.value, labels.of(c)) for c in line.categories],
        "wider": [
            ("phrase", line.sentence.slug),
            ("choisi", "1"),
            *(("recipients", key) for key, _ in line.recipients),
            *(("categories", c.value) for c in line.categories),
        ],
        **_saying(
            visit.db,
            journey,
            person,
            line.sentence.purpose,
            informed=line.regime is Regime.INFORMATION,
        ),
    }


def prefilled(db: Session, journey: Journey, form: Form) -> Form:
    """The form with the chosen sentence's agencies of the day and least categories."""
    if "choisi" in form:
        values: dict[str, Any] = {**form.values}
        values["recipients"] = form.getlist("recipients")
        values["categories"] = form.getlist("categories")
        return Form(values)
    table = queries.at_the_table(db, journey) if forms.sentence(form).slug == "comite" else []
    return forms.prefilled(form, recipients=[agency.id for agency in table])


def after_giving(said: Said) -> str:
    if said.way is Way.ORAL:
        return "L’accord oral est enregistré. Il vaut 30 jours : faites signer d’ici là."
    if said.way is Way.CODE:
        return "L’accord est recueilli, le code part. Tapez-le quand la personne vous le lit."
    if said.way is Way.INFORMED:
        return "L’information est enregistrée. La personne peut s’opposer à tout moment."
    if said.way is Way.LATER:
        return "L’accord est recueilli. Il ne vaut rien tant que le formulaire n’est pas joint."
    return "L’accord est enregistré et confirmé."


def after_withdrawing(done: Withdrawn) -> str:
    if not done.ended:
        return "Rien n’était partagé : rien n’a changé."
    said = ["Le retrait est enregistré : plus rien n’est lu grâce à cet accord."]
    if done.cancelled:
        said.append(f"{french.count(len(done.cancelled), 'orientation')} en cours d’annulation.")
    if done.told:
        said.append(f"{french.count(len(done.told), 'structure')} à prévenir : le courriel part.")
    return " ".join(said)


def name_of(db: Session, person: Person) -> str:
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    return identity.name if identity else person.reference


def _whose(db: Session, journey: Journey, person: Person) -> dict[str, Any]:
    return {"journey": journey, "person": person, "person_name": name_of(db, person)}


def _saying(
    db: Session, journey: Journey, person: Person, purpose: Purpose, *, informed: bool
) -> dict[str, Any]:
    """What `_said.html` takes. `informed`: whether informing may be enough here."""
    born = agreements.birth_on(db, person)
    years = minors.age(born) if born else None
    alone_from = minors.alone_from(db, purpose)
    reached = sending.channels(db, person)
    return {
        "young": years is not None and years < alone_from,
        "alone_from": alone_from,
        "minor": years is not None and years < minors.ADULT,
        "ways": forms.ways(by_code=bool(reached), informed=informed),
        "channels": [(channel.value, where) for channel, where in reached],
        "expressed": forms.EXPRESSED,
        "formats": forms.FORMATS,
        "languages": LANGUAGES,
    }


def _informs(db: Session, journey: Journey, purpose: Purpose) -> bool:
    kind = db.get_one(Agency, journey.agency_id).kind
    return regimes.informs_somewhere(db, purpose=purpose, from_kind=kind)


def _hint(category: Category) -> str:
    words = IN_PLAIN_WORDS[category].capitalize()
    return f"{words} (sensible)" if category in SENSITIVE else words


def after_a_code(answer: codes.Answer, tries_left: int) -> tuple[str, str]:
    """(what to say, how)"""
    if answer is codes.Answer.RIGHT:
        return "Le code est le bon : l’accord est confirmé.", "success"
    if answer is codes.Answer.WRONG:
        left = french.count(tries_left, "essai")
        return f"Ce n’est pas le bon code. Il reste {left} : relisez-le avec la personne.", "error"
    return "Ce code ne vaut plus rien : envoyez-en un autre.", "error"
