"""What a write costs: eight clients file incidents at a steady rate, over HTTP, at a running `kb serve`.

How long the write lock of SQLite is held is sampled from outside: asking the system who holds a lock on a
file neither takes it nor waits for it.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import struct
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import corpus
from bench.folders import temporary_folder
from bench.load_generator import Connection, post_request
from bench.report import environment, format_number, table, write
from bench.servers import Server, memory, serving
from kb.thread_priority import let_others_first

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_WARM_UP_SECONDS = 1
"""How long the clients write before the measurement."""

_SAMPLING_SECONDS = 0.002
"""How often the lock is looked at. At four times the rate, this takes another 2.5 % of a core."""

_WAL_WRITE_LOCK = 120
"""The byte of the `-shm` file that an SQLite connection locks while it writes (sqlite.org/walformat.html)."""

_FLOCK = "hhqqi4x"
"""`struct flock` of Linux: type, whence, start, length, process."""


class _Load(NamedTuple):
    """What each client does: it files incidents at an interval, 0 for no pause, for some seconds."""

    port: int
    token: str
    interval: float
    seconds: float


class _Answer(NamedTuple):
    """The status of an answer, and the seconds until it came."""

    status: int
    seconds: float


class _LockSamples:
    """How often the write lock was looked at, and how often somebody held it."""

    def __init__(self) -> None:
        self.taken = self.held = 0


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("writes", help="what a write costs, over HTTP", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--clients", type=int, default=8, help="how many processes write (default 8)")
    parser.add_argument("--rate", type=float, default=50, help="writes a second, 0 for no pause (default 50)")
    parser.add_argument("--seconds", type=float, default=20, help="how long they write (default 20)")
    parser.add_argument("--workers", type=int, default=2, help="workers of the server (default 2)")
    parser.add_argument("--folder", type=Path, help="data directory to keep for the next run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import the corpus, write for some seconds, and print one table; the exit code is 0."""
    from bench.application import prepare  # noqa: PLC0415 (imports the whole service)
    from kb.domain.permissions import Role  # noqa: PLC0415

    with temporary_folder() as temporary:
        folder = options.folder or temporary / "kb-data"
        token = prepare(folder, options.documents, Role.CONTRIBUTOR)
        with serving(folder, temporary / "serve.log", options.workers) as server:
            interval = options.clients / options.rate if options.rate else 0
            cells = _measure(
                server, folder, _Load(server.port, token, interval, options.seconds), options.clients
            )
    write(f"{options.documents:,} incidents, {options.clients} clients, {options.workers} workers.")
    write(f"{environment()}\n")
    header = ["asked for", "writes/s", "p50 ms", "p95 ms", "CPU ms a write", "lock held ms a write"]
    header += ["503", "other errors", "MB a worker before (own / share / all)", "after"]
    write(table(header, [[f"{options.rate:g}/s" if options.rate else "no pause", *cells]]))
    return 0


def _measure(server: Server, folder: Path, load: _Load, clients: int) -> list[str]:
    context = multiprocessing.get_context("spawn")
    # Other people's machines would send these requests, so they do not preempt the service.
    with context.Pool(clients, let_others_first) as pool:
        seeds = [time.time_ns() + client for client in range(clients)]
        memory_before = _megabytes(server)
        warm_up = load._replace(seconds=_WARM_UP_SECONDS)
        pool.starmap(_file_incidents, [(warm_up, seed) for seed in seeds])
        cpu_before = _cpu_seconds(server)
        started = time.perf_counter()
        with _sampling(folder / "kb.sqlite3-shm") as samples:
            runs = pool.starmap(_file_incidents, [(load, seed + clients) for seed in seeds])
        elapsed = time.perf_counter() - started
        cpu = _cpu_seconds(server) - cpu_before
    answers = [answer for run in runs for answer in run]
    written = sorted(answer.seconds for answer in answers if answer.status == 201)
    if not written:
        raise RuntimeError(f"Nothing was written: {answers[:1]}")
    figures = [len(written) / elapsed, *(written[len(written) * share // 100] * 1e3 for share in (50, 95))]
    figures += [cpu / len(written) * 1e3, samples.held / samples.taken * elapsed / len(written) * 1e3]
    unavailable = sum(answer.status == 503 for answer in answers)
    errors = [unavailable, len(answers) - len(written) - unavailable]
    sizes = [memory_before, _megabytes(server)]
    return [*(format_number(figure) for figure in figures), *map(str, errors), *sizes]


def _file_incidents(load: _Load, seed: int) -> list[_Answer]:
    """File drafts, one after another, and each at its time; what came of each."""
    answers = []
    with Connection(load.port) as connection:
        begin = time.perf_counter()
        for number, incident in enumerate(corpus.incidents(1_000_000, seed % 2**32)):
            due = begin + number * load.interval
            time.sleep(max(0.0, due - time.perf_counter()))
            started = time.perf_counter()
            if started > begin + load.seconds:
                break
            del incident["external_id"], incident["status"]
            request = post_request("/api/v1/incidents", {**incident, "language": "en"}, load.token)
            status = connection.exchange(request).status
            answers.append(_Answer(status, time.perf_counter() - started))
    return answers


@contextmanager
def _sampling(path: Path) -> Iterator[_LockSamples]:
    """Look at the write lock again and again while the block runs."""
    samples, stopped = _LockSamples(), threading.Event()
    request = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _WAL_WRITE_LOCK, 1, 0)

    def sample() -> None:
        with path.open("r+b") as file:
            while not stopped.wait(_SAMPLING_SECONDS):
                kind = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_GETLK, request))[0]
                samples.taken += 1
                samples.held += kind != fcntl.F_UNLCK

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        stopped.set()
        thread.join()


def _cpu_seconds(server: Server) -> float:
    """The CPU time that the processes of a server have used."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in server.processes()]
    return sum(int(stat[11]) + int(stat[12]) for stat in fields) / os.sysconf("SC_CLK_TCK")


def _megabytes(server: Server) -> str:
    """The memory of a worker, on average: its own, with its share of common pages, and with all of these."""
    workers = server.workers()
    return " / ".join(format_number(size / len(workers) / 1e6, 0) for size in memory(workers))
