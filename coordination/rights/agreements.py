"""Recording an agreement: who may say it, who may receive it, what follows once it holds."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from coordination import clock, files, outbox
from coordination.agencies.actors import Actor
from coordination.agencies.models import Agency
from coordination.consent import codes, events, minors, states
from coordination.consent.models import (
    Collected,
    Consent,
    ConsentCover,
    Effect,
    Regime,
)
from coordination.errors import Invalid, Refused
from coordination.journeys.models import Journey
from coordination.journeys.touch import touch
from coordination.persons.categories import Category
from coordination.persons.models import Person, PersonIdentity
from coordination.rights import grounds, newer, notice, openings, sending
from coordination.rights.forms import Choice, Said, Way

ASK_AGAIN_ORAL = timedelta(days=20)  # ten days before an attested oral agreement ends
ASK_AGAIN_PAPER = timedelta(days=7)


def record(
    db: Session, person: Person, *, journey: Journey, choice: Choice, said: Said, actor: Actor
) -> Consent:
    """The person agreed. Confirmed at once with its signed form or as an attested oral agreement;
    otherwise it waits for its form or its code, and opens nothing meanwhile."""
    recipients = receivers(db, person, choice.recipients)
    purpose, born = choice.sentence.purpose, birth_on(db, person)
    _no_refusal_in_the_way(db, person, choice)
    newer.nothing_taken_back(db, person, choice, since=said.on)
    regime, details = Regime.AGREEMENT, {}
    if said.way is Way.INFORMED:
        grounds.only_informing(db, journey, purpose, recipients)
        regime = Regime.INFORMATION
        details = {"basis": grounds.of(db, journey, purpose, recipients)[recipients[0]].title}
    alone_from = minors.alone_from(db, purpose, said.on)
    _who_may_say(born, said, alone_from=alone_from)
    told = notice.given(said.format, alone_from=alone_from, regime=regime)
    consent = events.give(
        db,
        person,
        purpose=purpose,
        recipients=recipients,
        categories=choice.categories,
        actor=actor,
        collected=said.collected,
        valid_from=said.on,
        valid_until=until_on(born, said.expressed_by, start=said.on, months=choice.months),
        proof=keep(db, person, said.proof, actor=actor) if said.way is Way.PAPER else None,
        words_used=said.words,
        attested=said.attested,
        place=said.place,
        notice_version=told.version,
        notice_sha256=told.sha256,
        expressed_by=said.expressed_by,
        expressed_name=said.expressed_name,
        regime=regime,
        language=said.language,
        form=said.format,
        assisted_by=said.assisted_by,
        details=details,
    )
    _ask_for_proof(db, person, consent, said, actor=actor)
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
    db: Session,
    person: Person,
    consent: Consent,
    *,
    journey: Journey,
    months: int,
    said: Said,
    actor: Actor,
) -> None:
    """The same for longer. Said orally it never shortens what was signed; a code already sent was
    for what was said before."""
    born = birth_on(db, person)
    _who_may_say(born, said, alone_from=minors.alone_from(db, consent.purpose, said.on))
    if (said.way is Way.INFORMED) != (consent.regime is Regime.INFORMATION):
        raise Invalid("Le renouvellement suit le même régime que l’accord.", field="way")
    if said.way is Way.CODE and said.expressed_by != "person":
        raise Invalid(sending.ONLY_THE_PERSON, field="way")
    standing = states.fold(events.of(db, consent))
    if said.way is Way.INFORMED:
        recipients = sorted(UUID(key) for key in standing.recipients)
        grounds.only_informing(db, journey, consent.purpose, recipients)
    oral_end = clock.today() + timedelta(days=states.ORAL_DAYS)
    if said.way is Way.ORAL and not standing.oral and (standing.valid_until or oral_end) > oral_end:
        raise Invalid(
            "L’accord signé va plus loin que 30 jours : pour le prolonger, faites signer.",
            field="way",
        )
    codes.close(db, consent)
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
    _ask_for_proof(db, person, consent, said, actor=actor)
    touch_all(db, person)


def enter_code(
    db: Session, person: Person, consent: Consent, *, typed: str, actor: Actor
) -> tuple[codes.Answer, int]:
    """What the person read aloud: the answer, and how many tries are left. A wrong code is an
    answer, not a refusal: the try must count."""
    if not waits_for_proof(db, consent):
        raise Refused("Cet accord n’attend pas de code.")
    answer, code = codes.enter(db, consent, typed)
    if answer is codes.Answer.RIGHT and code is not None:
        events.confirm(
            db,
            consent,
            person,
            actor=actor,
            collected=Collected.CODE,
            code=str(code.id),
            channel=code.channel.value,
        )
        touch_all(db, person)
    return answer, codes.TRIES - code.tries if code else 0


def waits_for_proof(db: Session, consent: Consent) -> bool:
    """Whether a signed form, or a code, would still change something."""
    return states.waiting(events.of(db, consent))


def until_on(born: date | None, expressed_by: str, *, start: date, months: int) -> date:
    """The last day. What a representative said for a minor stops the day before their majority."""
    end = events.months_later(start, months)
    return end if expressed_by == "person" else minors.last_day_of_a_proxy(born, start, end)


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
    """An agreement changes what the signals say of every journey of the person, and lets what had
    stopped be shared again."""
    openings.resume_sharing(db, person)
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


def _who_may_say(born: date | None, said: Said, *, alone_from: int) -> None:
    by_proxy = said.expressed_by != "person"
    if by_proxy and not said.expressed_name:
        raise Invalid("Nommez qui s’exprime pour la personne.", field="expressed_name")
    if said.way is Way.INFORMED or born is None or minors.age(born, said.on) >= alone_from:
        return
    if said.expressed_by == "person":
        raise Invalid(
            f"Avant {alone_from} ans, l’accord d’un titulaire de l’autorité parentale est "
            "nécessaire aussi.",
            field="expressed_by",
        )
    if not said.minor_agreed:
        raise Invalid(
            f"Avant {alone_from} ans, la personne donne aussi son accord.", field="minor_agreed"
        )


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


def _ask_for_proof(
    db: Session, person: Person, consent: Consent, said: Said, *, actor: Actor
) -> None:
    """A code leaves at once; what was only said, or not yet scanned, is asked for again in time."""
    if said.way is Way.CODE:
        sending.send(db, person, consent, channel=said.channel, actor=actor)
    if said.way in {Way.PAPER, Way.INFORMED} or actor.professional_id is None:
        return
    after = ASK_AGAIN_ORAL if said.way is Way.ORAL else ASK_AGAIN_PAPER
    outbox.post(
        db,
        "rights.proof_asked",
        professional=actor.professional_id,
        about=consent.id,
        key=f"rights.proof:{consent.id}:{clock.today().isoformat()}",
        due_at=clock.now() + after,
    )
