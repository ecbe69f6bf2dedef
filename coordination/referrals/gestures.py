"""A move as a gesture on screen: its word in the address, whether it needs a form, how it looks;
and which ones a page offers. Pure."""

from typing import NamedTuple

from coordination import labels
from coordination.errors import NotFound
from coordination.referrals import states
from coordination.referrals.states import By, Status, Verb

SLUGS: dict[Verb, str] = {
    Verb.ASK_AGREEMENT: "attendre-l-accord",
    Verb.SEND: "envoyer",
    Verb.ACKNOWLEDGE: "prendre-en-compte",
    Verb.ASK_MORE: "demander-un-complement",
    Verb.ANSWER: "repondre",
    Verb.ACCEPT: "accepter",
    Verb.WAITLIST: "liste-d-attente",
    Verb.OFFER_PLACE: "proposer-la-place",
    Verb.REFUSE: "refuser",
    Verb.UNDO: "defaire",
    Verb.START: "demarrer",
    Verb.ABSENCE: "absence",
    Verb.COMPLETE: "terminer",
    Verb.FAIL: "non-aboutie",
    Verb.DECLINE: "decliner",
    Verb.CANCEL: "annuler",
    Verb.SEEN: "vu",
    Verb.PROPOSE_REROUTE: "proposer-ailleurs",
    Verb.REROUTE: "reorienter",
    Verb.ASK_REOPEN: "demander-a-rouvrir",
    Verb.REOPEN: "rouvrir",
    Verb.REPORT_ERROR: "signaler-une-erreur",
    Verb.MARK_ERROR: "confirmer-l-erreur",
}
_VERBS = {slug: verb for verb, slug in SLUGS.items()}

# One click does them; the others open a form.
DIRECT = frozenset({Verb.ASK_AGREEMENT, Verb.ACKNOWLEDGE, Verb.SEEN, Verb.UNDO, Verb.MARK_ERROR})
# What the page puts forward, by status and side.
CHIEF: dict[tuple[Status, By], frozenset[Verb]] = {
    (Status.DRAFT, By.SENDER): frozenset({Verb.SEND, Verb.ASK_AGREEMENT}),
    (Status.AWAITING_CONSENT, By.SENDER): frozenset({Verb.SEND}),
    (Status.INFO_REQUESTED, By.SENDER): frozenset({Verb.ANSWER}),
    (Status.SENT, By.RECIPIENT): frozenset({Verb.ACCEPT, Verb.ACKNOWLEDGE, Verb.REFUSE}),
    (Status.ACKNOWLEDGED, By.RECIPIENT): frozenset({Verb.ACCEPT, Verb.REFUSE}),
    (Status.INFO_REQUESTED, By.RECIPIENT): frozenset({Verb.ACCEPT}),
    (Status.WAITLISTED, By.RECIPIENT): frozenset({Verb.OFFER_PLACE}),
    (Status.ACCEPTED, By.RECIPIENT): frozenset({Verb.START}),
    (Status.STARTED, By.RECIPIENT): frozenset({Verb.COMPLETE}),
    (Status.CANCELLED, By.RECIPIENT): frozenset({Verb.SEEN}),
}
_PRIMARY = frozenset(
    {
        Verb.SEND,
        Verb.ASK_AGREEMENT,
        Verb.ANSWER,
        Verb.ACCEPT,
        Verb.OFFER_PLACE,
        Verb.START,
        Verb.COMPLETE,
        Verb.SEEN,
    }
)


class Gesture(NamedTuple):
    verb: Verb
    slug: str
    label: str
    direct: bool
    kind: str  # of the button: primary | secondary | quiet


def verb_of(slug: str) -> Verb:
    """The move behind a word of the address."""
    if slug not in _VERBS:
        raise NotFound()
    return _VERBS[slug]


def offered(
    status: Status, by: By, *, manager: bool, but: frozenset[Verb] = frozenset()
) -> tuple[list[Gesture], list[Gesture]]:
    """(put forward, the others) that this side may make from here, as the table says."""
    chief = CHIEF.get((status, by), frozenset())
    found = [
        _gesture(move.verb, chief)
        for move in states.open_moves(status, by, manager=manager)
        if move.verb in SLUGS and move.verb not in but
    ]
    return [g for g in found if g.verb in chief], [g for g in found if g.verb not in chief]


def _gesture(verb: Verb, chief: frozenset[Verb]) -> Gesture:
    kind = "primary" if verb in _PRIMARY else "secondary"
    return Gesture(
        verb, SLUGS[verb], labels.of(verb), verb in DIRECT, kind if verb in chief else "quiet"
    )


# Said once the move is made.
SAID: dict[Verb, str] = {
    Verb.ASK_AGREEMENT: "L’orientation attend l’accord de la personne.",
    Verb.SEND: "L’orientation est partie.",
    Verb.ACKNOWLEDGE: "C’est noté : l’émetteur sait que vous vous en occupez.",
    Verb.ASK_MORE: "Votre demande est partie : la réponse revient à l’émetteur.",
    Verb.ANSWER: "Votre réponse est partie.",
    Verb.ACCEPT: "L’orientation est acceptée : l’émetteur est prévenu.",
    Verb.OFFER_PLACE: "La place est proposée : l’émetteur est prévenu.",
    Verb.WAITLIST: "La personne est inscrite en liste d’attente.",
    Verb.REFUSE: "Votre réponse est partie : l’émetteur cherchera une autre suite.",
    Verb.START: "L’entrée est notée.",
    Verb.COMPLETE: "L’orientation est terminée.",
    Verb.CANCEL: "L’orientation est annulée : la structure est prévenue.",
    Verb.DECLINE: "C’est noté : la personne ne donne pas suite.",
    Verb.REROUTE: "L’orientation est close ici ; un brouillon vers l’autre structure est prêt.",
}
