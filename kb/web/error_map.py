"""The one map from exceptions to problem details: status, title, message, fields, headers.

`kb.api` or `kb.pages` adds the link to the new location of a merged incident.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from flask import request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from kb import errors
from kb.config import API_ROOT
from kb.messages import Message, joined, message_of
from kb.models import db
from kb.services.infrastructure.storage_errors import domain_error_for
from kb.web.http_messages import phrase_of
from kb.web.request_log import FAILURE, LOGGED, REQUEST_ID, loggable_method, loggable_path
from kb.web.tracebacks import error_line, is_traceback_due

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STATUSES: dict[type[errors.KBError], HTTPStatus] = {
    errors.Moved: HTTPStatus(308),
    errors.MalformedInput: HTTPStatus(400),
    errors.NotAuthenticated: HTTPStatus(401),
    errors.Forbidden: HTTPStatus(403),
    errors.NotFound: HTTPStatus(404),
    errors.Conflict: HTTPStatus(409),
    errors.RequestInFlight: HTTPStatus(409),
    errors.StaleVersion: HTTPStatus(412),
    errors.InvalidInput: HTTPStatus(422),
    errors.KeyReused: HTTPStatus(422),
    errors.PreconditionMissing: HTTPStatus(428),
    errors.Throttled: HTTPStatus(429),
    errors.Unavailable: HTTPStatus(503),
    errors.StorageFull: HTTPStatus(507),
}

_HEADERS: dict[type[errors.KBError], dict[str, str]] = {
    errors.NotAuthenticated: {"WWW-Authenticate": "Bearer"}
}

_UNKNOWN_PATH = Message("There is nothing at this path. See /docs for all endpoints.")
_INCIDENT_NUMBERS = Message("Incidents are addressed by number.")

log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """Problem details for the client (RFC 9457). Reading `errors` may query the database."""

    status: int
    title: Message
    detail: Message
    errors: Iterable[errors.FieldError]
    headers: Mapping[str, str]


def problem_of(error: Exception) -> Problem:
    """Return the problem details of an exception. Server errors are logged, and their text is not exposed."""
    if isinstance(error, errors.KBError):
        return _domain_problem(error)
    if isinstance(error, HTTPException):
        return _http_problem(error)
    if isinstance(error, SQLAlchemyError):
        return _database_problem(error)
    _log_failure(error)
    return _unexpected()


def _domain_problem(error: errors.KBError) -> Problem:
    headers = dict(_HEADERS.get(type(error), {}))
    if isinstance(error, (errors.Throttled, errors.RequestInFlight)):
        headers["Retry-After"] = str(error.retry_after)
    status = STATUSES[type(error)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        request.environ.setdefault(FAILURE, error_line(error.__cause__ or error))
    return _problem(status, message_of(error), getattr(error, "errors", ()), headers)


def _http_problem(error: HTTPException) -> Problem:
    response_headers = dict(error.get_response().headers)
    headers: dict[str, str] = {
        name: response_headers[name]
        for name in ("Allow", "Retry-After", "Location")
        if name in response_headers
    }
    return _problem(error.code or 500, _http_detail(error), headers=headers)


def _http_detail(error: HTTPException) -> Message:
    if error.code == 404:
        if request.path.removeprefix(API_ROOT).startswith("/incidents/"):
            return joined([_UNKNOWN_PATH, _INCIDENT_NUMBERS])
        return _UNKNOWN_PATH
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        methods = sorted({*error.valid_methods} - {"HEAD", "OPTIONS"})
        return Message(
            "{method} is not possible at this path. Use {methods}.",
            method=request.method,
            methods=_alternatives(methods),
        )
    description = error.description or error.name
    return description if isinstance(description, Message) else Message(description)


def _alternatives(names: list[str]) -> Message:
    *others, last = names
    return Message("{others} or {last}", others=_alternatives(others), last=last) if others else Message(last)


def _database_problem(error: SQLAlchemyError) -> Problem:
    db.session.rollback()
    _log_failure(error)
    known: errors.KBError | None = None
    if isinstance(error, DBAPIError):
        known = domain_error_for(error)
    elif isinstance(error, PoolTimeoutError):
        known = errors.Unavailable(Message("Too many requests are in progress. Try again in a moment."))
    return _domain_problem(known) if known else _unexpected()


def _unexpected() -> Problem:
    return _problem(
        500,
        Message(
            "An internal error occurred. It has been logged as request {request_id}.",
            request_id=_request_id(),
        ),
    )


def _log_failure(error: Exception) -> None:
    """Log an error in the line of its request, and as a separate entry if its traceback is due.

    This keeps an unreachable database from filling the disk with one traceback per request.
    """
    request.environ[FAILURE] = error_line(error)
    is_due = is_traceback_due(error)
    if is_due or LOGGED in request.environ:
        log.error(
            "%s %s failed",
            loggable_method(request.method),
            loggable_path(request.path),
            exc_info=error,
            extra={"fields": {"request_id": _request_id()}, "traceback": is_due},
        )


def _request_id() -> str:
    return str(request.environ.get(REQUEST_ID))


def _problem(
    status: int,
    detail: Message,
    fields: Iterable[errors.FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> Problem:
    return Problem(int(status), phrase_of(status), detail, fields, headers or {})
