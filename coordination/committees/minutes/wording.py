"""Keeping names out of texts that people typed. Pure."""

import re
import unicodedata
from collections.abc import Iterable

PERSON = "la personne"


def veil(text: str, names: Iterable[str]) -> str:
    """The text with each of these names (whole words, whatever their accents and case) replaced by
    « la personne ». Names of one or two letters are left: they are words of the language."""
    wanted = sorted({_flat(n) for n in names if len(_flat(n)) > 2}, key=len, reverse=True)
    if not wanted or not text:
        return text
    flat, places = _flatten(text)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, wanted)) + r")(?!\w)")
    out, last = [], 0
    for found in pattern.finditer(flat):
        start, end = places[found.start()], places[found.end() - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        out += [text[last:start], PERSON]
        last = end
    veiled = "".join([*out, text[last:]])
    return re.sub(rf"{PERSON}(?:[\s\-]+{PERSON})+", PERSON, veiled)


def _flat(name: str) -> str:
    return _flatten(name)[0].strip()


def _flatten(text: str) -> tuple[str, list[int]]:
    """Folded text, and for each of its characters the place it comes from."""
    letters, places = [], []
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", letter):
            if not unicodedata.combining(part):
                for low in part.casefold().replace("’", "'"):
                    letters.append(low)
                    places.append(place)
    return "".join(letters), places
