"""Content negotiation: JSON, or another format that an endpoint offers."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response

    from kb.api.smorest import Blueprint


def requests_format(query: Mapping[str, Any], name: str, mimetype: str) -> bool:
    """Whether the client asks for this format instead of JSON: by `?format=`, else by the Accept header."""
    if query.get("format") is not None:
        return bool(query["format"] == name)
    return request.accept_mimetypes.best_match(["application/json", mimetype]) == mimetype


def alternative_format(
    blueprint: Blueprint, name: str, mimetype: str, render: Callable[[Any], Response]
) -> Callable[[Any], Any]:
    """Let a view that takes a query and returns JSON offer another format too.

    `render` makes the response from the body that the view returns. The view's headers are kept.
    """

    def decorator(view: Any) -> Any:
        @wraps(view)
        def wrapped(query: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
            result = view(query, *args, **kwargs)
            if not requests_format(query, name, mimetype):
                return result
            body, *status_and_headers = result if isinstance(result, tuple) else (result, 200)
            return (render(body), *status_and_headers)

        return blueprint.alt_response(
            200, schema={"type": "string"}, content_type=mimetype, description="OK", success=True
        )(wrapped)

    return decorator
