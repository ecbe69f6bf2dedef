"""What each move needs besides its place in the table. One function per need; each raises."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency, Membership
from coordination.consent import rule as consent
from coordination.consent.models import Purpose
from coordination.directory import queries as directory
from coordination.errors import Gone, Invalid, NotAllowed, Refused
from coordination.referrals.models import Referral, ReferralStep
from coordination.referrals.reasons import OF_VERB, Outcome, Reason
from coordination.referrals.states import LIVE, OPEN, By, Move, Needs, Verb

REVIEW_WITHIN = timedelta(days=60)
UNDO_WITHIN = timedelta(hours=48)
REOPEN_WITHIN = timedelta(days=30)


class WrongMoment(Refused):
    """The referral is no longer where this move starts from."""


class NoConsent(Refused):
    """Nothing covers this recipient for this purpose now."""


class NoPlaceLeft(Refused):
    """The last place was taken a moment ago: the waiting list is proposed."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """All that a move may bring. Texts go to the other side; none goes to the audit."""

    note: str = ""
    reasons: tuple[Reason, ...] = ()
    next_step: str = ""  # proposed with a refusal
    previewed: bool = False
    despite: str = ""  # why it is sent although no place is left
    ask_for: str = ""
    appointment_at: datetime | None = None
    appointment_place: str = ""
    bring: str = ""
    review_on: date | None = None
    meanwhile: str = ""
    on_day: date | None = None
    way: str = ""  # how the person said it
    outcome: Outcome | None = None
    recipient_id: UUID | None = None
    service_id: UUID | None = None
    reminder: int = 0


def check(
    db: Session, referral: Referral, move: Move, *, actor: Actor, by: By, given: Given
) -> None:
    """Raise for the first need that is not met."""
    for needed in Needs:
        if needed in move.needs:
            _GUARDS[needed](db, referral, move, actor, by, given)


def covered(db: Session, referral: Referral) -> tuple[int, UUID | None]:
    """(categories, consent) that the person's agreements open to the recipient now."""
    return consent.covered_by(
        db,
        person_id=referral.person_id,
        agency_id=referral.recipient_id,
        purpose=Purpose.REFERRAL,
    )


def other_one(db: Session, referral: Referral) -> Referral | None:
    """Another open or live referral of this person for the same destination."""
    return db.exec(
        select(Referral).where(
            Referral.person_id == referral.person_id,
            Referral.destination_id == referral.destination_id,
            Referral.id != referral.id,
            col(Referral.status).in_(OPEN | LIVE),
        )
    ).first()


def can_receive(db: Session, agency: Agency) -> bool:
    """Open, with an address to write to or someone who works there today."""
    today = clock.today()
    if agency.closed_on is not None and agency.closed_on <= today:
        return False
    works_there = select(Membership.id).where(
        Membership.agency_id == agency.id,
        Membership.from_on <= today,
        col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
    )
    return bool(agency.email) or db.exec(works_there.limit(1)).first() is not None


