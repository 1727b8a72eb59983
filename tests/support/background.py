"""The threads of `kb` in the process of the tests."""

from __future__ import annotations

import threading

from tests.support.waiting import PATIENCE

_NAMES = ("import-", "merge-index", "repair-index", "store-spool")
"""What the names of threads begin with that may outlive the request which started them."""


def wait_for_background_threads() -> None:
    """Wait until none works in this process; one of them may start another one."""
    while running := [each for each in threading.enumerate() if each.name.startswith(_NAMES)]:
        running[0].join(PATIENCE)
        assert not running[0].is_alive(), running[0].name
