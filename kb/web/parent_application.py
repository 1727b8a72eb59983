"""The application that the parent of `kb serve` creates and warms up, and that its workers inherit.

A worker is a fork of the parent, so all workers share the memory that the parent has filled by then, until
they write to it (docs/decisions/0075).
"""

from __future__ import annotations

import gc
import logging
import threading
from typing import TYPE_CHECKING

from kb.config import seeds_dir
from kb.models import db
from kb.models.base import close_connections
from kb.process_memory import fill_gaps, fill_heap, limit_heap, release_memory
from kb.search.lexicon import lexicon_files
from kb.services.check import rulesets
from kb.services.incidents.filing import language_model
from kb.services.infrastructure import runtime

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

_REQUESTS = (
    "/api/v1/search?q=placeholder+error",
    "/api/v1/incidents?limit=1",
    "/api/v1/taxonomy",
    "/search?q=placeholder",
    "/check",
    "/",
)
"""The requests used for warming up. They run most of the reading code: Python writes inline caches into code
objects as they run, which would copy their pages in each worker that runs them first."""

_THREAD_SECONDS = 5.0
"""How long to wait for the background threads of a warm-up request."""

WORKER_YOUNG_OBJECTS = 10_000
"""The threshold of the garbage collector's young generation in workers. Checking a long text allocates
several thousand objects, none of which is garbage yet: at the default of 700, the collector traverses them
again and again."""

_inherited: Flask | None = None


def inherited_application() -> Flask | None:
    """Return the application that the parent of this process has warmed up, or None."""
    return _inherited


def read_ahead(app: Flask) -> None:
    """Load the lexicon, the concepts and the guards ahead of the first request: two seconds of CPU time."""
    with app.app_context():
        lexicon_files(seeds_dir(), runtime.settings().data_dir).read_ahead()
        rulesets.read_ahead()


def warm_up(app: Flask) -> None:
    """Warm up the application for processes forked from this one: load its data and run its code.

    It leaves no files open and no threads running: neither would survive the fork.
    """
    global _inherited  # noqa: PLW0603
    limit_heap()
    language_model.reserve()
    gc.freeze()  # without collecting: an import leaves little garbage, and to find it takes 0.2 s
    gc.disable()  # Nearly all objects created now stay.
    try:
        read_ahead(app)
        for path in _REQUESTS:
            _answer(app, path)
    finally:
        gc.set_threshold(WORKER_YOUNG_OBJECTS, *gc.get_threshold()[1:])
        gc.enable()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(_THREAD_SECONDS)
    with app.app_context():
        if (index := runtime.embedded_engine()) is not None:
            index.close()
        close_connections()
    _inherited = app
    _freeze()  # without what the index had open
    release_memory()
    fill_gaps()
    fill_heap()


def _freeze() -> None:
    """Collect garbage, then mark all remaining objects as permanent.

    Otherwise a later garbage collection would write to all of them, and copy their pages.
    """
    gc.collect()
    gc.freeze()


def _answer(app: Flask, path: str) -> None:
    """Answer a request as a worker does, but neither log nor count it."""
    with app.test_request_context(path):
        try:
            app.preprocess_request()
            app.make_response(app.dispatch_request())
        except Exception as error:  # noqa: BLE001 (a client of this page gets the error itself)
            log.info("%s is not warmed up: %s", path, type(error).__name__)
        finally:
            db.session.remove()
