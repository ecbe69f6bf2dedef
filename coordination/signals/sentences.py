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
    return (
        f"En parcours depuis {since}{without}{SEMI}"
        f"maximum du dispositif{COLON}{row.months}{french.HARD}mois"
    )


def suspension(today: date, row: Any) -> str:
    said = f"En pause depuis {french.months_days(row.since_on, today)}"
    if row.near is not None and row.measure >= row.near:
        said += f"{SEMI}maximum du dispositif{COLON}{row.months}{french.HARD}mois"
    if row.planned_resume_on and row.planned_resume_on < today:
        late = french.count((today - row.planned_resume_on).days, "jour")
        said += f"{SEMI}reprise prévue le {french.day(row.planned_resume_on)}, dépassée de {late}"
    return said


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
    return f"{said}{SEMI}prochaine étape prévue le {french.day(row.coming)}{begun}"


def demanded(today: date, row: Any) -> str:
    return f"Demande d’examen déposée le {french.day(row.since_on)}"


def demanded_without_consent(today: date, row: Any) -> str:
    since = french.day(row.since_on)
    return f"Accord de la personne à recueillir pour la demande d’examen du {since}"
