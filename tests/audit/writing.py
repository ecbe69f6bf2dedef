"""Writers of acts, in threads and in processes of their own."""

import multiprocessing
import threading

from coordination import audit, db
from coordination.agencies.actors import CLOCK


def write(url: str, writer: int, each: int) -> None:
    """So many transactions of one or two acts."""
    engine = db.connect(url, pool_size=2)
    for number in range(each):
        with db.transaction(engine, (audit.chain,)) as session:
            for part in range(1 + number % 2):
                audit.act(session, CLOCK, "test.written", writer=writer, number=number, part=part)
    engine.dispose()


def in_threads(url: str, writers: range, each: int) -> None:
    """One engine per writer, as in a process of the web."""
    faults: list[Exception] = []

    def run(writer: int) -> None:
        try:
            write(url, writer, each)
        except Exception as fault:
            faults.append(fault)

    working = [threading.Thread(target=run, args=(writer,)) for writer in writers]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    if faults:
        raise faults[0]


def in_processes(url: str, *, processes: int, threads: int, each: int) -> None:
    """So many processes with so many threads each, all at once."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        pool.starmap(
            in_threads,
            [(url, range(n * threads, (n + 1) * threads), each) for n in range(processes)],
        )
