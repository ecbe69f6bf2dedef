"""Starting a server for a measure, and stopping it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError, URLError
from urllib.request import urlopen


@contextmanager
def granian(target: str, *, environment: dict[str, str], ready: str) -> Iterator[int]:
    """The application factory `target` on two granian workers; yields its port once `ready`
    answers."""
    port = _free_port()
    environment = {
        **os.environ,
        **environment,
        "PASSERELLES_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--workers", "2", "--factory",
        "--no-log", "--host", "127.0.0.1", "--port", str(port), target,
    ]  # fmt: skip
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}{ready}", server)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _wait(url: str, server: subprocess.Popen[bytes], patience: float = 30) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(url, timeout=2):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"nobody answers at {url}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
