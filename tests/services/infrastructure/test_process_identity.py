"""Which process did something, and whether it still lives."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kb.services.infrastructure.process_identity import LENGTH, has_ended, process_identity

_SAY = """
from kb.services.infrastructure.process_identity import process_identity
print(process_identity(), flush=True)
input()
"""


def test_this_process_has_not_ended() -> None:
    assert len(process_identity()) == LENGTH
    assert not has_ended(process_identity())


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_a_process_has_ended_when_it_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        identity = other.stdout.readline().strip()
        assert identity != process_identity()
        assert not has_ended(identity)
        other.kill()
        other.wait()
        assert has_ended(identity)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_a_number_that_another_process_has_now_is_not_the_same_process() -> None:
    identity = process_identity()
    assert has_ended(f"{identity[:-8]}{int(identity[-8:], 16) ^ 1:08x}")


@pytest.mark.parametrize("unknown", ["0" * LENGTH, "", "f" * 32])
def test_what_another_machine_says_is_not_known_to_have_ended(unknown: str) -> None:
    assert not has_ended(unknown)
