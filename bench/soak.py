"""A long run: searches and writes at a steady rate, and what memory and latency do meanwhile.

Every search is a new one, so that caches have to let go of old answers.
"""

from __future__ import annotations

import tempfile
import threading
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from bench import corpus
from bench.load_generator import Connection, get_request, post_request
from bench.report import log, machine, table, versions, write
from bench.servers import Server, memory, serving

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

_SEARCHES_PER_SECOND = 20
_WRITES_PER_SECOND = 2
_WARM_UP_SHARE = 1 / 6
"""The share of the run after which memory must not grow much: ten minutes of an hour."""

_ROWS = 12


class _Answer(NamedTuple):
    """When an answer came, in seconds since the start, its status, and how long it took."""

    at: float
    status: int
    seconds: float


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
    parser.add_argument("--workers", type=int, default=2, help="workers of the server (default 2)")
    parser.add_argument("--seed", type=int, default=1, help="of searches and incidents (default 1)")
    parser.add_argument("--folder", type=Path, help="data directory to keep for the next run")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the load, and print memory and latency over time; the exit code is 0."""
    from bench.writes import prepare  # noqa: PLC0415 (imports the whole service)

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = options.folder or Path(name) / "kb-data"
        token = prepare(folder, options.documents)
        with serving(folder, Path(name) / "serve.log", options.workers) as server:
            rows = _measure(server, options.seed, token, options.minutes * 60)
    write(f"{options.documents:,} incidents, {options.workers} workers, {_SEARCHES_PER_SECOND} searches and ")
    write(f"{_WRITES_PER_SECOND} writes a second.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    header = ["minute", "searches", "p50 ms", "p95 ms", "writes", "p95 ms", "errors", "MB a worker", "growth"]
    write(table(header, rows))
    return 0


def _measure(server: Server, seed: int, token: str, seconds: float) -> list[list[str]]:
    """The rows of the table, each for a part of the run."""
    loads = [
        _Load(_SEARCHES_PER_SECOND, _searches(seed), []),
        _Load(_WRITES_PER_SECOND, _writes(seed, token), []),
    ]
    started = time.monotonic()
    threads = [threading.Thread(target=_send, args=(server.port, started, seconds, load)) for load in loads]
    for thread in threads:
        thread.start()
    rows: list[list[str]] = []
    sizes: list[tuple[float, float]] = []
    for number in range(1, _ROWS + 1):
        until = number * seconds / _ROWS
        time.sleep(max(0.0, started + until - time.monotonic()))
        workers = server.workers()
        sizes.append((until, memory(workers).pss / len(workers) / 1e6))
        warm = next((size for at, size in sizes if at >= seconds * _WARM_UP_SHARE), sizes[-1][1])
        begin = until - seconds / _ROWS
        parts = [[it for it in load.answers if begin <= it.at < until] for load in loads]
        errors = sum(it.status not in (200, 201) for part in parts for it in part)
        growth = sizes[-1][1] / warm - 1
        row = [f"{until / 60:.1f}", str(len(parts[0])), _percentile(parts[0], 50), _percentile(parts[0], 95)]
        row += [str(len(parts[1])), _percentile(parts[1], 95), str(errors)]
        rows.append([*row, f"{sizes[-1][1]:.0f}", f"{growth:+.1%}"])
        log("  " + " | ".join(rows[-1]))
    for thread in threads:
        thread.join()
    return rows


def _send(port: int, started: float, seconds: float, load: _Load) -> None:
    """Send requests at a rate, each at its time or as soon as the one before has been answered."""
    with Connection(port) as connection:
        for number, request in enumerate(load.requests):
            time.sleep(max(0.0, started + number / load.rate - time.monotonic()))
            sent = time.monotonic()
            if sent > started + seconds:
                return
            status = connection.exchange(request).status
            load.answers.append(_Answer(sent - started, status, time.monotonic() - sent))


def _searches(seed: int) -> Iterator[bytes]:
    for part in count(seed):
        for query in corpus.queries(1_000, part):
            yield get_request(f"/api/v1/search?q={quote_plus(query)}".encode())


def _writes(seed: int, token: str) -> Iterator[bytes]:
    for incident in corpus.incidents(10**9, 10**6 + seed):
        del incident["external_id"], incident["status"]
        yield post_request("/api/v1/incidents", {**incident, "language": "en"}, token)


def _percentile(answers: list[_Answer], share: int) -> str:
    times = sorted(it.seconds * 1_000 for it in answers)
    return f"{times[len(times) * share // 100]:.1f}" if times else "-"
