"""Waiting for what happens in another thread or process, however slow the machine is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

PATIENCE = 600.0
"""Seconds after which a test gives up: no machine is that slow, so that something hangs."""


def eventually(condition: Callable[[], bool], failure: Callable[[], object] = lambda: "") -> None:
    """Wait until a condition is true. `failure` describes what is wrong if it never becomes true."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"the condition never became true {failure()}"
        time.sleep(0.05)


_LAST_MINUTES = timedelta(minutes=2)


def day_with_time_left() -> date:
    """The day it is in UTC; in its last two minutes, wait for the next one.

    A test that compares dates with today must not begin on one day and end on another.
    """
    now = datetime.now(UTC)
    if (now + _LAST_MINUTES).date() == now.date():
        return now.date()
    eventually(lambda: datetime.now(UTC).date() != now.date())
    return datetime.now(UTC).date()
