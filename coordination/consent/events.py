"""Writing a consent's events. Append-only; the cover follows from them (`cover.py`)."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import audit, clock, files
from coordination.agencies.actors import Actor
from coordination.consent import cover, states
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentEvent,
    ConsentState,
    EventKind,
    Purpose,
    Regime,
)
from coordination.errors import Invalid, Refused
from coordination.persons.categories import Category, bits
from coordination.persons.models import Person

AT_ONCE = {Collected.ORAL, Collected.INFORMED}  # what is attested needs no other proof


def give(
    db: Session,
    person: Person,
    *,
    purpose: Purpose,
    recipients: Iterable[UUID],
    categories: Iterable[Category],
    actor: Actor,
    collected: Collected,
    valid_from: date | None = None,
    valid_until: date | None = None,
    proof: files.File | None = None,
    words_used: str = "",
    attested: bool = False,
    place: str = "",
    notice_version: str = "",
    notice_sha256: str = "",
    expressed_by: str = "person",
    expressed_name: str = "",
    regime: Regime = Regime.AGREEMENT,
    language: str = "fr",
    form: str = "standard",
    assisted_by: str = "",
    details: dict[str, str] | None = None,
) -> Consent:
    """Record an agreement: *given*, then *confirmed* when its proof is there, when it is an
    attested oral one, or when the law asks for information only. Empty recipients or categories
    mean nothing, and are refused here."""
    chosen, scope = sorted({str(r) for r in recipients}), bits(categories)
    start = valid_from or clock.today()
    end = valid_until or months_later(start, states.DEFAULT_MONTHS)
    _check(chosen, scope, start, end, collected=collected, attested=attested, words=words_used)
    consent = Consent(
        person_id=person.id,
        agency_id=actor.agency_id or person.agency_id,
        purpose=purpose,
        regime=regime,
        expressed_by=expressed_by,
        expressed_name=expressed_name,
        notice_version=notice_version,
        notice_sha256=notice_sha256,
        language=language,
        format=form,
        assisted_by=assisted_by,
    )
    db.add(consent)
    db.flush()
    given = ConsentEvent(
        kind=EventKind.GIVEN,
        recipients=chosen,
        categories=scope,
        valid_from=start,
        valid_until=end,
        collected=collected,
        collected_place=place,
        words_used=words_used,
        attested=attested,
        details=details or {},
    )
    append(db, consent, person, given, actor=actor)
    if proof or collected in AT_ONCE:
        confirm(db, consent, person, actor=actor, collected=collected, proof=proof)
    return consent


def confirm(
    db: Session,
    consent: Consent,
    person: Person,
    *,
    actor: Actor,
    collected: Collected,
    proof: files.File | None = None,
    **details: str,
) -> None:
    """The second step: the signed form is attached, the code entered, or the oral agreement
    attested. `details` say more of the proof, never of the person."""
    if collected is Collected.PAPER and proof is None:
        raise Invalid("Joignez le formulaire signé.", field="proof")
    if proof is not None:
        db.flush()
    event = ConsentEvent(
        kind=EventKind.CONFIRMED,
        collected=collected,
        proof_file_id=proof.id if proof else None,
        proof_sha256=proof.sha256 if proof else "",
        details=details,
    )
    append(db, consent, person, event, actor=actor)


def renew(
    db: Session,
    consent: Consent,
    person: Person,
    *,
    actor: Actor,
    collected: Collected,
    valid_until: date | None = None,
    proof: files.File | None = None,
    words_used: str = "",
    attested: bool = False,
) -> None:
    """The same recipients and categories for longer, from today. Until it is confirmed, what was
    confirmed holds. What was withdrawn or refused is not renewed: it is given anew."""
    standing = states.fold(of(db, consent))
    if standing.state not in {ConsentState.VALID, ConsentState.COLLECTED}:
        raise Refused("Cet accord a pris fin : recueillez-en un nouveau.")
    start = clock.today()
    end = valid_until or months_later(start, states.DEFAULT_MONTHS)
    chosen = sorted(standing.recipients)
    _check(
        chosen,
        standing.categories,
        start,
        end,
        collected=collected,
        attested=attested,
        words=words_used,
    )
    event = ConsentEvent(
        kind=EventKind.RENEWED,
        recipients=chosen,
        categories=standing.categories,
        valid_from=start,
        valid_until=end,
        collected=collected,
        words_used=words_used,
        attested=attested,
    )
    append(db, consent, person, event, actor=actor)
    if proof or collected in AT_ONCE:
        confirm(db, consent, person, actor=actor, collected=collected, proof=proof)


def refuse(
    db: Session,
    person: Person,
    *,
    purpose: Purpose,
    recipients: Iterable[UUID],
    categories: Iterable[Category],
    actor: Actor,
    regime: Regime = Regime.AGREEMENT,
) -> Consent:
    """Record that the person does not agree (or objects, where they were to be informed): it wins
    over every agreement it meets."""
    consent = Consent(
        person_id=person.id,
        agency_id=actor.agency_id or person.agency_id,
        purpose=purpose,
        regime=regime,
    )
    db.add(consent)
    db.flush()
    event = ConsentEvent(
        kind=EventKind.REFUSED,
        recipients=sorted({str(r) for r in recipients}),
        categories=bits(categories),
        valid_from=clock.today(),
    )
    append(db, consent, person, event, actor=actor)
    return consent


def end(
    db: Session,
    consent: Consent,
    person: Person,
    *,
    actor: Actor,
    kind: EventKind = EventKind.WITHDRAWN,
) -> None:
    """Withdraw (the person), revoke (the controller), expire or invalidate. Always succeeds."""
    append(db, consent, person, ConsentEvent(kind=kind), actor=actor)


def narrow(
    db: Session,
    consent: Consent,
    person: Person,
    *,
    recipients: Iterable[UUID],
    categories: Iterable[Category],
    actor: Actor,
) -> None:
    """Keep only these recipients and categories; what was not there before is not added."""
    event = ConsentEvent(
        kind=EventKind.NARROWED,
        recipients=sorted({str(r) for r in recipients}),
        categories=bits(categories),
    )
    append(db, consent, person, event, actor=actor)


def append(
    db: Session, consent: Consent, person: Person, event: ConsentEvent, *, actor: Actor
) -> None:
    """One more event; the cover, the person's sharing version and the chain follow."""
    event.consent_id = consent.id
    event.professional_id = actor.professional_id
    event.agency_id = actor.agency_id
    db.add(event)
    db.flush()
    cover.project(db, consent, of(db, consent))
    person.sharing_version += 1
    audit.act(
        db,
        actor,
        f"consent.{event.kind}",
        about=consent.id,
        person=person.id,
        salt=person.salt,
        purpose=consent.purpose.value,
    )


def of(db: Session, consent: Consent) -> list[ConsentEvent]:
    return list(
        db.exec(
            select(ConsentEvent)
            .where(ConsentEvent.consent_id == consent.id)
            .order_by(col(ConsentEvent.created_at), col(ConsentEvent.id))
        )
    )


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    for candidate in (day.day, 30, 29, 28):
        try:
            return date(year, month, candidate)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _check(
    recipients: list[str],
    scope: int,
    start: date,
    end: date,
    *,
    collected: Collected,
    attested: bool,
    words: str,
) -> None:
    if not recipients:
        raise Invalid("Choisissez au moins une structure.", field="recipients")
    if not scope:
        raise Invalid("Choisissez au moins une catégorie d’informations.", field="categories")
    if end <= start:
        raise Invalid("La fin de l’accord vient après son début.", field="valid_until")
    if end > months_later(start, states.LONGEST_MONTHS):
        raise Invalid("Un accord dure 24 mois au plus.", field="valid_until")
    if not attested:
        raise Invalid(
            "Attestez que la personne a été informée et que refuser ne change rien à ses droits.",
            field="attested",
        )
    if collected is Collected.ORAL and len(words.strip()) < 10:
        raise Invalid("Notez les mots employés (10 caractères au moins).", field="words_used")
