"""Content negotiation: JSON, or another format that an endpoint offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from collections.abc import Mapping


def requests_format(query: Mapping[str, Any], name: str, mimetype: str) -> bool:
    """Whether the client asks for this format instead of JSON: by `?format=`, else by the Accept header."""
    if query.get("format") is not None:
        return bool(query["format"] == name)
    return request.accept_mimetypes.best_match(["application/json", mimetype]) == mimetype
