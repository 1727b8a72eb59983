"""Errors as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Response, request

from kb.domain.language import INTERFACE_LANGUAGES
from kb.errors import Moved
from kb.schemas.links import incident_url
from kb.translation import translated
from kb.web.error_map import problem_of
from kb.web.languages import message_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kb.errors import FieldError

PROBLEM_TYPE = "application/problem+json"

LANGUAGE_HEADER = {
    "Content-Language": {
        "schema": {"type": "string", "enum": [*INTERFACE_LANGUAGES]},
        "description": "Language of the messages: what `Accept-Language` prefers, else `en`.",
    }
}

_MAX_ERRORS = 50
"""Maximum number of field errors in one response."""

_MAX_ERROR_BYTES = 16_000
"""Maximum size of the field errors in one response, in bytes."""


def problem_response(error: Exception) -> Response:
    """Return an error as a problem+json response, in the language of the request.

    A merged incident adds its new location.
    """
    problem, language = problem_of(error), message_language()
    body: dict[str, Any] = {
        "type": f"urn:brand-postmortems:problem:{problem.title.lower().replace(' ', '-')}",
        "title": translated(problem.title, language),
        "status": problem.status,
        "detail": translated(problem.detail, language),
    }
    if entries := [*error_entries(problem.errors, language)]:
        body["errors"] = entries
    # Pointers repeat names that the client sent, so escape what cannot be encoded.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    headers = {**problem.headers, "Content-Language": language}
    response = Response(text, problem.status, headers, mimetype=PROBLEM_TYPE)
    if isinstance(error, Moved):
        response.headers["Location"] = _with_query(incident_url(error.incident_id))
    return response


def _with_query(url: str) -> str:
    """Append the query string of the current request to a URL."""
    query = request.query_string.decode("ascii", "ignore")
    return f"{url}?{query}" if query else url


def error_entries(errors: Iterable[FieldError], language: str) -> Iterator[dict[str, str]]:
    """The first field errors, as many as fit into a response."""
    free = _MAX_ERROR_BYTES
    for field in islice(errors, _MAX_ERRORS):
        entry = _entry(field, language)
        free -= sum(len(text.encode("utf-8", "backslashreplace")) for text in entry.values())
        if free < 0:
            return
        yield entry


def _entry(field: FieldError, language: str) -> dict[str, str]:
    """A field error as JSON, with a `pointer` into the body or the name of a `parameter` or header."""
    location = "pointer" if field.pointer == "" or field.pointer.startswith("/") else "parameter"
    return {location: field.pointer, "detail": translated(field.detail, language)}
