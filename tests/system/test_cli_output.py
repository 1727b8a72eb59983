"""What the command line says, and its exit code, where its output goes nowhere."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.cli import check as check_command
from tests.support.cli import run_kb
from tests.support.environment import own_environment

DRAFT = "Need copy and link. [insert]\n"


def check(prepared: Path, stdout: int) -> subprocess.CompletedProcess[str]:
    """Run `kb check` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "kb", "check", "-", "--data-dir", str(prepared)],
        input=DRAFT,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=own_environment(),
    )


@pytest.mark.slow
def test_a_reader_that_has_enough_is_no_verdict_and_no_error(prepared: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = check(prepared, writing)
    os.close(writing)
    assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_output_that_cannot_be_written_is_not_blamed_on_the_data_folder(prepared: Path) -> None:
    with Path("/dev/full").open("w") as full:
        result = check(prepared, full.fileno())
    assert result.returncode == 74
    assert "The output cannot be written: No space left on device." in result.stderr
    assert "data folder" not in result.stderr


def test_an_interrupted_check_is_no_caution(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check_command, "check_files", interrupted)
    assert run_kb("check", "-", data_dir=prepared, typed=DRAFT).exit_code == 130
