"""How commands end that somebody interrupts, or whose output nobody takes."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import click
import pytest

from kb.cli import INTERRUPTED, OUTPUT_FAILED, PIPE_CLOSED, main
from tests.support.api import REPOSITORY


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let an interrupt arrive, in children too: a suite that was started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Callable[[Callable[[], None]], object]]:
    """Runs something as a command of `kb`, and gives its exit code."""

    def run_command(work: Callable[[], None]) -> object:
        monkeypatch.setitem(main.commands, "work", click.Command("work", callback=work))
        with pytest.raises(SystemExit) as caught:
            main.main(["work"], prog_name="kb")
        return caught.value.code

    number = sys.stdout.fileno()
    output = os.dup(number)  # which a command whose output is closed lets go of
    yield run_command
    os.dup2(output, number)
    os.close(output)


def _fail(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def _print_to(monkeypatch: pytest.MonkeyPatch, error: OSError) -> Callable[[], None]:
    """A command that prints to an output that fails."""

    def work() -> None:
        def write(_text: str) -> int:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "write", write)
            click.echo("a line")

    return work


def test_an_interruption_is_no_verdict(
    run: Callable[[Callable[[], None]], object], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(_fail(KeyboardInterrupt())) == INTERRUPTED
    assert capfd.readouterr() == ("", "\n")


def test_a_closed_pipe_ends_a_command_without_a_word(
    run: Callable[[Callable[[], None]], object],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(_print_to(monkeypatch, BrokenPipeError(errno.EPIPE, "Broken pipe"))) == PIPE_CLOSED
    assert capfd.readouterr().err == ""


class _Interrupted:
    """Ctrl-C comes while it is deleted, where Python drops exceptions."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


def test_an_interruption_is_not_lost_in_a_callback(
    run: Callable[[Callable[[], None]], object], capfd: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        _Interrupted()
        time.sleep(30)

    assert run(work) == INTERRUPTED
    assert "Traceback" not in capfd.readouterr().err


def test_an_interruption_during_the_start_prints_nothing() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "kb", "--version"]
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any(line.endswith(" click.core\n") for line in lines)
        process.send_signal(signal.SIGINT)
        assert not any("Traceback" in line for line in lines)
    assert process.returncode == -signal.SIGINT


def test_an_output_that_cannot_be_written_is_said(
    run: Callable[[Callable[[], None]], object],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    full = OSError(errno.ENOSPC, "No space left on device")
    assert run(_print_to(monkeypatch, full)) == OUTPUT_FAILED
    assert "The output cannot be written: No space left on device." in capfd.readouterr().err


def test_an_error_of_anything_else_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = FileNotFoundError(errno.ENOENT, "No such file")
    monkeypatch.setitem(main.commands, "work", click.Command("work", callback=_fail(lost)))
    with pytest.raises(FileNotFoundError):
        main.main(["work"], prog_name="kb")
