"""What was typed into a form that could not be taken, so that it is sent again without typing it again."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import HTTPException

from kb.pages.return_path import current_path

SENT_AGAIN = "sent again"
"""The token of a form that the page of an error sends again."""


class UnsentForm(NamedTuple):
    """Where a form was sent to, and its fields without the token."""

    path: str
    fields: list[tuple[str, str]]


def unsent_form() -> UnsentForm | None:
    """The form of the current request; None if it cannot be repeated.

    One of another site is not repeated: it would be a forged request with a token of ours. Neither are
    passwords, which no page may hold, nor files, which a page cannot hold.
    """
    if request.method != "POST" or not _is_from_this_site():
        return None
    # A body that cannot be read is the error itself, or comes on top of it.
    with suppress(HTTPException):
        fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        has_file = any(file.filename for file in request.files.values())
        if not has_file and not any("password" in name for name, _value in fields):
            return UnsentForm(current_path(), fields)
    return None


def is_sent_again() -> bool:
    """Whether the current request is a form that the page of an error sends again.

    Whoever signs in meanwhile, in another tab, gets a new secret for forms, so that no token of the page
    would fit. That it is a page of this site is what the browser says, whom no other site can make lie.
    """
    return request.form.get("csrf_token") == SENT_AGAIN and _is_from_this_site()


def _is_from_this_site() -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.netloc == request.host and (origin.scheme == "https" or not request.is_secure)
