"""Normalize links, so that the spellings of one URL share a normal form and a key."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, unquote_to_bytes, urlsplit

from kb.domain.text import compose, normalize

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):/+", re.IGNORECASE)
_DEFAULT_PORTS = {None, 80, 443}

_ARCHIVES = re.compile(
    r"https?:/+(?:(?:(?:www\.|web\.)?archive\.org(?::80|:443)?/web"
    r"|(?:www\.)?archive\.(?:today|ph|is|li|vn|fo|md))"
    r"/(?:[0-9][0-9.-]{3,20}(?:[a-z]{2}_)?|\*|newest|oldest|o/\w+)"
    r"|web\.archive\.org(?::80|:443)?/save)/(?=[^/])",
    re.IGNORECASE,
)
"""The prefix of an archived copy's URL, before the URL of the original."""

_ENCODED_SCHEME = re.compile(r"https?(?:%3a(?:%2f|/)|:%2f)", re.IGNORECASE)

_SITE_PREFIX = re.compile(r"(?:www|m|mobile)\.(?=[^.]+\.)(?!(?:ac|co|com|edu|gov|muni|net|org)\.[a-z]{2}$)")
"""`www` or a mobile prefix, unless only a public suffix follows: `m.co.il` is a domain itself."""

_PLAIN_LABEL = re.compile("(?!xn--)[a-z0-9_-]+")
"""A host label in its normal form, as nearly all are."""

_MOBILE_WIKI = re.compile(r"\.m(?=\.wik[a-z]+\.org$)")
_SAME_HOSTS = {
    "twitter.com": "x.com",
    "fxtwitter.com": "x.com",
    "vxtwitter.com": "x.com",
    "mbasic.facebook.com": "facebook.com",
    "music.youtube.com": "youtube.com",
    "old.reddit.com": "reddit.com",
    "np.reddit.com": "reddit.com",
    "youtube-nocookie.com": "youtube.com",
}

_TRACKING = re.compile(
    "utm_.*|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|igshid|igsh|mc_cid|mc_eid|msclkid|yclid|twclid|ttclid"
    r"|li_fat_id|mibextid|_hsenc|_hsmi|mkt_tok|srsltid|gad_source|ref_src|ref_url|_ga|_gl|__tn__|__cft__\[\d+\]",
    re.IGNORECASE,
)
_TRACKING_OF_HOSTS = {"x.com": frozenset({"s", "t", "cxt"}), "instagram.com": frozenset({"hl"})}

_POST_ON_X = re.compile(r"/(?:[^/]+|i/web)/status(?:es)?/([0-9]+)(?:/(?:photo|video)/[0-9]+)?")
_VIDEO = re.compile(r"/(?:shorts|embed|live|v)/([^/]+)")

_MAX_ROUNDS = 20
"""Maximum number of passes over the rules; links that people copy need two or three."""

_SAFE = "!$&'()*+,;=:@~"
"""Characters not percent-encoded in a path, besides letters and digits."""

_SAFE_IN_QUERY = "!$'()*,;:@~/"

_UNRESERVED = re.compile("[A-Za-z0-9._~-]*")
"""A part of a URL without characters that are ever percent-encoded."""


class _Link(NamedTuple):
    """The parts that decide where a link leads. `fragment` is empty unless it is a path (`#!/`, `#/`)."""

    scheme: str
    host: str
    path: str
    query: tuple[tuple[str, str | None], ...]
    fragment: str

    def __str__(self) -> str:
        pairs = "&".join(name if value is None else f"{name}={value}" for name, value in self.query)
        query = f"?{pairs}" if pairs else ""
        return f"{self.scheme}://{self.host}{self.path}{query}{self.fragment}"


def link_key(url: str) -> str:
    """A key, in 64 hexadecimal digits, that is equal for all spellings of a link."""
    return hashlib.blake2b(normalize_link(url).encode("utf-8", "replace"), digest_size=32).hexdigest()


def normalize_link(url: str) -> str:
    """The normal form of a link: equal for the spellings under which one page is copied.

    It is only for comparison, and may not open in a browser. An archived copy counts as its original, `http`
    as `https`, a mobile host as the main host, and a short YouTube link as its video. Tracking parameters,
    the fragment, a default port and credentials are dropped. The order of parameters does not matter. Never
    raises: a text that is not a link is returned unchanged. Idempotent.
    """
    # One rule can enable another: removing dot segments may reveal the path of an archived copy.
    for _ in range(_MAX_ROUNDS):
        normal = _normalize_once(url)
        if normal == url:
            break
        url = normal
    return url


