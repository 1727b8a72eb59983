"""Content negotiation: JSON, or the alternative format of an endpoint.

Each format has its own path, `/incidents` and `/incidents.csv`, so that generated clients know what they get
(docs/decisions/0029). The path of the JSON gives the other format, too, for `?format=` or the Accept header.
"""

from __future__ import annotations

from copy import deepcopy
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Response


class AlternativeFormat(NamedTuple):
    """A format besides JSON: its key in `?format=`, its name, its media type, and the suffix of its path."""

    key: str
    name: str
    mimetype: str
    extension: str


CSV = AlternativeFormat("csv", "CSV", "text/csv", ".csv")
ATOM = AlternativeFormat("atom", "Atom", "application/atom+xml", ".atom")
ICALENDAR = AlternativeFormat("ics", "iCalendar", "text/calendar", ".ics")
YAML = AlternativeFormat("yaml", "YAML", "application/yaml", ".yaml")
MARKDOWN = AlternativeFormat("markdown", "Markdown", "text/markdown", ".md")


def requests_format(query: Mapping[str, Any], requested: AlternativeFormat) -> bool:
    """Whether the client requests this format instead of JSON, by path, `?format=`, or the Accept header."""
    if request.endpoint is not None and request.endpoint.endswith(f"_{requested.key}"):
        return True
    if query.get("format") is not None:
        return bool(query["format"] == requested.key)
    return request.accept_mimetypes.best_match(["application/json", requested.mimetype]) == requested.mimetype


def offers(offered: AlternativeFormat) -> Callable[[Any], Any]:
    """Mark a view that produces this format by itself: it gets a second path (`Blueprint.route`)."""

    def decorator(view: Any) -> Any:
        view.alternative = offered
        return view

    return decorator


def alternative_format(offered: AlternativeFormat, render: Callable[[Any], Response]) -> Callable[[Any], Any]:
    """Let a view that takes a query and returns JSON offer another format as well.

    `render` builds the response from the body that the view returns. The view's headers are kept.
    """

    def decorator(view: Any) -> Any:
        @wraps(view)
        def wrapped(query: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
            result = view(query, *args, **kwargs)
            if not requests_format(query, offered):
                return result
            body, *status_and_headers = result if isinstance(result, tuple) else (result, 200)
            return (render(body), *status_and_headers)

        return offers(offered)(wrapped)

    return decorator


def alternative_view(view: Any) -> Any:
    """Return the view under the name of its alternative format, documented with that format only."""
    offered: AlternativeFormat = view.alternative

    @wraps(view)
    def alternative(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    alternative.__name__ = f"{view.__name__}_{offered.key}"
    summary, _, rest = view.__doc__.partition(".")
    alternative.__doc__ = f"{summary}, as {offered.name}.{rest}"
    documentation = deepcopy(view._apidoc)  # noqa: SLF001 (where flask-smorest keeps it)
    for response in documentation["response"]["responses"][200]:
        response.update(schema={"type": "string"}, content_type=offered.mimetype)
    alternative._apidoc = documentation  # type: ignore[attr-defined]  # noqa: SLF001
    return alternative
