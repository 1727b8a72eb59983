"""A worker process of `kb serve`."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from kb.config import Settings
from kb.derived_files import keep_in
from kb.factory import create_app
from kb.process_memory import limit_heap, release_memory
from kb.server.application import ThreadedApplication
from kb.server.bodies import BodyReader
from kb.server.large_bodies import LargeBodies
from kb.services.accounts.authentication import anonymous
from kb.services.core.system_actors import OPERATOR
from kb.services.incidents.filing import language_model
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.services.search.other_machines import follow_in_background
from kb.services.search.read_ahead import read_index_ahead
from kb.web.logs import configure_logging
from kb.web.parent_application import WORKER_YOUNG_OBJECTS, inherited_application, read_ahead
from kb.web.worker_loads import worker_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

THREADS = 32
"""Threads, and so concurrent requests, per worker. A request occupies one from arrival to response."""

_READ_AHEAD_DELAY = 3.0
"""Seconds from the start of a worker until it preloads lexicon and guards, unless a request has done so. If
its parent has preloaded these, a worker preloads the language model then."""

_SWITCH_SECONDS = 0.0005
"""The interpreter's switch interval. A writing transaction lets other threads run at each statement; at the
default of 5 ms, a few of them prolong its write lock to a tenth of a second."""

_RELEASE_SECONDS = 5.0
"""How often a worker returns freed memory to the system, in seconds. It takes a few ms; under load, several
megabytes are freed between two times."""

_ORPHAN_CHECK_SECONDS = 0.25

_ORPHAN_GRACE_SECONDS = 0.75
"""How long a worker whose parent was killed may finish its requests."""


def create_worker() -> ThreadedApplication:
    """Create the application in a worker process of `kb serve`.

    Ctrl-C in a terminal reaches parent and workers at once. Workers block the signal, because otherwise the
    parent would mistake exiting workers for crashed ones and replace them.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    configure_logging()
    limit_heap()
    sys.setswitchinterval(_SWITCH_SECONDS)
    _end_with_parent()
    settings = Settings.from_environment()
    app = inherited_application()
    if app is None:
        keep_in(settings.derived_dir)
        app = create_app(settings, prepare=bootstrap.require_prepared)
        _read_ahead(app)
    else:
        _read_language_model_ahead()
    _release_memory_regularly()
    follow_in_background(app)
    bodies = BodyReader(max_bytes=settings.max_body_bytes, seconds=settings.body_seconds)
    large = LargeBodies(
        min_bytes=settings.max_body_bytes,
        max_bytes=max(settings.max_collection_bytes, settings.max_import_bytes),
        seconds=settings.body_seconds,
    )
    return ThreadedApplication(app, bodies, large, worker_load(), threads=THREADS, proxies=settings.proxies)


def _read_ahead(app: Flask) -> None:
    """Preload lexicon, guards and index after a delay, so that the first responses do not wait for it."""

    def read() -> None:
        read_ahead(app)
        # The preloaded objects are permanent, so exclude them from garbage collections.
        gc.collect()
        gc.freeze()
        gc.set_threshold(WORKER_YOUNG_OBJECTS, *gc.get_threshold()[1:])
        # Only now: the collector must be able to free a snapshot of the index once it is replaced.
        with app.app_context():
            # The view of most callers: anonymous ones, or members if only they may read.
            read_index_ahead(anonymous() if runtime.settings().anonymous == "read" else OPERATOR)

    _start_later(read)


def _read_language_model_ahead() -> None:
    """Preload the language model, which workers of one parent share, after a delay."""

    def read() -> None:
        language_model.read_ahead()
        release_memory()

    _start_later(read)


def _start_later(read: Callable[[], None]) -> None:
    reader = threading.Timer(_READ_AHEAD_DELAY, read)
    reader.daemon = True
    reader.start()


def _release_memory_regularly() -> None:
    """Regularly return freed memory to the system, because glibc keeps the gaps between objects in use."""

    def release() -> None:
        while True:
            time.sleep(_RELEASE_SECONDS)
            release_memory()

    threading.Thread(target=release, name="memory-release", daemon=True).start()


def _end_with_parent() -> None:
    """End this process soon after its parent was killed, because nothing would stop or replace it."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == parent.pid:
            time.sleep(_ORPHAN_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_ORPHAN_GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="orphan-watch", daemon=True).start()
