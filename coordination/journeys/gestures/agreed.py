"""What is promised and signed, and the person's statuses with their pay."""

from uuid import UUID

from sqlmodel import Session

from coordination import labels
from coordination.consent import rule
from coordination.errors import Invalid, NotFound, Refused
from coordination.journeys import commitments, statuses
from coordination.journeys.gestures.asking import (
    Asked,
    At,
    Gesture,
    day,
    of_journey,
    one_of,
    past_day,
)
from coordination.journeys.models import Journey
from coordination.journeys.models_along import (
    Commitment,
    CommitmentKind,
    Pay,
    PersonStatus,
    Signature,
    Signer,
    StatusPeriod,
)
from coordination.persons.categories import Category
from coordination.web import french


def _propose_asks(at: At) -> list[Asked]:
    return [
        one_of("kind", "Nature", CommitmentKind),
        Asked("label", "Objet", required=False, most=200),
        Asked("signers", "Qui signe", "ticks", labels.options(Signer), start="person,carrier",
              hint="Un contrat tripartite : la personne, l’organisme de formation et la structure "
              "d’accompagnement."),
        day("on", "Proposé le"),
    ]  # fmt: skip


def _propose(at: At) -> str:
    form = at.form
    kind = form.choice("kind", CommitmentKind)
    label = form.text("label", required=False)
    signers = form.choices("signers", Signer)
    on = past_day(at)
    form.check()
    assert kind is not None
    own = {Signer.CARRIER: at.journey.agency_id}
    commitments.propose(at.db, at.journey, kind=kind, label=label, on=on, actor=at.actor,
                        signers={one: own.get(one) for one in signers})  # fmt: skip
    return "L’engagement est proposé : imprimez-le, puis notez chaque signature."


def _awaited(db: Session, journey: Journey, readable: rule.Readable, key: UUID) -> Signature:
    found = db.get(Signature, key)
    if found is None or found.journey_id != journey.id:
        raise NotFound()
    return found


def _sign_says(at: At) -> str:
    contract = at.db.get_one(Commitment, at.row.commitment_id)
    said = f"{labels.of(contract.kind)} : la signature de {labels.of(at.row.signer)} est notée."
    left = [row for row in at.db.exec(commitments.signatures(contract)) if not row.signed_on]
    return f"{said} C’est la dernière : le contrat est conclu." if len(left) == 1 else said


def _unsigned(at: At) -> None:
    if at.row.signed_on is not None:
        raise Refused("Cette signature est déjà notée.")


def _sign(at: At) -> str:
    on = past_day(at)
    at.form.check()
    contract = at.db.get_one(Commitment, at.row.commitment_id)
    commitments.sign(at.db, contract, signer=at.row.signer, on=on, actor=at.actor)
    return "La signature est notée."


def _still_binds(at: At) -> None:
    if at.row.until_on is not None:
        raise Refused("Cet engagement ne lie déjà plus.")


def _stop(at: At) -> str:
    on = past_day(at)
    at.form.check()
    commitments.stop(at.db, at.row, on=on, actor=at.actor)
    return "L’engagement ne lie plus."


def _status_says(at: At) -> str:
    said = "Le statut d’avant se termine ce jour-là. Une date à venir prépare un changement."
    if statuses.must_not_break(at.db, at.journey):
        said += " Ce dispositif veut que la rémunération ne s’interrompe jamais."
    return said


def _status_asks(at: At) -> list[Asked]:
    return [
        one_of("status", "Statut", PersonStatus),
        day("from_on", "À partir du"),
        one_of("pay", "Rémunération", Pay),
        Asked("pay_label", "Laquelle", required=False, most=120),
    ]


def _readable(at: At) -> None:
    if Category.RESOURCES not in at.readable:
        raise NotFound()


def _status(at: At) -> str:
    form = at.form
    status = form.choice("status", PersonStatus)
    on = form.day("from_on")
    pay = form.choice("pay", Pay)
    label = form.text("pay_label", required=False, most=120)
    form.check()
    assert status is not None
    assert pay is not None
    statuses.record(at.db, at.journey, status=status, pay=pay, from_on=on, pay_label=label,
                    actor=at.actor)  # fmt: skip
    return "Le statut est noté."


def _period(db: Session, journey: Journey, readable: rule.Readable, key: UUID) -> StatusPeriod:
    found = db.get(StatusPeriod, key)
    if found is None or found.journey_id != journey.id or Category.RESOURCES not in readable:
        raise NotFound()
    return found


def _end(at: At) -> str:
    on = at.form.day("on")
    at.form.check()
    if on is None:
        raise Invalid("Cette date est nécessaire.", field="on")
    statuses.end(at.db, at.row, on=on, actor=at.actor)
    return "La fin du statut est notée."


def _secure(at: At) -> str:
    label = at.form.text("pay_label", required=False, most=120)
    at.form.check()
    statuses.secure_pay(at.db, at.row, pay_label=label, actor=at.actor)
    return "La rémunération est assurée."


GESTURES = {
    "engagement": Gesture(
        title="Proposer un engagement", button="Proposer",
        says=lambda at: "L’engagement est préparé avec ses signataires ; il s’imprime pour être "
        "signé. La dernière signature le conclut, et l’entrée aussi où le dispositif le veut.",
        asks=_propose_asks, do=_propose, back="engagements",
    ),
    "signature": Gesture(
        title="Noter une signature", button="Noter la signature", says=_sign_says,
        asks=lambda at: [day("on", "Signé le")], do=_sign, row=_awaited, check=_unsigned,
        back="engagements",
    ),
    "engagement-fini": Gesture(
        title="L’engagement ne lie plus", button="Noter la fin",
        says=lambda at: f"« {labels.of(at.row.kind).capitalize()} » est rompu, ou remplacé par un "
        "autre : plus aucune signature n’est attendue, et la page garde ce qui avait été signé.",
        asks=lambda at: [day("on", "À partir du")], do=_stop, row=of_journey(Commitment),
        check=_still_binds, back="engagements",
    ),
    "statut": Gesture(
        title="Noter un statut", button="Noter le statut", says=_status_says, asks=_status_asks,
        do=_status, check=_readable, back="statuts",
    ),
    "statut-fini": Gesture(
        title="Le statut se termine", button="Noter la fin",
        says=lambda at: f"« {labels.of(at.row.status)} » depuis le {french.day(at.row.from_on)} : "
        "sans statut après lui, plus aucune rémunération n’est connue, et cela se voit.",
        asks=lambda at: [day("on", "Fin le")], do=_end, row=_period, back="statuts",
    ),
    "revenu": Gesture(
        title="La rémunération est assurée", button="Noter",
        says=lambda at: f"La rémunération sous le statut « {labels.of(at.row.status)} » est "
        "désormais certaine.",
        asks=lambda at: [Asked("pay_label", "Laquelle", required=False, most=120,
                               start=at.row.pay_label)],
        do=_secure, row=_period, back="statuts",
    ),
}  # fmt: skip
