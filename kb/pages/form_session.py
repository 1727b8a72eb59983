"""The signed cookie that holds the secret of a browser's forms, and messages for its next page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from kb.config import API_ROOT
from kb.services.operations.secret_key import secret_key

if TYPE_CHECKING:
    from flask import Flask, Request
    from itsdangerous import URLSafeTimedSerializer

_WITHOUT = (f"{API_ROOT}/", "/health/", "/docs")
"""Paths of programs, which never read the cookie nor get one."""


def use_secret_key() -> None:
    """Read the installation's key, unless it was read to open the cookie: on the very first request there was
    no folder for it yet."""
    if not current_app.secret_key:
        current_app.secret_key = secret_key()


class FormSessions(SecureCookieSessionInterface):
    """Opens the cookie for pages only, with the installation's key. It is Secure behind TLS."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie of a request for a page holds."""
        return None if request.path.startswith(_WITHOUT) else super().open_session(app, request)

    def make_null_session(self, app: Flask) -> SecureCookieSession:  # type: ignore[override]  # noqa: ARG002
        """A session for a request without one. It can be written to: the first request of all comes before
        there is a folder for the key."""
        return self.session_class()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs the cookie; None until the key can be kept."""
        if not app.secret_key:
            with suppress(OSError):
                app.secret_key = secret_key()
        return super().get_signing_serializer(app)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002
        """Whether the cookie is for TLS only: where the browser came by TLS."""
        return request.is_secure
