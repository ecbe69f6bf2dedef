"""The letters of referrals. A number and an address, never a word about the person: whoever reads
signs in, or opens a link made at this very moment."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlmodel import Session, col, select

from coordination import clock, links, settings
from coordination.agencies.models import Agency, Membership, Professional, Role
from coordination.links import LinkKind
from coordination.outbox import Notice, Stale
from coordination.postman.letter import Letter, Mail
from coordination.referrals import guards
from coordination.referrals.models import Referral
from coordination.referrals.states import ENDED, LIVE, OPEN, UNANSWERED, Side, Status
from coordination.web import french, render


class Told(NamedTuple):
    """What a letter says: its subject, its sentence, and where the referral must still stand."""

    subject: str
    sentence: str
    standing: frozenset[Status]
    consent: bool = False  # the agreement must still open something to the recipient


S = Status
_ANY = frozenset(Status)

TOLD: dict[str, Told] = {
    "sent": Told(
        "Orientation {number}\u202f: une demande pour votre structure",
        "{sender} vous adresse l’orientation {number}.",
        frozenset({S.SENT}), consent=True,
    ),
    "link": Told(
        "Orientation {number}\u202f: votre nouveau lien",
        "Voici un nouveau lien pour l’orientation {number}.",
        LIVE | {S.CANCELLED},
    ),
    "reminder": Told(
        "Orientation {number}\u202f: votre réponse est attendue",
        "L’orientation {number} attend une réponse de votre part.",
        UNANSWERED | {S.WAITLISTED},
    ),
    "manager_reminder": Told(
        "Orientation {number}\u202f: toujours sans réponse",
        "L’orientation {number} attend depuis dix jours ouvrés\u202f; sans réponse, elle reviendra "
        "devant le comité.",
        UNANSWERED,
    ),
    "consent_to_collect": Told(
        "Orientation {number}\u202f: un accord à recueillir",
        "L’orientation {number} partira quand la personne aura donné son accord.",
        frozenset({S.AWAITING_CONSENT}),
    ),
    "acknowledged": Told(
        "Orientation {number}\u202f: prise en compte",
        "La structure a pris en compte l’orientation {number}.",
        frozenset({S.ACKNOWLEDGED}),
    ),
    "info_requested": Told(
        "Orientation {number}\u202f: un complément est demandé",
        "La structure demande un complément sur l’orientation {number}.",
        frozenset({S.INFO_REQUESTED}),
    ),
    "answered": Told(
        "Orientation {number}\u202f: le complément est arrivé",
        "Votre demande de complément sur l’orientation {number} a reçu une réponse.",
        LIVE, consent=True,
    ),
    "accepted": Told(
        "Orientation {number}\u202f: acceptée",
        "La structure a accepté l’orientation {number}.",
        frozenset({S.ACCEPTED, S.STARTED, S.COMPLETED}),
    ),
    "waitlisted": Told(
        "Orientation {number}\u202f: liste d’attente",
        "La structure a inscrit l’orientation {number} en liste d’attente.",
        frozenset({S.WAITLISTED}),
    ),
    "refused": Told(
        "Orientation {number}\u202f: la structure ne peut pas donner suite",
        "La structure ne peut pas donner suite à l’orientation {number}.",
        frozenset({S.REFUSED, S.REROUTED}),
    ),
    "returned": Told(
        "Orientation {number}\u202f: le comité vous la renvoie",
        "Le comité demande à votre structure de regarder de nouveau l’orientation {number}.",
        LIVE, consent=True,
    ),
    "undone": Told(
        "Orientation {number}\u202f: l’acceptation est défaite",
        "La structure a défait son acceptation de l’orientation {number}.",
        LIVE,
    ),
    "started": Told(
        "Orientation {number}\u202f: l’accompagnement a démarré",
        "L’accompagnement prévu par l’orientation {number} a démarré.",
        frozenset({S.STARTED, S.COMPLETED}),
    ),
    "absence": Told(
        "Orientation {number}\u202f: une absence est notée",
        "La structure a noté une absence sur l’orientation {number}.",
        frozenset({S.ACCEPTED, S.STARTED}),
    ),
    "completed": Told(
        "Orientation {number}\u202f: terminée",
        "L’orientation {number} est terminée\u202f; son issue est notée.",
        frozenset({S.COMPLETED}),
    ),
    "failed": Told(
        "Orientation {number}\u202f: elle n’a pas abouti",
        "L’orientation {number} n’a pas abouti.",
        frozenset({S.FAILED, S.REROUTED}),
    ),
    "declined": Told(
        "Orientation {number}\u202f: la personne ne donne pas suite",
        "La personne ne donne pas suite à l’orientation {number}.",
        frozenset({S.DECLINED}),
    ),
    "cancelled": Told(
        "Orientation {number}\u202f: annulée",
        "L’orientation {number} est annulée\u202f; un rendez-vous déjà donné ne tient plus.",
        frozenset({S.CANCELLED}),
    ),
    "seen": Told(
        "Orientation {number}\u202f: l’annulation a été vue",
        "La structure a vu l’annulation de l’orientation {number}.",
        frozenset({S.CANCELLED}),
    ),
    "expired": Told(
        "Orientation {number}\u202f: close sans réponse",
        "L’orientation {number} est restée sans réponse\u202f: elle est close.",
        frozenset({S.EXPIRED}),
    ),
    "reroute_proposed": Told(
        "Orientation {number}\u202f: une autre structure est proposée",
        "La structure propose une autre destination pour l’orientation {number}.",
        UNANSWERED,
    ),
    "rerouted": Told(
        "Orientation {number}\u202f: adressée à une autre structure",
        "L’orientation {number} part vers une autre structure\u202f: elle est close chez vous.",
        frozenset({S.REROUTED}),
    ),
    "reopen_asked": Told(
        "Orientation {number}\u202f: une réouverture est demandée",
        "L’autre structure demande à rouvrir l’orientation {number}.",
        ENDED,
    ),
    "reopened": Told(
        "Orientation {number}\u202f: rouverte",
        "L’orientation {number} est rouverte.",
        LIVE,
    ),
    "error_reported": Told(
        "Orientation {number}\u202f: une erreur de saisie est signalée",
        "L’orientation {number} est signalée comme saisie en erreur\u202f: une seconde personne "
        "responsable doit le confirmer.",
        _ANY - {S.ENTERED_IN_ERROR},
    ),
    "entered_in_error": Told(
        "Orientation {number}\u202f: saisie en erreur",
        "L’orientation {number} avait été saisie en erreur\u202f: n’en tenez pas compte.",
        frozenset({S.ENTERED_IN_ERROR}),
    ),
}  # fmt: skip


def _letter(name: str, told: Told) -> Letter:
    def letter(db: Session, notice: Notice) -> list[Mail]:
        referral = db.get(Referral, notice.about_id)
        if referral is None or referral.status not in told.standing:
            raise Stale
        to_recipient = notice.agency_id == referral.recipient_id
        if (told.consent and to_recipient) and not guards.covered(db, referral)[0]:
            raise Stale
        if name == "reminder" and to_recipient and referral.clock_side is Side.SENDER:
            raise Stale
        said = _said(db, referral)
        subject, sentence = told.subject.format(**said), told.sentence.format(**said)
        if to_recipient:
            return _to_recipient(db, referral, subject, sentence)
        return _to_sender(db, notice, referral, subject, sentence)

    return letter


def _said(db: Session, referral: Referral) -> dict[str, str]:
    """The name of a sensitive agency would tell something of the person, even in a mail."""
    sender = db.get_one(Agency, referral.sender_id)
    return {
        "number": referral.number,
        "sender": "Une structure partenaire" if sender.sensitive else sender.name,
    }


def _to_recipient(db: Session, referral: Referral, subject: str, sentence: str) -> list[Mail]:
    """To the agency's address, with a link of seven days; without an address, to those who work
    there, who sign in."""
    agency = db.get_one(Agency, referral.recipient_id)
    public = settings.load().public_url
    opens = referral.status not in OPEN | {Status.ENTERED_IN_ERROR}
    if not agency.email:
        url = f"{public}/orientations/{referral.id}" if opens else ""
        return _mails(_who_works_at(db, agency), subject, sentence, url=url)
    if not opens:
        return [_mail(agency.email, subject, sentence)]
    token = links.make(db, LinkKind.REFERRAL, agency=agency.id, about=referral.id)
    until = french.day(clock.local(clock.now() + links.DURATIONS[LinkKind.REFERRAL]).date())
    url = f"{public}/lien/{token}/orientation"
    return [_mail(agency.email, subject, sentence, url=url, until=until)]


def _to_sender(
    db: Session, notice: Notice, referral: Referral, subject: str, sentence: str
) -> list[Mail]:
    url = f"{settings.load().public_url}/orientations/{referral.id}"
    follows = db.get(Professional, notice.professional_id) if notice.professional_id else None
    if follows is not None and not follows.disabled:
        return _mails([follows], subject, sentence, url=url)
    return _mails(
        _who_works_at(db, db.get_one(Agency, referral.sender_id)), subject, sentence, url=url
    )


def _who_works_at(db: Session, agency: Agency) -> list[Professional]:
    """The managers; without any, everyone who works there."""
    today = clock.today()
    rows = db.exec(
        select(Professional, Membership.role)
        .join(Membership, col(Membership.professional_id) == Professional.id)
        .where(
            Membership.agency_id == agency.id,
            col(Professional.disabled).is_(False),
            Membership.from_on <= today,
            col(Membership.until_on).is_(None) | (col(Membership.until_on) >= today),
            col(Membership.role).in_((Role.MANAGER, Role.ADVISER)),
        )
        .order_by(Professional.email)
    ).all()
    managers = [who for who, role in rows if role is Role.MANAGER]
    found = {who.id: who for who in managers or [who for who, _ in rows]}
    if not found:
        raise Stale
    return list(found.values())


def _mails(to: Iterable[Professional], subject: str, sentence: str, *, url: str = "") -> list[Mail]:
    return [_mail(who.email, subject, sentence, url=url) for who in to]


def _mail(to: str, subject: str, sentence: str, *, url: str = "", until: str = "") -> Mail:
    text = render.text("mails/referrals/told.txt", sentence=sentence, url=url, until=until)
    return Mail(to, subject, text)


LETTERS: dict[str, Letter] = {
    f"referral.{name}": _letter(name, told) for name, told in TOLD.items()
}
