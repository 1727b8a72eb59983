"""URLs of a page's data for programs: the API, and feeds for feed readers."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from kb.config import API_ROOT
from kb.pages.language import interface_language
from kb.pages.parameters import parameter_names
from kb.schemas.changes import FeedQuerySchema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marshmallow import Schema

_OF_PAGES = ("lang", "limit", "cursor", "offset", "format")
"""Parameters for pagination or presentation, which do not change what is selected."""


def api_url(path: str, schema: Schema, pairs: Iterable[tuple[str, str]]) -> str:
    """Return the API URL with those of a page's parameters that its schema knows, in the language of the
    page."""
    names = parameter_names(schema).difference(_OF_PAGES)
    query = [(name, value) for name, value in pairs if name in names and value]
    return f"{API_ROOT}{path}?{urlencode([*query, ('lang', interface_language())])}"


def feed_url(pairs: Iterable[tuple[str, str]] = ()) -> str:
    """Return the URL of the Atom feed of the incidents that the filters among the parameters select."""
    return api_url("/changes.atom", FeedQuerySchema(), pairs)


def filtered_feed_url(pairs: Iterable[tuple[str, str]]) -> str | None:
    """Return the URL of the filtered Atom feed; None if no parameter is a filter."""
    url = feed_url(pairs)
    return None if url == feed_url() else url
