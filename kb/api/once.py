"""Requests that happen once, however often they are sent."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from kb.api.requests import current_actor, fingerprint
from kb.schemas.query import IdempotencySchema
from kb.services.core import idempotency

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.api.spec import Blueprint


def once(blueprint: Blueprint, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let a view, which returns what its service did, take an Idempotency-Key.

    `answer` makes the body, the status and the headers of that, or of what was kept of it: the service passes
    its answer through `idempotency.keep`. Without a key, or without a token, the view is simply called.
    """

    def decorator(view: Any) -> Any:
        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            *given, headers = args
            actor, key = current_actor(), headers["key"]
            if key is None or actor.token_id is None:
                return answer(view(*given, **kwargs))
            claim = idempotency.claim(actor, key, fingerprint())
            if isinstance(claim, dict):
                return _again(answer(claim))
            with idempotency.working_on(claim):
                return answer(view(*given, **kwargs))

        return blueprint.arguments(IdempotencySchema, location="headers")(wrapped)

    return decorator


def _again(answered: tuple[Any, int, Mapping[str, str]]) -> tuple[Any, int, dict[str, str]]:
    body, status, headers = answered
    return body, status, {**headers, "Idempotent-Replayed": "true"}
