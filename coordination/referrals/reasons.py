"""Reasons by side, and outcomes: neutral codes, never a judgement. An old code is hidden, never
deleted. Pure."""

from enum import StrEnum

from coordination.referrals.states import Verb


class Reason(StrEnum):
    """French words, because files and figures of the field already use them."""

    SESSION_COMPLETE = "session_complete"
    HORS_CRITERES = "hors_criteres"
    HORS_TERRITOIRE = "hors_territoire"
    DOSSIER_INCOMPLET = "dossier_incomplet"
    AUTRE_DISPOSITIF = "autre_dispositif"
    DEJA_ACCOMPAGNE = "deja_accompagne"
    DELAI_IMPOSSIBLE = "delai_impossible"
    FREIN_PERIPHERIQUE = "frein_peripherique"
    AUTRE = "autre"
    INJOIGNABLE = "injoignable"
    RENDEZ_VOUS_NON_HONORE = "rendez_vous_non_honore"
    EN_EMPLOI = "en_emploi"
    EN_FORMATION = "en_formation"
    MOBILITE = "mobilite"
    INDISPONIBILITE = "indisponibilite"
    NE_SOUHAITE_PAS = "ne_souhaite_pas"
    NE_SOUHAITE_PAS_PARTAGER = "ne_souhaite_pas_partager"
    SANS_MOTIF = "sans_motif"
    ERREUR_DESTINATAIRE = "erreur_destinataire"
    DOUBLON = "doublon"
    SITUATION_CHANGEE = "situation_changee"
    PLACE_AILLEURS = "place_ailleurs"
    RETRAIT_ACCORD = "retrait_accord"
    FIN_PARCOURS = "fin_parcours"


class ReasonSide(StrEnum):
    """Whose reason it is: what the Région sees, where the reason itself would tell too much."""

    AGENCY = "agency"
    PERSON = "person"
    SENDER = "sender"


R = Reason
REASONS: dict[ReasonSide, tuple[Reason, ...]] = {
    ReasonSide.AGENCY: (
        R.SESSION_COMPLETE, R.HORS_CRITERES, R.HORS_TERRITOIRE, R.DOSSIER_INCOMPLET,
        R.AUTRE_DISPOSITIF, R.DEJA_ACCOMPAGNE, R.DELAI_IMPOSSIBLE, R.FREIN_PERIPHERIQUE, R.AUTRE,
    ),
    ReasonSide.PERSON: (
        R.INJOIGNABLE, R.RENDEZ_VOUS_NON_HONORE, R.EN_EMPLOI, R.EN_FORMATION, R.MOBILITE,
        R.INDISPONIBILITE, R.NE_SOUHAITE_PAS, R.NE_SOUHAITE_PAS_PARTAGER, R.SANS_MOTIF,
    ),
    ReasonSide.SENDER: (
        R.ERREUR_DESTINATAIRE, R.DOUBLON, R.SITUATION_CHANGEE, R.PLACE_AILLEURS, R.RETRAIT_ACCORD,
        R.FIN_PARCOURS,
    ),
}  # fmt: skip

_AGENCY_OR_PERSON = REASONS[ReasonSide.AGENCY] + REASONS[ReasonSide.PERSON]
OF_VERB: dict[Verb, tuple[Reason, ...]] = {
    Verb.REFUSE: _AGENCY_OR_PERSON,
    Verb.FAIL: _AGENCY_OR_PERSON,
    Verb.DECLINE: REASONS[ReasonSide.PERSON],
    Verb.CANCEL: REASONS[ReasonSide.SENDER],
}


def side_of(reason: Reason) -> ReasonSide:
    return next(side for side, known in REASONS.items() if reason in known)


class Outcome(StrEnum):
    """How a referral that started came to its end."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not_covered"
    EMPLOYMENT = "employment"
    TRAINING = "training"
    OTHER_POSITIVE = "other_positive"


MEETS_THE_NEED = frozenset({Outcome.COVERED, Outcome.EMPLOYMENT, Outcome.TRAINING})
