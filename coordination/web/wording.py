"""A word of caution on texts about a person: what touches justice, religion, origin, opinions,
sexual life or a diagnosis has no place there, and a neutral wording says as much. It warns, never
blocks. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import islice

# subject → (how to say it otherwise, patterns on the text without accents, in lower case)
_SUBJECTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "la justice": (
        "dites seulement la disponibilité\u00a0: «\u00a0indisponible jusqu’au…\u00a0»,"
        " «\u00a0disponible à partir du…\u00a0»",
        (
            r"prisons?",
            r"detenu(e|s|es)?",
            r"detention",
            r"incarcer\w+",
            r"ecrou\w*",
            r"garde a vue",
            r"bracelet electronique",
            r"casier( judiciaire)?",
            r"condamn(e|ee|es|ees|ation|ations)",
            r"sursis",
            r"spip",
            r"pjj",
            r"tribuna(l|ux)",
            r"controle judiciaire",
            r"sous main de justice",
            r"delinquan\w+",
            r"probation",
        ),
    ),
    "la religion": (
        "dites ce qui compte pour le parcours, par exemple une contrainte d’horaires",
        (
            r"religi\w+",
            r"musulman\w*",
            r"islam\w*",
            r"catholiques?",
            r"protestant(e|s|es)?",
            r"juif|juifs|juives?",
            r"temoins? de jehovah",
            r"ramadan",
            r"mosquee",
            r"voilee?s?",
            r"halal|casher",
            r"pratiquant(e|s|es)",
        ),
    ),
    "l’origine": (
        "dites le besoin\u00a0: «\u00a0apprentissage du français\u00a0»,"
        " «\u00a0aide aux démarches administratives\u00a0»",
        (
            r"origine (etrangere|africaine|maghrebine|algerienne|marocaine|tunisienne|turque)",
            r"d ?origine \w+(ne|ise|ienne|aine)",
            r"origine ethnique",
            r"ethni\w+",
            r"maghrebin\w*",
            r"gitan(e|s|es)?",
            r"tsiganes?",
            r"roms?(?= (de|du|d)\b)",
            r"gens du voyage",
            r"race",
        ),
    ),
    "les opinions ou l’engagement syndical": (
        "ce n’est pas utile à la situation\u00a0: retirez-le",
        (
            r"syndique(e|s|es)?",
            r"syndicaliste\w*",
            r"militant(e|s|es|isme)?",
            r"opinions? politiques?",
            r"extreme (droite|gauche)",
            r"vote pour",
            r"gilets? jaunes?",
        ),
    ),
    "la vie sexuelle": (
        "ce n’est pas utile à la situation\u00a0: retirez-le",
        (
            r"homosexu\w+",
            r"heterosexu\w+",
            r"bisexu\w+",
            r"lesbiennes?",
            r"gay",
            r"trans(genre|sexuel\w*|identitaire)s?",
            r"orientation sexuelle",
            r"vie sexuelle",
            r"prostitu\w+",
            r"ivg",
            r"avortement",
        ),
    ),
    "un diagnostic ou un traitement": (
        "dites la conséquence pratique\u00a0: «\u00a0station debout limitée\u00a0»,"
        " «\u00a0rendez-vous le matin difficiles\u00a0», «\u00a0reprise à temps partiel\u00a0»",
        (
            r"depressi(f|ve|on)s?",
            r"schizophren\w+",
            r"bipolaires?",
            r"psychiatr\w+",
            r"psychotiques?",
            r"anorexi\w+",
            r"cancer\w*",
            r"vih",
            r"sida",
            r"seropositi\w+",
            r"hepatite",
            r"epilep\w+",
            r"sclerose",
            r"diabet\w+",
            r"autis\w+",
            r"tdah",
            r"burn ?out",
            r"alcooli\w+",
            r"toxicoman\w+",
            r"addict\w*",
            r"cannabis",
            r"suicid\w+",
            r"chimiotherapie",
            r"antidepresseurs?",
            r"methadone",
        ),
    ),
}

_PATTERNS = {
    subject: (advice, re.compile(rf"\b(?:{'|'.join(patterns)})\b"))
    for subject, (advice, patterns) in _SUBJECTS.items()
}


def warnings(text: str) -> list[str]:
    """One sentence for each delicate subject that the text seems to touch, with the words found and
    a neutral way to say it; none when nothing is found."""
    flat = _flat(text)
    found = []
    for subject, (advice, pattern) in _PATTERNS.items():
        words = dict.fromkeys(text[m.start() : m.end()] for m in pattern.finditer(flat))
        if words:
            quoted = ", ".join(f"«\u00a0{word}\u00a0»" for word in words)
            found.append(f"{quoted} touche à {subject}\u00a0: {advice}.")
    return found


def advice(texts: Iterable[str]) -> str:
    """What to say after a form was recorded, about all that was typed in it: nothing, or at most
    two subjects. A value of one or two words is a name or a code, not a sentence."""
    found = (said for text in texts if len(text.split()) > 2 for said in warnings(text))
    kept = list(islice(dict.fromkeys(found), 2))
    return " ".join(["À relire\u00a0:", *kept]) if kept else ""


def _flat(text: str) -> str:
    """Without accents or case, every place kept, so that what is found can be shown as typed."""
    return "".join(_letter(letter) for letter in text)


def _letter(letter: str) -> str:
    if letter in "’'-\n\t\u00a0\u202f":
        return " "
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter
