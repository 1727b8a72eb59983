"""What a process writes to standard error, whatever in it does the writing."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextvars import Context

import pytest

from kb.web.logs import LogHandler, TextFormatter, configure_logging

_PROGRAM = """
import sys, threading, warnings
from kb.web.logs import configure_logging
configure_logging()
print("a line", file=sys.stderr)
print("two", "parts", sep=" - ", end="", file=sys.stderr)
print(file=sys.stderr)
warnings.warn("old", stacklevel=1)
def fail():
    raise ValueError("in a thread")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Unraisable:
    def __del__(self):
        raise ValueError("at its end")
Unraisable().__class__
raise RuntimeError("at last, with kb_0123456789012345678901234567890")
"""


@pytest.fixture
def _as_before() -> Iterator[None]:
    """Logging and the hooks of the interpreter stay as they are, whatever a test does to them."""
    root, ours = logging.getLogger(), logging.getLogger("kb")
    handlers, level = root.handlers, ours.level
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook, sys.stderr, sys.__stderr__
    shown = warnings.showwarning
    logging.captureWarnings(False)  # an earlier test may have left it on, without its effect
    warnings.showwarning = shown
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook, sys.stderr, sys.__stderr__ = hooks  # type: ignore[misc]
    root.handlers = handlers
    ours.setLevel(level)
    logging.captureWarnings(False)


def _written(log_format: str) -> list[str]:
    environment = {**os.environ, "KB_LOG_FORMAT": log_format, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-W", "default", "-c", _PROGRAM],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout) == (1, "")
    return run.stderr.splitlines()


def test_in_json_all_that_is_written_is_events() -> None:
    lines = [json.loads(line) for line in _written("json")]
    assert all(line.keys() >= {"time", "level", "event"} for line in lines)
    events = [(line["level"], line["event"]) for line in lines]
    assert events[:2] == [("info", "a line"), ("info", "two - parts")]
    assert events[2][0] == "warning"
    assert "UserWarning: old" in events[2][1]
    assert events[3:] == [
        ("critical", "uncaught exception in a thread"),
        ("error", "ignored exception"),
        ("critical", "uncaught exception"),
    ]
    assert lines[-1]["exception"].endswith("RuntimeError: at last, with kb_***\n")


def test_as_text_what_is_printed_stays_as_it_is() -> None:
    lines = _written("text")
    assert lines[:2] == ["a line", "two - parts"]
    assert "Traceback (most recent call last):" in lines


@pytest.mark.usefixtures("_as_before")
def test_the_hooks_of_the_interpreter_lead_to_the_log(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_LOG_FORMAT", "json")
    with os.fdopen(os.dup(2), "w", encoding="utf-8") as stream:
        sys.__stderr__ = stream  # type: ignore[misc]
        configure_logging()
        sys.stderr.write("a line\n\nand")
        sys.stderr.write(" more\nnever ended")
        error = ValueError("broken")
        sys.excepthook(ValueError, error, None)
        threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, threading.current_thread())))
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", stacklevel=1)
        assert sys.stderr.writable()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert [line["event"] for line in lines[:4]] == [
        "a line", "and more", "uncaught exception", "uncaught exception in a thread",
    ]  # fmt: skip
    assert "ValueError: broken" in lines[2]["exception"]
    assert "UserWarning: old" in lines[4]["event"]
    assert len(lines) == 5


@pytest.mark.usefixtures("_as_before")
def test_a_log_that_cannot_be_written_stops_nobody(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_LOG_FORMAT", "text")
    handler = LogHandler()
    stream = io.StringIO()
    stream.close()
    handler.setStream(stream)
    handler.handle(logging.makeLogRecord({"msg": "lost", "levelname": "INFO"}))
    assert capfd.readouterr() == ("", "")


def test_an_exception_adds_lines_to_the_text_for_people() -> None:
    error = RuntimeError("broken \x1b[31m")
    record = logging.makeLogRecord({
        "msg": "failed", "levelname": "ERROR", "name": "kb.somewhere", "traceback": True,
        "fields": {"path": "/x"}, "exc_info": (RuntimeError, error, None),
    })  # fmt: skip
    # Without the request of an earlier test.
    first, *rest = Context().run(TextFormatter().format, record).splitlines()
    assert first.endswith(" error failed path=/x logger=kb.somewhere")
    assert rest[-1] == r"builtins.RuntimeError: broken \x1b[31m"
