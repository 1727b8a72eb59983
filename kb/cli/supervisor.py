"""The parent process of `kb serve`, which replaces workers that end."""

from __future__ import annotations

import multiprocessing
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from granian.server.mp import MPServer

from kb.web.worker_loads import WorkerLoads, set_worker_load

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE = 0.2
"""Seconds before a worker is replaced, so that one that cannot start does not keep a processor busy."""


class Supervisor(MPServer):
    """A server that replaces its workers however often they exit, and that lets them share their loads.

    By default, Granian itself exits when a worker exits twice within seconds, such as one that is killed when
    memory runs out.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Only forked processes share it.
        is_forking = multiprocessing.get_start_method() == "fork"
        self._loads = WorkerLoads(self.workers) if is_forking else None

    def _spawn_worker(
        self, idx: int, target: Any, callback_loader: Any, *arguments: Any, **options: Any
    ) -> Any:
        if self._loads is not None:
            callback_loader = partial(_load_as, idx, self._loads, callback_loader)
        return super()._spawn_worker(idx, target, callback_loader, *arguments, **options)

    def _respawn_workers(self, *arguments: Any, **options: Any) -> None:
        time.sleep(_PAUSE)
        super()._respawn_workers(*arguments, **options)
        self.respawned_wrks.clear()
        if self.interrupt_children:  # it exited while others were replaced
            self.main_loop_interrupt.set()


def _load_as(worker: int, loads: WorkerLoads, load: Callable[[], Any]) -> Any:
    """Load the application in a worker process."""
    set_worker_load(loads.of(worker))
    return load()
