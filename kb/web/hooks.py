"""Hooks that run before and after every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from kb.services.infrastructure.client_address import set_address
from kb.services.search import index_status
from kb.web.compression import install_compression
from kb.web.metrics import refresh_state
from kb.web.request_log import ENDPOINT

if TYPE_CHECKING:
    from flask import Flask, Response


def install_hooks(app: Flask) -> None:
    """Record the client's address before each request. Complete each response, then compress it.

    Flask runs response hooks in reverse order: the one installed first runs last.
    """
    install_compression(app)
    app.before_request(lambda: set_address(request.remote_addr))
    app.before_request(index_status.reset)
    app.before_request(_name_endpoint)
    app.after_request(_refresh_state)
    app.after_request(_add_security_headers)
    app.after_request(_add_index_status)
    app.after_request(_add_retry_after)


def _name_endpoint() -> None:
    """Tell the middleware which view answers."""
    request.environ[ENDPOINT] = (request.endpoint or "none").rpartition(".")[2]


def _refresh_state(response: Response) -> Response:
    refresh_state()
    return response


_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def _add_security_headers(response: Response) -> Response:
    """Add default security headers. A view that needs another value sets the header itself."""
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


_RETRY_SECONDS = "2"
"""The Retry-After of temporary failures that state no time."""


def _add_retry_after(response: Response) -> Response:
    """Add Retry-After to every response that asks the client to try again later."""
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", _RETRY_SECONDS)
    return response


def _add_index_status(response: Response) -> Response:
    """Tell in Index-Status whether an answer from the index lacks changes; a write has set its own header."""
    if (status := index_status.index_status()) is not None and response.status_code < 400:
        response.headers.setdefault("Index-Status", status)
    return response
