"""The request log, and the id that identifies a request in it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from kb.web.metrics import observe_request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ENDPOINT = "kb.endpoint"
"""The WSGI environment key for the name of the view that handles a request."""

REQUEST_ID = "kb.request_id"
"""The WSGI environment key of the request id."""

FAILURE = "kb.failure"
"""The WSGI environment key of the one-line reason why a request failed."""

LOGGED = "kb.logged"
"""The WSGI environment key set once the line of a request is logged, while its answer is still being sent."""

_current_id: ContextVar[str | None] = ContextVar("request_id", default=None)

log = logging.getLogger(__name__)

_HEADER = "X-Request-Id"

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:=/+-]{1,128}")
"""Ids of proxies and clients that are accepted: UUIDs, trace ids, base64."""

_PLAIN_SEGMENT = re.compile(r"(?!kb_)[A-Za-z0-9._-]{1,80}")
"""What a segment of an API path looks like, unless it is an email address."""

_SECRET_LIKE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_]{20,}|[A-Za-z0-9_]{40,}")
"""Segments that may be a key: long, and without the hyphens and dots that separate words."""

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})

_MAX_SEGMENTS = 12


class RequestLog:
    """WSGI middleware that gives every request an id, counts it, and logs it in one line.

    Unless `enabled`, it logs only those that failed.
    """

    def __init__(self, app: WSGIApplication, *, enabled: bool) -> None:
        self._app, self._enabled = app, enabled

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = environ[REQUEST_ID] = _request_id(environ.get("HTTP_X_REQUEST_ID"))
        _current_id.set(request_id)
        status = 500  # of a request that fails outside the application

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, (_HEADER, request_id)], *error)

        try:
            return self._app(environ, start)
        finally:
            seconds = time.perf_counter() - started
            method = loggable_method(environ["REQUEST_METHOD"])
            observe_request(environ.get(ENDPOINT, "none"), method, status, seconds)
            failure = environ.get(FAILURE)
            level = logging.INFO if failure is None else logging.ERROR if status == 500 else logging.WARNING
            if (self._enabled or failure is not None) and log.isEnabledFor(level):
                fields = {
                    "method": method,
                    "path": loggable_path(environ["PATH_INFO"]),
                    "status": status,
                    "ms": round(seconds * 1_000, 2),
                    "request_id": request_id,
                    **({} if failure is None else {"error": failure}),
                }
                log.log(level, "request", extra={"fields": fields})
            environ[LOGGED] = True


def current_request_id() -> str | None:
    """Return the id of the request that this thread answers, or answered last; None before the first."""
    return _current_id.get()


def loggable_method(method: str) -> str:
    """Return a standard HTTP method as is, and `*` for any other word that a client sent."""
    return method if method in _METHODS else "*"


def loggable_path(path: str) -> str:
    """Return a path without private parts and without its query string, which holds what was searched for.

    Segments that are not plain words or numbers, or that may be keys, are shown as `*`.
    """
    segments = path.split("/")
    shown = [segment if _is_loggable(segment) else "*" for segment in segments[:_MAX_SEGMENTS]]
    return "/".join(shown) + ("/..." if len(segments) > _MAX_SEGMENTS else "")


def _is_loggable(segment: str) -> bool:
    return not segment or (
        _PLAIN_SEGMENT.fullmatch(segment) is not None and _SECRET_LIKE.fullmatch(segment) is None
    )


def _request_id(received: str | None) -> str:
    """Return the id that a proxy or client sent, if it is acceptable, else a new one."""
    if received is not None and _ACCEPTED_ID.fullmatch(received):
        return received
    return secrets.token_hex(8)
