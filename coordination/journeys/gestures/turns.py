"""The turns of a journey: entry, support between two steps, an announced exit, a return, the
interview that ends a block."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import col, select

from coordination import clock, labels
from coordination.errors import Refused
from coordination.journeys import blocks, exits, interstitial, moves, recording, states, steps
from coordination.journeys.gestures.asking import (
    Asked,
    At,
    Gesture,
    colleagues,
    day,
    of_journey,
    one_of,
    past_day,
    picked,
    reason,
)
from coordination.journeys.models import Step
from coordination.journeys.models_along import BlockOutcome, Commitment, ReturnRequest
from coordination.programmes import rules
from coordination.programmes.models import Commitment as Wanted
from coordination.web import french


def _from_here(verb: str) -> Callable[[At], None]:
    def check(at: At) -> None:
        states.after(at.journey.state, verb)

    return check


def _only_why(at: At) -> list[Asked]:
    return [reason()]


def _why(at: At) -> str:
    said = at.form.text("reason", required=False, most=500)
    at.form.check()
    return said


def _asked(at: At) -> rules.Rules:
    return rules.in_force(at.db, at.journey.programme_id, clock.today())


def _enter_says(at: At) -> str:
    said = "Le parcours commence le jour de l’entrée, et sa durée compte à partir de là."
    if _asked(at).commitment is Wanted.SIGNED_BEFORE_ENTRY:
        said += " Ce dispositif veut que l’engagement soit signé avant."
    return said


def _enter_asks(at: At) -> list[Asked]:
    return [
        day("on", "Entrée le"),
        day("planned_end_on", "Fin prévue", required=False, start=""),
        reason(),
    ]


def _enter(at: At) -> str:
    on = past_day(at)
    planned = at.form.day("planned_end_on", required=False)
    moves.enter(at.db, at.journey, on=on, planned_end_on=planned, actor=at.actor, reason=_why(at))
    return "L’entrée est enregistrée."


def _wait_says(at: At) -> str:
    asked = _asked(at)
    said = "Le parcours passe « entre deux étapes » : l’accompagnement continue en attendant."
    if asked.interstitial_max_months:
        said += f" Ce dispositif le permet {asked.interstitial_max_months} mois au plus."
    if asked.interstitial_contract:
        said += " Un contrat signé par tous est nécessaire."
    return said


def _wait_asks(at: At) -> list[Asked]:
    asked = _asked(at)
    people = colleagues(at)
    return [
        Asked("until_on", "Jusqu’au", "date", required=not asked.interstitial_max_months,
              hint="Sans date, la durée maximale du dispositif."),
        Asked("status_kept", "La personne garde son statut en attendant", "tick",
              start="1" if asked.interstitial_status_kept else ""),
        Asked("trainer", "Accompagné·e par", "choice", people, required=False),
        Asked("adviser", "avec", "choice", people, required=False),
        Asked("contract", "Contrat signé", "choice", _contracts(at), required=False),
        Asked("next_step", "Étape attendue", "choice", _planned(at), required=False),
        reason(),
    ]  # fmt: skip


def _contracts(at: At) -> list[tuple[str, str]]:
    signed = select(Commitment).where(
        Commitment.journey_id == at.journey.id, col(Commitment.signed_on).is_not(None)
    )
    return [
        (str(one.id), f"{labels.of(one.kind)}, signé le {french.day(one.signed_on)}")
        for one in at.db.exec(signed.order_by(col(Commitment.signed_on), col(Commitment.id)))
    ]


def _planned(at: At) -> list[tuple[str, str]]:
    return [
        (str(one.id), f"{labels.of(one.kind)} {one.label}".strip())
        for one in at.db.exec(steps.of(at.journey).where(col(Step.from_on).is_(None)))
    ]


def _wait(at: At) -> str:
    until = at.form.day("until_on", required=not _asked(at).interstitial_max_months)
    people = colleagues(at)
    trainer, adviser = picked(at, "trainer", people), picked(at, "adviser", people)
    contract = picked(at, "contract", _contracts(at))
    following = picked(at, "next_step", _planned(at))
    interstitial.begin(
        at.db,
        at.journey,
        reason=_why(at),
        until_on=until,
        status_kept=at.form.ticked("status_kept"),
        trainer_id=trainer,
        adviser_id=adviser,
        contract=at.db.get(Commitment, contract) if contract else None,
        next_step=at.db.get(Step, following) if following else None,
        actor=at.actor,
    )
    return "Le parcours est entre deux étapes, l’accompagnement continue."


def _next_says(at: At) -> str:
    waited = recording.open_interstitial(at.db, at.journey)
    step = at.db.get(Step, waited.next_step_id) if waited and waited.next_step_id else None
    said = "L’attente se termine aujourd’hui et le parcours reprend."
    return f"{said} L’étape « {step.label or labels.of(step.kind)} » commence." if step else said


def _next(at: At) -> str:
    interstitial.end(at.db, at.journey, actor=at.actor, reason=_why(at))
    return "L’étape suivante commence."


def _leave_says(at: At) -> str:
    weeks = _asked(at).deferred_exit_weeks or 0
    first = french.day(clock.today() + timedelta(weeks=weeks))
    if not weeks:
        return "La sortie est annoncée ; elle se déclare ensuite, avec la suite trouvée."
    return (
        f"La sortie est annoncée et se déclare à partir du {first} : d’ici là, la personne peut "
        "changer d’avis et le parcours reprend comme avant."
    )


def _leave(at: At) -> str:
    exits.announce(at.db, at.journey, actor=at.actor, reason=_why(at))
    return "La sortie est annoncée."


def _stay(at: At) -> str:
    exits.come_back(at.db, at.journey, actor=at.actor, reason=_why(at))
    return "Le parcours se poursuit."


def _ask_back_says(at: At) -> str:
    until = exits.last_return(at.db, at.journey)
    said = "La demande de retour est notée et proposée au prochain ordre du jour."
    return f"{said} Le retour est possible jusqu’au {french.day(until)}." if until else said


def _over(at: At) -> None:
    if at.journey.state not in states.OVER:
        raise Refused("Ce parcours n’est pas terminé.")


def _ask_back(at: At) -> str:
    exits.ask_return(at.db, at.journey, actor=at.actor)
    return "La demande de retour est notée."


def _return_asks(at: At) -> list[Asked]:
    return [
        day("on", "Retour le"),
        Asked("planned_end_on", "Fin prévue", "date", required=False),
        reason(),
    ]


def _return(at: At) -> str:
    on = past_day(at)
    planned = at.form.day("planned_end_on", required=False)
    moves.re_enter(at.db, at.journey, on=on, planned_end_on=planned, actor=at.actor,
                   reason=_why(at))  # fmt: skip
    return "Le parcours reprend : une nouvelle période commence."


def _decline(at: At) -> str:
    said = at.form.text("reason", most=500)
    at.form.check()
    exits.decline_return(at.db, at.row, actor=at.actor, reason=said)
    return "La réponse est notée."


def _interview_says(at: At) -> str:
    block = at.db.exec(blocks.of(at.journey)).first()
    if block is None or block.interview_on is not None:
        raise Refused("Aucun entretien n’est attendu sur ce parcours.")
    return (
        f"Bloc {block.number}, du {french.day(block.from_on)} au {french.day(block.ends_on)}. "
        "Renouvelé : le bloc suivant commence où celui-ci finit. Arrêt : le parcours se termine "
        "ensuite comme un autre, ce n’est pas un échec."
    )


def _interview(at: At) -> str:
    on = past_day(at)
    outcome = at.form.choice("outcome", BlockOutcome)
    at.form.check()
    assert outcome is not None
    blocks.hold_interview(at.db, at.journey, on=on, outcome=outcome, actor=at.actor)
    return "L’entretien est noté."


GESTURES = {
    "entrer": Gesture(
        title="Enregistrer l’entrée", button="Enregistrer l’entrée", says=_enter_says,
        asks=_enter_asks, do=_enter, check=_from_here("enter"),
    ),
    "entre-deux": Gesture(
        title="Attendre l’étape suivante", button="Passer entre deux étapes", says=_wait_says,
        asks=_wait_asks, do=_wait, check=_from_here("await_step"),
    ),
    "etape-suivante": Gesture(
        title="Commencer l’étape suivante", button="Commencer", says=_next_says,
        asks=_only_why, do=_next, check=_from_here("begin_step"),
    ),
    "annoncer-sortie": Gesture(
        title="Annoncer la sortie", button="Annoncer la sortie", says=_leave_says,
        asks=_only_why, do=_leave, check=_from_here("announce_exit"),
    ),
    "poursuivre": Gesture(
        title="Poursuivre malgré la sortie annoncée", button="Poursuivre le parcours",
        says=lambda at: "La sortie annoncée est retirée : le parcours reprend comme avant.",
        asks=_only_why, do=_stay, check=_from_here("stay"),
    ),
    "demander-retour": Gesture(
        title="La personne demande à revenir", button="Noter la demande", says=_ask_back_says,
        asks=lambda at: [], do=_ask_back, check=_over,
    ),
    "revenir": Gesture(
        title="Reprendre après une sortie", button="Rouvrir le parcours",
        says=lambda at: "Le même parcours reprend : une nouvelle période s’ouvre, et les "
        "structures qui le suivaient lisent de nouveau.",
        asks=_return_asks, do=_return, check=_from_here("re_enter"),
    ),
    "retour-impossible": Gesture(
        title="Le retour n’est pas possible", button="Enregistrer la réponse",
        says=lambda at: "La demande est close avec sa raison ; le parcours reste terminé.",
        asks=lambda at: [reason("Pourquoi", required=True)], do=_decline,
        row=of_journey(ReturnRequest),
    ),
    "entretien": Gesture(
        title="Noter l’entretien de fin de bloc", button="Noter l’entretien", says=_interview_says,
        asks=lambda at: [day("on", "Entretien le"), one_of("outcome", "Ce qui est décidé",
                                                           BlockOutcome)],
        do=_interview,
    ),
}  # fmt: skip
