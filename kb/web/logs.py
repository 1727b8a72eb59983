"""The log: one line per event, in JSON for programs or as text on a terminal, without secrets."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kb.config import log_format
from kb.web.request_log import current_request_id
from kb.web.tracebacks import error_line, is_traceback_due, traceback_text

if TYPE_CHECKING:
    from types import TracebackType

_encode = json.JSONEncoder(default=str).encode

_SECRET = re.compile(r"kb_[A-Za-z0-9_-]{20,}")

log = logging.getLogger(__name__)


class JSONFormatter(logging.Formatter):
    """Formats a record as one line of ASCII: a message with a line break, or in another script, is escaped.

    `extra={"fields": {...}}` adds fields, and records of a request have its id. An exception is logged as its
    traceback, or as one line if `is_traceback_due` denies that. With `extra={"traceback": True}`, the caller
    has already asked it.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _SECRET.sub("kb_***", _encode(_entry(record)))


class TextFormatter(logging.Formatter):
    """Formats a record as a line for people: the time, the level, the event, and the other fields by name.

    Only an exception adds lines. Unprintable characters, such as the codes that control a terminal or the
    direction of text, are escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        entry = _entry(record)
        exception = entry.pop("exception", "")
        words = [entry.pop(name) for name in ("time", "level", "event")]
        words += [f"{name}={value}" for name, value in entry.items()]
        lines = [" ".join(map(str, words)), *exception.splitlines()]
        return _SECRET.sub("kb_***", "\n".join(map(_printable, lines)))


class LogHandler(logging.StreamHandler[Any]):
    """Writes records to standard error, in the format of the settings."""

    def __init__(self) -> None:
        # The original stream: `_EventStream` may have replaced `sys.stderr`.
        super().__init__(sys.__stderr__)
        self.setFormatter(JSONFormatter() if log_format() == "json" else TextFormatter())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (of logging)
        """Do nothing: there is nowhere to report that the log cannot be written."""


def configure_logging() -> None:
    """Log this process to standard error: our records from INFO on, those of libraries from WARNING on.

    In JSON, nothing else is written there: uncaught exceptions and printed lines become events, too.
    """
    root = logging.getLogger()
    root.handlers = [LogHandler()]
    logging.getLogger("kb").setLevel(logging.INFO)
    logging.captureWarnings(True)
    if log_format() == "json":
        sys.excepthook = _log_uncaught
        threading.excepthook = _log_uncaught_in_thread
        sys.unraisablehook = _log_unraisable
        sys.stderr = _EventStream()


class _EventStream(io.TextIOBase):
    """Replaces standard error: each printed line becomes an event."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self) -> None:
        super().__init__()
        self._rest = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._rest = (self._rest + text).split("\n")
        for line in filter(str.strip, lines):
            log.info("%s", line)
        return len(text)


def _log_uncaught(_kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    log.critical("uncaught exception", exc_info=error)


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    log.critical("uncaught exception in a thread", exc_info=arguments.exc_value)


def _log_unraisable(arguments: sys.UnraisableHookArgs) -> None:
    log.error("ignored exception", exc_info=arguments.exc_value)


def _entry(record: logging.LogRecord) -> dict[str, Any]:
    """Return a record as named values, in the order of the log."""
    entry: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "event": record.getMessage(),
    }
    entry |= getattr(record, "fields", {})
    if (request_id := current_request_id()) is not None:
        entry.setdefault("request_id", request_id)
    if record.exc_info and (error := record.exc_info[1]) is not None:
        entry["logger"] = record.name
        is_full = getattr(record, "traceback", False) or is_traceback_due(error)
        entry["exception"] = traceback_text(error) if is_full else error_line(error)
    return entry


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
