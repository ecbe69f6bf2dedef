"""Recording an agreement: who may say it, who may receive it, what follows once it holds."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, files, outbox
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import events, states
from coordination.consent.models import Collected, Consent, ConsentCover, Effect
from coordination.errors import Invalid, Refused
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.rights import notice
from coordination.rights.forms import Choice, Said, Way

ALONE_FROM = 15  # years: from then the minor decides; under, with a holder of parental authority
ADULT = 18
ASK_AGAIN_ORAL = timedelta(days=20)  # ten days before an attested oral agreement ends
ASK_AGAIN_PAPER = timedelta(days=7)


def record(db: Session, person: Person, *, choice: Choice, said: Said, actor: Actor) -> Consent:
    """The person agreed. Confirmed at once with its signed form or as an attested oral agreement;
    otherwise it waits for its form, and opens nothing meanwhile."""
    recipients = receivers(db, person, choice.recipients)
    _no_refusal_in_the_way(db, person, choice)
    until = until_on(birth_on(db, person), said.expressed_by, start=said.on, months=choice.months)
    _who_may_say(birth_on(db, person), said)
    consent = events.give(
        db,
        person,
        purpose=choice.sentence.purpose,
        recipients=recipients,
        categories=choice.categories,
        actor=actor,
        collected=said.collected,
        valid_from=said.on,
        valid_until=until,
        proof=keep(db, person, said.proof, actor=actor) if said.way is Way.PAPER else None,
        words_used=said.words,
        attested=said.attested,
        place=said.place,
        notice_version=notice.VERSION,
        notice_sha256=notice.sha256(),
        expressed_by=said.expressed_by,
        expressed_name=said.expressed_name,
        form=said.format,
    )
    _ask_for_proof(db, consent, said.way, actor=actor)
    touch_all(db, person)
    return consent


def confirm(
    db: Session, person: Person, consent: Consent, *, proof: tuple[str, bytes] | None, actor: Actor
) -> None:
    """The signed form is here: what was collected, or said orally, holds in full."""
    if not waits_for_proof(db, consent):
        raise Refused("Cet accord n’attend pas de formulaire.")
    if proof is None:
        raise Invalid("Joignez le formulaire signé.", field="proof")
    kept = keep(db, person, proof, actor=actor)
    events.confirm(db, consent, person, actor=actor, collected=Collected.PAPER, proof=kept)
    touch_all(db, person)


def renew(
    db: Session, person: Person, consent: Consent, *, months: int, said: Said, actor: Actor
) -> None:
    """The same for longer. Said orally it never shortens what was signed."""
    born = birth_on(db, person)
    _who_may_say(born, said)
    standing = states.fold(events.of(db, consent))
    oral_end = clock.today() + timedelta(days=states.ORAL_DAYS)
    if said.way is Way.ORAL and not standing.oral and (standing.valid_until or oral_end) > oral_end:
        raise Invalid(
            "L’accord signé va plus loin que 30 jours : pour le prolonger, faites signer.",
            field="way",
        )
    events.renew(
        db,
        consent,
        person,
        actor=actor,
        collected=said.collected,
        valid_until=until_on(born, said.expressed_by, start=clock.today(), months=months),
        proof=keep(db, person, said.proof, actor=actor) if said.way is Way.PAPER else None,
        words_used=said.words,
        attested=said.attested,
    )
    _ask_for_proof(db, consent, said.way, actor=actor)
    touch_all(db, person)


def waits_for_proof(db: Session, consent: Consent) -> bool:
    """Whether a signed form would still change something."""
    return states.waiting(events.of(db, consent))


def until_on(born: date | None, expressed_by: str, *, start: date, months: int) -> date:
    """The last day. What a parent said for a minor stops the day before their majority: from then
    the person says it themselves."""
    end = events.months_later(start, months)
    if born is None or expressed_by != "parent":
        return end
    majority = events.months_later(born, ADULT * 12)
    return min(end, majority - timedelta(days=1)) if start < majority else end


def age(born: date, on: date | None = None) -> int:
    day = on or clock.today()
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birth_on(db: Session, person: Person) -> date | None:
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    return identity.birth_on if identity else None


def keep(
    db: Session, person: Person, proof: tuple[str, bytes] | None, *, actor: Actor
) -> files.File | None:
    if proof is None:
        return None
    name, content = proof
    return files.keep_proof(
        db,
        content,
        name=name,
        agency=actor.agency_id,
        person=person.id,
        category=Category.DOCUMENTS.value,
    )


def touch_all(db: Session, person: Person) -> None:
    """An agreement changes what the signals say of every journey of the person."""
    for journey_id in db.exec(select(Journey.id).where(Journey.person_id == person.id)).all():
        touch(db, journey_id)


def receivers(db: Session, person: Person, chosen: Iterable[UUID]) -> list[UUID]:
    """Agencies that exist, are open, and are not the one that already holds the file."""
    wanted = set(chosen) - {person.agency_id}
    if not wanted:
        raise Invalid("Choisissez au moins une structure.", field="recipients")
    found = db.exec(
        select(Agency.id).where(
            col(Agency.id).in_(wanted),
            col(Agency.closed_on).is_(None) | (col(Agency.closed_on) > clock.today()),
        )
    ).all()
    if set(found) != wanted:
        raise Invalid("Une structure choisie n’existe plus : rouvrez la page.", field="recipients")
    return sorted(found)


def _who_may_say(born: date | None, said: Said) -> None:
    by_proxy = said.expressed_by != "person"
    if by_proxy and not said.expressed_name:
        raise Invalid("Nommez qui s’exprime pour la personne.", field="expressed_name")
    if born is None or age(born) >= ALONE_FROM:
        return
    if said.expressed_by == "person":
        raise Invalid(
            "Avant 15 ans, l’accord d’un titulaire de l’autorité parentale est nécessaire aussi.",
            field="expressed_by",
        )
    if not said.minor_agreed:
        raise Invalid("Avant 15 ans, la personne donne aussi son accord.", field="minor_agreed")


def _no_refusal_in_the_way(db: Session, person: Person, choice: Choice) -> None:
    """A refusal wins over the agreement: it must be taken back first, knowingly."""
    names = db.exec(
        select(Agency.name)
        .join(ConsentCover, col(ConsentCover.agency_id) == Agency.id)
        .where(
            ConsentCover.person_id == person.id,
            ConsentCover.effect == Effect.DENY,
            ConsentCover.purpose == choice.sentence.purpose,
            col(ConsentCover.agency_id).in_(choice.recipients),
            ConsentCover.until_at > clock.now(),
        )
        .order_by(Agency.name)
    ).all()
    if names:
        raise Invalid(
            "La personne a refusé ce partage avec : " + ", ".join(dict.fromkeys(names)) + ". "
            "Si elle a changé d’avis, enregistrez d’abord qu’elle revient sur ce refus.",
            field="recipients",
        )


def _ask_for_proof(db: Session, consent: Consent, way: Way, *, actor: Actor) -> None:
    """What was only said, or not yet scanned, is asked for again in time."""
    if way is Way.PAPER or actor.professional_id is None:
        return
    after = ASK_AGAIN_ORAL if way is Way.ORAL else ASK_AGAIN_PAPER
    outbox.post(
        db,
        "rights.proof_asked",
        professional=actor.professional_id,
        about=consent.id,
        key=f"rights.proof:{consent.id}:{clock.today().isoformat()}",
        due_at=clock.now() + after,
    )
