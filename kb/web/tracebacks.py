"""How exceptions are logged: one line each time, and the traceback once a minute for errors of one kind."""

from __future__ import annotations

import threading
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERVAL = 60.0
"""Minimum seconds between two tracebacks of one kind of error."""

_logged: dict[tuple[str, str, int], float] = {}
_lock = threading.Lock()


def is_traceback_due(error: BaseException) -> bool:
    """Whether no traceback of this kind (type and place of raising) was logged within INTERVAL.

    If it is due, it counts as logged from now on.
    """
    cause = list(_chain(error))[-1]
    frames = traceback.extract_tb(cause.__traceback__)
    file, line = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    kind, now = (_type_name(cause), file, line), time.monotonic()
    with _lock:
        if now - _logged.get(kind, -INTERVAL) < INTERVAL:
            return False
        _logged[kind] = now
        return True


def error_line(error: BaseException) -> str:
    """Return the type of an exception and the first line of its message; later lines may quote database rows.

    A database error about a refused value quotes the value, so that part is left out.
    """
    message = str(error).partition("\n")[0]
    if any(base.__name__ == "DataError" for base in type(error).__mro__):
        message = message.partition(":")[0]
    return f"{_type_name(error)}: {message}"


def traceback_text(error: BaseException) -> str:
    """Return the traceback of an exception after the tracebacks of its causes, as Python prints them."""
    return "".join(
        "".join(traceback.format_tb(each.__traceback__)) + error_line(each) + "\n"
        for each in reversed([*_chain(error)])
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, then its cause, then the cause of that, and so on."""
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _type_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
