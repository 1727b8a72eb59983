"""The titles of problems, and Werkzeug's descriptions of the requests it refuses, for the catalogs."""

from __future__ import annotations

from http import HTTPStatus

from kb.messages import Message

_TITLES = {
    308: Message("Permanent Redirect"),
    400: Message("Bad Request"),
    401: Message("Unauthorized"),
    403: Message("Forbidden"),
    404: Message("Not Found"),
    405: Message("Method Not Allowed"),
    406: Message("Not Acceptable"),
    408: Message("Request Timeout"),
    409: Message("Conflict"),
    412: Message("Precondition Failed"),
    413: Message("Content Too Large"),
    415: Message("Unsupported Media Type"),
    422: Message("Unprocessable Content"),
    428: Message("Precondition Required"),
    429: Message("Too Many Requests"),
    500: Message("Internal Server Error"),
    503: Message("Service Unavailable"),
    507: Message("Insufficient Storage"),
}
"""The reason phrases of HTTP, some of which differ between Python versions."""

DESCRIPTIONS = (
    Message("The browser (or proxy) sent a request that this server could not understand."),
    Message("The data value transmitted exceeds the capacity limit."),
    Message("The server does not support the media type transmitted in the request."),
    Message(
        "The server closed the network connection because the browser didn't finish the request within the "
        "specified time."
    ),
)
"""Werkzeug's descriptions of errors for which we have none."""


def phrase_of(status: int) -> Message:
    """Return the title of a problem with this status: its HTTP reason phrase, such as `Not Found`."""
    return _TITLES.get(status) or Message(HTTPStatus(status).phrase)
