"""Find web addresses among the words of a query: `https://…`, `www.example.com/…`, `example.com/…`."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from kb.search.query import SourceCondition
from kb.search.words import words

MAX_ADDRESS_LENGTH = 2_000
"""Longer addresses are treated as words: no source has one."""

# An address ends at a space, a bracket or a quotation mark. Between Hebrew letters, a quotation mark is
# gershayim, which browsers copy unencoded.
_CHARACTER = r"(?:[^\s<>\"“”„‟«»‹›]|(?<=[א-ת])\"(?=[א-ת]))"
_OPENING = r"[<\[{'‘]?"
_WITH_SCHEME = re.compile(
    rf"{_OPENING}(https?://{_CHARACTER}{{1,{MAX_ADDRESS_LENGTH}}})(?!{_CHARACTER})", re.IGNORECASE
)
_WITHOUT_SCHEME = re.compile(
    rf"{_OPENING}((?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.){{1,8}}[^\W\d_]{{2,24}}(?::\d{{1,5}})?"
    rf"/{_CHARACTER}{{1,{MAX_ADDRESS_LENGTH}}})(?!{_CHARACTER})"
)
_PUNCTUATION = ".,;:!?…'’"
_ENCODED = str.maketrans({character: quote(character) for character in '"()'})
_BRACKETS = {")": "(", "]": "[", "}": "{"}


class Address(NamedTuple):
    """An address in a text, and the offset at which it ends there.

    With a scheme it is certainly an address; without one it may be words, such as `node.js/express`.
    """

    url: str
    end: int
    has_scheme: bool


def find_address(text: str, position: int) -> Address | None:
    """Return the address that begins at a position, without trailing punctuation, or None.

    Quotation marks and parentheses, which are query syntax, are percent-encoded in its URL.
    """
    match = _WITH_SCHEME.match(text, position)
    has_scheme = match is not None
    match = match or _WITHOUT_SCHEME.match(text, position)
    if match is None:
        return None
    found = _without_punctuation(match[1])
    url = found.translate(_ENCODED)
    if not _is_http(url if has_scheme else f"https://{url}"):
        return None
    return Address(url, match.start(1) + len(found), has_scheme)


def has_scheme(text: str) -> bool:
    """Whether a text begins with `http://` or `https://`."""
    return text[:8].lower().startswith(("http://", "https://"))


def read_source(value: str) -> SourceCondition | None:
    """The condition for an address; None unless the value is exactly one address."""
    address = find_address(value, 0)
    return None if address is None or words(value[address.end :]) else SourceCondition.of(address.url)


def _without_punctuation(text: str) -> str:
    """Strip trailing characters that belong to the surrounding sentence: `(see
    https://example.com/a_(b)).`"""
    end = len(text)
    while end:
        last = text[end - 1]
        opening = _BRACKETS.get(last)
        if last not in _PUNCTUATION and (
            opening is None or text.count(opening, 0, end) >= text.count(last, 0, end)
        ):
            break
        end -= 1
    return text[:end]


def _is_http(url: str) -> bool:
    """Whether a source may have this URL, as `HttpUrl` accepts it."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and len(url) <= MAX_ADDRESS_LENGTH
    except ValueError:
        return False
