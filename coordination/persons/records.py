"""Recording a person: folding names, the human-being hash, the short reference."""

import hmac
import re
import secrets
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from coordination import settings
from coordination.persons import same, tokens
from coordination.persons.models import Person, PersonIdentifier, PersonIdentity
from coordination.persons.names import fold as fold

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_NIR = re.compile(r"^[1-478]\d{2}(0[1-9]|1[0-2]|[2-9]\d)(\d{2}|2[AB])\d{6}(\d{2})?$")


_LONG_NUMBER = re.compile(r"\d[\dABab .\u00a0\u202f-]{11,}\d")
_NIR_WITHIN = re.compile(
    r"(?<![\dA-Z])[1-478][ .-]?\d{2}[ .-]?(?:0[1-9]|1[0-2]|20|3\d|4[0-2]|[5-9]\d)"
    r"[ .-]?(?:\d{2}|2[AB])[ .-]?\d{3}[ .-]?\d{3}(?:[ .-]{0,3}\d{2})?(?![\dA-Z])"
)


def looks_like_nir(value: str) -> bool:
    """Whether a value has the shape of a social security number, which is never kept."""
    return bool(_NIR.match(re.sub(r"\s", "", value).upper()))


def holds_nir(text: str) -> bool:
    """Whether a text holds, among other words, what has the shape of a social security number."""
    if not _LONG_NUMBER.search(text):  # nearly always: the rest costs more
        return False
    return bool(_NIR_WITHIN.search(text.upper().replace("\u202f", " ").replace("\u00a0", " ")))


def human_hash(
    *, given_names: str, usual_name: str, birth_on: date | None, france_travail_id: str = ""
) -> str | None:
    """The keyed hash that links one human being across agencies: the 11-digit France Travail id,
    else folded name + given name + birth date; None when there is too little to say."""
    if re.fullmatch(r"\d{11}", france_travail_id):
        said = f"ft:{france_travail_id}"
    elif birth_on and usual_name and given_names:
        said = f"id:{fold(usual_name)}|{fold(given_names.split()[0])}|{birth_on.isoformat()}"
    else:
        return None
    key = settings.load().pepper.encode()
    return hmac.digest(key, said.encode(), "sha256").hex()


def new_reference() -> str:
    """Short and speakable; says nothing of the person: `P-7K3F-9Q2M`."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"P-{drawn[:4]}-{drawn[4:]}"


def namesakes(
    agency_id: UUID, *, usual_name: str, birth_on: date | None
) -> SelectOfScalar[PersonIdentity]:
    """People the agency already knows under the same folded name and birth date, whatever their
    given names: `likeness.close` says which are near."""
    return (
        select(PersonIdentity)
        .where(
            PersonIdentity.agency_id == agency_id,
            col(PersonIdentity.folded).startswith(f"{fold(usual_name)} ", autoescape=True),
            col(PersonIdentity.birth_on).is_not_distinct_from(birth_on),
        )
        .order_by(col(PersonIdentity.created_at), col(PersonIdentity.id))
    )


def record(
    db: Session,
    *,
    agency_id: UUID,
    given_names: str,
    usual_name: str,
    birth_on: date | None = None,
    identifiers: dict[str, str] | None = None,
    **contact: str,
) -> Person:
    """A new person of this agency with their identity. `contact` are columns of PersonIdentity."""
    known = identifiers or {}
    own = human_hash(
        given_names=given_names,
        usual_name=usual_name,
        birth_on=birth_on,
        france_travail_id=known.get("france_travail", ""),
    )
    person = Person(
        agency_id=agency_id,
        reference=new_reference(),
        salt=secrets.token_hex(16),
        **same.hashes(own, same.shared(db, own)),
    )
    db.add(person)
    db.flush()
    identity = PersonIdentity(
        person_id=person.id,
        agency_id=agency_id,
        given_names=given_names,
        usual_name=usual_name,
        birth_on=birth_on,
        folded=fold(f"{usual_name} {given_names}"),
    )
    for column, value in contact.items():
        setattr(identity, column, value)
    db.add(identity)
    for system, value in known.items():
        db.add(
            PersonIdentifier(person_id=person.id, agency_id=agency_id, system=system, value=value)
        )
    tokens.rewrite(db, [person.id])
    return person
