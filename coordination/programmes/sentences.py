"""The rules of a programme in plain sentences, for whoever accompanies someone in it. Pure."""

from collections.abc import Iterable, Iterator

from coordination import labels
from coordination.programmes.catalogue import Rules
from coordination.programmes.models import Commitment
from coordination.web.french import HARD, count

Said = Iterator[str]


def of(rules: Rules) -> list[tuple[str, list[str]]]:
    """(subject, sentences), leaving out the subjects of which nothing is said."""
    told = (
        ("Durée", _duration(rules)),
        ("Pauses et attentes", _pauses(rules)),
        ("Contacts et rendez-vous", _contacts(rules)),
        ("Référents", _referents(rules)),
        ("Entrée et engagement", _entry(rules)),
        ("Contenu", _content(rules)),
        ("Sortie et suite", _exit(rules)),
    )
    return [(subject, said) for subject, sentences in told if (said := list(sentences))]


def flat(rules: Rules) -> list[str]:
    return [sentence for _, sentences in of(rules) for sentence in sentences]


def _duration(r: Rules) -> Said:
    longest = _length(r.max_duration_months, r.max_duration_weeks)
    if longest and r.fixed_duration:
        yield f"{longest} pour chacun, pauses comprises."
    elif longest:
        yield f"{longest} au plus, pauses déduites."
    if r.min_duration_weeks:
        yield f"{count(r.min_duration_weeks, 'semaine')} au moins."
    if r.continues_after_job:
        yield "L’accompagnement continue après un emploi trouvé."
    if r.block_weeks:
        renewed = _times(r.block_renewals)
        yield (f"Périodes de {count(r.block_weeks, 'semaine')}{renewed} ; un entretien termine "
               "chacune.")  # fmt: skip
    if r.block_parts:
        yield (
            "Dans une période : " + " puis ".join(count(w, "semaine") for w in r.block_parts) + "."
        )


def _pauses(r: Rules) -> Said:
    if r.suspension_allowed is False:
        yield "Pas de pause."
    elif r.suspension_max_months:
        yield f"Pause de {r.suspension_max_months}{HARD}mois au plus, puis reprise."
    elif r.suspension_allowed:
        yield "Pause possible, puis reprise."
    if r.interstitial_max_months:
        most = f"{r.interstitial_max_months}{HARD}mois"
        yield f"Entre deux étapes, l’accompagnement continue {most} au plus."
    if r.interstitial_status_kept is not None:
        kept = "est conservé" if r.interstitial_status_kept else "n’est pas conservé"
        yield f"Entre deux étapes, le statut {kept}."
    if r.interstitial_contract:
        yield f"Entre deux étapes, un contrat est signé : {r.interstitial_contract}."


def _contacts(r: Rules) -> Said:
    if r.contact_every_days:
        usual = f", en général {_every(r.contact_target_days)}" if r.contact_target_days else ""
        yield f"Un contact {_every(r.contact_every_days)} au moins{usual}."
    if r.coaching_every_days:
        yield f"Une séance de coaching {_every(r.coaching_every_days)}."
    if r.group_every_days:
        yield f"Un temps collectif {_every(r.group_every_days)}."
    if r.appointment_delay_days == 1:
        yield "Les rendez-vous sont donnés pour le lendemain (jour ouvré)."
    elif r.appointment_delay_days:
        yield f"Les rendez-vous sont donnés sous {r.appointment_delay_days}{HARD}jours ouvrés."


def _referents(r: Rules) -> Said:
    if r.referent_roles:
        yield f"Autour de la personne : {_listed(r.referent_roles)}."
    if r.referents_per_hub:
        yield (f"{count(r.referents_per_hub, 'référent')} par lieu, qui se remplacent pendant les "
               "absences.")  # fmt: skip
    if r.mentor_by_choice:
        yield "La personne choisit d’avoir ou non un mentor."
    for low, high, what in (
        (r.caseload_active_min, r.caseload_active_max, "en parcours"),
        (r.caseload_total_min, r.caseload_total_max, "suivies en tout"),
    ):
        if span := _span(low, high):
            yield f"Portefeuille d’un référent : {span} personnes {what}."


def _entry(r: Rules) -> Said:
    if r.entry_mode:
        yield f"{labels.of(r.entry_mode)}."
    if r.prerequisites:
        yield f"Prérequis : {_listed(r.prerequisites)}."
    if r.commitment and r.commitment is not Commitment.NONE:
        within = r.commitment_within_days
        late = f", sous {count(within, 'jour')}" if within is not None else ""
        yield f"{labels.of(r.commitment)}{late}."
    if r.contract_makes_entry:
        yield "La signature du contrat fait l’entrée."
    if r.single_contract:
        yield "Un seul contrat pour toutes les étapes."
    if span := _span(r.age_min, r.age_max):
        yield f"Âge : {span} ans."
    if span := _span(r.group_size_min, r.group_size_max):
        yield f"Groupes : {span} personnes."
    if r.rhythm:
        yield f"Rythme : {r.rhythm}."


def _content(r: Rules) -> Said:
    for start, values in (
        ("Voies menées côte à côte", r.tracks),
        ("À la carte", r.modules),
        ("Obligatoire", r.required_modules),
        ("Diagnostic", r.diagnosis_dimensions),
    ):
        if values:
            yield f"{start} : {_listed(values)}."
    if r.status_path:
        yield f"Statuts successifs : {', puis '.join(r.status_path)}."
    if r.pay_must_be_continuous:
        yield "La rémunération ne s’interrompt pas d’un statut à l’autre."
    if r.flexible_budget:
        yield "Une enveloppe souple couvre ce que personne ne finance."
    if r.exceptional_help:
        yield "Une aide financière exceptionnelle est possible."


def _exit(r: Rules) -> Said:
    if r.deferred_exit_weeks:
        yield (f"La sortie se déclare {count(r.deferred_exit_weeks, 'semaine')} après avoir été "
               "annoncée.")  # fmt: skip
    if r.reentry_months:
        yield f"Retour possible pendant {r.reentry_months}{HARD}mois après la sortie."
    if r.follow_up_months:
        months = _listed([str(m) for m in r.follow_up_months])
        who = "avec la personne et son employeur" if r.follow_up_employer else "avec la personne"
        yield f"Après la sortie, un contact {who} au mois {months}."
    if r.follow_up_continuous and r.follow_up_months:
        yield f"L’accompagnement dure jusqu’à {r.follow_up_months[-1]}{HARD}mois après la sortie."
    if r.follow_up_every_days:
        yield f"Pendant ce suivi, un contact {_every(r.follow_up_every_days)}."
    if r.follow_up_with:
        yield f"Le suivi se fait avec : {_listed(r.follow_up_with)}."
    if r.support_continues_after_exit:
        yield "Une structure reste présente, quelle que soit l’issue."


def _length(months: int | None, weeks: int | None) -> str:
    if months:
        return f"{months}{HARD}mois"
    return count(weeks, "semaine") if weeks else ""


def _times(renewals: int | None) -> str:
    if renewals is None:
        return ", renouvelables"
    return f", renouvelables {renewals}{HARD}fois" if renewals else ", non renouvelables"


def _every(days: int | None) -> str:
    if days == 7:
        return "chaque semaine"
    return "chaque jour" if days == 1 else f"tous les {days}{HARD}jours"


def _span(low: int | None, high: int | None) -> str:
    if low and high:
        return f"{low} à {high}"
    if high:
        return f"au plus {high}"
    return f"au moins {low}" if low else ""


def _listed(values: Iterable[str]) -> str:
    *first, last = values
    return f"{', '.join(first)} et {last}" if first else last
