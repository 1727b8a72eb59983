"""Addresses with a slash too many at their end, which lead to the address without it."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from flask import Response, current_app, make_response, redirect, request
from werkzeug.exceptions import HTTPException, NotFound


def without_trailing_slash(error: Exception) -> Response | None:
    """The redirect from an unknown address to the one without its last slash.

    None for other errors, and if nothing is at that address either. The same method and body are to be sent
    there, which a 301 would leave open.
    """
    path = request.path
    # Two slashes at the beginning would lead to another host.
    if not isinstance(error, NotFound) or not path.endswith("/") or path.startswith("//"):
        return None
    addresses = current_app.create_url_adapter(request)
    assert addresses is not None
    try:
        addresses.match(path[:-1], request.method)
    except HTTPException:
        return None
    query = request.query_string.decode("ascii", "ignore")
    location = f"{request.script_root}{quote(path[:-1])}{'?' if query else ''}{query}"
    return make_response(redirect(location, HTTPStatus.PERMANENT_REDIRECT))
