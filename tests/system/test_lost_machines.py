"""A machine that is lost in the middle of a transaction on PostgreSQL: others write again after a while."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.api import REPOSITORY
from tests.support.postgres import require_initdb

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="takes a network down"),
]

_ALONE = ["unshare", "--net"]


def _may_have_a_network() -> bool:
    """Whether this user may have a network of its own, and take it down."""
    command = [*_ALONE, "ip", "link", "set", "lo", "up"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def test_what_a_lost_machine_has_locked_is_free_again() -> None:
    """Without a sign from the client, PostgreSQL would wait for two hours."""
    require_initdb()
    if not _may_have_a_network():
        pytest.skip("needs the right to make a network namespace")
    command = [*_ALONE, sys.executable, "-m", "tests.support.lost_client"]
    done = subprocess.run(command, capture_output=True, cwd=REPOSITORY, check=False)
    assert (done.stdout, done.returncode) == (b"11\n", 0), done.stderr
