"""Latency, throughput, memory and disk usage of searches over HTTP, of this service and other stacks."""

from __future__ import annotations

import gc
import json
import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench import corpus
from bench.folders import temporary_folder
from bench.load_generator import Connection, interleaved, measure_throughput
from bench.report import environment, format_number, log, subset_of, table, write
from bench.servers import memory
from bench.stacks import STACKS, Stack

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

_TOLERANCE = 0.02
"""How far a stack's median total may be from this service's without a warning: stemmers differ."""

_THROUGHPUT_QUERIES = 20_000
"""The number of queries of the throughput workload, so large that few are repeated."""

_COLUMNS = (
    "stack", "first p50", "p50 ms", "p99 ms", "req/s", "MB/worker", "MB in all",
    "index ms/doc", "disk MB", "× empty", "× this service",
)  # fmt: skip


@dataclass
class StackRun:
    """A stack, and the raw measurements of it; times are in nanoseconds."""

    name: str
    stack: Stack
    index_seconds: float
    first_times: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    errors: int = 0
    connection: Connection | None = None

    def paths(self, queries: list[str]) -> list[bytes]:
        """The paths of the queries in this stack."""
        return [self.stack.path(query).encode() for query in queries]


@dataclass(frozen=True)
class Row:
    """The results of a stack, in the units of the table."""

    name: str
    title: str
    first_p50_ms: float
    p50_ms: float
    p99_ms: float
    requests_per_second: float
    pss_worker_mb: float
    pss_all_mb: float
    index_ms_per_document: float
    disk_mb: float
    median_total: float
    errors: int
    notes: dict[str, float]


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this benchmark to the command line."""
    parser = commands.add_parser(
        "search", help="speed, memory and size, against other stacks", description=__doc__
    )
    parser.add_argument("--documents", type=int, default=10_000, help="how many incidents (default 10000)")
    parser.add_argument("--queries", type=int, default=300, help="how many different queries (default 300)")
    parser.add_argument("--passes", type=int, default=3, help="how often each query is sent (default 3)")
    parser.add_argument("--clients", type=int, default=8, help="clients for the throughput (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="throughput rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds per round (default 3)")
    parser.add_argument(
        "--only",
        type=subset_of(list(STACKS)),
        default=list(STACKS),
        metavar="NAMES",
        help=f"some of {','.join(STACKS)}",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, start and measure the stacks, and print the results; the exit code is 1 if a request failed."""
    with temporary_folder() as folder, ExitStack() as exit_stack:
        runs = _prepare(options, folder, exit_stack)
        if not runs:
            log("Nothing to measure.")
            return 1
        gc.collect()
        gc.freeze()  # garbage collection in the load generator must not count as latency
        _latency(options, runs)
        _throughput(options, runs)
        rows = [_row(run, options.documents) for run in runs]
    _print(options, rows, _warnings(rows, runs))
    return 1 if any(row.errors for row in rows) else 0


def _prepare(options: argparse.Namespace, folder: Path, exit_stack: ExitStack) -> list[StackRun]:
    """Build and start the stacks that can run here; `exit_stack` stops them."""
    incidents = list(corpus.incidents(options.documents))
    runs = []
    for name in options.only:
        stack_class = STACKS[name]
        if reason := stack_class.unavailable_reason():
            log(f"Skipped: {stack_class.title} ({reason})")
            continue
        log(f"Indexing: {stack_class.title}")
        stack = stack_class(folder / name)
        exit_stack.callback(stack.close)
        runs.append(StackRun(name, stack, stack.build(incidents)))
    for run in runs:
        run.stack.start()
        run.connection = exit_stack.enter_context(Connection(run.stack.server.port))
    return runs


