"""Links that cannot work: mistyped ones in a text, and attached ones that are no complete address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.link_hosts import is_staging
from kb.guards.links import split_url

if TYPE_CHECKING:
    from urllib.parse import SplitResult

BROKEN_LINK = re.compile(
    r"(?<![\w/])(?:"
    r"https?:/(?![/\s])\S+|https?:\\+\S*|https?//\S+|https?;//\S*|https?::+//\S*|https?:///+\S*"
    r"|(?:htp|htttps?|hhttps?|htps|httpss|httos|htpps|hptts?|ttps?|ttp)://\S*"
    r"|https?://https?(?::|//)\S*|https?:// +[\w-]+\.\w+\S*"
    r"|https?://(?=$|[\s.,;!?)\]}>\"'])|www[,;]\w\S*|wwww\.\S+|www\. +\w+\.\w{2,}\S*"
    r"|https?://[\w-]+(?:\.[\w-]+)*\.\.[\w.-]+\S*|https?://[\w-]+,(?:com|co|org|net)\b\S*"
    r"|(?:https?://|(?<!www\.)www\.)[\w.-]{1,253}\.(?:con|cmo|ocm|comm|c0m|vom)(?![\w.-])\S*"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
"""A mistyped link in a text."""

_TO_AN_APP = re.compile(r"(?:mailto|tel|sms|whatsapp|tg|viber):(?://)?[^\s:/][^\s]*", re.IGNORECASE)
"""An address that opens an app rather than a page: of a mail, a call, a message."""

_NO_HOST = re.compile(r"[\s<>{}\\\"]")
_UNFILLED = re.compile(
    r"[<>{}]|\[(?!\d+\])|(?<!\[\d)(?<!\[\d\d)\]|\*\||(?:^|/)(?:TBD|TBC|TODO|FIXME|XXX+|(?i:link[-_]here))(?=/|$)"
)
"""A part of a path that somebody was to replace. Not looked for in a query, nor after a semicolon, where
advertising tools fill in their own fields."""


def is_broken_link(link: str) -> bool:
    """Whether a link that goes out beside a text is mistyped, or no address on the web or in an app.

    A path alone passes, since articles have links within their site; so does a link to a test site, which
    works for whoever wrote it.
    """
    link = link.strip()
    if _TO_AN_APP.fullmatch(link):
        return False
    if BROKEN_LINK.match(link):
        return True
    parts = split_attached(link)
    if parts is None or parts.scheme not in ("", "http", "https", "file"):
        return True
    if _UNFILLED.search(parts.path.partition(";")[0]):
        return True
    if not parts.netloc:
        return not parts.path
    return not (is_staging(parts, (), ()) or _is_host(parts))


def split_attached(link: str) -> SplitResult | None:
    """The parts of a link that may lack its scheme; None if it is invalid."""
    link = link.strip()
    if "//" in link or link.startswith("/"):
        return split_url(link)
    return None if _TO_AN_APP.fullmatch(link) else split_url(f"//{link}")


def _is_host(parts: SplitResult) -> bool:
    """Whether a URL names a host that can be on the internet: labels between full stops, or an address."""
    host = parts.hostname or ""
    if ":" in host:
        return True
    labels = host.removesuffix(".").split(".")
    return len(labels) > 1 and all(labels) and _NO_HOST.search(parts.netloc) is None
