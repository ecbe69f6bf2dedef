"""What the person is told before they agree: the text, its version and its SHA-256.

Changing a word makes another hash: give it another version. The easy-to-read text has its own; so
has the one of the regime `information`, and so has each age that the controller may set for minors.
"""

import hashlib
from typing import NamedTuple

from coordination.consent.minors import ALONE_FROM
from coordination.consent.models import Regime

VERSION = "2026-1"

_PLAIN = (
    "Je suis libre de refuser : mes droits, mes allocations, mon accompagnement ne changent pas.",
    "Seules ces structures lisent ces informations, pour cette raison, jusqu’à cette date.",
    "Je peux retirer mon accord à tout moment, en tout ou partie : il suffit de le dire, et j’ai "
    "un reçu.",
    "Je peux voir mes informations, les corriger, les effacer, savoir qui les a lues, écrire à la "
    "CNIL.",
    "Jamais enregistrés : numéro de sécurité sociale, diagnostic, justice, religion, opinions, "
    "origine, vie sexuelle.",
)
_EASY = (
    "Je peux dire oui. Je peux dire non.",
    "Si je dis non, je garde tous mes droits. On m’aide pareil.",
    "Les structures écrites sur cette page peuvent lire. Les autres ne peuvent pas.",
    "Je peux changer d’avis quand je veux. Je le dis. Le partage s’arrête.",
    "Je peux demander qui a lu. Je peux faire corriger. Je peux faire effacer.",
    "Si ce n’est pas respecté, je peux écrire à la CNIL. La CNIL protège mes informations.",
    "On n’écrit jamais : ma maladie, ma religion, mes idées, d’où vient ma famille, ma vie "
    "amoureuse, la justice.",
)
_INFORMED = (
    "Un texte permet à ces structures de partager ces informations pour m’accompagner : il est "
    "cité sur cette page, et on me l’a expliqué.",
    "Je peux m’opposer à tout moment, sans donner de raison : le partage s’arrête tout de suite, "
    "mes droits et mon accompagnement ne changent pas.",
    *_PLAIN[3:],
)


class Notice(NamedTuple):
    version: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def given(
    written: str = "standard",
    *,
    alone_from: int = ALONE_FROM,
    regime: Regime = Regime.AGREEMENT,
) -> Notice:
    """The text that the person was given, by its format, the age set for minors and the regime."""
    if regime is Regime.INFORMATION:
        return Notice(f"{VERSION}-information", _INFORMED)
    easy = written == "falc"
    version = f"{VERSION}-falc" if easy else VERSION
    if alone_from != ALONE_FROM:
        version += f"-{alone_from}"
    if not alone_from:
        return Notice(version, _EASY if easy else _PLAIN)
    if easy:
        said = f"Si j’ai moins de {alone_from} ans, un de mes parents doit aussi dire oui."
        return Notice(version, (*_EASY, said))
    said = (
        f"Avant {alone_from} ans, il faut mon accord et celui d’un titulaire de l’autorité "
        "parentale."
    )
    return Notice(version, (*_PLAIN, said))
