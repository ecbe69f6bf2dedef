"""What the pages of agreements show, made ready for their templates."""

from typing import Any

from sqlmodel import Session, select

from coordination import labels
from coordination.journeys.models import Journey
from coordination.persons.categories import SENSITIVE, Category
from coordination.persons.models import Person, PersonIdentity
from coordination.rights import agreements, contents, forms, queries
from coordination.rights.forms import Said, Way
from coordination.rights.sentences import DURATIONS, IN_PLAIN_WORDS, SENTENCES
from coordination.rights.withdrawal import Withdrawn
from coordination.web import french
from coordination.web.forms import Form
from coordination.web.visit import Visit

EVERY = tuple(Category)


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
        "sentences": list(SENTENCES.values()),
        "chosen": chosen,
        "agencies": sorted(near.items(), key=lambda pair: (pair[1], pair[0])),
        "elsewhere": queries.elsewhere(visit.db, visit.actor, journey),
        "categories": [(c.value, labels.of(c), _hint(c)) for c in EVERY],
        "durations": [(str(months), f"{months} mois") for months in DURATIONS],
        "waiting": visit.db.exec(queries.waiting_referrals(journey)).all(),
        **_saying(visit.db, person),
        **_preview(visit.db, journey, person, filled),
    }


def one(
    visit: Visit, journey: Journey, person: Person, line: queries.Line, form: Form
) -> dict[str, Any]:
    """One consent: what it says, what happened to it, what can be done with it."""
    values = {"way": "paper", "months": "12", "expressed_by": line.expressed_by, "whole": "whole"}
    values |= {"expressed_name": line.expressed_name, "what": "whole"}
    filled = Form(values | form.values, form.errors)
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
        **_saying(visit.db, person),
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


def _whose(db: Session, journey: Journey, person: Person) -> dict[str, Any]:
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    return {
        "journey": journey,
        "person": person,
        "person_name": identity.name if identity else person.reference,
    }


def _saying(db: Session, person: Person) -> dict[str, Any]:
    born = agreements.birth_on(db, person)
    years = agreements.age(born) if born else None
    return {
        "young": years is not None and years < agreements.ALONE_FROM,
        "minor": years is not None and years < agreements.ADULT,
        "ways": forms.WAYS,
        "expressed": forms.EXPRESSED,
        "formats": forms.FORMATS,
    }


def _preview(db: Session, journey: Journey, person: Person, form: Form) -> dict[str, Any]:
    """What the chosen agencies will read, with its values of today, and what they will not."""
    chosen = set(form.getlist("categories"))
    values = contents.of(db, person, journey)
    names = queries.names_of(db, [r for r in form.getlist("recipients") if _is_key(r)])
    opened = [c for c in EVERY if c.value in chosen]
    return {
        "preview_names": sorted(names.values()),
        "preview_opened": [(labels.of(c), values[c]) for c in opened],
        "preview_closed": [labels.of(c) for c in EVERY if c.value not in chosen],
        "preview_query": _query(form),
    }


def _query(form: Form) -> list[tuple[str, str]]:
    kept = ("phrase", "choisi", "months", "recipients", "categories")
    return [(name, value) for name in kept for value in form.getlist(name) if value]


def _hint(category: Category) -> str:
    words = IN_PLAIN_WORDS[category].capitalize()
    return f"{words} (sensible)" if category in SENSITIVE else words


def _is_key(value: str) -> bool:
    return len(value) == 36 and value.count("-") == 4
