"""Paths of the API's resources. Services return ids; only schemas and views make links."""

from __future__ import annotations

from kb.config import API_ROOT


def incident_url(incident_id: int) -> str:
    """The path of an incident."""
    return f"{API_ROOT}/incidents/{incident_id}"
