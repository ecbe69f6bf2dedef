"""The sentences that explain alerts: exact, in French, and telling nothing personal, because an
anonymous situation shows them too. Pure: a day and a row of figures, no database here."""

from datetime import date, timedelta
from typing import Any

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
        said = f"Aucun contact depuis {what}, il y a {days}"
    rhythm = "jour" if row.cadence == 1 else f"{french.count(row.cadence, 'jour')}"
    every = "tous les" if row.cadence > 1 else "chaque"
    return f"{said}{SEMI}rythme du dispositif{COLON}un contact {every} {rhythm}"


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


def demanded(today: date, row: Any) -> str:
    return f"Demande d’examen déposée le {french.day(row.since_on)}"


def demanded_without_consent(today: date, row: Any) -> str:
    since = french.day(row.since_on)
    return f"Accord de la personne à recueillir pour la demande d’examen du {since}"
