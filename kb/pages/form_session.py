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
"""Path prefixes for programs, for which the cookie is neither read nor set."""


def use_secret_key() -> None:
    """Load the installation's key, unless opening the cookie has done so: before the very first request, the
    key had no folder yet."""
    if not current_app.secret_key:
        current_app.secret_key = secret_key()


class FormSessions(SecureCookieSessionInterface):
    """Opens the cookie for pages only, with the installation's key. It is Secure behind TLS."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the content of the cookie for a page request, and None for programs."""
        return None if request.path.startswith(_WITHOUT) else super().open_session(app, request)

    def make_null_session(self, app: Flask) -> SecureCookieSession:  # type: ignore[override]  # noqa: ARG002
        """Return a writable session for a request without one: the very first request comes before the key
        has a folder."""
        return self.session_class()

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the signer of the cookie; None until the key can be stored."""
        if not app.secret_key:
            with suppress(OSError):
                app.secret_key = secret_key()
        return super().get_signing_serializer(app)

    def get_cookie_secure(self, app: Flask) -> bool:  # noqa: ARG002
        """Whether to restrict the cookie to TLS: if the request came over TLS."""
        return request.is_secure
