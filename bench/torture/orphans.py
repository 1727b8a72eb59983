"""The server is killed, and started again at once."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.torture.service import Finding, wait_until_gone

if TYPE_CHECKING:
    from bench.torture.service import Trial

_ROUNDS = 3
_GONE_SECONDS = 2.0
_BACK_SECONDS = 5.0


def run(trial: Trial) -> list[Finding]:
    """Workers end within two seconds of their parent, and a restart serves within five."""
    gone, back = [], []
    for _ in range(_ROUNDS):
        orphans = trial.service.kill_parent()
        gone.append(wait_until_gone(orphans, 30))
        started = time.monotonic()
        trial.service.start()
        back.append(time.monotonic() - started)
    return [
        Finding(
            "2",
            f"kill -9 of the parent, {_ROUNDS} times",
            f"workers end after {max(gone):.1f} s at most",
            max(gone) <= _GONE_SECONDS,
        ),
        Finding("2", "then: start", f"ready after {max(back):.1f} s at most", max(back) <= _BACK_SECONDS),
    ]
