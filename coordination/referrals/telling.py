"""What a card says besides the person: its dates, what to know first, the steps it has taken."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, labels
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent.models import Reach
from coordination.referrals import course, guards, queries
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.reasons import Outcome, Reason
from coordination.referrals.states import LIVE, OPEN, By, Status, Verb
from coordination.web import french


class Passed(NamedTuple):
    """One step, for the timeline."""

    when: str
    title: str
    tone: str
    who: str
    words: list[str]


def facts(referral: Referral, stub: bool) -> list[tuple[str, str]]:
    """The five dates, and the appointment while it holds."""
    dates = [
        ("Envoyée", _on(referral.sent_at)),
        ("Prise en compte", _on(referral.acknowledged_at)),
        ("Acceptée", _on(referral.accepted_at)),
        ("Entrée effective", french.day(referral.started_on)),
        ("Besoin couvert", french.day(referral.met_on)),
        ("Close", _on(referral.ended_at)),
    ]
    if not stub and referral.status in {Status.ACCEPTED, Status.STARTED}:
        dates += [
            ("Rendez-vous", french.moment(referral.appointment_at)),
            ("Lieu", referral.appointment_place),
            ("Demander", referral.ask_for),
            ("Apporter", referral.bring),
        ]
    if not stub and referral.status is Status.WAITLISTED:
        dates += [("À revoir avant le", french.day(referral.review_on)),
                  ("En attendant", referral.meanwhile)]  # fmt: skip
    if referral.outcome and referral.status is Status.COMPLETED:
        dates.append(("Issue", labels.of(Outcome(referral.outcome))))
    return [(term, value) for term, value in dates if value and value != "—"]


def words(db: Session, referral: Referral, by: By) -> list[tuple[str, str, str]]:
    """(level, title, text) of what the reader must know first."""
    said = []
    covered = guards.covered(db, referral)[0] if referral.status in OPEN | LIVE else 1
    if by is By.SENDER and not covered:
        said.append((
            "warning", "L’accord de la personne manque",
            "Rien ne part et rien n’est lu tant que la personne n’a pas donné son accord pour "
            "cette structure.",
        ))  # fmt: skip
    if by is By.SENDER and covered and referral.status is Status.AWAITING_CONSENT:
        said.append(("success", "L’accord est là", "Relisez ce qui va partir, puis envoyez."))
    if by is By.RECIPIENT and not covered:
        said.append((
            "warning", "L’accord de la personne ne couvre plus cette orientation",
            "Vous ne voyez plus d’informations sur elle. Vous pouvez toujours refuser, ou noter "
            "que la personne décline.",
        ))  # fmt: skip
    if by is By.RECIPIENT and referral.status is Status.CANCELLED:
        said.append((
            "warning", "Cette orientation est annulée",
            "Un rendez-vous donné ne tient plus. Vous gardez vos propres notes.",
        ))  # fmt: skip
    if by is By.SENDER and referral.cancellation_seen_at:
        said.append(("info", "Annulation vue", "La structure a vu l’annulation."))
    if (
        by is By.RECIPIENT
        and referral.absences >= course.ABSENCES_THAT_PROPOSE_FAILED
        and (referral.status in LIVE)
    ):
        said.append((
            "info", f"{referral.absences} absences notées",
            "Si la personne ne vient plus, vous pouvez noter que cela n’aboutit pas.",
        ))  # fmt: skip
    return said


def steps(db: Session, actor: Actor, referral: Referral, by: By, stub: bool) -> list[Passed]:
    """The recipient sees what followed the sending; in a stub, its own steps."""
    found = list(db.exec(queries.steps(referral.id)))
    if by is By.SENDER and (until := _shared_until(db, referral)):
        found = [s for s in found if s.agency_id != referral.recipient_id or s.created_at < until]
    if by is By.RECIPIENT:
        sent = next((i for i, s in enumerate(found) if s.verb == Verb.SEND.value), 0)
        found = found[sent:]
    if stub:
        found = [s for s in found if s.agency_id == actor.agency_id]
    names = _names(db, {s.agency_id for s in found if s.agency_id})
    return [_passed(step, names) for step in reversed(found)]


def _shared_until(db: Session, referral: Referral) -> datetime | None:
    """When the person took back what both sides shared while it went on; from then on each keeps
    its own notes. None while it holds."""
    if referral.status is not Status.STARTED:
        return None
    ends = db.exec(
        select(Reach.until_at).where(
            Reach.source_id == referral.id, Reach.agency_id == referral.recipient_id
        )
    ).all()
    closed = [end for end in ends if end is not None and end <= clock.now()]
    return max(closed) if closed and len(closed) == len(ends) else None


def _passed(step: ReferralStep, names: dict[UUID, str]) -> Passed:
    words = [_reason(code) for code in step.reasons]
    if step.note:
        words.append(step.note)
    who = names.get(step.agency_id, "") if step.agency_id else "Rappel automatique"
    if Reason.RETRAIT_ACCORD in step.reasons:
        who = "Retrait de la personne"
    elif step.side is None and step.agency_id:
        who = "Décision du comité"
    return Passed(
        french.stamp(step.created_at),
        labels.LABELS["referrals.Verb.done"][step.verb],
        _TONES.get(step.after, ""),
        who + (", par lien" if step.by_link else ""),
        words,
    )


def _names(db: Session, agencies: set[UUID]) -> dict[UUID, str]:
    rows = db.exec(select(Agency).where(col(Agency.id).in_(agencies)))
    return {agency.id: agency.name for agency in rows}


def _reason(code: str) -> str:
    words = labels.LABELS["referrals.Reason"] | labels.LABELS["referrals.Outcome"]
    silence = {
        "silence_sender": "Le complément n’est pas venu",
        "silence_recipient": "La structure n’a pas répondu",
    }
    return words.get(code) or silence.get(code, code)


def _on(moment: datetime | None) -> str:
    return french.day(clock.local(moment).date()) if moment else ""


_TONES = {
    Status.ACCEPTED: "moss", Status.STARTED: "moss", Status.COMPLETED: "moss",
    Status.REFUSED: "brick", Status.EXPIRED: "brick", Status.FAILED: "brick",
    Status.INFO_REQUESTED: "ochre", Status.WAITLISTED: "ochre", Status.AWAITING_CONSENT: "ochre",
    Status.CANCELLED: "stone", Status.DECLINED: "stone",
}  # fmt: skip
