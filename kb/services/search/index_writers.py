"""The threads of a process that write: those on the way to the index, and those that wait for it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kb import pauses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GATHERING_SECONDS = 0.06
"""How long a writer waits at most for those on the way, so that one index commit serves all of them."""

_POLL_SECONDS = 0.005


class IndexWriters:
    """The writers of a process. One that waits for the index at a time updates it for all."""

    def __init__(self) -> None:
        self.leading = threading.Lock()
        self._coming = 0
        self._counting = threading.Lock()
        self._thread = threading.local()

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Count the thread among those on the way, until it waits for the index or the block ends."""
        if getattr(self._thread, "is_coming", False):  # an outer block counts it
            yield
            return
        with self._counting:
            self._coming += 1
        self._thread.is_coming, self._thread.begun = True, time.thread_time()
        try:
            yield
        finally:
            self.arrive()
            self._thread.begun = None

    def arrive(self) -> None:
        """Count the thread no longer among those on the way."""
        if getattr(self._thread, "is_coming", False):
            self._thread.is_coming = False
            with self._counting:
                self._coming -= 1

    def rest_if_long(self) -> None:
        """Let other threads run if this one has computed for long since it is on the way; waiting counts not.

        The largest incidents take as long to be indexed as to be written.
        """
        begun = getattr(self._thread, "begun", None)
        if begun is not None and time.thread_time() - begun > pauses.PIECE_SECONDS:
            pauses.rest()

    def gather(self, is_done: Callable[[], bool]) -> None:
        """Wait while others are on the way, for some time, unless another process has done the work."""
        deadline = time.monotonic() + _GATHERING_SECONDS
        while self._coming and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            if is_done():
                return
