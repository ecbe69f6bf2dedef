"""A private PostgreSQL for the tests: own cluster, own folder, a socket and no port.

Started in under two seconds as an unprivileged user, in memory where there is some, stopped at the
end whatever happened. One per test process: nothing is shared, so nothing has to be locked.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

OLDEST = 15
SUPERUSER = "postgres"
DISK = "/tmp"  # a socket's path holds 107 bytes: a short folder, whatever TMPDIR says
ROOM = 4 << 30  # bytes
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",  # inside a folder only we can enter
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
    "logging_collector": "off",
}


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL, reached through its socket. A role enters without a password."""

    folder: Path

    @property
    def superuser_url(self) -> str:
        """The maintenance database, as the superuser; for SQLAlchemy."""
        return self.url("postgres", SUPERUSER)

    def url(self, database: str, role: str = SUPERUSER) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def create(self, database: str, template: str | None = None, owner: str | None = None) -> None:
        """A database; a copy when a template is named, to which nobody may be connected."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
        if template:
            statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        if owner:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        self._run(statement)

    def drop(self, database: str) -> None:
        """Even while somebody is connected to it, even when it is not there."""
        self._run(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )

    def role(self, name: str) -> None:
        """A role that may enter and nothing else, if it is not there yet."""
        with psycopg.connect(**self._superuser, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
            if known.fetchone() is None:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(
                        sql.Identifier(name)
                    )
                )

    @property
    def _superuser(self) -> dict[str, Any]:
        return {"host": str(self.folder), "user": SUPERUSER, "dbname": "postgres"}

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(**self._superuser, autocommit=True) as connection:
            connection.execute(statement)


def memory() -> str:
    """A folder whose files never reach a disk, when there is room in it: half of a test's wait."""
    held = Path("/dev/shm")
    if held.is_dir() and os.access(held, os.W_OK) and shutil.disk_usage(held).free > ROOM:
        return str(held)
    return DISK


@contextmanager
def cluster(within: str = DISK, **other: str) -> Iterator[Cluster]:
    """Start one, give it, stop it and remove its folder. `other` settings replace those of the
    tests: a measure keeps what it writes, on the disk."""
    folder = Path(tempfile.mkdtemp(prefix="passerelles-pg-", dir=within))
    server: subprocess.Popen[bytes] | None = None
    try:
        who = _unprivileged()
        if who:
            os.chown(folder, who["user"], who["group"])
        _initialise(folder / "base", who)
        server = _start(folder, who, SETTINGS | other)
        _wait(folder, server)
        yield Cluster(folder)
    finally:
        if server:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in there is to be kept
            server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """The newest PostgreSQL of Debian's folders, else the one in PATH."""
    found = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdigit()
    )
    if found and found[-1][0] >= OLDEST:
        return found[-1][1]
    initdb = shutil.which("initdb")
    if initdb:
        return Path(initdb).resolve().parent
    raise RuntimeError(f"PostgreSQL {OLDEST} or later is needed: sudo apt-get install postgresql")


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: whom to become, as arguments of subprocess."""
    if os.geteuid() != 0:
        return {}
    for name in (SUPERUSER, "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise RuntimeError("neither a user postgres nor a user nobody on this machine")


def _initialise(base: Path, who: dict[str, Any]) -> None:
    subprocess.run(
        [
            *(_binaries() / "initdb", "--pgdata", base, "--username", SUPERUSER, "--no-sync"),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions"),
        ],
        check=True,
        capture_output=True,
        cwd="/",
        env={"PATH": os.defpath},
        **who,
    )


def _start(folder: Path, who: dict[str, Any], said: dict[str, str]) -> "subprocess.Popen[bytes]":
    settings = [f"-c{name}={value}" for name, value in said.items()]
    # A test process killed outright takes its PostgreSQL along.
    setpriv = shutil.which("setpriv")
    with_parent = [setpriv, "--pdeathsig", "QUIT", "--"] if setpriv else []
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *with_parent,
                *(_binaries() / "postgres", "-D", folder / "base", "-k", folder),
                *settings,
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath},
            start_new_session=True,  # the terminal's Ctrl-C is for the tests, which then stop us
            **who,
        )


def _wait(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}")
