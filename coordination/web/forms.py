"""What the browser sent, turned into values; complaints field by field, and nothing typed lost."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from starlette.datastructures import FormData, UploadFile

from coordination import clock
from coordination.errors import Invalid, Stale
from coordination.persons.records import holds_nir

E = TypeVar("E", bound=StrEnum)

OLDEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
_UNPRINTABLE = {"Cc", "Cs", "Cn"}
_HOUR = re.compile(r"([0-9]{1,2})(?::([0-9]{2})?)?(?::[0-9]{2})?")
_NOWHERE = re.compile("[\0\ud800-\udfff]")  # what no base and no page can hold
_PILED_UP = 12  # accents on one letter: no writing needs more, and no line can hold them
NO_NIR = (
    "Ce texte contient ce qui ressemble à un numéro de sécurité sociale : Passerelles ne le garde "
    "jamais, effacez-le."
)
_FRENCH_DATE = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")


class InvalidForm(Invalid):
    """At least one field is wrong; `form` holds what was typed and what to say."""

    def __init__(self, form: "Form") -> None:
        super().__init__("Certains champs sont à corriger.")
        self.form = form


class Form:
    """What was typed, and what is wrong with it. Reading a field notes its error; `check` raises
    once they have all been read, so that every message shows together."""

    def __init__(
        self,
        sent: FormData | Mapping[str, Any] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> None:
        self.sent = sent if isinstance(sent, FormData) else FormData(list(_pairs(sent or {})))
        self.errors: dict[str, str] = dict(errors or {})
        self.conflict: dict[str, str] = {}  # what stands now, when the form was stale

    @property
    def values(self) -> dict[str, str]:
        return {k: clean(v) for k, v in self.sent.items() if isinstance(v, str)}

    def get(self, name: str, default: str = "") -> str:
        return clean(self._raw(name, default))

    def getlist(self, name: str) -> list[str]:
        return [clean(v) for v in self.sent.getlist(name) if isinstance(v, str)]

    def _raw(self, name: str, default: str = "") -> str:
        value = self.sent.get(name, default)
        return value if isinstance(value, str) else default

    def __contains__(self, name: str) -> bool:
        return name in self.sent

    def wrong(self, name: str, message: str) -> None:
        self.errors.setdefault(name, message)

    def check(self) -> None:
        if self.errors:
            raise InvalidForm(self)

    def text(self, name: str, *, required: bool = True, most: int = 200, least: int = 0) -> str:
        """Trimmed text. Line breaks stay; other control characters are refused."""
        value = unicodedata.normalize("NFC", self._raw(name)).replace("\r\n", "\n").strip()
        if any(unicodedata.category(c) in _UNPRINTABLE and c not in "\n\t" for c in value):
            self.wrong(name, "Ce texte contient des caractères invisibles : effacez-les.")
        elif _piled_up(value) > _PILED_UP:
            self.wrong(name, "Ce texte porte trop d’accents sur une même lettre : effacez-les.")
        elif holds_nir(value):
            self.wrong(name, NO_NIR)
        elif required and not value:
            self.wrong(name, "Ce champ est nécessaire.")
        elif len(value) > most:
            self.wrong(name, f"{most} caractères au plus (ici {len(value)}).")
        elif value and len(value) < least:
            self.wrong(name, f"{least} caractères au moins (ici {len(value)}).")
        return value

    def day(
        self,
        name: str,
        *,
        required: bool = True,
        earliest: date = OLDEST,
        latest: date = LATEST,
    ) -> date | None:
        """A date, as the browser's date field or a person (31/12/2026) writes it."""
        value = self.get(name).strip()
        if not value:
            if required:
                self.wrong(name, "Cette date est nécessaire.")
            return None
        day = read_day(value)
        if day is None:
            self.wrong(name, "Cette date n’existe pas ; écrivez-la jj/mm/aaaa.")
        elif not earliest <= day <= latest:
            self.wrong(
                name,
                f"La date doit être entre le {earliest:%d/%m/%Y} et le {latest:%d/%m/%Y}.",
            )
        else:
            return day
        return None

    def hour(self, name: str, *, required: bool = True) -> time | None:
        value = self.get(name).strip().lower().replace("h", ":")
        if not value:
            if required:
                self.wrong(name, "Cette heure est nécessaire.")
            return None
        try:
            said = _HOUR.fullmatch(value)
            return time(int(said[1]), int(said[2] or 0)) if said else time(24)
        except ValueError:
            self.wrong(name, "Cette heure n’existe pas ; écrivez-la 14:00.")
            return None

    def moment(self, day: str, hour: str, *, required: bool = True) -> datetime | None:
        """A day and an hour of Paris, as a UTC moment."""
        on, at = self.day(day, required=required), self.hour(hour, required=required)
        return clock.at(on, at.hour, at.minute) if on and at else None

    def number(
        self, name: str, *, required: bool = True, least: int = 0, most: int = 100_000
    ) -> int | None:
        value = self.get(name).strip().replace("\u202f", "").replace("\u00a0", "")
        if not value:
            if required:
                self.wrong(name, "Ce nombre est nécessaire.")
            return None
        if not re.fullmatch(r"-?\d{1,9}", value):
            self.wrong(name, "Un nombre entier est attendu.")
            return None
        number = int(value)
        if not least <= number <= most:
            self.wrong(name, f"Un nombre entre {least} et {most} est attendu.")
            return None
        return number

    def choice(self, name: str, kind: type[E], *, required: bool = True) -> E | None:
        value = self.get(name)
        if not value and not required:
            return None
        if value not in {m.value for m in kind}:
            self.wrong(name, "Choisissez une réponse de la liste.")
            return None
        return kind(value)

    def choices(self, name: str, kind: type[E], *, required: bool = True) -> list[E]:
        known = {m.value for m in kind}
        chosen = self.getlist(name)
        if required and not chosen:
            self.wrong(name, "Choisissez au moins une réponse.")
        if any(value not in known for value in chosen):
            self.wrong(name, "Choisissez des réponses de la liste.")
        return [kind(value) for value in chosen if value in known]

    def key(self, name: str, *, required: bool = True) -> UUID | None:
        """An identifier chosen in a list."""
        value = self.get(name).strip()
        if not value:
            if required:
                self.wrong(name, "Choisissez une réponse de la liste.")
            return None
        return self._uuid(name, value)

    def keys(self, name: str, *, required: bool = False) -> list[UUID]:
        values = [v for v in self.getlist(name) if v.strip()]
        if required and not values:
            self.wrong(name, "Choisissez au moins une réponse.")
        return [found for v in values if (found := self._uuid(name, v)) is not None]

    def ticked(self, name: str) -> bool:
        return self.get(name) not in {"", "0", "false"}

    def upload(self, name: str) -> tuple[str, bytes] | None:
        """(file name, bytes) of an uploaded file; None when no file was chosen."""
        sent = self.sent.get(name)
        if not isinstance(sent, UploadFile) or not sent.filename:
            return None
        sent.file.seek(0)
        return sent.filename, sent.file.read()

    def same_version(self, version: int, **now: str) -> None:
        """Refuse a form opened on an older version; `now` is what stands, shown beside."""
        sent = self.get("_version")
        if sent and sent != str(version):
            self.conflict = dict(now)
            raise Stale(
                "Quelqu’un a modifié cette page entre-temps. Votre texte est gardé ci-dessous : "
                "comparez, puis enregistrez de nouveau.",
                form=self,
                version=version,
            )

    def _uuid(self, name: str, value: str) -> UUID | None:
        try:
            return UUID(value)
        except ValueError:
            self.wrong(name, "Choisissez une réponse de la liste.")
            return None


def read_day(value: str) -> date | None:
    """A date written as ISO or as French people write it; None when there is no such day."""
    found = _FRENCH_DATE.match(value)
    try:
        if found:
            day, month, year = (int(part) for part in found.groups())
            return date(year, month, day)
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None


def clean(value: str) -> str:
    """Without what no base and no page can hold. `Form.text` complains of it; elsewhere it goes."""
    return _NOWHERE.sub("", value)


def _piled_up(value: str) -> int:
    """The most accents that one letter bears."""
    if value.isascii():
        return 0
    marks = (bool(unicodedata.combining(c)) for c in value)
    return max((len(list(run)) for piled, run in groupby(marks) if piled), default=0)


def _pairs(values: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, list | tuple | set | frozenset):
            yield from ((name, str(v)) for v in value)
        else:
            yield name, "" if value is None else str(value)
