"""Addresses of the API that answers carry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from kb.config import API_ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from kb.services.trends.drill_down import Parameters

MAX_URL_LENGTH = 8_000
"""In characters. Some servers and proxies refuse longer ones."""


def incidents_url(*parts: Parameters, encode: Callable[[Parameters], str] = urlencode) -> str | None:
    """The URL of the list of incidents that query parameters select; None where it would be too long.

    The parts follow each other. Whoever makes many URLs of the same parts passes an `encode` with a cache.
    """
    url = f"{API_ROOT}/incidents?{'&'.join(filter(None, map(encode, parts)))}"
    return url if len(url) <= MAX_URL_LENGTH else None
