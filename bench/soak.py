"""A long run: searches and writes at a steady rate, and what memory and latency do meanwhile.

Every search is a new one, so that caches have to let go of old answers. Of a worker's memory, `own` (USS) is
what the machine gets back when it ends, `share` (PSS) adds its part of what it has in common with its parent
and the other workers, and `all` (RSS) counts that as if it were its own. What all processes take together is
also told without pages of files: other programs that use the same libraries share these, and change how many
count here.

Writes file incidents, of which a service knows something each. With `--updates` they change incidents that
are there: what grows then is not due to their number.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import ExitStack
from itertools import count, cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from bench import corpus
from bench.folders import temporary_folder
from bench.load_generator import Connection, get_request, patch_request, post_request
from bench.report import environment, log, table, write
from bench.servers import Memory, Server, memory, memory_without_files, serving

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_WARM_UP_SHARE = 1 / 6
"""The share of the run after which memory must not grow much: ten minutes of an hour."""

_UPDATED = 500
"""How many incidents `--updates` changes, again and again."""

_ROWS = 12
_CONNECTIONS = 8

_HEADER = (
    "minute", "searches", "p50 ms", "p95 ms", "writes", "p95 ms", "errors",
    "MB a worker: own", "share", "all", "caches", "largest own", "MB in all", "growth",
    "without files", "growth",
)  # fmt: skip


class _Answer(NamedTuple):
    """When an answer came, in seconds since the start, its status, and how long it took."""

    at: float
    status: int
    seconds: float


class _Size(NamedTuple):
    """The memory of all workers and of their parent, at the end of a part of the run, which is in seconds."""

    begin: float
    until: float
    worker_count: int
    workers: Memory
    largest: int
    """What the largest worker has for itself, in bytes."""
    total: int
    """What all processes take of the machine, the parent as well, in bytes."""
    without_files: int
    """What of this is not pages of files."""
    cached: float
    """What the caches of all workers hold that count bytes."""


class _Load(NamedTuple):
    """Requests at a rate, in requests a second, and what came of them."""

    rate: float
    requests: Iterator[bytes]
    answers: list[_Answer]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser("soak", help="memory and latency in a long run", description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--minutes", type=float, default=60, help="how long it goes on (default 60)")
    parser.add_argument("--searches", type=float, default=20, help="searches a second (default 20)")
    parser.add_argument("--writes", type=float, default=2, help="writes a second (default 2)")
    parser.add_argument("--updates", action="store_true", help="change incidents instead of filing them")
    parser.add_argument("--workers", type=int, default=2, help="workers of the server (default 2)")
    parser.add_argument("--seed", type=int, default=1, help="of searches and incidents (default 1)")
    parser.add_argument("--folder", type=Path, help="data directory to keep for the next run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the load, and print memory and latency over time; the exit code is 0."""
    from bench.application import prepare  # noqa: PLC0415 (imports the whole service)
    from kb.domain.permissions import Role  # noqa: PLC0415

    with temporary_folder() as temporary:
        folder = options.folder or temporary / "kb-data"
        token = prepare(folder, options.documents, Role.CONTRIBUTOR)
        reader = prepare(folder, options.documents, Role.SITE_ADMIN)
        with serving(folder, temporary / "serve.log", options.workers) as server:
            filed = _new_incidents(options.seed, token)
            writes = _updates(server.port, filed, options.seed, token) if options.updates else filed
            loads = [_Load(options.searches, _searches(options.seed), []), _Load(options.writes, writes, [])]
            sizes = _measure(server, loads, options.minutes * 60, reader)
    kind = "updates" if options.updates else "writes"
    rates = f"{options.searches:g} searches and {options.writes:g} {kind} a second"
    write(f"{options.documents:,} incidents, {options.workers} workers, {rates} at most.")
    write(f"{environment()}\n")
    write(table(_HEADER, [_row(size, loads, sizes) for size in sizes]))
    if not options.updates:
        write(f"\n{_growth_by_incident(sizes, loads[1].answers)}")
    return 0


def _measure(server: Server, loads: list[_Load], seconds: float, token: str) -> list[_Size]:
    """Send the requests of each load; the memory at the end of each part of the run."""
    started = time.monotonic()
    threads = [threading.Thread(target=_send, args=(server.port, started, seconds, load)) for load in loads]
    for thread in threads:
        thread.start()
    sizes: list[_Size] = []
    for number in range(1, _ROWS + 1):
        begin, until = ((number + shift) * seconds / _ROWS for shift in (-1, 0))
        time.sleep(max(0.0, started + until - time.monotonic()))
        workers = server.workers()
        largest, processes = max(memory([pid]).uss for pid in workers), server.processes()
        totals = memory(processes).pss, memory_without_files(processes)
        cached = _cached(server.port, token)
        sizes.append(_Size(begin, until, len(workers), memory(workers), largest, *totals, cached))
        log("  " + " | ".join(_row(sizes[-1], loads, sizes)))
    for thread in threads:
        thread.join()
    return sizes


