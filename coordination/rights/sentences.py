"""The three ready sentences: one screen, one agreement. Pure."""

from typing import NamedTuple

from coordination.consent.models import Purpose
from coordination.persons.categories import Category

C = Category


class Sentence(NamedTuple):
    """A purpose in the person's words, with the least categories that serve it."""

    slug: str
    purpose: Purpose
    title: str
    said: str  # in the first person, on the form to sign
    why: str
    least: tuple[Category, ...]


SENTENCES = {
    s.slug: s
    for s in (
        Sentence(
            "comite",
            Purpose.COMMITTEE,
            "Passer en comité",
            "J’accepte que ma situation soit présentée en comité.",
            "Plusieurs structures se réunissent pour m’aider à passer à l’étape suivante.",
            (C.IDENTITY, C.TRAINING, C.STEPS),
        ),
        Sentence(
            "orientation",
            Purpose.REFERRAL,
            "Être orienté·e vers…",
            "J’accepte d’être orienté·e vers une autre structure.",
            "Cette structure reçoit de quoi me recevoir, sans que je raconte tout à nouveau.",
            (C.IDENTITY, C.TRAINING, C.STEPS),
        ),
        Sentence(
            "suivi",
            Purpose.FOLLOW_UP,
            "Être suivi·e ensemble par…",
            "J’accepte d’être suivi·e ensemble par plusieurs structures.",
            "Ces structures m’accompagnent et se tiennent au courant de mon parcours.",
            (C.IDENTITY, C.TRAINING, C.EMPLOYMENT, C.STEPS),
        ),
    )
}
BY_PURPOSE = {sentence.purpose: sentence for sentence in SENTENCES.values()}

# What each category holds, said to the person.
IN_PLAIN_WORDS: dict[Category, str] = {
    C.IDENTITY: "mon nom, ma date de naissance, mon téléphone, mon adresse",
    C.RESOURCES: "ma situation administrative et mes ressources",
    C.TRAINING: "mon niveau et mes formations",
    C.EMPLOYMENT: "mon métier, l’emploi que je cherche, mon projet",
    C.MOBILITY: "mes moyens de me déplacer",
    C.HOUSING: "mon logement",
    C.FAMILY: "ma famille et la garde de mes enfants",
    C.LANGUAGE: "ma langue, ma lecture, mon écriture, mon calcul",
    C.DIGITAL: "mon aisance avec internet et les outils numériques",
    C.HEALTH: "ce que ma santé ou mon handicap change en pratique, jamais un diagnostic",
    C.STEPS: "mon parcours : mes étapes et mes rendez-vous",
    C.NOTES: "les notes de la personne qui m’accompagne",
    C.DOCUMENTS: "mes documents",
}
DURATIONS = (3, 6, 12, 18, 24)  # months
