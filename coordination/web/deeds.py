"""A form is done once: a double click or a retry gets the first answer again."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile

from coordination.agencies.actors import Actor
from coordination.errors import Invalid, Refused
from coordination.web.models import Deed

FIELD = "_key"
TOKEN = "{jeton}"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class OtherBody(Refused):
    """The same key came with another content."""


def new_key() -> str:
    return secrets.token_urlsafe(16)


def claim(db: Session, *, key: str, actor: Actor, route: str, path: str, form: FormData) -> Deed:
    """The deed of this form: a new one (empty `then`), or the one already done. The address is part
    of it: the same words about someone else are another deed.

    The row is inserted first, so that on PostgreSQL a second sending waits for the first.
    """
    if not _KEY.fullmatch(key):
        raise Invalid("Ce formulaire est incomplet : rouvrez la page et recommencez.")
    digest, who = body_digest(form, path), str(actor.professional_id or actor.link_id or actor.kind)
    known = db.get(Deed, key)
    if known is None:
        deed = Deed(key=key, actor=who, route=route, body_sha256=digest, then="")
        db.add(deed)
        db.flush()
        return deed
    if (known.actor, known.route, known.body_sha256) != (who, route, digest):
        raise OtherBody(
            "Ce formulaire a déjà été envoyé avec un autre contenu. Rouvrez la page pour voir ce "
            "qui a été enregistré, puis recommencez si besoin."
        )
    return known


def closed(then: str, path: Mapping[str, Any]) -> str:
    """An address as the base may keep it: a link's token stays out, its hash alone is a row."""
    token = path.get("jeton", "")
    return then.replace(token, TOKEN) if token else then


def opened(then: str, path: Mapping[str, Any]) -> str:
    """The same, for who comes again with that token."""
    return then.replace(TOKEN, path.get("jeton", ""))


def body_digest(form: FormData, path: str) -> str:
    """SHA-256 of the address, fields and files, whatever the boundary that carried them."""
    digest = hashlib.sha256(path.encode() + b"\2")
    for name, value in sorted(form.multi_items(), key=lambda pair: pair[0]):
        digest.update(name.encode() + b"\0")
        if isinstance(value, UploadFile):
            digest.update((value.filename or "").encode() + b"\0")
            value.file.seek(0)
            digest.update(hashlib.sha256(value.file.read()).digest())
            value.file.seek(0)
        else:
            digest.update(value.encode())
        digest.update(b"\1")
    return digest.hexdigest()
