"""One or two long-lived children that print, started when needed, replaced when they die."""

import atexit
import contextlib
import json
import os
import queue
import struct
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from coordination.errors import Unavailable
from coordination.settings import ROOT

FONTS_CONF = ROOT / "static" / "fonts" / "documents" / "fonts.conf"
RETIRE_AFTER = 500  # documents: a child that leaks is replaced before it matters
LENGTH = struct.Struct(">Q")


class Failed(Unavailable):
    """The document could not be made. Nothing was lost: it can be asked for again."""


@dataclass(frozen=True)
class Job:
    html: str
    title: str
    author: str
    dated: str  # ISO, in UTC


class Pool:
    """Hands each document to a free child; never more children than `size`."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._reset()
        atexit.register(self.stop)
        os.register_at_fork(after_in_child=self._reset)  # pipes are not shared with a fork

    def _reset(self) -> None:
        self._free: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(self.size):
            self._free.put(None)

    def run(self, job: Job, *, timeout: float) -> bytes:
        until = monotonic() + timeout
        try:
            child = self._free.get(timeout=timeout)
        except queue.Empty:
            raise Failed("Trop de documents sont en cours. Réessayez dans une minute.") from None
        try:
            child = _usable(child)
            return child.print(job, timeout=max(until - monotonic(), 0.1))
        finally:
            self._free.put(child if child and child.usable else None)

    def warm(self) -> None:
        with contextlib.suppress(queue.Empty):  # all are busy: warm enough
            self._free.put(_usable(self._free.get_nowait()))

    def stop(self) -> None:
        resting = []
        with contextlib.suppress(queue.Empty):
            while True:
                resting.append(self._free.get_nowait())
        for child in resting:
            if child:
                child.end()
            self._free.put(None)

    def pids(self) -> list[int]:
        """The children at rest, for tests and figures."""
        with self._free.mutex:
            return [child.pid for child in self._free.queue if child]


class Child:
    """A process that reads a job, answers with a PDF, and waits for the next one."""

    def __init__(self) -> None:
        self._printed = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "coordination.pdf.press"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what fails there may quote the document
            cwd=ROOT,
            env=_bare_environment(),
        )
        self.pid = self._process.pid

    @property
    def usable(self) -> bool:
        return self._process.poll() is None and self._printed < RETIRE_AFTER

    def print(self, job: Job, *, timeout: float) -> bytes:
        late = threading.Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        alarm = threading.Timer(timeout, kill)
        alarm.start()
        try:
            return self._exchange(asdict(job) | {"seconds": timeout})
        except (OSError, EOFError):
            self.end()
            why = "a pris trop de temps" if late.is_set() else "n’a pas pu être mis en page"
            raise Failed(f"Le document {why}. Réessayez ; rien n’est perdu.") from None
        finally:
            alarm.cancel()
            if self._printed >= RETIRE_AFTER:
                self.end()

    def _exchange(self, message: dict[str, object]) -> bytes:
        to, back = self._process.stdin, self._process.stdout
        assert to is not None
        assert back is not None
        body = json.dumps(message).encode()
        to.write(LENGTH.pack(len(body)) + body)
        to.flush()
        head = _exactly(back.read(1 + LENGTH.size), 1 + LENGTH.size)
        size = LENGTH.unpack(head[1:])[0]
        answer = _exactly(back.read(size), size)
        self._printed += 1
        if head[:1] != b"P":
            raise Failed(f"Le document n’a pas pu être mis en page ({answer.decode()}).")
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # a job half written to a child that died
                    pipe.close()


def _usable(child: Child | None) -> Child:
    if child and child.usable:
        return child
    if child:
        child.end()
    return Child()


def _exactly(read: bytes, size: int) -> bytes:
    if len(read) != size:
        raise EOFError
    return read


def _bare_environment() -> dict[str, str]:
    """No secret, no database address, and only the fonts we ship."""
    kept = {
        key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if key in os.environ
    }
    return kept | {
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": "0",  # nothing in the file may depend on the order of a set
        "FONTCONFIG_FILE": str(Path(FONTS_CONF)),
        "HOME": "/nonexistent",
    }
