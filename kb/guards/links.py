"""Find the links in a draft, and take them apart."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from linkify_it import LinkifyIt

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED_ENDINGS = ("test", "invalid", "local", "internal", "localhost")
"""Top-level domains that lead nowhere on the internet (RFC 2606, RFC 6762)."""

_MAX_TOKEN = 2_000
_TOKEN = re.compile(r"(?<!\S)[^\s./:]*[./:]\S*")
"""A token with one of the characters `./:`; every link has one."""

_MAY_BE_LINK = re.compile(r"[/.lL](?:(?<=/)/|(?<=[^\W_]\.)[^\W_]|(?<=[lL])(?i:ocalhost))")
"""`//`, a full stop between letters, or `localhost`. Begins with a class of characters, so the search skips
all other positions quickly."""

_PATH = r"/(?:[^\s<>\"”״]*[^\s<>\"”״.,;:!?)])?"
_LOCALHOST = re.compile(rf"(?<![\w./@-])localhost(?::\d+(?:{_PATH})?|{_PATH})", re.IGNORECASE)
_IPV6_HOST = re.compile(
    r"https?://\[[\da-f:.]{2,45}\](?::\d+)?(?:/(?:[^\s<>\"]*[^\s<>\".,;:!?)])?)?", re.IGNORECASE
)
_FILE_ENDING = re.compile(
    r"\.(?:py|md|sh|pl|rs|cc|ps|so|ai|hs|ml|mo|vi|in|am|ac|pm|it|is|me|to|at|my|be|so|go|no|do)$"
)
_SECOND_LEVEL = frozenset("co com org net ac gov edu muni".split())


class Link(NamedTuple):
    """A link in a text, with its offsets; `has_scheme` if it is written with a scheme such as http."""

    text: str
    url: str
    start: int
    end: int
    has_scheme: bool


def links_in(text: str) -> list[Link]:
    """The links in a text, excluding email addresses, file names (`file.py`) and `ends.Now`."""
    links: list[Link] = []
    for token in _tokens(text):
        part = token.group()[:_MAX_TOKEN]
        if _MAY_BE_LINK.search(part) is None:
            continue
        for match in _linkify().match(part) or ():
            start, end = token.start() + match.index, token.start() + match.last_index
            if match.schema != "mailto:" and (match.schema or _is_written_as_link(match.text)):
                links.append(Link(match.text, match.url, start, end, bool(match.schema)))
        for local in _LOCALHOST.finditer(part):
            start, end = token.start() + local.start(), token.start() + local.end()
            links.append(Link(local.group(), f"http://{local.group()}", start, end, has_scheme=False))
        for numbered in _IPV6_HOST.finditer(part):
            start, end = token.start() + numbered.start(), token.start() + numbered.end()
            links.append(Link(numbered.group(), numbered.group(), start, end, has_scheme=True))
    return links


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """The tokens of a text that may have a link, which are few: each is found by what makes it one."""
    end = 0
    for sign in _MAY_BE_LINK.finditer(text):
        if sign.start() < end:
            continue
        start = sign.start()
        while start and not text[start - 1].isspace():
            start -= 1
        if token := _TOKEN.match(text, start):
            end = token.end()
            yield token


@cache
def _linkify() -> LinkifyIt:
    return LinkifyIt(options={"fuzzy_ip": True, "fuzzy_email": True}).tlds(
        [*RESERVED_ENDINGS, "example"], True
    )


def _is_written_as_link(text: str) -> bool:
    """Whether a text without a scheme is a link, rather than the end of a sentence or a file name."""
    host, slash, _ = text.partition("/")
    if text.lower().startswith("www.") or (slash and "." in host):
        return True
    is_one_case = host == host.lower() or host == host.upper()
    return is_one_case and _FILE_ENDING.search(host.lower()) is None


def split_url(url: str) -> SplitResult | None:
    """The parts of a URL; None if it is invalid."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError for an invalid port
    except ValueError:
        return None
    return parts


def subdomains(host: str) -> list[str]:
    """The labels of a host before its registered domain: `staging.shop.co.il` -> `staging`."""
    labels = host.split(".")
    has_second_level = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return labels[: -3 if has_second_level else -2]


def is_private_address(host: str) -> bool:
    """Whether a host is an IP address of a private network."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_private or address.is_link_local or address.is_unspecified
