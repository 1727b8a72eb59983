"""How fast searches are answered over HTTP, by this service and by others with the same documents."""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import corpus
from bench.drive import Connection, interleaved, saturated
from bench.report import chosen_from, machine, number, say, table, versions, write
from bench.servers import memory
from bench.stacks import STACKS, Stack

if TYPE_CHECKING:
    import argparse

_TOLERANCE = 0.02
"""How far a stack's median total may be from this service's before that is reported: stemmers differ."""

_UNHEARD = 20_000
"""How many queries the throughput is measured with, so that few of them are asked twice."""

_COLUMNS = (
    "stack", "first p50", "p50 ms", "p99 ms", "req/s", "MB/worker", "MB in all",
    "index ms/doc", "disk MB", "× empty", "× this service",
)  # fmt: skip


@dataclass
class Measured:
    """A stack and what was measured of it."""

    name: str
    stack: Stack
    index_seconds: float
    first_times: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    answer_bytes: int = 0
    rates: list[float] = field(default_factory=list)
    errors: int = 0
    connection: Connection | None = None

    def paths(self, queries: list[str]) -> list[bytes]:
        """Where this stack answers the queries."""
        return [self.stack.path(query).encode() for query in queries]


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    title: str
    first_p50_ms: float
    p50_ms: float
    p99_ms: float
    requests_per_second: float
    pss_worker_mb: float
    rss_worker_mb: float
    pss_all_mb: float
    index_ms_per_document: float
    disk_mb: float
    median_total: float
    mean_answer_bytes: float
    errors: int
    notes: dict[str, float]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser(
        "search", help="speed, memory and size, against other stacks", description=__doc__
    )
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--queries", type=int, default=300, help="how many different queries (default 300)")
    parser.add_argument("--passes", type=int, default=3, help="how often each is asked (default 3)")
    parser.add_argument("--clients", type=int, default=8, help="clients for the throughput (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the throughput (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds of a round (default 3)")
    parser.add_argument(
        "--only",
        type=chosen_from(list(STACKS)),
        default=list(STACKS),
        metavar="NAMES",
        help=f"some of {','.join(STACKS)}",
    )
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, start, ask and print; the exit code is 1 if any answer was wrong."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, ExitStack() as closing:
        measured = _prepare(options, Path(folder), closing)
        if not measured:
            say("Nothing to measure.")
            return 1
        gc.collect()
        gc.freeze()  # the driver's own pauses are not the servers'
        _latency(options, measured)
        _throughput(options, measured)
        rows = [_row(one, options.documents) for one in measured]
    _print(options, rows, _warnings(rows, measured))
    return 1 if any(row.errors for row in rows) else 0


def _prepare(options: argparse.Namespace, folder: Path, closing: ExitStack) -> list[Measured]:
    """The stacks that can run here, filled and started; `closing` ends them."""
    incidents = list(corpus.incidents(options.documents))
    measured = []
    for name in options.only:
        kind = STACKS[name]
        if reason := kind.missing():
            say(f"Left out: {kind.title} ({reason})")
            continue
        say(f"Indexing: {kind.title}")
        stack = kind(folder / name)
        closing.callback(stack.close)
        measured.append(Measured(name, stack, stack.build(incidents)))
    for one in measured:
        one.stack.start()
        one.connection = closing.enter_context(Connection(one.stack.server.port))
    return measured


