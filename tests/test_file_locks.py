"""Locks on files exclude other threads and processes, and `FileLock`, as each other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from kb.file_locks import file_lock


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "some.lock")


def test_a_held_lock_is_waited_for_until_the_timeout(path: str) -> None:
    with file_lock(path, timeout=0):
        started = time.monotonic()
        with pytest.raises(Timeout), file_lock(path, timeout=0.05):
            pass
        assert time.monotonic() - started >= 0.05
    with file_lock(path, timeout=0):
        assert Path(path).exists()


def test_it_is_the_same_lock_as_filelock_takes(path: str) -> None:
    with file_lock(path, timeout=0), pytest.raises(Timeout):
        FileLock(path).acquire(timeout=0)
    with FileLock(path), pytest.raises(Timeout), file_lock(path, timeout=0):
        pass
    assert FileLock(path).acquire(timeout=0)


def test_a_process_that_ends_releases_it(path: str) -> None:
    program = "import sys, kb.file_locks as locks\nwith locks.file_lock(sys.argv[1], timeout=0): sys.exit(1)"
    assert subprocess.run([sys.executable, "-c", program, path], check=False).returncode == 1
    with file_lock(path, timeout=0):
        assert os.access(path, os.R_OK)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_does_not_keep_it(path: str) -> None:
    program = (
        "import os, sys, time, kb.file_locks as locks\n"
        "with locks.file_lock(sys.argv[1], timeout=0):\n"
        "    child = os.fork()\n"
        "    if not child: time.sleep(30); os._exit(0)\n"
        "with locks.file_lock(sys.argv[1], timeout=0): print('free')\n"
        "os.kill(child, 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "free\n"


def test_a_removed_file_is_locked_anew(path: str) -> None:
    with file_lock(path, timeout=0):
        Path(path).unlink()
        with file_lock(path, timeout=0):
            assert Path(path).exists()
