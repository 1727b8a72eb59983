"""How busy each worker of `kb serve` is, in memory that they share, so that they can even it out.

The system assigns a new connection to a random worker, where it stays: of eight clients that keep their
connections open, one worker often has six. It computes on one core only, while the others have little to do.
So the busiest worker closes a connection now and then, and its client connects anew (docs/decisions/0114).
"""

from __future__ import annotations

import math
import mmap
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_AVERAGED_SECONDS = 0.5
"""The time constant of the average number of requests in progress."""

_PAUSE_SECONDS = 0.5
"""How long a worker waits before it closes another connection: as long as the averages take to change."""

_MIN_EXCESS = 1.5
"""How many more requests a worker must have in progress than another one to close a connection. A client
that moves takes up to one from here and adds it there, so 1 would not be less uneven afterwards."""

BEAT_SECONDS = 0.5
"""How often a worker stores that it is alive."""

_SILENT_SECONDS = 2.0
"""A worker that has stored nothing for this long hangs or is stopped: nobody is sent to it."""

_COUNT, _AVERAGE, _CHANGED, _ALIVE = range(4)
"""The numbers of a worker: its requests in progress, their average, when both changed, and when it last
was alive."""

_NUMBERS, _NUMBER_BYTES = 4, 8


class WorkerLoads:
    """The loads of all workers. Processes that are forked later share them.

    The `clock` gives seconds, the same in all processes.
    """

    def __init__(self, workers: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        size = _NUMBERS * _NUMBER_BYTES
        shared = memoryview(mmap.mmap(-1, workers * size))
        self._numbers = [shared[at : at + size].cast("d") for at in range(0, workers * size, size)]
        self._clock = clock

    def of(self, worker: int) -> WorkerLoad:
        """The load of a worker that has just started, given its place among all."""
        others = [*self._numbers[:worker], *self._numbers[worker + 1 :]]
        return WorkerLoad(self._numbers[worker], others, self._clock)


class WorkerLoad:
    """Counts the requests in progress of this worker. Use it in one thread only.

    While a worker replaces another one in its place, both store their own numbers there; the last one stays.
    """

    def __init__(
        self, own: memoryview[float], others: Sequence[memoryview[float]], clock: Callable[[], float]
    ) -> None:
        self._own, self._others, self._clock = own, others, clock
        self._count = 0
        self._average = 0.0
        self._changed = clock()
        self._last_closed = -math.inf
        self._store()

    def begin(self) -> None:
        """Add a request that has begun to the count."""
        self._add(1)

    def end(self) -> None:
        """Remove a request that has ended from the count."""
        self._add(-1)

    def beat(self) -> None:
        """Store that this worker is alive. Call it every `BEAT_SECONDS`."""
        self._store()

    def should_close_connection(self) -> bool:
        """Whether to close the connection of the current request after the response."""
        now = self._clock()
        if now - self._last_closed < _PAUSE_SECONDS:
            return False
        others = [
            _average(numbers[_COUNT], numbers[_AVERAGE], numbers[_CHANGED], now)
            for numbers in self._others
            if now - numbers[_ALIVE] <= _SILENT_SECONDS
        ]
        own = _average(self._count, self._average, self._changed, now)
        if not others or own < max(others) or own - min(others) < _MIN_EXCESS:
            return False
        self._last_closed = now
        return True

    def _add(self, count: int) -> None:
        now = self._clock()
        self._average = _average(self._count, self._average, self._changed, now)
        self._count += count
        self._changed = now
        self._store()

    def _store(self) -> None:
        self._own[_COUNT], self._own[_AVERAGE] = self._count, self._average
        self._own[_CHANGED], self._own[_ALIVE] = self._changed, self._clock()


def _average(count: float, average: float, changed: float, now: float) -> float:
    """The average number of requests in progress, with more weight on the last half second."""
    # Another process may store numbers in between; a wrong average moves one connection at most.
    weight = math.exp(-max(0.0, now - changed) / _AVERAGED_SECONDS)
    return count + (average - count) * weight


_worker_load: WorkerLoad | None = None


def set_worker_load(load: WorkerLoad) -> None:
    """Set the load of this process, which is a worker."""
    global _worker_load  # noqa: PLW0603
    _worker_load = load


def worker_load() -> WorkerLoad:
    """The load of this process. It has no other workers to compare with unless they share their loads."""
    return WorkerLoads(1).of(0) if _worker_load is None else _worker_load
