"""What the journal calls the acts, the pages and the grounds that the audit keeps as codes."""

from coordination import labels
from coordination.agencies.actors import ActorKind
from coordination.consent.models import EventKind, ReachKind
from coordination.referrals.states import Verb

ACTS: dict[str, str] = {
    "access.sealed": "Consultations d’une heure scellées",
    "action.confirm": "Action confirmée",
    "action.decide": "Action décidée",
    "action.drop": "Action retirée avant la levée",
    "action.report": "Compte rendu d’une action",
    "administration.founded": "Premier compte d’administration créé",
    "agency.changed": "Coordonnées d’une structure modifiées",
    "agency.created": "Structure créée par un comité",
    "agency.founded": "Structure créée",
    "agency.parted": "Accès d’un membre fermé",
    "agency.welcomed": "Membre invité",
    "agenda.accept": "Point retenu",
    "agenda.add": "Point ajouté",
    "agenda.ask": "Point demandé par une structure",
    "agenda.carry_over": "Point reporté",
    "agenda.freeze": "Ordre du jour figé",
    "agenda.minutes": "Durée d’un point fixée",
    "agenda.order": "Ordre des points changé",
    "agenda.propose": "Ordre du jour proposé",
    "agenda.refuse": "Point non retenu",
    "agenda.review": "Suite d’un parcours qui finit annoncée",
    "agenda.withdraw": "Point retiré",
    "attendance.door": "Arrivée ou départ noté",
    "attendance.observer": "Personne qui observe ajoutée",
    "attendance.take": "Présences notées",
    "commitment.propose": "Engagement proposé",
    "commitment.sign": "Engagement signé",
    "committee.agency_added": "Structure ajoutée au comité",
    "committee.agency_removed": "Structure retirée du comité",
    "committee.changed": "Réglages du comité modifiés",
    "committee.founded": "Comité créé",
    "committee.mandate_ended": "Mandat terminé",
    "committee.mandate_given": "Mandat donné",
    "consent.code_asked": "Code à usage unique envoyé à la personne",
    "consent.minor_rule": "Âge auquel un·e mineur·e accepte seul·e fixé",
    "consent.regime_rule": "Régime de partage fixé entre structures",
    "decision.confirm": "Décision confirmée",
    "decision.correct": "Décision corrigée",
    "decision.record": "Décision enregistrée",
    "decision.told": "Décision dite à la personne",
    "decision.withdraw": "Décision retirée",
    "group.join": "Entrée dans un groupe",
    "group.leave": "Sortie d’un groupe",
    "journey.abandon": "Parcours interrompu",
    "journey.announce_exit": "Sortie annoncée",
    "journey.appointment": "Rendez-vous donné",
    "journey.copied": "Recopié dans le logiciel de la structure",
    "journey.await_step": "Attente de l’étape suivante",
    "journey.begin_step": "Étape suivante commencée",
    "journey.block_interview": "Entretien de fin de période noté",
    "journey.contact": "Contact noté",
    "journey.end": "Parcours terminé",
    "journey.enter": "Entrée enregistrée",
    "journey.extend": "Parcours prolongé",
    "journey.import": "Liste importée",
    "journey.import_prepared": "Liste lue, à confirmer",
    "journey.import_undone": "Import annulé",
    "journey.interstitial": "Accompagnement entre deux étapes ouvert",
    "journey.open": "Parcours ouvert",
    "journey.prescribe": "Parcours prescrit",
    "journey.re_enter": "Parcours rouvert",
    "journey.resume": "Parcours repris",
    "journey.return_asked": "Retour demandé",
    "journey.return_declined": "Retour non possible",
    "journey.stay": "Sortie annoncée puis retirée",
    "journey.suspend": "Parcours mis en pause",
    "journey.pause_revised": "Pause modifiée",
    "meeting.adjourn": "Séance levée",
    "meeting.cancel": "Séance annulée",
    "meeting.change": "Séance modifiée",
    "meeting.close": "Séance close",
    "meeting.conflict": "Déport noté",
    "meeting.inquorate": "Séance non tenue",
    "meeting.invite": "Invitations envoyées",
    "meeting.open": "Séance ouverte",
    "meeting.plan": "Séance prévue",
    "meeting.point": "Point mis à l’examen",
    "meeting.postpone": "Séance reportée",
    "meeting.resume": "Séance reprise",
    "meeting.spoken": "Choix de parole noté (sortie ou sans nom)",
    "meeting.suspend": "Séance en pause",
    "minutes.annex_reissued": "Annexe refaite",
    "minutes.reworded": "Rédaction d’une décision modifiée",
    "minutes.sent": "Relevé envoyé",
    "need.mobilise": "Service mobilisé pour un besoin",
    "need.open": "Besoin noté",
    "need.settle": "Besoin réglé",
    "party.join": "Structure ajoutée autour d’un parcours",
    "party.leave": "Structure retirée d’un parcours",
    "person.complete": "Fiche d’une personne complétée",
    "person.import_undone": "Ce qu’un import avait écrit d’une personne, repris",
    "person.absorbed": "Dossier réuni à un autre",
    "person.merge": "Deux dossiers d’une même personne réunis",
    "person.set_apart": "Deux dossiers dits de deux personnes",
    "person.unmerge": "Réunion de deux dossiers défaite",
    "person.restrict": "Dossier restreint aux personnes nommées",
    "person.unrestrict": "Restriction d’un dossier levée",
    "professional.disabled": "Compte fermé",
    "professional.enabled": "Compte rouvert",
    "programme.added": "Dispositif ajouté au catalogue",
    "programme.described": "Présentation d’un dispositif modifiée",
    "programme.planted": "Catalogue du guide chargé",
    "programme.rules_changed": "Règles d’un dispositif modifiées",
    "programme.rules_dropped": "Changement de règles annulé",
    "referent.appoint": "Référent·e désigné·e",
    "referent.away": "Absence d’un·e référent·e notée",
    "referent.leave": "Référent·e retiré·e",
    "rights.answered": "Réponse d’un destinataire après un retrait",
    "rights.link_made": "Lien de la personne donné",
    "rights.links_closed": "Liens de la personne fermés",
    "rights.refused": "Refus de la personne enregistré",
    "rights.withdrawn": "Retrait de la personne enregistré",
    "signals.ask": "Examen demandé",
    "signals.dismiss": "Alerte écartée",
    "signals.patience": "Délais d’un territoire changés",
    "signals.withdraw": "Demande d’examen retirée",
    "signin.link_made": "Lien de connexion créé",
    "signin.opened": "Connexion",
    "status.end": "Fin d’un statut notée",
    "status.pay": "Rémunération assurée",
    "status.record": "Statut noté",
    "step.begin": "Étape commencée",
    "step.drop": "Étape prévue retirée",
    "step.finish": "Étape terminée",
    "step.plan": "Étape prévue",
    "step.prerequisite_met": "Prérequis acquis",
}

