"""Users who sign in with a password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.support.api import Api

PASSWORD = "correct horse battery staple"

ADMIN_EMAIL = "noa@example.com"
"""The address of the site administrator of a site that a browser opens."""


def sign_up(site_admin: Api, email: str = "dana@example.com", **fields: Any) -> dict[str, Any]:
    """Create the user Dana Levi with a password, and return her account."""
    body = {"email": email, "name": "Dana Levi", "password": PASSWORD, **fields}
    response = site_admin.post("/users", body)
    assert response.status_code == 201, response.text
    user: dict[str, Any] = response.get_json()
    return user


def sign_in(api: Api, email: str = "dana@example.com", password: str = PASSWORD) -> TestResponse:
    """Try to open a session."""
    return api.post("/sessions", {"email": email, "password": password})
