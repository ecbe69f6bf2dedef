"""A lean HTTP client: keep-alive connections, one request at a time each, whole answers read."""

import asyncio
import time
from typing import NamedTuple


class Load(NamedTuple):
    requests: int
    seconds: float
    latencies: list[float]  # seconds
    failures: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def drive(
    port: int, path: str, *, cookie: str = "", connections: int = 4, seconds: float = 5.0
) -> Load:
    """Ask for one page of 127.0.0.1 again and again from this process, for so many seconds."""
    return asyncio.run(_drive(port, path, cookie, connections, seconds))


async def _drive(port: int, path: str, cookie: str, connections: int, seconds: float) -> Load:
    latencies: list[float] = []
    failures = [0]
    started = time.perf_counter()
    end = started + seconds
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        + (f"Cookie: {cookie}\r\n" if cookie else "")
        + "Connection: keep-alive\r\n\r\n"
    ).encode()

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            before = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            latencies.append(time.perf_counter() - before)
            if status != 200:
                failures[0] += 1
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return Load(len(latencies), time.perf_counter() - started, latencies, failures[0])


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    fields = dict(line.split(b": ", 1) for line in head.lower().split(b"\r\n")[1:] if b": " in line)
    if b"content-length" in fields:
        await reader.readexactly(int(fields[b"content-length"]))
    else:
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    return status