def _normalize_once(url: str) -> str:
    url = _original(url.strip())
    scheme = _SCHEME.match(url)
    address = f"{scheme[1]}://{url[scheme.end() :]}" if scheme else f"https://{url.lstrip('/')}"
    try:
        parts = urlsplit(address)
        host = _host(parts)
    except ValueError:
        return url
    if not host:
        return url
    path = _path(parts.path)
    fragment = f"#{_quoted(parts.fragment, _SAFE + '/?')}" if parts.fragment.startswith(("!/", "/")) else ""
    name = "https" if parts.scheme == "http" else parts.scheme
    return str(_of_platform(_Link(name, host, path, _query(parts.query, host), fragment)))


def _original(url: str) -> str:
    """The URL that an archived copy was made from; any other URL unchanged."""
    while archive := _ARCHIVES.match(url):
        url = url[archive.end() :]
        if _ENCODED_SCHEME.match(url):
            url = unquote(url)
        if _SCHEME.match(url) is None:
            url = f"https://{url}"
    return url


def _host(parts: SplitResult) -> str:
    """The normalized host, with any non-default port. Raises ValueError for an invalid port."""
    host = ".".join(map(_label, (parts.hostname or "").rstrip(".").split(".")))
    while prefix := _SITE_PREFIX.match(host):
        host = host[prefix.end() :]
    host = _MOBILE_WIKI.sub("", host)
    host = _SAME_HOSTS.get(host, host)
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in _DEFAULT_PORTS else f"{host}:{parts.port}"


def _label(label: str) -> str:
    """Decode a host label into Unicode letters: `xn--4dbrk0ce`, `%D7%99...` -> `ישראל`.

    Since IDNA 2008, `ß` and `ss` are different names, so the label is lowercased, not case-folded.
    """
    if _PLAIN_LABEL.fullmatch(label):
        return label
    name = unquote(label)
    if name.lower().startswith("xn--"):
        try:
            name = name[4:].encode("ascii").decode("punycode")
        except (UnicodeError, ValueError, OverflowError):
            return label
    name = normalize("NFKC", normalize("NFKC", name).lower())
    is_name = all(c in "-_" or unicodedata.category(c)[0] in "LMN" for c in name)
    return name if is_name and name else label


def _path(path: str) -> str:
    """A path without dot segments and trailing slash, each segment encoded uniformly."""
    segments: list[str] = []
    for segment in path.split("/")[1:]:
        name = _quoted(segment, _SAFE)
        if name == "..":
            del segments[-1:]
        elif name != ".":
            segments.append(name)
    return "".join(f"/{segment}" for segment in segments).rstrip("/")


def _query(query: str, host: str) -> tuple[tuple[str, str | None], ...]:
    """The parameters except those for tracking, sorted by name."""
    own = _TRACKING_OF_HOSTS.get(host, frozenset())
    pairs = []
    for pair in filter(None, query.replace("+", "%20").split("&")):
        name, equals, value = pair.partition("=")
        plain = unquote(name)
        if _TRACKING.fullmatch(plain) is None and plain not in own:
            pairs.append((_quoted(name, _SAFE_IN_QUERY), _quoted(value, _SAFE_IN_QUERY) if equals else None))
    return tuple(sorted(pairs, key=lambda pair: pair[0]))  # a stable sort keeps repeated names in order


def _quoted(text: str, safe: str) -> str:
    """Decode and re-encode a part of a URL: letters in UTF-8 and NFC, other bytes unchanged."""
    if _UNRESERVED.fullmatch(text):  # most parts are in their normal form, and long ones take a while
        return text
    data = unquote_to_bytes(text.encode("utf-8", "replace"))
    # Text in a legacy encoding, such as windows-1255, is compared by its bytes.
    with suppress(UnicodeDecodeError):
        data = compose(data.decode("utf-8")).encode("utf-8")
    return quote(data, safe=safe)


def _of_platform(link: _Link) -> _Link:
    """Reduce a link to a post on X, or to a video on YouTube, to the id of the post or video."""
    if link.host == "x.com" and (post := _POST_ON_X.fullmatch(link.path)):
        return link._replace(path=f"/i/status/{post[1]}", query=())
    if link.host == "youtu.be" and link.path.count("/") == 1:
        return _video(link, link.path[1:])
    if link.host == "youtube.com":
        parameters = dict(link.query)
        if link.path == "/watch" and parameters.get("v"):
            return link._replace(query=(("v", parameters["v"]),))
        if video := _VIDEO.fullmatch(link.path):
            return _video(link, video[1])
    return link


def _video(link: _Link, name: str) -> _Link:
    return link._replace(host="youtube.com", path="/watch", query=(("v", _quoted(name, _SAFE_IN_QUERY)),))
