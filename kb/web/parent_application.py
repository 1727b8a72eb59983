"""The application that the parent of `kb serve` makes and warms up, and that its workers inherit.

A worker is a fork of the parent: what the parent has in memory by then is there once for all of them, as long
as nobody writes to it (docs/decisions/0075).
"""

from __future__ import annotations

import gc
import logging
import threading
from typing import TYPE_CHECKING

from kb.config import seeds_dir
from kb.models import db
from kb.models.base import close_connections
from kb.search.lexicon import lexicon_files
from kb.search.memory import fill_gaps, limit_heap, release_memory
from kb.services.check import rulesets
from kb.services.incidents import language_model
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
"""What the application answers to itself. They run most of the code that reads: Python makes notes in code
that runs, and so copies its pages in each worker that runs it first."""

_THREAD_SECONDS = 5.0
"""How long to wait for what such a request does in the background."""

_YOUNG_OBJECTS = 50_000
"""After how many new objects to look for garbage among these, while the application is warmed up."""

_NEVER = 1_000_000
"""A threshold that is not reached: what is no longer young is not looked through again."""

_inherited: Flask | None = None


def inherited_application() -> Flask | None:
    """The application that the parent of this process has warmed up; None if there is none."""
    return _inherited


def read_ahead(app: Flask) -> None:
    """Read what searches know of words, the concepts and the guards: two seconds of work for a process."""
    with app.app_context():
        lexicon_files(seeds_dir(), runtime.settings().data_dir).read_ahead()
        rulesets.read_ahead()


def warm_up(app: Flask) -> None:
    """Let processes that are forked from this one inherit an application that has read and run everything.

    Nothing is left open, and no thread runs: neither would survive the fork.
    """
    global _inherited  # noqa: PLW0603
    limit_heap()
    language_model.reserve()
    thresholds = gc.get_threshold()
    gc.unfreeze()  # with what the import left
    _freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _NEVER)  # Nearly all of what is made now stays.
    try:
        read_ahead(app)
        _freeze()
        for path in _REQUESTS:
            _answer(app, path)
    finally:
        gc.set_threshold(*thresholds)
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


def _freeze() -> None:
    """Take what there is for permanent, without the garbage in it.

    A later collection of garbage would write to all of it, and copy its pages.
    """
    gc.collect()
    gc.freeze()


def _answer(app: Flask, path: str) -> None:
    """Answer a request as a worker does, but neither log nor count it."""
    with app.test_request_context(path):
        try:
            app.preprocess_request()
            app.make_response(app.dispatch_request())
        except Exception as error:  # noqa: BLE001 (whoever asks for this will be told)
            log.info("%s is not warmed up: %s", path, type(error).__name__)
        finally:
            db.session.remove()
