"""Runs this benchmark, and prints its table beside the goals."""

from __future__ import annotations

import gc
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.check.service import filled_service
from bench.check.texts import articles
from bench.check.timing import in_turns
from bench.load_generator import Connection
from bench.pages.cases import ARTICLE_WORDS, Places, make_cases
from bench.pages.visitor import Visitor
from bench.report import environment, format_number, log, table, write
from kb.domain.permissions import Role

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bench.pages.cases import Case
    from bench.servers import Server

MAX_RATIO = 3
MAX_KB = 60

_REVISIONS = 31
"""Of the incident whose history is shown: more than fit on a page."""

_SEEDS = 6
"""How many incidents are real ones: the first."""

_HEADER = ("page", "p50 ms", "p99 ms", "API calls", "API p50 ms", "× API", "kB", "kB sent", "misses")


class Row(NamedTuple):
    """What was measured of a page: milliseconds of it and, by name, of the API's calls that show the same
    (medians), kilobytes of the largest answer, plain and as sent to a browser, how many requests failed."""

    page: str
    p50: float
    p99: float
    calls: dict[str, float]
    kb: float
    kb_sent: float
    errors: int

    @property
    def api_p50(self) -> float:
        """The calls one after the other."""
        return sum(self.calls.values())

    @property
    def ratio(self) -> float:
        """How many times as long as the calls the page takes."""
        return self.p50 / self.api_p50

    @property
    def warning(self) -> str:
        """Which goals the page misses."""
        too_slow = "slow" if self.ratio > MAX_RATIO else ""
        too_large = "large" if self.kb > MAX_KB else ""
        return ", ".join(filter(None, (too_slow, too_large)))


def run(options: argparse.Namespace) -> int:
    """Start the service, measure it, and print the table; the exit code is 1 if a request failed."""
    with filled_service(options.folder, options.documents) as service:
        token = service.add_token(Role.REVIEWER)
        gc.collect()
        gc.freeze()  # garbage collection in the load generator must not count as latency
        service.start()
        reader = Visitor(options.language).with_form(service.server.port)
        member = Visitor(options.language, token).with_form(service.server.port)
        places = _prepare(service.server, member)
        cases = make_cases(options.requests, reader, member, places)
        rows = [_measure(service.server, case) for case in cases if options.only in case.name]
    print_results(options, rows)
    return 1 if any(row.errors for row in rows) else 0


def _prepare(server: Server, member: Visitor) -> Places:
    """Change an incident often enough, and check a long draft."""
    with Connection(server.port) as connection:

        def call(method: str, path: str, data: Any = None) -> Any:
            response = connection.exchange(member.call(method, path, data, codings="identity"))
            if response.status not in (200, 201):
                raise RuntimeError(f"{method} {path} failed with {response.status}: {response.body[:500]!r}")
            return json.loads(response.body)

        lengths = {number: len(str(call("GET", f"/incidents/{number}"))) for number in range(1, _SEEDS + 1)}
        changed = _SEEDS + 1
        version = call("GET", f"/incidents/{changed}")["version"]
        for number in range(version, _REVISIONS):
            call("PATCH", f"/incidents/{changed}", {"summary": f"Told for the {number}th time."})
        (draft,) = articles(1, ARTICLE_WORDS)
        receipt = call("POST", "/checks", {**draft, "keep_text": True})["id"]
        guard = call("GET", "/guards")["items"][0]["key"]
    return Places(max(lengths, key=lambda number: lengths[number]), changed, receipt, guard)


def _measure(server: Server, case: Case) -> Row:
    log(case.name)
    with Connection(server.port) as connection:
        requests = (case.plain, case.pages[: len(case.plain)])
        size, sent = (max(len(connection.exchange(each).body) for each in some) / 1e3 for some in requests)
    kinds = {"page": case.pages, **case.calls}
    in_turns(server, {kind: requests[:3] for kind, requests in kinds.items()})  # what is read once
    latencies = in_turns(server, kinds)
    page = latencies.pop("page")
    errors = page.errors + sum(latency.errors for latency in latencies.values())
    calls = {name: latency.p50 for name, latency in latencies.items()}
    return Row(case.name, page.p50, page.p99, calls, size, sent, errors)


def print_results(options: argparse.Namespace, rows: Sequence[Row]) -> None:
    """Print the results."""
    write(f"{options.documents:,} incidents; one worker, one client, in turns; {options.requests} of each.")
    write(f"Goals: at most {MAX_RATIO} times as long as the API's calls, less than {MAX_KB} kB.")
    write(f"{environment()}\n")
    write(table(_HEADER, [_cells(row) for row in rows]))
    write("\nThe calls that show what a page shows:")
    for row in rows:
        write(f"- {row.page}: {', '.join(f'{name} ({ms:.1f})' for name, ms in row.calls.items())}")
        if row.errors:
            write(f"  Warning: {row.errors} requests failed")


def _cells(row: Row) -> list[str]:
    return [
        row.page,
        format_number(row.p50),
        format_number(row.p99),
        str(len(row.calls)),
        format_number(row.api_p50),
        format_number(row.ratio, 2),
        format_number(row.kb),
        format_number(row.kb_sent),
        row.warning,
    ]
