"""What the pages of agreements send, turned into what the verbs take."""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from coordination import clock
from coordination.consent.models import CodeChannel, Collected
from coordination.persons.categories import Category
from coordination.rights.sentences import DURATIONS, LANGUAGES, SENTENCES, Sentence
from coordination.web.forms import Form

RETROACTIVE = timedelta(days=90)  # a form signed that long ago may still be recorded


class Way(StrEnum):
    """How the agreement was said."""

    PAPER = "paper"  # the signed form is attached
    LATER = "later"  # signed, to be attached later
    ORAL = "oral"
    CODE = "code"  # a code leaves at once, and is typed in the person's presence
    INFORMED = "informed"  # where the controller decided that informing is enough


_WAYS = {
    Way.CODE: ("Code à usage unique, envoyé à la personne", "Elle vous le lit, vous le tapez."),
    Way.PAPER: ("Formulaire signé, joint ici", "PDF, JPEG ou PNG, 5 Mo au plus."),
    Way.LATER: (
        "Formulaire signé, que je joindrai plus tard",
        "L’accord reste « à confirmer ».",
    ),
    Way.ORAL: ("Accord oral, que j’atteste", "Il vaut 30 jours, le temps de faire signer."),
    Way.INFORMED: (
        "Personne informée, sans opposition",
        "Seulement là où le texte cité ci-contre le permet.",
    ),
}
COLLECTED = {
    Way.CODE: Collected.CODE,
    Way.ORAL: Collected.ORAL,
    Way.INFORMED: Collected.INFORMED,
}
EXPRESSED = (
    ("person", "La personne elle-même"),
    ("parent", "Un titulaire de l’autorité parentale"),
    ("guardian", "Un tuteur ou une tutrice"),
)
FORMATS = (
    ("standard", "Formulaire standard"),
    ("falc", "Facile à lire et à comprendre"),
    ("oral_with_witness", "Lu à voix haute, avec un témoin"),
    ("interpreter", "Avec un·e interprète"),
)


ASSISTED = {
    "oral_with_witness": "Nommez le témoin.",
    "interpreter": "Nommez l’interprète.",
}


class Choice(NamedTuple):
    """What would be agreed: a sentence, its agencies, its categories, how long."""

    sentence: Sentence
    recipients: tuple[UUID, ...]
    categories: tuple[Category, ...]
    months: int


class Said(NamedTuple):
    """How it was said, and by whom."""

    way: Way
    on: date
    words: str
    attested: bool
    proof: tuple[str, bytes] | None
    expressed_by: str
    expressed_name: str
    minor_agreed: bool
    place: str
    format: str
    assisted_by: str = ""  # the witness or the interpreter
    language: str = "fr"
    channel: CodeChannel | None = None

    @property
    def collected(self) -> Collected:
        return COLLECTED.get(self.way, Collected.PAPER)


def ways(*, by_code: bool, informed: bool) -> list[tuple[str, str, str]]:
    """(value, label, hint) of the ways open here."""
    closed = {
        way for way, is_open in ((Way.CODE, by_code), (Way.INFORMED, informed)) if not is_open
    }
    return [(way.value, *said) for way, said in _WAYS.items() if way not in closed]


def sentence(form: Form) -> Sentence:
    return SENTENCES.get(form.get("phrase"), SENTENCES["comite"])


def prefilled(form: Form, *, recipients: Sequence[UUID]) -> Form:
    """The form with the sentence's own agencies and least categories, as long as nobody chose."""
    chosen = sentence(form)
    values = {
        "phrase": chosen.slug,
        "recipients": form.getlist("recipients") or [str(r) for r in recipients],
        "categories": form.getlist("categories") or [str(c) for c in chosen.least],
        "months": form.get("months") or "12",
        "way": form.get("way") or "paper",
        "on": form.get("on") or clock.today().isoformat(),
        "expressed_by": form.get("expressed_by") or "person",
        "format": form.get("format") or "standard",
        "language": form.get("language") or "fr",
    }
    return Form(values)


def choice(form: Form) -> Choice:
    return Choice(
        sentence(form),
        tuple(dict.fromkeys(form.keys("recipients"))),
        tuple(form.choices("categories", Category, required=False)),
        months(form),
    )


def months(form: Form) -> int:
    return form.number("months", least=min(DURATIONS), most=max(DURATIONS)) or 12


def taken_back(form: Form) -> tuple[UUID | None, Category | None]:
    """(recipient, category) of a withdrawal; both None: the whole agreement."""
    kind, _, value = form.get("what").partition(":")
    if kind == "whole":
        return None, None
    if kind == "category" and value in {c.value for c in Category}:
        return None, Category(value)
    found = Form({"what": value}).key("what") if kind == "agency" else None
    if found is None:
        form.wrong("what", "Choisissez ce que la personne retire.")
    return found, None


def said(form: Form, *, dated: bool = True) -> Said:
    """How it was said. `dated`: the day it was signed is asked too."""
    way = form.choice("way", Way)
    earliest = clock.today() - (RETROACTIVE if way is not Way.ORAL else timedelta(days=7))
    on = form.day("on", earliest=earliest, latest=clock.today()) if dated else clock.today()
    by = form.get("expressed_by") or "person"
    if by not in dict(EXPRESSED):
        form.wrong("expressed_by", "Choisissez une réponse de la liste.")
    words = form.text("words_used", required=way is Way.ORAL, most=2000, least=10)
    proof = form.upload("proof")
    if way is Way.PAPER and proof is None:
        form.wrong("proof", "Joignez le formulaire signé, ou dites que vous le joindrez plus tard.")
    if not form.ticked("attested"):
        form.wrong(
            "attested",
            "Attestez que la personne a été informée et que refuser ne change rien à ses droits.",
        )
    written = form.get("format") or "standard"
    written = written if written in dict(FORMATS) else "standard"
    assisted_by, language = _assisted(form, written)
    return Said(
        way or Way.PAPER,
        on or clock.today(),
        words if way is Way.ORAL else "",
        form.ticked("attested"),
        proof if way is Way.PAPER else None,
        by,
        form.text("expressed_name", required=False, most=120),
        form.ticked("minor_agreed"),
        form.text("place", required=False, most=120),
        written,
        assisted_by,
        language,
        form.choice("channel", CodeChannel) if way is Way.CODE else None,
    )


def narrowed(form: Form) -> tuple[frozenset[UUID], frozenset[Category]]:
    """(recipients, categories) that stay."""
    return (
        frozenset(form.keys("kept_recipients")),
        frozenset(form.choices("kept_categories", Category, required=False)),
    )


def _assisted(form: Form, written: str) -> tuple[str, str]:
    """(name, language) of whoever helped the person understand."""
    name = form.text("assisted_by", required=False, most=120)
    language = form.get("language") or "fr"
    if language not in dict(LANGUAGES):
        form.wrong("language", "Choisissez une réponse de la liste.")
    if written in ASSISTED and not name:
        form.wrong("assisted_by", ASSISTED[written])
    if written == "interpreter" and language == "fr":
        form.wrong("language", "Dites dans quelle langue l’interprète a parlé.")
    return (name if written in ASSISTED else ""), language
