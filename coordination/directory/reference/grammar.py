"""French before a place’s name: « d’Agde », « du Vigan », « de La Grande-Motte », « de l’Hérault ».

`liaison` is INSEE's type of name in clear (TNCC): it knows articles and aspirated h.
A commune's name carries its article, a département's or a région's does not.
"""

from coordination.directory.reference.geography import Commune, Departement, Region

_ARTICLES = {2: "Le ", 3: "La ", 4: "Les ", 5: "L'"}
_OF = {0: "de ", 1: "d’", 2: "du ", 3: "de la ", 4: "des ", 5: "de l’"}


def de(place: Commune | Departement | Region) -> str:
    bare, own = _without_article(place)
    if own and place.liaison in (3, 5):  # a commune keeps its capital: « de La Grande-Motte »
        return f"de {place.nom}"
    return _OF.get(place.liaison, "de ") + bare


def a(commune: Commune) -> str:
    """Where one goes: « à Lunel », « au Vigan », « aux Angles », « à La Grande-Motte »."""
    bare, own = _without_article(commune)
    if own and commune.liaison in (2, 4):
        return {2: "au ", 4: "aux "}[commune.liaison] + bare
    return f"à {commune.nom}"


def _without_article(place: Commune | Departement | Region) -> tuple[str, bool]:
    article = _ARTICLES.get(place.liaison, "")
    if article and place.nom.startswith(article):
        return place.nom.removeprefix(article), True
    return place.nom, False
