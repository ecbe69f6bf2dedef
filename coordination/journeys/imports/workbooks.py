"""A workbook's first visible sheet as rows of text. What would unfold without end is refused before
it is opened; what could still harm harms a child that has no secret, little memory, little time.
A formula gives the value that the spreadsheet last wrote, and is never run."""

import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from coordination.errors import Invalid
from coordination.journeys.imports import unfolding

MOST_UNPACKED = 100 * 1024 * 1024
_MOST_SHARED = 40 * 1024 * 1024  # the table of strings is held whole
_MOST_MEMBERS = 500
FORMULAS = "Ce classeur contient des formules : seules leurs valeurs enregistrées sont lues."

Rows = Iterator[tuple[int, list[str]]]


@contextmanager
def read(content: bytes) -> Iterator[tuple[Rows, list[str]]]:
    """(number and cells of each row that holds something, what is said of the workbook)."""
    _check(content)
    with _child() as child:
        lines = _lines(child, content)
        about = next(lines)
        notes = [f"Classeur Excel, feuille « {about['title']} »."]
        yield ((number, cells) for number, *cells in lines), notes + [FORMULAS] * about["formulas"]


def _check(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check_members(packed)
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError, RuntimeError) as fault:
        raise _broken() from fault


def _check_members(packed: zipfile.ZipFile) -> None:
    members = packed.infolist()
    if "xl/workbook.xml" not in packed.namelist():
        raise _no("Ce fichier n’est ni un CSV ni un classeur Excel (.xlsx).")
    shared = sum(m.file_size for m in members if m.filename.endswith("sharedStrings.xml"))
    if (
        len(members) > _MOST_MEMBERS
        or sum(m.file_size for m in members) > MOST_UNPACKED
        or shared > _MOST_SHARED
    ):
        raise _no(unfolding.ENORMOUS)
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with packed.open(member) as opened:
                start = opened.read(4096)
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\0" in start:
                raise _no("Ce classeur a une forme inattendue : enregistrez-le de nouveau en "
                          ".xlsx, ou en CSV.")  # fmt: skip


@contextmanager
def _child() -> Iterator[subprocess.Popen[bytes]]:
    """Alone, without our environment, and ended whatever happens here or there."""
    child = subprocess.Popen(
        [sys.executable, "-I", unfolding.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what fails there may quote the list
        env={key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ},
    )
    alarm = threading.Timer(unfolding.MOST_SECONDS, child.kill)
    alarm.start()
    try:
        yield child
    finally:
        alarm.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # a workbook half written to a child that died
                    pipe.close()


def _lines(child: subprocess.Popen[bytes], content: bytes) -> Iterator[Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(BrokenPipeError):  # how it ended says why
        child.stdin.write(content)
        child.stdin.close()
    left = MOST_UNPACKED
    while (line := child.stdout.readline(left)).endswith(b"\n"):
        left -= len(line)
        said = json.loads(line)
        if isinstance(said, dict) and "refused" in said:
            raise _no(said["refused"])
        yield said
    if len(line) == left:
        raise _no(unfolding.ENORMOUS)
    if ended := child.wait():
        raise _no(unfolding.ENORMOUS) if ended < 0 else _broken()


def _broken() -> Invalid:
    return _no(
        "Ce fichier se présente comme un classeur Excel mais ne s’ouvre pas : "
        "enregistrez-le de nouveau en .xlsx, ou en CSV."
    )


def _no(message: str) -> Invalid:
    return Invalid(message, field="file")
