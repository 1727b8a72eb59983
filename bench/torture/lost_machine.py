"""A machine is lost while it performs requests: others cannot know that their keys are free, and wait."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, repeat
from typing import TYPE_CHECKING, NamedTuple

from bench.report import log
from bench.torture import hosts
from bench.torture.service import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.torture.service import Service

_REQUESTS = 4
_RETRY_SECONDS = 0.5
_PATIENCE = 180.0
"""Seconds after which a client gives up."""

_MIN_WAIT = 25.0
"""How many seconds at least nobody takes over a key of the lost machine, whose process might still live."""


class _Outcome(NamedTuple):
    """What a client was answered by the machines that are left, and the seconds since its first request."""

    statuses: Counter[int]
    seconds: float


def run(machines: Sequence[Service], database: str, seed: int) -> list[Finding]:
    """Lose the first machine with requests in flight, send them again to the others, and start it again.

    Each is stored once, as soon as its key may be taken over. Nothing where hosts cannot be simulated.
    """
    if not hosts.can_simulate():
        log("  no host names of their own here: no machine can be lost")
        return []
    lost, left = machines[0], machines[1:]
    titles = [f"lost {seed} {number}" for number in range(_REQUESTS)]
    began = time.monotonic()
    with _counter_held(database) as waiting:
        clients = [threading.Thread(target=_file, args=(lost, title)) for title in titles]
        for client in clients:
            client.start()
        while waiting() < _REQUESTS and time.monotonic() - began < _PATIENCE:
            time.sleep(0.05)
        log(f"  {lost.folder.name} lost, with {waiting()} requests in flight")
        lost.kill_all()
    for client in clients:
        client.join()
    with ThreadPoolExecutor(_REQUESTS) as pool:
        outcomes = [*pool.map(_repeat, cycle(left), titles, repeat(began))]
    lost.become_another_host()
    lost.start()
    stored = _stored(database, titles)
    seconds = sorted(outcome.seconds for outcome in outcomes)
    statuses = sum((outcome.statuses for outcome in outcomes), Counter[int]())
    seen = ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items()))
    return [
        Finding(
            "26",
            f"a machine lost with {_REQUESTS} requests in flight, sent again to another one",
            f"{seen}; stored {sum(stored.values())}, {seconds[0]:.0f} to {seconds[-1]:.0f} s after the first",
            [*stored.values()] == [1] * _REQUESTS and seconds[0] > _MIN_WAIT,
        )
    ]


@contextmanager
def _counter_held(database: str) -> Iterator[Callable[[], int]]:
    """Hold the row that each write changes last, so that none can end; yields how many wait for it."""
    import psycopg  # noqa: PLC0415 (optional)

    with psycopg.connect(database) as holder, psycopg.connect(database, autocommit=True) as watcher:
        holder.execute("SELECT seq FROM change_counter FOR UPDATE")

        def waiting() -> int:
            found = watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return sum(number for (number,) in found)

        yield waiting
        holder.rollback()


def _file(machine: Service, title: str) -> int:
    """File an incident, always with the same key; the status of the answer."""
    body = {"title": title, "summary": title, "category": "tone-deaf", "organization": "Acme"}
    return machine.post("/incidents", body, Idempotency_Key=title.replace(" ", "-")).status


def _repeat(machine: Service, title: str, began: float) -> _Outcome:
    """Send a request to a machine until it is acknowledged."""
    statuses = Counter[int]()
    while not statuses[201] and time.monotonic() - began < _PATIENCE:
        statuses[_file(machine, title)] += 1
        if not statuses[201]:
            time.sleep(_RETRY_SECONDS)
    return _Outcome(statuses, time.monotonic() - began)


def _stored(database: str, titles: Sequence[str]) -> dict[str, int]:
    """How often each title is stored, if it is."""
    import psycopg  # noqa: PLC0415 (optional)

    with psycopg.connect(database) as connection:
        found = connection.execute(
            "SELECT title, count(*) FROM incident_text WHERE title = ANY(%s) GROUP BY title", ([*titles],)
        )
        return {title: number for title, number in found}
