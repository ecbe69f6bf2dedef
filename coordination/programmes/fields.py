"""Every rule that a programme may have: its words, its unit, what may be typed. Pages, forms and
complaints read it; a test checks that no rule of `catalogue.Rules` is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from coordination import labels
from coordination.programmes.catalogue import EntryMode
from coordination.programmes.models import Commitment


class Typed(StrEnum):
    """What is typed for a rule."""

    NUMBER = "number"
    YES = "yes"  # a box: said, or not said
    YES_OR_NO = "yes_or_no"  # yes, no, or nothing said
    CHOICE = "choice"
    TEXT = "text"
    NUMBERS = "numbers"  # whole numbers between commas
    LINES = "lines"  # one a line


@dataclass(frozen=True, slots=True)
class RuleField:
    name: str
    label: str
    typed: Typed
    hint: str = ""
    least: int = 1
    most: int = 120
    choices: type[StrEnum] | None = None

    @property
    def options(self) -> list[tuple[str, str]]:
        return labels.options(self.choices) if self.choices else []


N, Y, YN, C, T, NS, L = (
    Typed.NUMBER, Typed.YES, Typed.YES_OR_NO, Typed.CHOICE, Typed.TEXT, Typed.NUMBERS, Typed.LINES,
)  # fmt: skip

GROUPS: tuple[tuple[str, tuple[RuleField, ...]], ...] = (
    ("Durée", (
        RuleField("max_duration_months", "Durée au plus, en mois", N,
                  "Pauses déduites, sauf durée égale pour tous."),
        RuleField("max_duration_weeks", "Durée au plus, en semaines", N,
                  "Pour les dispositifs qui comptent en semaines.", most=520),
        RuleField("min_duration_weeks", "Durée au moins, en semaines", N, most=520),
        RuleField("fixed_duration", "La même durée pour chacun", Y,
                  "Les pauses ne l’allongent pas."),
        RuleField("continues_after_job", "L’accompagnement continue après un emploi trouvé", Y),
        RuleField("block_weeks", "Période renouvelable, en semaines", N,
                  "Un entretien termine chaque période.", most=104),
        RuleField("block_renewals", "Renouvellements au plus", N, least=0, most=20),
        RuleField("block_parts", "Semaines à l’intérieur d’une période", NS,
                  "Par exemple 8, 5 : huit semaines au centre, puis cinq en stage.", most=104),
    )),
    ("Pauses et attentes", (
        RuleField("suspension_allowed", "Pause possible", YN),
        RuleField("suspension_max_months", "Pause au plus, en mois", N, most=36),
        RuleField("interstitial_max_months", "Accompagnement entre deux étapes au plus, en mois",
                  N, most=36),
        RuleField("interstitial_status_kept", "Statut conservé entre deux étapes", YN),
        RuleField("interstitial_contract", "Contrat entre deux étapes", T,
                  "Par exemple tripartite : personne, organisme de formation, structure."),
    )),
    ("Contacts et rendez-vous", (
        RuleField("contact_every_days", "Un contact au moins tous les (jours)", N,
                  "L’alerte vient après deux fois ce délai.", most=365),
        RuleField("contact_target_days", "Rythme habituel des contacts (jours)", N, most=365),
        RuleField("coaching_every_days", "Une séance de coaching tous les (jours)", N, most=365),
        RuleField("group_every_days", "Un temps collectif tous les (jours)", N, most=365),
        RuleField("appointment_delay_days", "Rendez-vous donné sous (jours ouvrés)", N,
                  "1 : le lendemain.", most=60),
    )),
    ("Référents", (
        RuleField("referent_roles", "Rôles autour de la personne", L,
                  "Un par ligne ; un rôle peut revenir deux fois."),
        RuleField("referents_per_hub", "Référents par lieu", N,
                  "Ils se remplacent pendant les absences.", most=20),
        RuleField("mentor_by_choice", "Mentor au choix de la personne", Y),
        RuleField("caseload_active_min", "Personnes en parcours, au moins", N, most=500),
        RuleField("caseload_active_max", "Personnes en parcours, au plus", N, most=500),
        RuleField("caseload_total_min", "Personnes suivies en tout, au moins", N, most=1000),
        RuleField("caseload_total_max", "Personnes suivies en tout, au plus", N, most=1000),
    )),
    ("Entrée et engagement", (
        RuleField("entry_mode", "Entrées", C, choices=EntryMode),
        RuleField("prerequisites", "Prérequis", L, "Un par ligne."),
        RuleField("commitment", "Engagement", C, choices=Commitment),
        RuleField("commitment_within_days", "Engagement signé sous (jours)", N, least=0, most=365),
        RuleField("contract_makes_entry", "La signature du contrat fait l’entrée", Y),
        RuleField("single_contract", "Un seul contrat pour toutes les étapes", Y),
        RuleField("age_min", "Âge au moins", N, least=14, most=99),
        RuleField("age_max", "Âge au plus", N, least=14, most=99),
        RuleField("group_size_min", "Personnes par groupe, au moins", N, most=500),
        RuleField("group_size_max", "Personnes par groupe, au plus", N, most=500),
        RuleField("rhythm", "Rythme", T, "En quelques mots."),
    )),
    ("Contenu", (
        RuleField("tracks", "Voies menées côte à côte", L, "Une par ligne."),
        RuleField("modules", "Modules ou services à la carte", L, "Un par ligne."),
        RuleField("required_modules", "Modules obligatoires", L, "Un par ligne."),
        RuleField("diagnosis_dimensions", "Dimensions du diagnostic", L, "Une par ligne."),
        RuleField("status_path", "Statuts successifs", L, "Un par ligne, dans l’ordre."),
        RuleField("pay_must_be_continuous", "Rémunération sans interruption", Y),
        RuleField("flexible_budget", "Enveloppe souple pour ce que personne ne finance", Y),
        RuleField("exceptional_help", "Aide financière exceptionnelle", Y),
    )),
    ("Sortie et suite", (
        RuleField("deferred_exit_weeks", "Sortie déclarée après (semaines)", N,
                  "Le temps, pour la personne, de changer d’avis.", most=52),
        RuleField("reentry_months", "Retour possible pendant (mois)", N, most=36),
        RuleField("follow_up_months", "Contacts après la sortie, aux mois", NS,
                  "Par exemple 1, 2, 3.", most=36),
        RuleField("follow_up_continuous", "Accompagnement jusqu’au dernier de ces mois", Y),
        RuleField("follow_up_every_days", "Pendant le suivi, un contact tous les (jours)", N,
                  most=365),
        RuleField("follow_up_employer", "Suivi avec l’employeur aussi", Y),
        RuleField("follow_up_with", "Suivi avec d’autres structures", L, "Une par ligne."),
        RuleField("support_continues_after_exit", "Une structure reste présente quelle que soit "
                  "l’issue", Y),
    )),
)  # fmt: skip


def every() -> Iterator[RuleField]:
    for _, group in GROUPS:
        yield from group


def label(name: str) -> str:
    return next(field.label for field in every() if field.name == name)
