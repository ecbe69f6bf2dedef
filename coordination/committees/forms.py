"""What the forms of committees bring, as values; complaints field by field."""

from typing import NamedTuple
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from coordination.agencies.models import AgencyKind
from coordination.web.forms import Form

NEW_ROWS = (1, 2, 3, 4)  # agencies written on the page that founds a committee


class NewAgency(NamedTuple):
    name: str
    kind: AgencyKind
    email: str
    field: str  # where to say what is wrong with its name


class Founding(NamedTuple):
    """What the page that founds a committee brings."""

    kind_id: UUID | None
    name: str
    territory_id: UUID | None
    territory_name: str
    region_code: str
    place: str
    controllers: str
    agencies: list[UUID]
    new_agencies: list[NewAgency]
    someone_else: bool
    chairs_too: bool
    secretary_agency: UUID | None
    person: "Person | None"


class Person(NamedTuple):
    given_name: str
    usual_name: str
    email: str
    function: str


def founding(form: Form) -> Founding:
    someone_else = form.get("secretary") == "other"
    return Founding(
        kind_id=form.key("kind_id"),
        name=form.text("name", most=120),
        territory_id=form.key("territory_id", required=False),
        territory_name=form.text("territory_name", required=False, most=120),
        region_code=form.get("region_code"),
        place=form.text("place", required=False),
        controllers=form.text("controllers", required=False, most=1000),
        agencies=form.keys("agencies"),
        new_agencies=[made for row in NEW_ROWS if (made := _row(form, f"_{row}"))],
        someone_else=someone_else,
        chairs_too=form.ticked("chairs_too"),
        secretary_agency=form.key("secretary_agency", required=False),
        person=person(form) if someone_else else None,
    )


def person(form: Form) -> Person:
    """A professional, as a member is added."""
    return Person(
        given_name=form.text("given_name", most=80),
        usual_name=form.text("usual_name", most=80),
        email=address(form, "email"),
        function=form.text("function", required=False, most=120),
    )


def new_agency(form: Form) -> NewAgency | None:
    """The agency written on the members' page."""
    form.text("agency_name", most=120)
    return _row(form, "")


def address(form: Form, name: str, *, required: bool = True) -> str:
    """A mail address that can exist; nothing is asked of the network."""
    value = form.text(name, required=required, most=254)
    if not value or name in form.errors:
        return ""
    try:
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        form.wrong(name, "Écrivez une adresse complète, par exemple nom@structure.fr.")
        return ""


def _row(form: Form, suffix: str) -> NewAgency | None:
    name = form.text(f"agency_name{suffix}", required=False, most=120)
    email = address(form, f"agency_email{suffix}", required=False)
    if not name:
        if email:
            form.wrong(f"agency_name{suffix}", "Donnez le nom de cette structure.")
        return None
    kind = form.choice(f"agency_kind{suffix}", AgencyKind)
    return NewAgency(name, kind, email, f"agency_name{suffix}") if kind else None
