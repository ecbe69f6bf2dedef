"""The demonstration: a base in var/demo, its pages and its long work, together."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from coordination import settings


def run(port: int, *, say: Callable[[str], None]) -> int:
    """Until Ctrl+C; the code to leave with."""
    started = time.monotonic()
    folder = settings.ROOT / "var" / "demo"
    _settings_of(folder, port)
    if not (folder / "passerelles.db").exists():
        _plant_beside(folder, say)
    command, journal = [sys.executable, "-m", "coordination"], folder / "journal.log"
    with journal.open("w") as log:
        children = [
            subprocess.Popen([*command, *words], stdout=log, stderr=log)
            for words in (("serve", "--port", str(port)), ("worker",))
        ]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        if not _wait_for(f"http://127.0.0.1:{port}/sante", children[0]):
            print(journal.read_text()[-2000:], file=sys.stderr)
            return 1
        took = time.monotonic() - started
        say(f"Passerelles est prête en {took:.1f} s : http://127.0.0.1:{port}")
        say(f"Courriels : http://127.0.0.1:{port}/administration/courriels")
        say(f"Journal : {journal.relative_to(settings.ROOT)}")
        say("Ctrl+C pour arrêter ; ce qui a été fait reste.")
        return children[0].wait()
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait()


def _settings_of(folder: Path, port: int) -> None:
    """The demonstration's own settings, for this process and its children."""
    os.environ.update(
        PASSERELLES_DEMO="true",
        PASSERELLES_VAR=str(folder),
        PASSERELLES_PUBLIC_URL=f"http://127.0.0.1:{port}",
        PASSERELLES_DATABASE_URL=f"sqlite:///{folder / 'passerelles.db'}",
    )
    settings.load.cache_clear()


def _plant_beside(folder: Path, say: Callable[[str], None]) -> None:
    """Make the base under another name, then give it its own: a killed start leaves no half."""
    growing, base = folder / "growing.db", folder / "passerelles.db"
    folder.mkdir(parents=True, exist_ok=True)
    for leftover in folder.glob("growing.db*"):
        leftover.unlink()
    say("Première fois : création de la Région de démonstration…")
    environment = {**os.environ, "PASSERELLES_DATABASE_URL": f"sqlite:///{growing}"}
    subprocess.run([sys.executable, "-m", "coordination", "seed"], env=environment, check=True)
    _fold_log(growing)
    growing.rename(base)


def _fold_log(base: Path) -> None:
    connection = sqlite3.connect(base)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    for leftover in base.parent.glob(base.name + "-*"):
        leftover.unlink(missing_ok=True)


def _wait_for(url: str, server: subprocess.Popen[bytes], patience: float = 60) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            time.sleep(0.05)
    return False
