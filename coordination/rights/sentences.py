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
# In which language the person was told; the other ones need an interpreter.
LANGUAGES = (
    ("fr", "français"),
    ("en", "anglais"),
    ("ar", "arabe"),
    ("prs", "dari"),
    ("es", "espagnol"),
    ("ps", "pachto"),
    ("pt", "portugais"),
    ("ro", "roumain"),
    ("ru", "russe"),
    ("tr", "turc"),
    ("uk", "ukrainien"),
    ("fsl", "langue des signes française"),
    ("und", "autre langue"),
)
# The same, said in easy French: one idea, short words.
IN_EASY_WORDS: dict[Category, str] = {
    C.IDENTITY: "mon nom, mon âge, mon téléphone, mon adresse",
    C.RESOURCES: "mes papiers et mon argent",
    C.TRAINING: "ce que j’ai appris à l’école et en formation",
    C.EMPLOYMENT: "mon travail et le travail que je veux",
    C.MOBILITY: "comment je me déplace",
    C.HOUSING: "où j’habite",
    C.FAMILY: "ma famille et mes enfants",
    C.LANGUAGE: "comment je parle, je lis, j’écris, je compte",
    C.DIGITAL: "si je sais me servir d’internet",
    C.HEALTH: "ce que je peux faire ou pas faire à cause de ma santé. Jamais ma maladie",
    C.STEPS: "mes rendez-vous et les étapes de mon parcours",
    C.NOTES: "les notes de la personne qui m’aide",
    C.DOCUMENTS: "mes documents",
}
EASY: dict[Purpose, tuple[str, str]] = {
    Purpose.COMMITTEE: (
        "Je veux bien que l’on parle de moi dans une réunion.",
        "Dans cette réunion, des personnes cherchent comment m’aider.",
    ),
    Purpose.REFERRAL: (
        "Je veux bien aller voir une autre structure.",
        "On lui dit ce qu’il faut savoir de moi. Je ne raconte pas tout une autre fois.",
    ),
    Purpose.FOLLOW_UP: (
        "Je veux bien que plusieurs structures m’aident ensemble.",
        "Elles se parlent pour bien m’aider.",
    ),
}