PAGES: dict[str, str] = {
    "agenda:pdf": "Ordre du jour (PDF)",
    "agenda:show": "Ordre du jour",
    "desk:today": "Aujourd’hui",
    "journeys:import_columns": "Colonnes d’une liste importée",
    "journeys:import_lines": "Import d’une liste, fichier des lignes",
    "journeys:import_show": "Import d’une liste",
    "journeys:incomplete": "Personnes sans parcours",
    "journeys:index": "Liste des parcours",
    "journeys:show": "Parcours",
    "live:adjourn_form": "Lever la séance",
    "live:chair": "En séance",
    "live:room": "Écran de salle",
    "minutes:annex": "Annexe de la structure (PDF)",
    "minutes:follow_up": "Suites de la séance",
    "minutes:show": "Relevé de décisions",
    "referrals:by_link": "Orientation, par lien",
    "referrals:by_link_move": "Orientation, par lien",
    "referrals:index": "Liste des orientations",
    "referrals:new": "Nouvelle orientation",
    "referrals:show": "Orientation",
    "rights:answer_by_link": "Réponse à un retrait, par lien",
    "rights:consent": "Accord",
    "rights:consents": "Accords",
    "rights:form_pdf": "Formulaire d’accord (PDF)",
    "rights:holder": "Page de la personne",
    "rights:preview": "Aperçu d’un accord",
    "rights:proof": "Formulaire signé",
    "rights:receipt": "Reçu (PDF)",
    "rights:told": "Retrait dit à une autre structure",
    "signals:demand": "Demande d’examen",
    "signals:weights": "Alertes d’un parcours",
}


def act(verb: str) -> str:
    """The words of an act; of one that has none yet, its code."""
    room, _, rest = verb.partition(".")
    if room == "consent" and rest in set(EventKind):
        return f"Accord {labels.of(EventKind(rest))}"
    if room == "rights" and rest in set(EventKind):
        return f"Accord {labels.of(EventKind(rest))} : suites données"
    if room == "referral" and rest in set(Verb):
        return f"Orientation : {labels.LABELS['referrals.Verb.done'][rest].lower()}"
    return ACTS.get(verb, verb)


def by(kind: str) -> str:
    return labels.of(ActorKind(kind)) if kind in set(ActorKind) else kind


def opened(route: str) -> str:
    """The page that was opened."""
    return PAGES.get(route, route)


def ground(standing: str) -> str:
    """Why the page opened: the kind of the reach it stood on."""
    kind = standing.partition(":")[0]
    return labels.of(ReachKind(kind)) if kind in set(ReachKind) else kind
