"""Text rules: forbidden characters, blank text, slugs and normalized keys."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_SLUG_LENGTH = 100

_SEPARATORS = re.compile(r"[\W_]+")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_APOSTROPHES = re.compile("['’׳\"״]")


def forbidden_character(text: str) -> str | None:
    """The first forbidden character (a control character or lone surrogate) as `U+XXXX`, or None."""
    match = _FORBIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def organization_key(name: str) -> str:
    """A key that is equal for spelling variants of an organization's name."""
    return slugify(name) or name.casefold()


_TRACKING = ("utm_", "fbclid", "gclid", "ref_src")


def address_key(address: str) -> str:
    """A key that is equal for variants of one URL, as 64 hexadecimal digits.

    It ignores the scheme, `www.`, a trailing slash, the fragment and tracking parameters.
    """
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith(_TRACKING)]
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    plain = f"{host}{port}{parts.path.rstrip('/')}?{urlencode(sorted(query))}"
    return hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=32).hexdigest()


def _fold(text: str) -> str:
    """Remove case, accents and compatibility forms. Case folding can create new ones: apply it twice."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in text if not unicodedata.combining(c)))


def is_blank(text: str) -> bool:
    """Whether a text has only spaces, direction marks and other invisible characters."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Cc", "Zs", "Mn") for c in text)


def slugify(*parts: str) -> str:
    """Make a slug in any script: `McDonald's`, `Need copy` -> `mcdonalds-need-copy`.

    Returns an empty string if no character can be in a slug.
    """
    text = _fold(_fold(" ".join(parts)))
    slug = _SEPARATORS.sub("-", _APOSTROPHES.sub("", text)).strip("-")
    if len(slug) <= MAX_SLUG_LENGTH:
        return slug
    return slug[: MAX_SLUG_LENGTH + 1].rpartition("-")[0] or slug[:MAX_SLUG_LENGTH]
