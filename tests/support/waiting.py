"""Waiting for what happens in another thread or process, however slow the machine is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 600.0
"""Seconds after which a test gives up: no machine is that slow, so that something hangs."""


def eventually(condition: Callable[[], bool], failure: Callable[[], object] = lambda: "") -> None:
    """Wait until a condition is true. `failure` describes what is wrong if it never becomes true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"the condition never became true {failure()}"
        time.sleep(0.05)
