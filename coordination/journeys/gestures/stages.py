"""Steps and their prerequisites, appointments, a contact with all it may say."""

from datetime import timedelta

from coordination import clock, labels
from coordination.errors import Refused
from coordination.journeys import appointments, forms, steps
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
)
from coordination.journeys.models import Step, StepKind
from coordination.journeys.models_along import StepPrerequisite
from coordination.programmes import rules
from coordination.web import french


def _named(step: Step) -> str:
    return f"{labels.of(step.kind)} · {step.label}" if step.label else labels.of(step.kind)


def _plan_asks(at: At) -> list[Asked]:
    asked = rules.in_force(at.db, at.journey.programme_id, clock.today())
    ways = [(one, one) for one in asked.tracks]
    modules = [(one, one) for one in asked.modules]
    return [
        one_of("kind", "Étape", StepKind),
        Asked("label", "Intitulé", required=False, most=120),
        Asked("planned_from", "Début prévu", "date"),
        Asked("planned_until", "Fin prévue", "date", required=False),
        Asked("programme", "Dispositif visé", "choice", forms.programmes(at.db), required=False,
              hint="Ses prérequis s’ajoutent d’eux-mêmes à ce qui est à acquérir."),
        *([Asked("track", "Voie", "choice", ways, required=False)] if ways else []),
        *([Asked("module", "Service", "choice", modules, required=False)] if modules else []),
        Asked("supported", "L’accompagnement continue en attendant", "tick"),
        Asked("prerequisites", "À acquérir avant", "long", required=False, most=500,
              hint="Un prérequis par ligne, par exemple un niveau de langue."),
    ]  # fmt: skip


def _plan(at: At) -> str:
    form = at.form
    kind = form.choice("kind", StepKind)
    start = form.day("planned_from")
    end = form.day("planned_until", required=False)
    label = form.text("label", required=False, most=120)
    towards = picked(at, "programme", forms.programmes(at.db))
    track = form.text("track", required=False)
    module = form.text("module", required=False)
    needed = form.text("prerequisites", required=False, most=500)
    form.check()
    assert kind is not None
    steps.plan(
        at.db,
        at.journey,
        kind=kind,
        planned_from=start,
        planned_until=end,
        label=label,
        track=track,
        module=module,
        agency_id=at.actor.agency_id,
        programme_id=towards,
        supported_meanwhile=form.ticked("supported"),
        prerequisites=[line.strip() for line in needed.splitlines() if line.strip()],
        actor=at.actor,
    )
    return "L’étape est prévue."


def _not_begun(at: At) -> None:
    if at.row.from_on is not None:
        raise Refused("Cette étape a déjà commencé.")


def _going_on(at: At) -> None:
    if at.row.from_on is None or at.row.until_on is not None:
        raise Refused("Cette étape n’est pas en cours.")


def _begin(at: At) -> str:
    on = past_day(at)
    at.form.check()
    steps.begin(at.db, at.row, on=on, actor=at.actor)
    return "L’étape a commencé."


def _finish(at: At) -> str:
    on = past_day(at)
    at.form.check()
    steps.finish(at.db, at.row, on=on, actor=at.actor)
    return "L’étape est terminée."


def _drop(at: At) -> str:
    steps.drop(at.db, at.row, actor=at.actor)
    return "L’étape n’est plus prévue."


def _met(at: At) -> str:
    on = past_day(at)
    at.form.check()
    steps.meet(at.db, at.row, on=on, actor=at.actor)
    return "Le prérequis est acquis."


def _give_says(at: At) -> str:
    latest = appointments.latest_day(at.db, at.journey, asked_on=clock.today())
    said = "Le rendez-vous est noté sur le parcours ; une fois tenu, notez-le comme contact."
    if latest is None:
        return said
    last = french.day(latest)
    return f"{said} Demandé aujourd’hui, ce dispositif le veut au plus tard le {last}."


def _give_asks(at: At) -> list[Asked]:
    return [
        day("asked_on", "Demandé le"),
        Asked("on_day", "Rendez-vous le", "date"),
        Asked("with", "Avec", "choice", colleagues(at), required=False),
    ]


def _give(at: At) -> str:
    today = clock.today()
    asked = at.form.day("asked_on", earliest=today - timedelta(days=366), latest=today)
    on = at.form.day("on_day", latest=today + timedelta(days=731))
    who = picked(at, "with", colleagues(at))
    at.form.check()
    assert on is not None
    appointments.give(at.db, at.journey, on_day=on, asked_on=asked, professional_id=who,
                      actor=at.actor)  # fmt: skip
    return "Le rendez-vous est noté."


GESTURES = {
    "prevoir-etape": Gesture(
        title="Prévoir une étape", button="Prévoir l’étape",
        says=lambda at: "L’étape s’ajoute au parcours ; jusqu’à son début, l’attente se voit.",
        asks=_plan_asks, do=_plan, carrier=False, back="etapes",
    ),
    "commencer-etape": Gesture(
        title="L’étape a commencé", button="Noter le début",
        says=lambda at: f"{_named(at.row)} : la date réelle du début est notée.",
        asks=lambda at: [day("on", "Commencée le")], do=_begin, row=of_journey(Step),
        check=_not_begun, carrier=False, back="etapes",
    ),
    "finir-etape": Gesture(
        title="L’étape est terminée", button="Noter la fin",
        says=lambda at: f"{_named(at.row)} : la date réelle de la fin est notée. Sans étape après "
        "elle, l’attente commence ce jour-là.",
        asks=lambda at: [day("on", "Terminée le")], do=_finish, row=of_journey(Step),
        check=_going_on, carrier=False, back="etapes",
    ),
    "retirer-etape": Gesture(
        title="L’étape n’est plus prévue", button="Retirer l’étape",
        says=lambda at: f"{_named(at.row)} : elle disparaît du parcours ; le journal garde qu’elle "
        "était prévue.",
        asks=lambda at: [], do=_drop, row=of_journey(Step), check=_not_begun, danger=True,
        back="etapes",
    ),
    "prerequis": Gesture(
        title="Le prérequis est acquis", button="Noter",
        says=lambda at: f"« {at.row.label} » est acquis.",
        asks=lambda at: [day("on", "Acquis le")], do=_met, row=of_journey(StepPrerequisite),
        carrier=False, back="etapes",
    ),
    "rendez-vous": Gesture(
        title="Donner un rendez-vous", button="Noter le rendez-vous", says=_give_says,
        asks=_give_asks, do=_give, carrier=False,
    ),
}  # fmt: skip
