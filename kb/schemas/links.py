"""URLs of resources. Services return ids and parameters; only the API and the CLI turn them into URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from kb.config import API_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.domain.filters import QueryParameters

MAX_URL_LENGTH = 8_000
"""Maximum length of a URL, in characters. Some servers and proxies refuse longer ones."""


def incident_url(incident_id: int) -> str:
    """The path of an incident."""
    return f"{API_ROOT}/incidents/{incident_id}"


def incident_page_url(incident_id: int) -> str:
    """The path of an incident's page, for people."""
    return f"/incidents/{incident_id}"


def incident_links(incident_id: int) -> tuple[tuple[str, str], ...]:
    """The media type and the path of each representation of an incident. Those for people come first, since
    feed readers offer the first link.
    """
    return (("text/html", incident_page_url(incident_id)), ("application/json", incident_url(incident_id)))


def namespace_url(key: str) -> str:
    """The path of a namespace of the taxonomy, with its terms."""
    return f"{API_ROOT}/taxonomy/{key}"


def collection_url(key: str) -> str:
    """The path of a collection."""
    return f"{API_ROOT}/collections/{key}"


def import_url(job_id: int) -> str:
    """The path of an import over HTTP."""
    return f"{API_ROOT}/import/{job_id}"


def incidents_url(
    *parts: QueryParameters, encode: Callable[[QueryParameters], str] = urlencode
) -> str | None:
    """The path of the list of incidents with these query parameters; None if it would be too long.

    To make many URLs that share parts, pass an `encode` with a cache.
    """
    query = "&".join(filter(None, map(encode, parts)))
    url = f"{API_ROOT}/incidents{'?' if query else ''}{query}"
    return url if len(url) <= MAX_URL_LENGTH else None