def _cached(port: int, token: str) -> float:
    """The size of the caches of all workers in bytes, as the service tells it."""
    with Connection(port) as connection:
        answer = connection.exchange(get_request(b"/api/v1/metrics", token))
    figures = dict(line.rpartition(b" ")[::2] for line in answer.body.splitlines())
    return float(figures[b"kb_worker_cache_bytes"])


def _row(size: _Size, loads: list[_Load], sizes: list[_Size]) -> list[str]:
    """The row of the table for a part of the run."""
    searches, writes = ([it for it in load.answers if size.begin <= it.at < size.until] for load in loads)
    errors = sum(it.status not in (200, 201) for it in (*searches, *writes))
    row = [f"{size.until / 60:.1f}", str(len(searches)), _percentile(searches, 50), _percentile(searches, 95)]
    row += [str(len(writes)), _percentile(writes, 95), str(errors)]
    row += [f"{value / size.worker_count / 1e6:.0f}" for value in size.workers]
    row.append(f"{size.cached / size.worker_count / 1e6:.0f}")
    row.append(f"{size.largest / 1e6:.0f}")
    warm = _warm(sizes)
    for value, before in ((size.total, warm.total), (size.without_files, warm.without_files)):
        row += [f"{value / 1e6:.0f}", f"{value / before - 1:+.1%}"]
    return row


def _warm(sizes: list[_Size]) -> _Size:
    """The first size after the warm-up, or the last one while there is none."""
    end = sizes[0].until * _ROWS
    return next((size for size in sizes if size.until >= end * _WARM_UP_SHARE), sizes[-1])


def _growth_by_incident(sizes: list[_Size], writes: list[_Answer]) -> str:
    """How much the service grew with each incident that was filed after the warm-up, in a sentence."""
    warm, last = _warm(sizes), sizes[-1]
    filed = sum(it.status == 201 and it.at >= warm.until for it in writes)
    growth, without_files = (
        (after - before) / max(1, filed) / 1e3
        for after, before in ((last.total, warm.total), (last.without_files, warm.without_files))
    )
    return (
        f"{filed:,} incidents were filed after the warm-up: the service grew by {growth:.1f} kB for each, "
        f"by {without_files:.1f} without pages of files."
    )


def _send(port: int, started: float, seconds: float, load: _Load) -> None:
    """Send requests at a rate, each at its time or as soon as the one before has been answered."""
    with ExitStack() as stack:
        # A connection stays with the worker that has accepted it.
        connections = [stack.enter_context(Connection(port)) for _ in range(_CONNECTIONS)]
        for number, request in enumerate(load.requests):
            time.sleep(max(0.0, started + number / load.rate - time.monotonic()))
            sent = time.monotonic()
            if sent > started + seconds:
                return
            status = connections[number % _CONNECTIONS].exchange(request).status
            load.answers.append(_Answer(sent - started, status, time.monotonic() - sent))


def _searches(seed: int) -> Iterator[bytes]:
    for part in count(seed):
        for query in corpus.queries(1_000, part):
            yield get_request(f"/api/v1/search?q={quote_plus(query)}".encode())


def _new_incidents(seed: int, token: str) -> Iterator[bytes]:
    for incident in corpus.incidents(10**9, 10**6 + seed):
        del incident["external_id"], incident["status"]
        yield post_request("/api/v1/incidents", {**incident, "language": "en"}, token)


def _updates(port: int, filed: Iterator[bytes], seed: int, token: str) -> Iterator[bytes]:
    """Requests that give incidents other texts; files the incidents first."""
    with Connection(port) as connection:
        answers = [connection.exchange(request) for request in islice(filed, _UPDATED)]
    paths = cycle([f"/api/v1/incidents/{json.loads(answer.body)['id']}" for answer in answers])
    for incident in corpus.incidents(10**9, 2 * 10**6 + seed):
        texts = {name: incident[name] for name in ("title", "summary", "cause", "outcome")}
        yield patch_request(next(paths), texts, token)


def _percentile(answers: list[_Answer], share: int) -> str:
    times = sorted(it.seconds * 1_000 for it in answers)
    return f"{times[len(times) * share // 100]:.1f}" if times else "-"
