"""URL rules that are quick to register, and URLs with an extra trailing slash."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Response, current_app, make_response, redirect, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    Builder = Callable[..., tuple[str, str]]


class LazyRule(Rule):
    """A URL rule that compiles its URL builders only on first use.

    Werkzeug compiles them for every rule at startup, which took nine tenths of the time of `create_app`.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        compiled = cache(super()._compile_builder)

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            return compiled(append_unknown)(rule, **values)

        return build


def without_trailing_slash(error: Exception) -> Response | None:
    """Return a redirect from an unknown URL to the one without its trailing slash.

    None for other errors, and if that URL does not exist either. The redirect keeps the method and body,
    which a 301 would not guarantee.
    """
    path = request.path
    # Two leading slashes would redirect to another host.
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
