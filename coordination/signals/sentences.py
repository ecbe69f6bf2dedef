"""The sentences that explain alerts: exact, in French, and telling nothing personal, because an
anonymous situation shows them too. Pure: a day and a row of figures, no database here."""

from datetime import date, timedelta
from typing import Any

from coordination.journeys.models_along import Followed
from coordination.web import french

SEMI = f"{french.HARD}; "
COLON = f"{french.HARD}: "


def too_long(today: date, row: Any) -> str:
    since = french.months_days(today - timedelta(days=row.measure), today)
    without = " (pauses déduites)" if row.paused else ""
    most = (
        f"{row.months}{french.HARD}mois"
        if row.months
        else french.count(row.threshold // 7, "semaine")
    )
    return f"En parcours depuis {since}{without}{SEMI}maximum du dispositif{COLON}{most}"


def suspension(today: date, row: Any) -> str:
    said = f"En pause depuis {french.months_days(row.since_on, today)}"
    return f"{said}{SEMI}maximum du dispositif{COLON}{row.months}{french.HARD}mois"


def late_to_resume(today: date, row: Any) -> str:
    late = french.count((today - row.since_on).days, "jour")
    return f"En pause{SEMI}reprise prévue le {french.day(row.since_on)}, dépassée de {late}"


def absences(today: date, row: Any) -> str:
    missed = french.count(row.measure, "absence non excusée", "absences non excusées")
    return f"{missed} en 30{french.HARD}jours, la dernière le {french.day(row.since_on)}"


def no_contact(today: date, row: Any) -> str:
    days = french.count(row.measure, "jour")
    if row.contact == row.since_on:
        said = f"Sans contact depuis {days}"
    else:
        what = "la reprise" if row.resumed == row.since_on else "l’entrée"
        what = "le retour" if row.back == row.since_on else what
        said = f"Aucun contact depuis {what}, il y a {days}"
    return f"{said}{SEMI}rythme du dispositif{COLON}{_rhythm(row.cadence)}"


def no_contact_in_pause(today: date, row: Any) -> str:
    days = french.count(row.measure, "jour")
    said = f"En pause, sans contact depuis {days}"
    if row.contact is None:
        said = f"En pause depuis {days}, sans aucun contact"
    return f"{said}{SEMI}rythme convenu{COLON}{_rhythm(row.cadence)}"


def _rhythm(cadence: int) -> str:
    if cadence == 1:
        return "un contact chaque jour"
    return f"un contact tous les {french.count(cadence, 'jour')}"


def waiting(today: date, row: Any) -> str:
    said = f"Entre deux étapes depuis {french.months_days(row.since_on, today)}"
    if row.coming is None:
        return f"{said}{SEMI}aucune étape prévue ensuite"
    begun = "" if row.coming >= today else ", pas encore commencée"
    kept = ", accompagnement maintenu" if row.supported else ""
    return f"{said}{SEMI}prochaine étape prévue le {french.day(row.coming)}{begun}{kept}"


def far_away(today: date, row: Any) -> str:
    kept = ", accompagnement maintenu" if row.supported else ""
    return (
        f"Prochaine étape prévue le {french.day(row.coming)}, dans "
        f"{french.months_days(today, row.coming)}{kept}"
    )


def after_exit(today: date, row: Any) -> str:
    whom = "l’employeur" if row.whom is Followed.EMPLOYER else "la personne"
    late = (today - row.since_on).days
    since = f", il y a {french.count(late, 'jour')}" if late else ""
    return f"Après la sortie{COLON}contact avec {whom} prévu le {french.day(row.since_on)}{since}"


def not_ready(today: date, row: Any) -> str:
    left = (row.since_on - today).days
    when = f", dans {french.count(left, 'jour')}" if left > 0 else ""
    missing = french.count(row.measure, "prérequis manque", "prérequis manquent")
    return f"Prochaine étape prévue le {french.day(row.since_on)}{when}{SEMI}{missing}"


def to_renew(today: date, row: Any) -> str:
    left = (row.since_on - today).days
    when = f"Bloc {row.number} jusqu’au {french.day(row.since_on)}"
    if left > 0:
        when += f", dans {french.count(left, 'jour')}"
    elif left < 0:
        when += f", passé depuis {french.count(-left, 'jour')}"
    return f"{when}{SEMI}entretien à tenir pour décider de la suite"


def to_confirm(today: date, row: Any) -> str:
    said = "Sortie annoncée" + (f" le {french.day(row.said_on)}" if row.said_on else "")
    if row.confirm_on is None:
        return f"{said}{SEMI}à confirmer"
    late = (today - row.confirm_on).days
    passed = f", passé depuis {french.count(late, 'jour')}" if late > 0 else ""
    return f"{said}{SEMI}à confirmer le {french.day(row.confirm_on)}{passed}"


def to_come_back(today: date, row: Any) -> str:
    said = f"Retour demandé le {french.day(row.since_on)}"
    return f"{said}{SEMI}possible jusqu’au {french.day(row.until)}" if row.until else said


def unsigned(today: date, row: Any) -> str:
    since = french.months_days(row.since_on, today)
    done = "pris" if row.asked == "moral" else "signé"
    return f"Dans le dispositif depuis {since}{SEMI}engagement demandé, pas encore {done}"


def nobody(today: date, row: Any) -> str:
    since = f" depuis le {french.day(row.empty)}" if row.empty else ""
    return f"Sans référent·e en poste{since}"


def without_pay(today: date, row: Any) -> str:
    day, left = french.day(row.since_on), (row.since_on - today).days
    if left <= 0:
        return f"Changement de statut du {day}{SEMI}revenu encore à confirmer"
    soon = french.count(left, "jour")
    return f"Changement de statut prévu le {day}, dans {soon}{SEMI}revenu pas encore assuré"


def without_next(today: date, row: Any) -> str:
    day, left = french.day(row.since_on), (row.since_on - today).days
    if left <= 0:
        return f"Statut terminé le {day}{SEMI}aucun autre n’est noté depuis, ni revenu"
    soon = french.count(left, "jour")
    return f"Statut jusqu’au {day}, dans {soon}{SEMI}aucun autre n’est prévu ensuite, ni revenu"


def demanded(today: date, row: Any) -> str:
    return f"{_demand(row).capitalize()} déposée le {french.day(row.since_on)}"


def demanded_without_consent(today: date, row: Any) -> str:
    since = french.day(row.since_on)
    return f"Accord de la personne à recueillir pour la {_demand(row)} du {since}"


def _demand(row: Any) -> str:
    """Before the entry, the committee is asked who can take the person on."""
    return "demande d’entrée" if row.awaited else "demande d’examen"


def overloaded(load: Any) -> str:
    """Of a team: how many portfolios, never whose."""
    many = french.count(load.portfolios, "portefeuille dépasse", "portefeuilles dépassent")
    what = "parcours actif" if load.active else "parcours"
    most = french.count(load.limit, what, "parcours actifs" if load.active else "parcours")
    return f"{many} {most}, maximum du dispositif{SEMI}le plus chargé en compte {load.fullest}"
