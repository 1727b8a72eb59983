"""Runs this benchmark, and prints its tables beside the goals."""

from __future__ import annotations

import gc
import statistics
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from bench import corpus
from bench.check.peers import PeerCosts, measure_peers
from bench.check.processing import Costs, measure_costs
from bench.check.service import CheckService, filled_service
from bench.check.texts import TWEET_LENGTH, articles, tweets
from bench.check.timing import Latency, in_turns, send_all, worker_megabytes
from bench.load_generator import get_request, post_request
from bench.report import environment, format_number, log, table, write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

ARTICLE_WORDS = 2000
CALENDAR_ROWS = 1000

_MEMORY_CHECKS = 1000
"""How many checks, and how many searches, a worker answers before its memory is measured."""
_ARTICLES = 40
_CALENDARS = 3

_CHECKS = "/api/v1/checks"
_LIVE = "GET /health/live"
_SEARCH = "GET /search, two new words"
_TWEET = f"POST /checks, {TWEET_LENGTH} characters"
_RECEIPT = f"POST /checks, {TWEET_LENGTH} characters, with a receipt"
_ARTICLE = f"POST /checks, {ARTICLE_WORDS:,} words"

GOALS = {_TWEET: "p50 < 5, p99 < 15", _ARTICLE: "p50 < 50"}
MAX_CALENDAR_SECONDS = 4
MAX_GROWTH_MB = 25


@dataclass
class Results:
    """What was measured: latencies in milliseconds, seconds of a calendar, megabytes of a worker, costs."""

    latencies: dict[str, Latency] = field(default_factory=dict)
    long_latencies: dict[str, Latency] = field(default_factory=dict)
    calendar_seconds: list[float] = field(default_factory=list)
    errors: int = 0
    mb_before: float = 0
    mb_after: float = 0
    mb_searching: float = 0
    costs: Costs | None = None
    peers: list[PeerCosts] = field(default_factory=list)


def run(options: argparse.Namespace) -> int:
    """Start the service, measure it, and print the results; the exit code is 1 if a request failed."""
    results = Results()
    with filled_service(options.folder, options.documents) as service:
        log("Writing guards")
        rules, token = service.add_guards(options.guards)
        gc.collect()
        gc.freeze()  # garbage collection in the load generator must not count as latency
        service.start()
        _memory(service, results)
        _latencies(service, token, options.drafts, results)
        _calendars(service, results)
        service.close()
        log("Checking in process")
        drafts = tweets(options.drafts, seed=6)
        with service.application():
            results.costs = measure_costs(drafts)
    results.peers = [*measure_peers([draft["text"] for draft in drafts], rules)]
    _print(options, results)
    return 1 if results.errors else 0


def _memory(service: CheckService, results: Results) -> None:
    """Measure a worker before and after checks, and beside it one that searched as often instead."""
    log("Measuring memory")
    searches = _searches(2 * _MEMORY_CHECKS, seed=7)
    first, second = searches[:_MEMORY_CHECKS], searches[_MEMORY_CHECKS:]
    send_all(service.server, first)
    results.mb_before = worker_megabytes(service.server)
    send_all(service.server, _checks(tweets(_MEMORY_CHECKS, seed=8)))
    results.mb_after = worker_megabytes(service.server)
    with closing(service.start_another()) as other:
        send_all(other, [*first, *second])
        results.mb_searching = worker_megabytes(other)


def _latencies(service: CheckService, token: str, number: int, results: Results) -> None:
    log("One client, in turns")
    live = [get_request(b"/api/v1/health/live")] * number
    results.latencies = in_turns(
        service.server,
        {
            _LIVE: live,
            _SEARCH: _searches(number, seed=9),
            _TWEET: _checks(tweets(number, seed=10)),
            _RECEIPT: _checks(tweets(number, seed=11), token),
        },
    )
    log("Articles")
    long = {
        _SEARCH: _searches(_ARTICLES, seed=12),
        _ARTICLE: _checks(articles(_ARTICLES, ARTICLE_WORDS)),
    }
    results.long_latencies = in_turns(service.server, long)
    all_latencies = (*results.latencies.values(), *results.long_latencies.values())
    results.errors += sum(latency.errors for latency in all_latencies)


