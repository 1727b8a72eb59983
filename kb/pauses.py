"""Pauses of a thread of the server that works for long, so that other requests are answered meanwhile.

The interpreter runs one thread at a time. A thread that sleeps for a moment lets the others do what they
have to; one that computes without a break makes each of their steps wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PIECE_SECONDS = 0.05
"""The most seconds spent on a piece of work, unless a single step takes longer."""

REST_SECONDS = 0.01
"""How long a pause lasts."""


Pause = Callable[..., object]
"""What is called after each step, maybe with two numbers: of the steps that are done, and of all."""


class Pauses:
    """A `Pause` that lets other requests run between pieces of long work."""

    def __init__(self) -> None:
        self._due = time.monotonic() + PIECE_SECONDS

    def __call__(self, *_progress: object) -> None:
        """Pause if the piece has taken PIECE_SECONDS."""
        if time.monotonic() >= self._due:
            rest()
            self._due = time.monotonic() + PIECE_SECONDS


def no_pause(*_progress: object) -> None:
    """Stands for `Pauses` where nobody else waits, as in a command."""


def rest() -> None:
    """Let other threads run."""
    time.sleep(REST_SECONDS)
