"""The content of a form that could not be accepted, so that it can be sent again without retyping."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import HTTPException

from kb.pages.return_path import current_path

SENT_AGAIN = "sent again"
"""The token of a form that an error page sends again."""


class UnsentForm(NamedTuple):
    """Where a form was sent to, and its fields without the token."""

    path: str
    fields: list[tuple[str, str]]


def unsent_form() -> UnsentForm | None:
    """Return the form of the current request; None if it cannot be repeated.

    A form of another site is not repeated: that would give a forged request our token. Neither are
    passwords, which no page may hold, nor files, which a page cannot hold.
    """
    if request.method != "POST" or not _is_from_this_site():
        return None
    # An unreadable body is the error itself, or an additional one.
    with suppress(HTTPException):
        fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
        has_file = any(file.filename for file in request.files.values())
        if not has_file and not any("password" in name for name, _value in fields):
            return UnsentForm(current_path(), fields)
    return None


def is_sent_again() -> bool:
    """Whether the current request is a form that an error page sends again.

    Signing in meanwhile, in another tab, changes the secret of forms, so a token of the page would be
    invalid. Instead, the Origin header, which no other site can forge, proves that this site sent it.
    """
    return request.form.get("csrf_token") == SENT_AGAIN and _is_from_this_site()


def _is_from_this_site() -> bool:
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.netloc == request.host and (origin.scheme == "https" or not request.is_secure)
