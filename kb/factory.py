"""The application factory, the only place that knows all parts."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_migrate import Migrate
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from kb import api, pages
from kb.api.problems import problem_response
from kb.config import Settings, seeds_dir
from kb.models import db
from kb.models.base import engine_options
from kb.search.concept_files import ConceptFiles
from kb.search.lexicon import LexiconFiles
from kb.search.memory import limit_heap
from kb.search.whoosh_engine import WhooshEngine
from kb.services.check import rulesets
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.web.endpoints import check_endpoints
from kb.web.hooks import install_hooks
from kb.web.json_logs import configure_logging
from kb.web.request_log import RequestLog
from kb.web.url_rules import LazyRule

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response


def create_app(settings: Settings | None = None) -> Flask:
    """Create the application. It does not touch the disk before its first request.

    That request creates whatever is missing, so that any WSGI server can serve the application as is.
    """
    settings = settings or Settings.from_environment()
    app = Flask("kb", static_folder=None)
    app.url_rule_class = LazyRule
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.sqlalchemy_url),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        # An error is a problem+json response, in tests as in production.
        PROPAGATE_EXCEPTIONS=False,
    )
    lexicon = LexiconFiles(seeds_dir(), settings.data_dir)
    concepts = ConceptFiles(seeds_dir() / "lexicon.yaml", settings.data_dir / "lexicon.yaml")
    runtime.install(app, runtime.Runtime(settings, WhooshEngine(settings.index_dir, lexicon), concepts))
    db.init_app(app)
    Migrate(app, db, directory=str(bootstrap.MIGRATIONS))
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.wsgi_app = RequestLog(app.wsgi_app, enabled=settings.access_log == "on")  # type: ignore[method-assign]
    app.before_request(_prepare_once())
    install_hooks(app)
    api.init_app(app, settings.dashboard_origins)
    pages.init_app(app)
    for kind in (Exception, HTTPException):
        app.register_error_handler(kind, _error_response)
    check_endpoints(app)
    return app


def _error_response(error: Exception) -> Response:
    """An error as a page for people, and as problem+json for programs."""
    return pages.error_page(error) if pages.is_for_people() else problem_response(error)


_READ_AHEAD_DELAY = 3.0
"""Seconds after the start of a worker that it reads lexicon and guards, unless a request has done so."""


_SWITCH_SECONDS = 0.0005
"""How long a thread computes before another one may. Each statement of a writing transaction lets others in:
at the default of 5 ms a few of them hold the write lock for a tenth of a second."""


def create_worker_app() -> Flask:
    """Create the application in a worker process of `kb serve`.

    Ctrl-C in a terminal reaches parent and workers at once. Workers block the signal: the parent would take
    exiting workers for crashed ones and replace them.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    configure_logging()
    limit_heap()
    sys.setswitchinterval(_SWITCH_SECONDS)
    app = create_app()

    def read_ahead() -> None:
        with app.app_context():
            LexiconFiles(seeds_dir(), runtime.settings().data_dir).read_ahead()
            rulesets.read_ahead()
        # What has been read stays: collections need not look at it again and again.
        gc.collect()
        gc.freeze()

    # Not at once: the first answers do not wait for it.
    reader = threading.Timer(_READ_AHEAD_DELAY, read_ahead)
    reader.daemon = True
    reader.start()
    return app


def _prepare_once() -> Callable[[], None]:
    """Return a hook that prepares the installation before the first request of a process."""
    done = threading.Event()
    lock = threading.Lock()

    def prepare() -> None:
        if done.is_set() or request.path.endswith("/health/live"):
            return
        with lock:
            if not done.is_set():
                try:
                    bootstrap.prepare_if_needed()
                except SQLAlchemyError:
                    # The readiness endpoint reports this error itself.
                    if not request.path.endswith("/health/ready"):
                        raise
                else:
                    done.set()

    return prepare
