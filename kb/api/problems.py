"""Errors as answers: the one map from our errors to HTTP statuses, in the form of RFC 9457."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

from flask import Response, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from kb import errors
from kb.models import db
from kb.services.infrastructure.storage_errors import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Flask

PROBLEM_TYPE = "application/problem+json"

STATUSES: dict[type[errors.KBError], HTTPStatus] = {
    errors.Moved: HTTPStatus(308),
    errors.MalformedInput: HTTPStatus(400),
    errors.NotAuthenticated: HTTPStatus(401),
    errors.Forbidden: HTTPStatus(403),
    errors.NotFound: HTTPStatus(404),
    errors.Conflict: HTTPStatus(409),
    errors.StaleVersion: HTTPStatus(412),
    errors.InvalidInput: HTTPStatus(422),
    errors.KeyReused: HTTPStatus(422),
    errors.PreconditionMissing: HTTPStatus(428),
    errors.Throttled: HTTPStatus(429),
    errors.Unavailable: HTTPStatus(503),
    errors.StorageFull: HTTPStatus(507),
}

_HEADERS: dict[type[errors.KBError], dict[str, str]] = {
    errors.NotAuthenticated: {"WWW-Authenticate": "Bearer"},
    errors.Unavailable: {"Retry-After": "2"},
}

_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""Where Python's own names for a status differ between its versions."""

_UNEXPECTED = "Something went wrong on our side; it has been logged."

_NOWHERE = "There is nothing at this path. /docs lists what there is; an incident is named by its number."

_MAX_ERRORS = 50
"""How many errors an answer lists."""

log = logging.getLogger(__name__)


def register_problems(app: Flask) -> None:
    """Answer every error of an application as problem+json."""
    app.register_error_handler(errors.KBError, problem_of)
    app.register_error_handler(SQLAlchemyError, _database_problem)
    app.register_error_handler(Exception, _unexpected_problem)


def problem_of(error: errors.KBError | HTTPException) -> Response:
    """The answer to one of our errors, or to one of HTTP's own."""
    if isinstance(error, HTTPException):
        own = dict(error.get_response().headers)
        kept: dict[str, str] = {
            name: own[name] for name in ("Allow", "Retry-After", "Location") if name in own
        }
        detail = _NOWHERE if error.code == 404 else error.description or error.name
        return _problem(error.code or 500, detail, headers=kept)
    headers = dict(_HEADERS.get(type(error), {}))
    if isinstance(error, errors.Moved):
        asked = request.query_string.decode("ascii", "ignore")
        headers["Location"] = f"{error.location}?{asked}" if asked else error.location
    if isinstance(error, errors.Throttled):
        headers["Retry-After"] = str(error.retry_after)
    return _problem(STATUSES[type(error)], str(error), fields=getattr(error, "errors", ()), headers=headers)


def _database_problem(error: SQLAlchemyError) -> Response:
    db.session.rollback()
    log.exception("The database refused %s %s", request.method, request.path, exc_info=error)
    known: errors.KBError | None = None
    if isinstance(error, DBAPIError):
        known = translate(error)
    elif isinstance(error, PoolTimeoutError):
        known = errors.Unavailable("Too many requests are under way. Try again in a moment.")
    return problem_of(known) if known else _problem(500, _UNEXPECTED)


def _unexpected_problem(error: Exception) -> Response:
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(500, _UNEXPECTED)


def _problem(
    status: int,
    detail: str,
    *,
    fields: Iterable[errors.FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"urn:brand-postmortems:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": int(status),
        "detail": detail,
    }
    if entries := [_entry(field) for field in islice(fields, _MAX_ERRORS)]:
        body["errors"] = entries
    # Names that a client sent come back in pointers: what cannot be encoded is escaped.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(text, int(status), {**(headers or {})}, mimetype=PROBLEM_TYPE)


def _entry(field: errors.FieldError) -> dict[str, str]:
    """A place in the body is a pointer; anything else is the name of a parameter."""
    place = "pointer" if field.pointer == "" or field.pointer.startswith("/") else "parameter"
    return {place: field.pointer, "detail": field.detail}
