"""Where to redirect after signing in: only to a page of this site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from werkzeug.routing import MapAdapter

_MAX_LENGTH = 2_000

_MISREAD = re.compile(r"[\x00-\x20\x7f\\]")
"""Characters that browsers drop, or treat as a slash: `/\\host` and `/<tab>/host` lead to other hosts."""


def current_path() -> str:
    """Return the path of the current page with its query."""
    query = request.query_string.decode("ascii", "replace")
    return f"{request.script_root}{quote(request.path)}{'?' if query else ''}{query}"


def return_path() -> str | None:
    """Return the path of the current page, or None if it is too long to be a parameter of another page."""
    path = current_path()
    return path if len(path) <= _MAX_LENGTH else None


def safe_return_path(path: str | None) -> str:
    """Return the path if it opens a page of this site; else that of the front page."""
    return path if path and _is_page(path) else url_for("pages.front_page")


def _is_page(path: str) -> bool:
    if len(path) > _MAX_LENGTH or _MISREAD.search(path) or not path.startswith("/"):
        return False
    try:
        parts = urlsplit(path)
    except ValueError:
        return False
    plain = unquote(parts.path)
    if parts.scheme or parts.netloc or plain.startswith("//") or _MISREAD.search(plain):
        return False
    routes: MapAdapter = current_app.create_url_adapter(request)  # type: ignore[assignment]
    try:
        endpoint, _ = routes.match(plain.removeprefix(request.script_root), method="GET")
    except HTTPException:
        return False
    name = str(endpoint).removeprefix("pages.")
    return name != endpoint and name.endswith("_page") and name != "sign_in_page"
