"""Pauses of a server thread during long work, so that other requests are answered meanwhile.

The interpreter runs one thread at a time. A thread that sleeps for a moment lets the others do what they
have to; one that computes without a break makes each of their steps wait.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Value = TypeVar("_Value")

PIECE_SECONDS = 0.05
"""The most seconds spent on a piece of work, unless a single step takes longer."""

REST_SECONDS = 0.01
"""How long a pause lasts."""


class Pause(Protocol):
    """A callback that long work calls after each step, to let other threads run or to show progress."""

    def __call__(self, *progress: int) -> object:
        """Note the progress: nothing, or the numbers of finished and of all steps."""


class Pauses:
    """A `Pause` that lets other requests run between pieces of long work."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`time.thread_time` as the clock counts only what the thread computes, not what it waits for."""
        self._clock = clock
        self._due = clock() + PIECE_SECONDS

    def __call__(self, *_progress: int) -> None:
        """Pause if the piece has taken PIECE_SECONDS."""
        if self._clock() >= self._due:
            rest()
            self._due = self._clock() + PIECE_SECONDS


def no_pause(*_progress: int) -> None:
    """A `Pause` that does nothing, for work that delays nobody, as in a command."""


def in_pieces(values: Iterable[_Value], pause: Pause) -> Iterator[_Value]:
    """Yield values, with a pause after the work on each."""
    for value in values:
        yield value
        pause()


def rest(*_progress: int) -> None:
    """Let other threads run."""
    time.sleep(REST_SECONDS)
