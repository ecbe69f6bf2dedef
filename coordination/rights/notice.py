"""What the person is told before they agree: the text, its version and its SHA-256.

Changing a word makes another hash: give it another version.
"""

import hashlib

VERSION = "2026-1"

PARAGRAPHS = (
    "Je suis libre de refuser : mes droits, mes allocations, mon accompagnement ne changent pas.",
    "Seules ces structures lisent ces informations, pour cette raison, jusqu’à cette date.",
    "Je peux retirer mon accord à tout moment, en tout ou partie : il suffit de le dire, et j’ai "
    "un reçu.",
    "Je peux voir mes informations, les corriger, les effacer, savoir qui les a lues, écrire à la "
    "CNIL.",
    "Jamais enregistrés : numéro de sécurité sociale, diagnostic, justice, religion, opinions, "
    "origine, vie sexuelle.",
    "Avant 15 ans, il faut mon accord et celui d’un titulaire de l’autorité parentale.",
)


def text() -> str:
    return "\n\n".join(PARAGRAPHS)


def sha256() -> str:
    return hashlib.sha256(text().encode()).hexdigest()
