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

_COUNT, _AVERAGE, _CHANGED = range(3)
"""The numbers of a worker: its requests in progress, their average, and when both were stored."""

_NUMBERS, _NUMBER_BYTES = 3, 8


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
    """Counts the requests in progress of this worker. Use it in one thread only."""

    def __init__(
        self, own: memoryview[float], others: Sequence[memoryview[float]], clock: Callable[[], float]
    ) -> None:
        self._own, self._others, self._clock = own, others, clock
        self._last_closed = -math.inf
        self._own[_COUNT] = self._own[_AVERAGE] = 0.0  # of a worker that was killed

    def begin(self) -> None:
        """Count a request."""
        self._add(1)

    def end(self) -> None:
        """Count a request no longer."""
        self._add(-1)

    def should_close_connection(self) -> bool:
        """Whether to close the connection of the current request after the response."""
        now = self._clock()
        if not self._others or now - self._last_closed < _PAUSE_SECONDS:
            return False
        least = min(_average(numbers, now) for numbers in self._others)
        if _average(self._own, now) - least < _MIN_EXCESS:
            return False
        self._last_closed = now
        return True

    def _add(self, count: int) -> None:
        now = self._clock()
        self._own[_AVERAGE] = _average(self._own, now)
        self._own[_COUNT] += count
        self._own[_CHANGED] = now


def _average(numbers: memoryview[float], now: float) -> float:
    """The average number of requests in progress, with more weight on the last half second."""
    count, average, changed = numbers
    # Another process may store numbers in between; a wrong average moves one connection at most.
    weight = math.exp(-max(0.0, now - changed) / _AVERAGED_SECONDS)
    return count + (average - count) * weight


_own_load: WorkerLoad | None = None


def set_own_load(load: WorkerLoad) -> None:
    """Set the load of this process, which is a worker."""
    global _own_load  # noqa: PLW0603
    _own_load = load


def own_load() -> WorkerLoad:
    """The load of this process. It has no other workers to compare with unless they share their loads."""
    return WorkerLoads(1).of(0) if _own_load is None else _own_load
