"""Run the work of commands on all processors, in chunks, in forked copies of this process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kb.models import db
from kb.models.base import close_connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    Task = Callable[[Any], Any]

_Chunk = TypeVar("_Chunk")
_Result = TypeVar("_Result")

_WATCH_SECONDS = 0.5
"""How often a copy checks whether its parent is still alive."""

_task: Task | None = None
"""The task of the copies. They inherit it by forking, so it need not be sent."""


def in_processes(task: Callable[[_Chunk], _Result], chunks: Iterable[_Chunk]) -> Iterator[_Result]:
    """Yield the result of a task for each chunk, in order. The task may read the database, but not write.

    The first chunk is processed here, so that copies inherit what it loads; so are the others if there is
    only one processor, or if this process has other threads, which a copy would lack. Ends the transaction of
    the session.
    """
    remaining, count = iter(chunks), _processors()
    yield from map(task, islice(remaining, 1))
    following = next(remaining, None)
    if following is None:
        return
    chunks = chain([following], remaining)
    if count < 2 or not _may_be_copied():
        yield from map(task, chunks)
        return
    global _task  # noqa: PLW0603 (what copies inherit)
    _task = task
    # Connections cannot be shared with a copy.
    db.session.rollback()
    close_connections()
    pool = ProcessPoolExecutor(count, get_context("fork"), _begin_copy, (os.getpid(),))
    pending: deque[Future[_Result]] = deque()
    try:
        for chunk in chunks:
            pending.append(pool.submit(_run, chunk))
            if len(pending) > 2 * count:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        _task = None
        pool.shutdown(cancel_futures=True)


def _may_be_copied() -> bool:
    """Whether this process may be forked: it runs a command with one thread. A server's native threads would
    not be counted."""
    is_main = threading.current_thread() is threading.main_thread()
    return sys.platform == "linux" and is_main and threading.active_count() == 1


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _run(chunk: Any) -> Any:
    return cast("Task", _task)(chunk)


def _begin_copy(parent: int) -> None:
    """Ignore interrupts, which the parent handles, and end when the parent ends, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
