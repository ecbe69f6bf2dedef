"""What administration pages receive."""

import re
from dataclasses import dataclass

from coordination.agencies.models import AgencyKind, Role
from coordination.web.forms import Form

_MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$")


@dataclass(frozen=True)
class NewAgency:
    name: str
    kind: AgencyKind
    email: str
    phone: str
    sensitive: bool


@dataclass(frozen=True)
class NewMember:
    given_name: str
    usual_name: str
    email: str
    function: str
    role: Role


def agency(form: Form) -> NewAgency:
    name = form.text("name", most=160, least=2)
    kind = form.choice("kind", AgencyKind)
    email = _mail(form, "email", required=False)
    phone = form.text("phone", required=False, most=40)
    form.check()
    assert kind is not None
    return NewAgency(name, kind, email, phone, form.ticked("sensitive"))


def member(form: Form) -> NewMember:
    given = form.text("given_name", most=80)
    usual = form.text("usual_name", most=80)
    email = _mail(form, "email")
    function = form.text("function", required=False, most=120)
    role = form.choice("role", Role)
    form.check()
    assert role is not None
    return NewMember(given, usual, email, function, role)


def _mail(form: Form, name: str, *, required: bool = True) -> str:
    value = form.text(name, required=required, most=254)
    if value and not _MAIL.match(value):
        form.wrong(name, "Écrivez une adresse complète, par exemple nom@structure.fr.")
    return value.casefold()
