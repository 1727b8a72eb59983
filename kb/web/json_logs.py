"""The log: one JSON object a line, without secrets, whatever a message contains."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_encode = json.JSONEncoder(default=str).encode

_SECRET = re.compile(r"kb_[A-Za-z0-9_-]{20,}")


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of ASCII: a message with a line break, or in another script, is escaped.

    `extra={"fields": {...}}` adds fields. An exception is its traceback, with the first line of each message:
    further lines of database drivers repeat the row.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            entry["logger"] = record.name
            entry["exception"] = "".join(_lines(record.exc_info[1]))
        return _SECRET.sub("kb_***", _encode(entry))


def configure_logging() -> None:
    """Write the log of this process to standard error, from the level INFO on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter())
    log = logging.getLogger("kb")
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def _lines(error: BaseException) -> Iterator[str]:
    """The traceback of an exception after those of its causes, which come first, as Python prints them."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _lines(cause)
    yield from traceback.format_tb(error.__traceback__)
    message = str(error).partition("\n")[0]
    yield f"{type(error).__module__}.{type(error).__qualname__}: {message}\n"