def _latency(options: argparse.Namespace, measured: list[Measured]) -> None:
    """Ask every stack the same queries in turns, one at a time, after others that warm it up."""
    connections = [one.connection for one in measured if one.connection is not None]
    warming = corpus.queries(max(10, options.queries // 5), seed=3)
    for one in measured:
        say(f"Warming up: {one.stack.title}")
        saturated(one.stack.server.port, one.paths(warming), options.clients, 1)
    for _ in interleaved(connections, [one.paths(warming) for one in measured]):
        pass
    queries = corpus.queries(options.queries)
    for turn in range(options.passes):
        say(f"One client, pass {turn + 1} of {options.passes}")
        for samples in interleaved(connections, [one.paths(queries) for one in measured]):
            for one, sample in zip(measured, samples, strict=True):
                if sample.answer.status != 200:
                    one.errors += 1
                    continue
                (one.times if turn else one.first_times).append(sample.ns)
                if turn == 0:
                    one.totals.append(one.stack.total(json.loads(sample.answer.body)))
                    one.answer_bytes += len(sample.answer.body)


def _throughput(options: argparse.Namespace, measured: list[Measured]) -> None:
    """Ask one stack after the other over several connections, in some rounds: queries that are mostly new."""
    queries = corpus.queries(_UNHEARD, seed=4)
    for turn in range(options.rounds):
        say(f"{options.clients} clients, round {turn + 1} of {options.rounds}")
        start = turn % len(measured)
        for one in measured[start:] + measured[:start]:
            result = saturated(one.stack.server.port, one.paths(queries), options.clients, options.seconds)
            one.rates.append(result.requests / result.seconds)
            one.errors += result.errors


def _row(one: Measured, documents: int) -> Row:
    """What was measured of a stack, in a reader's units."""
    workers = one.stack.server.workers()
    answering = memory(workers)
    first, times = sorted(one.first_times), sorted(one.times or one.first_times)
    return Row(
        name=one.name,
        title=one.stack.title,
        first_p50_ms=statistics.median(first) / 1e6 if first else float("nan"),
        p50_ms=statistics.median(times) / 1e6 if times else float("nan"),
        p99_ms=times[int(len(times) * 0.99)] / 1e6 if times else float("nan"),
        requests_per_second=statistics.median(one.rates) if one.rates else 0.0,
        pss_worker_mb=answering.pss / len(workers) / 1e6,
        rss_worker_mb=answering.rss / len(workers) / 1e6,
        pss_all_mb=memory(one.stack.processes()).pss / 1e6,
        index_ms_per_document=one.index_seconds * 1000 / documents,
        disk_mb=one.stack.disk_bytes() / 1e6,
        median_total=statistics.median(one.totals) if one.totals else 0.0,
        mean_answer_bytes=one.answer_bytes / max(1, len(one.totals)),
        errors=one.errors,
        notes=one.stack.notes,
    )


def _warnings(rows: list[Row], measured: list[Measured]) -> list[str]:
    """What casts doubt on the figures: errors, nothing found, totals that differ."""
    found = [f"{row.title}: {row.errors} answers were errors" for row in rows if row.errors]
    searching = [one for one in measured if one.name != "empty"]
    found += [
        f"{one.stack.title}: nothing found for {nothing} queries"
        for one in searching
        if (nothing := one.totals.count(0))
    ]
    usual = _usual_total(rows)
    found += [
        f"{row.title}: a query matches {row.median_total:,.0f} documents (median), not {usual:,.0f}"
        for row in rows
        if row.name != "empty" and abs(row.median_total - usual) > _TOLERANCE * usual
    ]
    return found


def _usual_total(rows: list[Row]) -> float:
    """How many documents a query matches: as this service says, or the others where it was left out."""
    totals = {row.name: row.median_total for row in rows if row.name != "empty"}
    return totals.get("kb", statistics.median(totals.values()) if totals else 0.0)


def _print(options: argparse.Namespace, rows: list[Row], warnings: list[str]) -> None:
    share = _usual_total(rows) / options.documents
    if options.format == "json":
        setting = {name: value for name, value in vars(options).items() if name != "run"}
        answer: dict[str, Any] = {"machine": machine(), "versions": versions(), "options": setting}
        answer |= {
            "share_matching": round(share, 3),
            "rows": [asdict(row) for row in rows],
            "warnings": warnings,
        }
        write(json.dumps(answer, indent=2))
        return
    write(f"{options.documents:,} documents; {options.queries} OR queries of two words.")
    write(f"A typical one matches {share:.0%} of the documents.")
    write("first: one client asks each query for the first time, all stacks in turns; p50 and p99: when it")
    write(
        f"asks again ({options.passes} passes in all). req/s: {options.clients} clients, mostly new queries."
    )
    write("Memory: PSS, after all that; in all: with what starts the workers, and PostgreSQL's processes.")
    write(f"{machine()}; {', '.join(f'{name} {version}' for name, version in versions().items())}\n")
    write(table(_COLUMNS, [_cells(row, rows) for row in rows]))
    for row in rows:
        if row.notes:
            write(f"\n{row.title}: " + ", ".join(f"{name} {value:,.1f}" for name, value in row.notes.items()))
    for warning in warnings:
        write(f"\nWarning: {warning}")


def _cells(row: Row, rows: list[Row]) -> list[str]:
    half = {other.name: other.p50_ms for other in rows}
    ratios = [row.p50_ms / half[name] if name in half else None for name in ("empty", "kb")]
    return [
        row.title,
        number(row.first_p50_ms, 2),
        number(row.p50_ms, 2),
        number(row.p99_ms, 2),
        number(row.requests_per_second, 0),
        *map(number, (row.pss_worker_mb, row.pss_all_mb)),
        number(row.index_ms_per_document or None, 2),
        *map(number, (row.disk_mb or None, *ratios)),
    ]
