"""Changes that become proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.api import Api


def propose(api: Api, path: str, **changes: Any) -> str:
    """The path of the proposal that a change becomes."""
    response = api.patch(path, changes, If_Match="*")
    assert response.status_code == 202, response.text
    location = response.headers["Location"]
    assert location == f"/api/v1/proposals/{response.get_json()['id']}"
    return location.removeprefix("/api/v1")
