"""Work that keeps all processors busy, for commands: chunks of it go to copies of this process."""

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
"""How often a copy looks whether the process that it works for is still there."""

_task: Task | None = None
"""What the copies do. They know it because they are copies: it need not be sent."""


def in_processes(task: Callable[[_Chunk], _Result], chunks: Iterable[_Chunk]) -> Iterator[_Result]:
    """What a task makes of each chunk, in order. The task may read the database, and must not write.

    The first chunk is done here, so that copies find loaded what it needs; the others too where there is one
    processor, or where this process has other threads, which a copy would lack. Ends the transaction of the
    session.
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
    # A connection cannot be shared with a copy.
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
    """Whether this process is a command's: threads of a server that Python did not start are not counted."""
    is_main = threading.current_thread() is threading.main_thread()
    return sys.platform == "linux" and is_main and threading.active_count() == 1


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _run(chunk: Any) -> Any:
    return cast("Task", _task)(chunk)


def _begin_copy(parent: int) -> None:
    """Leave interruptions to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
