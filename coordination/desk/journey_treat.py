"""What makes each alert fall: the gesture that answers it, from the journey's page. Pure."""

from collections.abc import Mapping
from uuid import UUID

from coordination.signals.models import SignalCode

C = SignalCode

# Code → the gesture's words, and where it is made: a part of the page, or an address after the
# journey's own.
_TREATS: Mapping[SignalCode, tuple[str, str]] = {
    C.DUREE_EXCESSIVE: ("Prolonger, terminer ou demander un examen", "/demande"),
    C.FIN_SANS_SUITE: ("Prévoir une étape", "/faire/prevoir-etape"),
    C.ATTENTE_ENTRE_ETAPES: ("Prévoir une étape", "/faire/prevoir-etape"),
    C.ENTREE_LOINTAINE: ("Revoir les étapes", "#etapes"),
    C.SUSPENSION_LONGUE: ("Reprendre le parcours", "#parcours"),
    C.REPRISE_DEPASSEE: ("Reprendre, ou dire une autre date", "#attendu"),
    C.SANS_CONTACT: ("Noter un contact", "#contact-form"),
    C.ABSENCES_REPETEES: ("Noter un contact", "#contact-form"),
    C.RENOUVELLEMENT_A_DECIDER: ("Noter l’entretien", "/faire/entretien"),
    C.SUIVI_APRES_SORTIE_DU: ("Noter le contact", "#contact-form"),
    C.SORTIE_A_CONFIRMER: ("Terminer ou poursuivre", "#parcours"),
    C.RETOUR_POSSIBLE: ("Rouvrir le parcours", "/faire/revenir"),
    C.FREIN_SANS_SOLUTION: ("Mobiliser un service", "#besoins"),
    C.PREREQUIS_MANQUANT: ("Revoir les prérequis", "#etapes"),
    C.CHANGEMENT_DE_STATUT: ("Assurer la rémunération", "#statuts"),
    C.ENGAGEMENT_NON_SIGNE: ("Faire signer l’engagement", "#engagements"),
    C.REFERENT_ABSENT: ("Ajouter un·e référent·e", "/faire/referent"),
    C.ORIENTATION_SANS_REPONSE: ("Voir l’orientation", "#orientations"),
    C.ORIENTATION_REFUSEE: ("Voir l’orientation", "#orientations"),
    C.ORIENTATION_EXPIREE: ("Voir l’orientation", "#orientations"),
    C.ORIENTATION_ECHOUEE: ("Voir l’orientation", "#orientations"),
    C.SUITE_EN_RETARD: ("Voir la décision", "#fil"),
    C.DEMANDE_EXAMEN: ("Voir la demande", "/demande"),
    C.ACCORD_EXPIRANT: ("Renouveler l’accord", "/accords"),
    C.ACCORD_A_RECUEILLIR: ("Recueillir l’accord", "/accords"),
}
_OF_CARRIER = ("/demande", "/accords", "/faire/entretien", "/faire/revenir", "/faire/referent")


def way(
    code: SignalCode, journey_id: UUID, *, own: bool, meeting_id: UUID | None = None
) -> tuple[str, str] | None:
    """(words, address) of what answers the alert, for who may do it. `meeting_id`: the meeting that
    decided what is late, for who may open its follow-up."""
    if code is SignalCode.SUITE_EN_RETARD and meeting_id:
        return "Dire où en est l’action", f"/seances/{meeting_id}/suivi"
    words, where = _TREATS.get(code, ("", ""))
    if not words or (
        not own and where in (*_OF_CARRIER, "#parcours", "#attendu", "#statuts", "#engagements")
    ):
        return None
    return words, where if where.startswith("#") else f"/parcours/{journey_id}{where}"
