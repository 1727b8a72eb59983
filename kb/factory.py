"""The application, wired together. Nothing else knows all the parts."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from flask import Flask, request
from flask_migrate import Migrate
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from kb import api
from kb.config import Settings, seeds_dir
from kb.models import db
from kb.models.base import engine_options
from kb.search.synonyms import SynonymFiles
from kb.search.whoosh_engine import WhooshEngine
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.web.endpoints import require_permissions
from kb.web.hooks import install_hooks

if TYPE_CHECKING:
    from collections.abc import Callable


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. It touches no disk before its first request.

    That request prepares what is missing: any WSGI server may serve the application as it is.
    """
    settings = settings or Settings.from_environment()
    app = Flask("kb", static_folder=None)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.sqlalchemy_url),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        # A failure is a problem+json answer, in tests as well as in production.
        PROPAGATE_EXCEPTIONS=False,
    )
    synonyms = SynonymFiles(seeds_dir() / "synonyms.yaml", settings.synonyms_path)
    runtime.install(app, runtime.Runtime(settings, WhooshEngine(settings.index_dir, synonyms)))
    db.init_app(app)
    Migrate(app, db, directory=str(bootstrap.MIGRATIONS))
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    app.before_request(_prepare_once())
    install_hooks(app)
    api.init_app(app, settings.dashboard_origins)
    require_permissions(app)
    return app


def create_worker_app() -> Flask:
    """The application in a worker process of `kb serve`.

    Ctrl-C on a terminal reaches all processes of the job at once. A worker leaves it to its parent, which
    would otherwise take the workers that end for workers that have died, and replace them.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return create_app()


def _prepare_once() -> Callable[[], None]:
    """Prepare the installation before the first request, once a process: any WSGI server can serve us."""
    done = threading.Event()
    guard = threading.Lock()

    def prepare() -> None:
        if done.is_set() or request.path.endswith("/health/live"):
            return
        with guard:
            if not done.is_set():
                try:
                    bootstrap.prepare_if_needed()
                except SQLAlchemyError:
                    # Whoever asks whether the service is ready is told by that endpoint's own answer.
                    if not request.path.endswith("/health/ready"):
                        raise
                else:
                    done.set()

    return prepare
