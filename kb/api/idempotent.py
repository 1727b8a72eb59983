"""Idempotent POST requests: a repeated request with the same key gets the response of the first."""

from __future__ import annotations

import hashlib
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import request

from kb.schemas.headers import IdempotencySchema
from kb.services.core import idempotency
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.api.smorest import Blueprint


def idempotent(
    blueprint: Blueprint,
    respond: Callable[[Any], Any],
    restore: Callable[[Any], Any] = lambda answer: answer,
    *,
    unless: Callable[..., bool] = lambda *_: False,
) -> Callable[[Any], Any]:
    """Let a view accept an Idempotency-Key. The view returns the result of its service.

    `respond` turns that result into body, status and headers. For a repeated request, it gets the result that
    the service stored with `idempotency.store_answer`, without anything that the caller may no longer see;
    `restore` recomputes what depends on that. Without a key or a token, the view is simply called. The same
    applies to arguments for which `unless` is true, because they change nothing.
    """

    def decorator(view: Any) -> Any:
        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            # `blueprint.arguments(IdempotencySchema)` below is the innermost, so that headers come last.
            *arguments, headers = args
            actor, key = current_actor(), headers["key"]
            if key is None or actor.token_id is None or unless(*arguments):
                return respond(view(*arguments, **kwargs))
            claim = idempotency.claim(actor, key, _fingerprint())
            if isinstance(claim, dict):
                return _replayed(respond(restore(claim)))
            with idempotency.performing(claim):
                return respond(view(*arguments, **kwargs))

        return blueprint.arguments(IdempotencySchema, location="headers")(wrapped)

    return decorator


def _fingerprint() -> str:
    """A digest of method, path, query, `If-Match` and body, which tells whether two requests are the same."""
    if_match = request.headers.get("If-Match", "").encode()
    query = [b"?" + request.query_string] if request.query_string else []
    parts = (request.method.encode(), request.path.encode(), *query, if_match, request.get_data())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _replayed(response: tuple[Any, int, Mapping[str, str]]) -> tuple[Any, int, dict[str, str]]:
    body, status, headers = response
    return body, status, {**headers, "Idempotent-Replayed": "true"}
