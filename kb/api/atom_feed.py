"""Incidents as an Atom feed (RFC 4287), in pages (RFC 5005), for feed readers."""

from __future__ import annotations

import hashlib
import re
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

from flask import Response

from kb.api.negotiation import ATOM
from kb.config import API_ROOT
from kb.domain.dates import iso
from kb.domain.language import choose_language, text_direction
from kb.schemas.links import incident_links, incidents_url

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.domain.filters import QueryParameters
    from kb.services.core.installation import Installation
    from kb.services.infrastructure.pagination import Page

_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAME = "Brand Postmortems"
_TITLES = {"en": f"{_NAME}: new and changed incidents", "he": f"{_NAME}: אירועים חדשים ומעודכנים"}
_SCHEME = "urn:brand-postmortems:taxonomy:"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot represent."""


class FeedRequest(NamedTuple):
    """The request for a feed: its filters and `lang` as sent, its `limit`, and the reader's languages."""

    filters: QueryParameters
    limit: int | None
    languages: Sequence[str]


def atom_response(
    request: FeedRequest, page: Page, cursor: str | None, installation: Installation
) -> Response:
    """Return a page of incidents, which begins at `cursor`, as a page of an Atom feed.

    The same incident has the same id in all feeds of an installation, and in all languages. Links are
    relative, so that they do not depend on the Host header. The ETag is a digest of the content, so that it
    changes only with what this reader sees.
    """
    body = ET.tostring(_feed(request, page, cursor, installation), encoding="utf-8", xml_declaration=True)
    response = Response(body, mimetype=ATOM.mimetype)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return response


def _feed(request: FeedRequest, page: Page, cursor: str | None, installation: Installation) -> ET.Element:
    language = choose_language(request.languages, list(_TITLES), "en")
    feed = ET.Element("feed", {"xmlns": _NAMESPACE, _LANG: language})
    # All pages belong to one feed; other filters, or another language, make a different feed.
    _add(feed, "id", installation.urn(f"feed?{urlencode(sorted(request.filters))}"))
    _add(feed, "title", _title(request.filters, language))
    # An empty feed is as old as the installation.
    times = [iso(installation.created_at), *(item["updated_at"] for item in page.items)]
    _add(feed, "updated", max(times))
    _add(ET.SubElement(feed, "author"), "name", _NAME)
    _add_feed_links(feed, request, page.next, cursor)
    for item in page.items:
        feed.append(_entry(item, installation))
    return feed


def _title(filters: QueryParameters, language: str) -> str:
    conditions = "; ".join(f"{name}: {value}" for name, value in filters if name != "lang")
    return f"{_TITLES[language]} ({conditions})" if conditions else _TITLES[language]


def _add_feed_links(
    feed: ET.Element, request: FeedRequest, following: str | None, cursor: str | None
) -> None:
    parameters = [*request.filters]
    if request.limit is not None:
        parameters.append(("limit", str(request.limit)))

    def page(position: str | None) -> str:
        query = urlencode([*parameters, *([] if position is None else [("cursor", position)])])
        return f"{API_ROOT}/changes{ATOM.extension}{'?' if query else ''}{query}"

    _link(feed, "self", ATOM.mimetype, page(cursor))
    _link(feed, "first", ATOM.mimetype, page(None))
    if following is not None:
        _link(feed, "next", ATOM.mimetype, page(following))
    if (listed := incidents_url(request.filters)) is not None:
        _link(feed, "alternate", "application/json", listed)


def _entry(item: Mapping[str, Any], installation: Installation) -> ET.Element:
    entry = ET.Element("entry")
    _add(entry, "id", installation.urn(f"incident:{item['id']}"))
    _add(entry, "title", item["title"], {_LANG: item["language"]})
    _add(entry, "updated", item["updated_at"])
    if item["published_at"] is not None:
        _add(entry, "published", item["published_at"])
    _add(ET.SubElement(entry, "author"), "name", item["team"])
    for media_type, path in incident_links(item["id"]):
        _link(entry, "alternate", media_type, path)
    for term in item["terms"]:
        scheme = _SCHEME + term["namespace"]
        ET.SubElement(entry, "category", term=term["key"], scheme=scheme, label=_legal(term["label"]))
    summary = _paragraphs(item["summary"], item["language"])
    _add(entry, "summary", summary, {"type": "html", _LANG: item["language"]})
    return entry


def _paragraphs(text: str, language: str) -> str:
    """Plain text as HTML paragraphs, because Atom itself cannot mark text as right-to-left."""
    tag = f'<p lang="{escape(language)}" dir="{text_direction(language)}">'
    paragraphs = re.split(r"\n\s*\n", escape(text.strip(), quote=False))
    return "".join(f"{tag}{'<br>'.join(paragraph.splitlines())}</p>" for paragraph in paragraphs if paragraph)


def _link(parent: ET.Element, relation: str, media_type: str | None, path: str) -> None:
    link = ET.SubElement(parent, "link", rel=relation, href=path)
    if media_type is not None:
        link.set("type", media_type)


def _add(parent: ET.Element, tag: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    ET.SubElement(parent, tag, dict(attributes or {})).text = _legal(text)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
