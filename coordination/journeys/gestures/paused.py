"""A pause that goes on: what was said when it began may be said again."""

from coordination import labels
from coordination.errors import Refused
from coordination.journeys import pauses
from coordination.journeys.gestures.asking import Asked, At, Gesture, of_journey
from coordination.journeys.models import Suspension
from coordination.web import french


def _says(at: At) -> str:
    since = french.day(at.row.from_on)
    return (
        f"En pause depuis le {since} ({labels.of(at.row.cause).casefold()}). Ce qui suit remplace "
        "ce qui était écrit ; la pause elle-même continue."
    )


def _asks(at: At) -> list[Asked]:
    planned, every = at.row.planned_resume_on, at.row.contact_every_days
    return [
        Asked("planned_resume_on", "Reprise prévue", "date",
              start=planned.isoformat() if planned else ""),
        Asked("keeps_contact", "Qui garde le contact", most=200, start=at.row.keeps_contact),
        Asked("contact_every_days", "Tous les combien de jours", required=False, most=2,
              start=str(every) if every else ""),
        Asked("acquired", "Ce qui est déjà acquis", "long", required=False, most=500,
              start=at.row.acquired, hint="Pour reprendre là où le parcours s’arrête."),
    ]  # fmt: skip


def _open(at: At) -> None:
    if at.row.ended_on is not None:
        raise Refused("Cette pause est terminée.")


def _revise(at: At) -> str:
    form = at.form
    until = form.day("planned_resume_on")
    keeps = form.text("keeps_contact", most=200)
    every = form.number("contact_every_days", required=False, least=1, most=90)
    acquired = form.text("acquired", required=False, most=500)
    form.check()
    assert until is not None
    pauses.revise(
        at.db, at.journey, at.row, planned_resume_on=until, keeps_contact=keeps,
        contact_every_days=every, acquired=acquired, actor=at.actor,
    )  # fmt: skip
    return "La pause est mise à jour."


GESTURES = {
    "pause": Gesture(
        title="Modifier la pause", button="Enregistrer", says=_says, asks=_asks, do=_revise,
        row=of_journey(Suspension), check=_open, back="attendu",
    ),
}  # fmt: skip
