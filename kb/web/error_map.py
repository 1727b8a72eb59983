"""From an exception to what the client is told: status, message, fields, headers. The only such map.

Where a merged incident has gone is a link, which the layer that answers adds.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from flask import request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from kb import errors
from kb.models import db
from kb.services.infrastructure.storage_errors import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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

log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """What a client is told of an error (RFC 9457). Reading `errors` may query the database."""

    status: int
    title: str
    detail: str
    errors: Iterable[errors.FieldError]
    headers: Mapping[str, str]


def problem_of(error: Exception) -> Problem:
    """What to tell the client. Errors that are not the client's are logged; their text is not shown."""
    if isinstance(error, errors.KBError):
        return _domain_problem(error)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, SQLAlchemyError):
        return _database_problem(error)
    log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _problem(500, _UNEXPECTED)


def _domain_problem(error: errors.KBError) -> Problem:
    headers = dict(_HEADERS.get(type(error), {}))
    if isinstance(error, errors.Throttled):
        headers["Retry-After"] = str(error.retry_after)
    return _problem(STATUSES[type(error)], str(error), getattr(error, "errors", ()), headers)


def _http_problem(error: HTTPException) -> Problem:
    own = dict(error.get_response().headers)
    headers: dict[str, str] = {
        name: own[name] for name in ("Allow", "Retry-After", "Location") if name in own
    }
    detail = _NOWHERE if error.code == 404 else error.description or error.name
    return _problem(error.code or 500, detail, headers=headers)


def _database_problem(error: SQLAlchemyError) -> Problem:
    db.session.rollback()
    log.exception("The database refused %s %s", request.method, request.path, exc_info=error)
    known: errors.KBError | None = None
    if isinstance(error, DBAPIError):
        known = translate(error)
    elif isinstance(error, PoolTimeoutError):
        known = errors.Unavailable("Too many requests are under way. Try again in a moment.")
    return _domain_problem(known) if known else _problem(500, _UNEXPECTED)


def _problem(
    status: int,
    detail: str,
    fields: Iterable[errors.FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Problem:
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    return Problem(int(status), title, detail, fields, headers or {})