def _calendars(service: CheckService, results: Results) -> None:
    log("Calendars")
    for number in range(_CALENDARS):
        request = post_request(f"{_CHECKS}/batch", tweets(CALENDAR_ROWS, seed=20 + number))
        latency = in_turns(service.server, {"calendar": [request]})["calendar"]
        results.calendar_seconds.append(latency.p50 / 1000)
        results.errors += latency.errors


def _searches(number: int, seed: int) -> list[bytes]:
    paths = (f"/api/v1/search?q={quote_plus(query)}" for query in corpus.queries(number, seed))
    return [get_request(path.encode()) for path in paths]


def _checks(drafts: Sequence[dict[str, Any]], token: str | None = None) -> list[bytes]:
    return [post_request(_CHECKS, draft, token) for draft in drafts]


def _print(options: argparse.Namespace, results: Results) -> None:
    costs = results.costs
    assert costs is not None
    write(f"{options.documents:,} incidents, {costs.guards} guards; one worker, one client, in turns.")
    write(f"Drafts are of real sentences, half of them Hebrew; {costs.findings:.1f} findings a draft.")
    write(f"{environment()}\n")
    header = ["request", "n", "p50 ms", "p99 ms", "× search", "goal, ms"]
    rows = _latency_rows(results.latencies) + _latency_rows(results.long_latencies)
    write(table(header, rows))
    seconds = statistics.median(results.calendar_seconds)
    write(f"\nA calendar of {CALENDAR_ROWS:,} rows: {seconds:.2f} s (goal: < {MAX_CALENDAR_SECONDS} s).")
    write(f"Memory of the worker (RSS), after {_MEMORY_CHECKS:,} searches: {results.mb_before:,.1f} MB;")
    write(f"after {_MEMORY_CHECKS:,} checks more: {results.mb_after:,.1f} MB;")
    growth = results.mb_after - results.mb_searching
    write(
        f"of one with {_MEMORY_CHECKS:,} searches more instead: {results.mb_searching:,.1f} MB: "
        f"checks take {growth:,.1f} MB (goal: < {MAX_GROWTH_MB} MB)."
    )
    write("Concepts and guards are in all three figures: a worker reads them soon after its start.")
    write(f"\nCPU time: reading {costs.guards} guards, with their examples: {costs.reading:,.0f} ms;")
    write(f"compiling them: {costs.compiling:,.0f} ms. Both once in each worker.\n")
    write(table(["checker", "rules", "CPU ms a draft", "CPU ms to start"], _cost_rows(costs, results.peers)))
    write("Vale: only guards on words and patterns, no forms of words. proselint: its own rules, of style.")
    if results.errors:
        write(f"\nWarning: {results.errors} requests failed")


def _latency_rows(latencies: dict[str, Latency]) -> list[list[str]]:
    search = latencies[_SEARCH].p50
    return [
        [
            kind,
            str(latency.requests),
            format_number(latency.p50, 2),
            format_number(latency.p99, 2),
            format_number(latency.p50 / search),
            GOALS.get(kind, "-"),
        ]
        for kind, latency in latencies.items()
    ]


def _cost_rows(costs: Costs, peers: Sequence[PeerCosts]) -> list[list[str]]:
    own = [
        PeerCosts("this service, guards only", costs.guards, costs.guards_only, costs.compiling),
        PeerCosts("this service, with precedents", costs.guards, costs.whole_check, costs.compiling),
    ]
    return [
        [peer.name, str(peer.rules), format_number(peer.draft, 2), format_number(peer.start, 0)]
        for peer in (*own, *peers)
    ]
