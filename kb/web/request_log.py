"""The request log, and the id by which a request is found in it."""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = "kb.request_id"
"""The key of the id in the WSGI environment."""

log = logging.getLogger(__name__)

_HEADER = "X-Request-Id"

_ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:=/+-]{1,128}")
"""Ids of proxies and clients that are adopted: UUIDs, trace ids, base64."""

_PLAIN_SEGMENT = re.compile(r"(?!kb_)[A-Za-z0-9._-]{1,80}")
"""What paths of the API consist of, except for email addresses."""

_MAX_SEGMENTS = 12


class RequestLog:
    """WSGI middleware that gives every request an id, and logs it in one line unless `enabled` is false."""

    def __init__(self, app: WSGIApplication, *, enabled: bool) -> None:
        self._app, self._enabled = app, enabled

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = environ[REQUEST_ID] = _request_id(environ.get("HTTP_X_REQUEST_ID"))
        status = 500  # of a request that fails outside the application

        def start(line: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            return start_response(line, [*headers, (_HEADER, request_id)], *error)

        try:
            return self._app(environ, start)
        finally:
            if self._enabled and log.isEnabledFor(logging.INFO):
                fields = {
                    "method": environ["REQUEST_METHOD"],
                    "path": loggable_path(environ["PATH_INFO"]),
                    "status": status,
                    "ms": round((time.perf_counter() - started) * 1_000, 2),
                    "request_id": request_id,
                }
                log.info("request", extra={"fields": fields})


def loggable_path(path: str) -> str:
    """A path without what may be private: a segment that is not a plain word or number is shown as `*`.

    The query string, which holds what somebody searches for, is no part of it.
    """
    segments = path.split("/")
    shown = [
        segment if not segment or _PLAIN_SEGMENT.fullmatch(segment) else "*"
        for segment in segments[:_MAX_SEGMENTS]
    ]
    return "/".join(shown) + ("/..." if len(segments) > _MAX_SEGMENTS else "")


def _request_id(received: str | None) -> str:
    """The id that a proxy or client sent, if it is a reasonable one, else a new one."""
    if received is not None and _ACCEPTED_ID.fullmatch(received):
        return received
    return secrets.token_hex(8)
