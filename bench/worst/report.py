"""Send the nasty requests, and print the dearest of each endpoint."""

from __future__ import annotations

import logging
import random
from fnmatch import fnmatch
from typing import TYPE_CHECKING, NamedTuple

from bench.folders import temporary_folder
from bench.report import format_number, log, machine, table, write
from bench.worst.api_cases import CASES
from bench.worst.page_cases import PAGE_CASES
from bench.worst.site import Call, Outcome, Site, copy_of
from kb.web.endpoints import ENDPOINTS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

GENERATORS = CASES | PAGE_CASES
"""By the name of a view: its nasty requests. The benchmark refuses to start if a view has none."""

MAX_ERROR_BYTES = 20_000
"""How long the answer may be that refuses a request."""


class Measured(NamedTuple):
    """A request and what it took."""

    endpoint: str
    call: Call
    outcome: Outcome


def run(options: argparse.Namespace) -> int:
    """Measure, and print one table; the exit code is 1 if an answer was wrong."""
    if missing := set(ENDPOINTS) - set(GENERATORS):
        raise RuntimeError(f"Add nasty requests for {', '.join(sorted(missing))} to bench/worst.")
    logging.disable(logging.CRITICAL)
    with temporary_folder() as folder:
        if options.folder is not None:
            Site(options.folder, options.incidents).close()
            copy_of(options.folder / "kb", folder / "kb")
        site = Site(folder, options.incidents, languages=options.languages)
        patterns = options.only.split(",")
        names = [name for name in ENDPOINTS if any(fnmatch(name, pattern) for pattern in patterns)]
        measured = [each for name in names for each in _measure(site, name, options)]
    shown = measured if options.all else _dearest(measured)
    write(f"{options.incidents:,} incidents; {machine()}; CPU time of the answering thread.\n")
    write(table(("endpoint", "CPU ms", "answer kB", "status", "request"), [_row(each) for each in shown]))
    if unmeasured := _only_refused(measured):
        write(f"\nNo request was accepted by {', '.join(unmeasured)}.")
    wrong = [each for each in measured if _is_wrong(each)]
    if wrong:
        write(f"\nWrong answers: a 5xx, or an error of more than {MAX_ERROR_BYTES:,} bytes\n")
        write(table(("endpoint", "CPU ms", "answer kB", "status", "request"), [_row(each) for each in wrong]))
    return 1 if wrong or unmeasured else 0


def _measure(site: Site, endpoint: str, options: argparse.Namespace) -> list[Measured]:
    """Each request of an endpoint, as dear as it was at its cheapest of some seeds; a first one warms up."""
    generate = GENERATORS[endpoint]
    site.send(next(iter(generate(site, random.Random(0)))))  # noqa: S311 (nothing secret)
    best: dict[str, Measured] = {}
    for seed in range(1, options.seeds + 1):
        for call in generate(site, random.Random(seed)):  # noqa: S311 (nothing secret)
            if options.brief and call.method == "GET" and call.headers:
                continue
            measured = Measured(endpoint, call, site.send(call))
            before = best.get(call.label)
            if before is None or measured.outcome.seconds < before.outcome.seconds:
                best[call.label] = measured
    dearest = max(best.values(), key=lambda each: each.outcome.seconds)
    log(f"{endpoint}: {format_number(dearest.outcome.seconds * 1e3)} ms, {dearest.call.label}")
    return [*best.values()]


def _dearest(measured: Iterable[Measured]) -> list[Measured]:
    """The dearest request of each endpoint, the dearest endpoint first."""
    dearest: dict[str, Measured] = {}
    for each in sorted(measured, key=lambda each: -each.outcome.seconds):
        dearest.setdefault(each.endpoint, each)
    return [*dearest.values()]


def _only_refused(measured: Iterable[Measured]) -> list[str]:
    """The endpoints that accepted none of their requests, so that their worst one is not among them."""
    accepted: dict[str, bool] = {}
    for each in measured:
        accepted[each.endpoint] = accepted.get(each.endpoint, False) or each.outcome.status < 400
    return [name for name, is_accepted in accepted.items() if not is_accepted]


def _is_wrong(measured: Measured) -> bool:
    status, size, _ = measured.outcome
    return status >= 500 or (status >= 400 and size > MAX_ERROR_BYTES and "/api/" in measured.call.path)


def _row(measured: Measured) -> tuple[str, ...]:
    endpoint, call, outcome = measured
    request = f"{call.method} {call.path[:60]}: {call.label}".replace("|", "/")
    return (
        endpoint,
        format_number(outcome.seconds * 1e3, 1),
        format_number(outcome.size / 1e3, 1),
        str(outcome.status),
        request,
    )