def _consent(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if not covered(db, referral)[0]:
        raise NoConsent("L’accord de la personne n’ouvre rien à cette structure aujourd’hui.")


def _preview(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if by is By.SENDER and not given.previewed:
        raise Invalid("Relisez ce qui va partir, puis confirmez l’envoi.", field="previewed")


def _open_recipient(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if not can_receive(db, db.get_one(Agency, referral.recipient_id)):
        raise Refused("Cette structure ne reçoit plus d’orientations : choisissez-en une autre.")


def _alone(db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given) -> None:
    if other := other_one(db, referral):
        raise Refused(
            "Une orientation est déjà en cours pour cette personne vers cette destination : "
            f"n°\u00a0{other.number}.",
            other=other.id,
        )


def _capacity(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    """Committee and clock decided with the room's knowledge: only the sender must say why."""
    if by is not By.SENDER or referral.service_id is None or given.despite.strip():
        return
    if directory.places_left(db, referral.service_id) == 0:
        raise Invalid(
            "Il n’y a plus de place : dites pourquoi vous envoyez tout de même.", field="despite"
        )


def _place(db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given) -> None:
    if referral.service_id is None:
        return
    if not directory.hold_place(db, referral.service_id, held_by=referral.id):
        raise NoPlaceLeft(
            "La dernière place vient d’être prise : inscrivez plutôt la personne en liste "
            "d’attente."
        )


def _note(db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given) -> None:
    if not given.note.strip():
        raise Invalid("Écrivez quelques mots.", field="note")


def _reasons(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if not given.reasons:
        raise Invalid("Choisissez au moins un motif.", field="reasons")
    if set(given.reasons) - set(OF_VERB[move.verb]):
        raise Invalid("Choisissez des motifs de la liste.", field="reasons")
    if Reason.AUTRE in given.reasons and not given.note.strip():
        raise Invalid("Précisez cet autre motif.", field="note")


def _review_date(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    today = clock.today()
    if given.review_on is None or not today < given.review_on <= today + REVIEW_WITHIN:
        raise Invalid("Une date dans les 60 jours est attendue.", field="review_on")
    if not given.meanwhile.strip():
        raise Invalid("Dites ce qui se passe en attendant.", field="meanwhile")


def _real_date(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if given.on_day is None:
        raise Invalid("Cette date est nécessaire.", field="on_day")
    if given.on_day > clock.today():
        raise Invalid("Cette date est à venir : notez-la le jour venu.", field="on_day")
    if referral.sent_at and given.on_day < clock.local(referral.sent_at).date():
        raise Invalid("Cette date précède l’envoi de l’orientation.", field="on_day")


def _outcome(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if given.outcome is None:
        raise Invalid("Choisissez une issue.", field="outcome")
    on = given.on_day or clock.today()
    if on > clock.today() or (referral.started_on and on < referral.started_on):
        raise Invalid("Une date entre l’entrée et aujourd’hui est attendue.", field="on_day")


def _destination(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if given.recipient_id is None:
        raise Invalid("Choisissez la nouvelle structure.", field="recipient_id")
    if (given.service_id or given.recipient_id) == referral.destination_id:
        raise Invalid("Choisissez une autre destination que la première.", field="recipient_id")


def _once(db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given) -> None:
    if referral.returned:
        raise Refused("Cette orientation a déjà été renvoyée une fois à la structure.")


def _within_48_hours(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if referral.accepted_at is None or clock.now() - referral.accepted_at > UNDO_WITHIN:
        raise WrongMoment("Une acceptation se défait dans les 48 heures. Refusez, ou échangez.")


def _within_30_days(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if referral.sent_at is None:
        raise WrongMoment("Cette orientation n’était pas partie : préparez-en une nouvelle.")
    if referral.ended_at is None or clock.now() - referral.ended_at > REOPEN_WITHIN:
        raise Gone("Une orientation se rouvre dans les 30 jours. Préparez-en une nouvelle.")


def _second_person(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    if referral.sent_at is None:
        return
    reported = _last(db, referral, Verb.REPORT_ERROR)
    if reported is None or reported.professional_id == actor.professional_id:
        raise NotAllowed(
            "Cette orientation est partie : une autre personne responsable doit d’abord la "
            "signaler comme saisie en erreur."
        )


def _other_manager(
    db: Session, referral: Referral, move: Move, actor: Actor, by: By, given: Given
) -> None:
    asked = _last(db, referral, Verb.ASK_REOPEN)
    since_end = asked and referral.ended_at and asked.created_at >= referral.ended_at
    if asked is None or not since_end or asked.side == by.side:
        raise NotAllowed("La responsable de l’autre structure doit d’abord demander à rouvrir.")


def _last(db: Session, referral: Referral, verb: Verb) -> ReferralStep | None:
    return db.exec(
        select(ReferralStep)
        .where(ReferralStep.referral_id == referral.id, ReferralStep.verb == verb.value)
        .order_by(col(ReferralStep.created_at).desc(), col(ReferralStep.id).desc())
    ).first()


Guard = Callable[[Session, Referral, Move, Actor, By, Given], None]
_GUARDS: dict[Needs, Guard] = {
    Needs.CONSENT: _consent,
    Needs.PREVIEW: _preview,
    Needs.OPEN_RECIPIENT: _open_recipient,
    Needs.ALONE: _alone,
    Needs.CAPACITY: _capacity,
    Needs.PLACE: _place,
    Needs.NOTE: _note,
    Needs.REASONS: _reasons,
    Needs.REVIEW_DATE: _review_date,
    Needs.REAL_DATE: _real_date,
    Needs.OUTCOME: _outcome,
    Needs.DESTINATION: _destination,
    Needs.ONCE: _once,
    Needs.WITHIN_48_HOURS: _within_48_hours,
    Needs.WITHIN_30_DAYS: _within_30_days,
    Needs.SECOND_PERSON: _second_person,
    Needs.OTHER_MANAGER: _other_manager,
}
