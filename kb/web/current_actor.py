"""The actor who sent the current request."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import g, request

from kb.errors import NotAuthenticated
from kb.messages import Message
from kb.models import db
from kb.models.base import utc_now
from kb.services.accounts import authentication

if TYPE_CHECKING:
    from datetime import date

    from kb.domain.permissions import Actor


def current_actor() -> Actor:
    """Return the actor of the current request, looked up once per request.

    Raises NotAuthenticated for an invalid token, even if the endpoint requires none.
    """
    if "actor" not in g:
        header = request.headers.get("Authorization")
        if header is None:
            g.actor = authentication.anonymous()
        else:
            scheme, _, secret = header.partition(" ")
            if scheme.lower() != "bearer":
                raise NotAuthenticated(Message("Send a token as: Authorization: Bearer kb_..."))
            g.actor = authentication.authenticate(secret.strip())
            # End the read transaction, so the service sees everything committed before it begins.
            db.session.rollback()
    actor: Actor = g.actor
    return actor


def current_day() -> date:
    """The day it is where the caller is."""
    return utc_now().astimezone(ZoneInfo(current_actor().time_zone)).date()
