"""Requests of several kinds, timed in turns by one client on one keep-alive connection."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.load_generator import Connection
from bench.servers import memory

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.servers import Server


class Latency(NamedTuple):
    """How long requests of a kind took, in milliseconds, and how many of them failed."""

    requests: int
    p50: float
    p99: float
    errors: int


def in_turns(server: Server, requests: Mapping[str, Sequence[bytes]]) -> dict[str, Latency]:
    """The latencies of requests by kind; each kind has as many.

    The kinds alternate, and the first one rotates, so that noise on the machine affects all of them alike.
    """
    kinds = [*requests]
    times: dict[str, list[int]] = {kind: [] for kind in kinds}
    errors = dict.fromkeys(kinds, 0)
    with Connection(server.port) as connection:
        for number in range(min(map(len, requests.values()))):
            for offset in range(len(kinds)):
                kind = kinds[(number + offset) % len(kinds)]
                started = time.perf_counter_ns()
                response = connection.exchange(requests[kind][number])
                times[kind].append(time.perf_counter_ns() - started)
                errors[kind] += response.status != 200
    return {kind: _latency(times[kind], errors[kind]) for kind in kinds}


def _latency(times: list[int], errors: int) -> Latency:
    ordered = sorted(times)
    return Latency(
        requests=len(ordered),
        p50=statistics.median(ordered) / 1e6,
        p99=ordered[int(len(ordered) * 0.99)] / 1e6,
        errors=errors,
    )


def send_all(server: Server, requests: Sequence[bytes]) -> None:
    """Send requests one after the other. Raises RuntimeError if one fails."""
    with Connection(server.port) as connection:
        for request in requests:
            if (response := connection.exchange(request)).status != 200:
                raise RuntimeError(f"A request failed with {response.status}: {response.body[:500]!r}")


def worker_megabytes(server: Server) -> float:
    """The memory of a server's workers: RSS, which counts the pages of the index that they have read."""
    return memory(server.workers()).rss / 1e6
