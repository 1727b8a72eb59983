"""The session cookie, and the actor that it represents.

Only pages read it. The API takes only tokens, so no other site can make a browser call it for a user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, g, request

from kb.errors import NotAuthenticated, Throttled
from kb.models import db
from kb.pages.messages import _
from kb.services.accounts import authentication
from kb.services.accounts.sessions import SESSION_LIFETIME
from kb.web.headers import UNREADABLE

if TYPE_CHECKING:
    from flask import Response

SESSION_COOKIE = "kb_session"
"""The name of the cookie that holds the token of a session."""


def remember_actor() -> None:
    """Set the actor of the current request from its cookie; an ended one is reported, and counts as none, as
    do cookies that the server cannot read."""
    secret = request.cookies.get(SESSION_COOKIE)
    g.actor = authentication.anonymous()
    if request.headers.get("Cookie") == UNREADABLE:
        flash(
            _(
                "A cookie of another application hides those of this site: you cannot sign in or send "
                "forms. Delete the cookies of this address in your browser."
            )
        )
    if secret:
        try:
            g.actor = authentication.authenticate(secret)
        except (NotAuthenticated, Throttled):
            g.session_ended = True
            flash(_("Your session has ended. Sign in again to go on."))
        # End the read transaction, so the service sees everything committed before it begins.
        db.session.rollback()


def set_session(response: Response, secret: str) -> None:
    """Give the browser the token of a session. Scripts cannot read it, and other sites cannot use it."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=SESSION_LIFETIME,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )


def clear_session(response: Response) -> None:
    """Remove the token of a session."""
    response.delete_cookie(SESSION_COOKIE, httponly=True, secure=request.is_secure, samesite="Lax")
