"""The application factory, the only module that imports every part."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from kb import api, pages
from kb.api.problems import problem_response
from kb.config import Settings, seeds_dir
from kb.models import db
from kb.models.base import engine_options, replica_binds
from kb.search.concept_files import concept_files
from kb.search.lexicon import lexicon_files
from kb.search.whoosh_engine import WhooshEngine
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.web.body_limits import BoundedRequest
from kb.web.endpoints import check_endpoints
from kb.web.hooks import install_hooks
from kb.web.request_log import RequestLog
from kb.web.url_rules import LazyRule, without_trailing_slash

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response


class _Application(Flask):
    """A Flask application whose views and hooks are plain functions."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook as it is. Flask looks 20 times in each request whether one is a coroutine
        function, a tenth of the time of the simplest request."""
        return func


def create_app(
    settings: Settings | None = None, *, prepare: Callable[[], None] = bootstrap.prepare_if_needed
) -> Flask:
    """Create the application. It does not touch the disk before its first request.

    That request calls `prepare`, which creates whatever is missing, so that any WSGI server can serve the
    application as is.
    """
    settings = settings or Settings.from_environment()
    app = _Application("kb", static_folder=None)
    app.url_rule_class = LazyRule
    app.request_class = BoundedRequest
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.sqlalchemy_url),
        SQLALCHEMY_BINDS=replica_binds(settings.sqlalchemy_read_url),
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        # An error is a problem+json response, in tests as in production.
        PROPAGATE_EXCEPTIONS=False,
    )
    lexicon = lexicon_files(seeds_dir(), settings.data_dir)
    concepts = concept_files(seeds_dir() / "lexicon.yaml", settings.data_dir / "lexicon.yaml")
    runtime.install(app, runtime.Runtime(settings, WhooshEngine(settings.index_dir, lexicon), concepts))
    db.init_app(app)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.wsgi_app = RequestLog(app.wsgi_app, enabled=settings.access_log == "on")  # type: ignore[method-assign]
    app.before_request(_once(prepare))
    install_hooks(app)
    api.init_app(app, settings.dashboard_origins)
    pages.init_app(app)
    # Both, since flask-smorest has registered a handler of its own for HTTPException.
    for kind in (Exception, HTTPException):
        app.register_error_handler(kind, _error_response)
    check_endpoints(app)
    return app


def _error_response(error: Exception) -> Response:
    """Render an error as a page for people, or as problem+json for programs."""
    if (redirect := without_trailing_slash(error)) is not None:
        return redirect
    return pages.error_page(error) if pages.is_for_people() else problem_response(error)


def _once(prepare: Callable[[], None]) -> Callable[[], None]:
    """Return a hook that prepares the installation before the first request of a process."""
    done = threading.Event()
    lock = threading.Lock()

    def hook() -> None:
        if done.is_set() or request.path.endswith("/health/live"):
            return
        with lock:
            if not done.is_set():
                try:
                    prepare()
                except SQLAlchemyError:
                    # The readiness endpoint reports this error itself.
                    if not request.path.endswith("/health/ready"):
                        raise
                else:
                    done.set()

    return hook