def _latency(options: argparse.Namespace, runs: list[StackRun]) -> None:
    """Send the same queries to all stacks, interleaved and one at a time, after a warm-up with others."""
    connections = [run.connection for run in runs if run.connection is not None]
    warmup = corpus.queries(max(10, options.queries // 5), seed=3)
    for run in runs:
        log(f"Warming up: {run.stack.title}")
        measure_throughput(run.stack.server.port, run.paths(warmup), options.clients, 1)
    for _ in interleaved(connections, [run.paths(warmup) for run in runs]):
        pass
    queries = corpus.queries(options.queries)
    for pass_index in range(options.passes):
        log(f"One client, pass {pass_index + 1} of {options.passes}")
        for samples in interleaved(connections, [run.paths(queries) for run in runs]):
            for run, sample in zip(runs, samples, strict=True):
                if sample.response.status != 200:
                    run.errors += 1
                    continue
                (run.times if pass_index else run.first_times).append(sample.ns)
                if pass_index == 0:
                    run.totals.append(run.stack.total(json.loads(sample.response.body)))


def _throughput(options: argparse.Namespace, runs: list[StackRun]) -> None:
    """Measure the throughput of one stack after the other, in rounds, with queries that are mostly new."""
    queries = corpus.queries(_THROUGHPUT_QUERIES, seed=4)
    for round_index in range(options.rounds):
        log(f"{options.clients} clients, round {round_index + 1} of {options.rounds}")
        start = round_index % len(runs)
        for run in runs[start:] + runs[:start]:
            result = measure_throughput(
                run.stack.server.port, run.paths(queries), options.clients, options.seconds
            )
            run.rates.append(result.requests / result.seconds)
            run.errors += result.errors


def _row(run: StackRun, documents: int) -> Row:
    """Summarize the measurements of a stack."""
    workers = run.stack.server.workers()
    worker_memory = memory(workers)
    first, times = sorted(run.first_times), sorted(run.times or run.first_times)
    return Row(
        name=run.name,
        title=run.stack.title,
        first_p50_ms=statistics.median(first) / 1e6 if first else float("nan"),
        p50_ms=statistics.median(times) / 1e6 if times else float("nan"),
        p99_ms=times[int(len(times) * 0.99)] / 1e6 if times else float("nan"),
        requests_per_second=statistics.median(run.rates) if run.rates else 0.0,
        pss_worker_mb=worker_memory.pss / len(workers) / 1e6,
        pss_all_mb=memory(run.stack.processes()).pss / 1e6,
        index_ms_per_document=run.index_seconds * 1000 / documents,
        disk_mb=run.stack.disk_bytes() / 1e6,
        median_total=statistics.median(run.totals) if run.totals else 0.0,
        errors=run.errors,
        notes=run.stack.notes,
    )


def _warnings(rows: list[Row], runs: list[StackRun]) -> list[str]:
    """Reasons to doubt the results: errors, queries without hits, totals that differ between stacks."""
    warnings = [f"{row.title}: {row.errors} requests failed" for row in rows if row.errors]
    search_runs = [run for run in runs if run.name != "empty"]
    warnings += [
        f"{run.stack.title}: no hits for {no_hits} queries"
        for run in search_runs
        if (no_hits := run.totals.count(0))
    ]
    expected = _expected_total(rows)
    warnings += [
        f"{row.title}: a query matches {row.median_total:,.0f} documents (median), not {expected:,.0f}"
        for row in rows
        if row.name != "empty" and abs(row.median_total - expected) > _TOLERANCE * expected
    ]
    return warnings


def _expected_total(rows: list[Row]) -> float:
    """The median number of matches of a query: in this service, or in the others if it was skipped."""
    totals = {row.name: row.median_total for row in rows if row.name != "empty"}
    return totals.get("kb", statistics.median(totals.values()) if totals else 0.0)


def _print(options: argparse.Namespace, rows: list[Row], warnings: list[str]) -> None:
    share = _expected_total(rows) / options.documents
    write(f"{options.documents:,} documents; {options.queries} OR queries of two words.")
    write(f"A typical one matches {share:.0%} of the documents.")
    write("first: one client sends each query for the first time, stacks interleaved; p50 and p99: repeats")
    write(f"({options.passes} passes in all). req/s: {options.clients} clients, mostly new queries.")
    write("Memory: PSS, after the load; in all: with the workers' parent process, and those of PostgreSQL.")
    write(f"{environment()}\n")
    write(table(_COLUMNS, [_cells(row, rows) for row in rows]))
    for row in rows:
        if row.notes:
            write(f"\n{row.title}: " + ", ".join(f"{name} {value:,.1f}" for name, value in row.notes.items()))
    for warning in warnings:
        write(f"\nWarning: {warning}")


def _cells(row: Row, rows: list[Row]) -> list[str]:
    medians = {other.name: other.p50_ms for other in rows}
    ratios = [row.p50_ms / medians[name] if name in medians else None for name in ("empty", "kb")]
    return [
        row.title,
        format_number(row.first_p50_ms, 2),
        format_number(row.p50_ms, 2),
        format_number(row.p99_ms, 2),
        format_number(row.requests_per_second, 0),
        *map(format_number, (row.pss_worker_mb, row.pss_all_mb)),
        format_number(row.index_ms_per_document or None, 2),
        *map(format_number, (row.disk_mb or None, *ratios)),
    ]
