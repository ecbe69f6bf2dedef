"""What the person is told before they agree: the text, its version and its SHA-256.

Changing a word makes another hash: give it another version.
"""

import hashlib

VERSION = "2026-1"

PARAGRAPHS = (
    "Vous êtes libre d’accepter ou de refuser. Refuser ne change rien à vos droits, à vos "
    "allocations ni à votre accompagnement.",
    "Seules les structures nommées ici lisent les informations indiquées ici, pour ce motif, "
    "jusqu’à la date indiquée. Rien d’autre n’est partagé.",
    "Vous pouvez retirer votre accord quand vous voulez : en entier, pour une seule structure ou "
    "pour un seul sujet. Dites-le ou écrivez-le à la personne qui vous accompagne. Le retrait "
    "prend effet tout de suite et vous recevez un reçu.",
    "Vous pouvez voir vos informations, les faire corriger, demander qui les a lues et les faire "
    "effacer. Vous pouvez aussi écrire à la CNIL (www.cnil.fr).",
    "Jamais enregistrés : numéro de sécurité sociale, diagnostic médical, justice, religion, "
    "opinions, origine, vie sexuelle.",
    "Avant 15 ans, votre accord et celui d’un titulaire de l’autorité parentale sont nécessaires. "
    "À partir de 15 ans, c’est vous qui décidez.",
)


def text() -> str:
    return "\n\n".join(PARAGRAPHS)


def sha256() -> str:
    return hashlib.sha256(text().encode()).hexdigest()
