"""The chain's head written each day outside of the base: one file a day, never written again.

Better on another machine, or on a disk that only adds: `PASSERELLES_ANCHORS` says where.
"""

import json
import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import col, select

from coordination import clock, db, settings
from coordination.audit.acts import canonical
from coordination.audit.chain import head
from coordination.audit.lines import AuditEntry
from coordination.audit.proof import Witness
from coordination.errors import Invalid

SHORTEST = 8  # hexadecimal digits that a typed or printed head must have at least
_HASH = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")


class Unreadable(ValueError):
    """An anchor file is not what was written: the file's name."""


def anchor(engine: Engine, arguments: dict[str, Any]) -> dict[str, Any]:
    """The worker's daily job: today's file, unless it is there or there is nothing to say."""
    folder, moment = settings.load().anchors, clock.now()
    path = folder / f"{clock.local(moment):%Y-%m-%d}.json"
    if path.exists():
        return {"seq": None}
    with db.reading(engine) as session:
        last = head(session)
        count = session.exec(
            select(func.count()).select_from(AuditEntry).where(col(AuditEntry.seq) <= last.seq)
        ).one()
    if last.seq:
        at = moment.isoformat(timespec="microseconds")
        said = {"seq": last.seq, "hash": last.hash, "at": at, "count": count}
        _write_once(path, canonical(said) + "\n")
    return {"seq": last.seq or None}


def kept(folder: Path) -> list[Witness]:
    """What each anchor file saw, oldest first. A file that cannot be read is `Unreadable`."""
    return [_read(path) for path in sorted(folder.glob("????-??-??.json"))]


def given(heads: Iterable[str]) -> list[Witness]:
    """Heads typed from a printed document: « 12:ab34cd56 »."""
    found = []
    for text in heads:
        number, _, digits = text.strip().lower().partition(":")
        if not (number.isascii() and number.isdecimal() and _HASH.fullmatch(digits)):
            raise Invalid(
                f"« {text} » n’est pas une empreinte\u00a0: écrivez le numéro de l’acte,"
                f" deux-points et au moins {SHORTEST} caractères de l’empreinte,"
                " par exemple 128:4f0c9a1b."
            )
        found.append(Witness(int(number), digits, f"l’empreinte donnée pour l’acte n° {number}"))
    return found


def _read(path: Path) -> Witness:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        seq, digits, count = int(said["seq"]), str(said["hash"]), int(said["count"])
        day = date.fromisoformat(path.stem)
    except (ValueError, TypeError, KeyError, OSError) as fault:
        raise Unreadable(path.name) from fault
    if count != seq or len(digits) != 64 or not _HASH.fullmatch(digits):
        raise Unreadable(path.name)
    return Witness(seq, digits, f"l’ancre du {day:%d/%m/%Y}")


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, and never over another: written aside, then given its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    with growing.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    growing.chmod(0o444)
    try:
        os.link(growing, path)
    except FileExistsError:
        pass
    finally:
        growing.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
