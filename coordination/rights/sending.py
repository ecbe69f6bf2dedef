"""Sending a one-time code to the person: where it can reach them, and who it can speak for."""

from sqlmodel import Session, select

from coordination.agencies.actors import Actor
from coordination.consent import codes, events, states
from coordination.consent.models import CodeChannel, Consent
from coordination.errors import Invalid, Refused
from coordination.persons import phones
from coordination.persons.models import Person, PersonIdentity

ONLY_THE_PERSON = (
    "Le code ne prouve que l’accord de la personne elle-même : pour un représentant, faites signer "
    "le formulaire."
)


def send(
    db: Session, person: Person, consent: Consent, *, channel: CodeChannel | None, actor: Actor
) -> None:
    """A code leaves to the person's own phone or mail; it confirms what they alone could say."""
    if not states.waiting(events.of(db, consent)):
        raise Refused("Cet accord n’attend pas de code.")
    if consent.expressed_by != "person":
        raise Invalid(ONLY_THE_PERSON, field="way")
    if channel is None or channel not in dict(channels(db, person)):
        raise Invalid(
            "Aucun téléphone mobile ni courriel à cette adresse : complétez la fiche, ou faites "
            "signer le formulaire.",
            field="channel",
        )
    codes.ask(db, consent, person, channel=channel, actor=actor)


def channels(db: Session, person: Person) -> list[tuple[CodeChannel, str]]:
    """(channel, the address half hidden) where a code can reach the person."""
    identity = db.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person.id)
    ).one_or_none()
    if identity is None:
        return []
    found = []
    phone = phones.mobile(identity.phone)
    if phone:
        found.append((CodeChannel.SMS, f"SMS au •• •• •• •• {phone[-2:]}"))
    name, at, domain = identity.email.partition("@")
    if at and name:
        found.append((CodeChannel.MAIL, f"Courriel à {name[0]}•••@{domain}"))
    return found
