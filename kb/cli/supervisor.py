"""The parent process of `kb serve`, which replaces workers that end."""

from __future__ import annotations

import time
from typing import Any

from granian.server.mp import MPServer

_PAUSE = 0.2
"""Seconds before a worker is replaced, so that one that cannot start does not keep a processor busy."""


class Supervisor(MPServer):
    """A server that replaces its workers however often they exit.

    By default, Granian itself exits when a worker exits twice within seconds, such as one that is killed when
    memory runs out.
    """

    def _respawn_workers(self, *arguments: Any, **options: Any) -> None:
        time.sleep(_PAUSE)
        super()._respawn_workers(*arguments, **options)
        self.respawned_wrks.clear()
        if self.interrupt_children:  # it exited while others were replaced
            self.main_loop_interrupt.set()
