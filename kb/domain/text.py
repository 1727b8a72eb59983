"""What text may be stored at all, and how a slug is made of it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_SLUG = 100

_NOT_A_WORD = re.compile(r"[\W_]+")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_JOINERS = re.compile("['’׳\"״]")


def forbidden_character(text: str) -> str | None:
    """Name the first character that no text may hold (a control character, a lone surrogate), or None."""
    match = _FORBIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def organization_key(name: str) -> str:
    """What two spellings of an organization's name have in common."""
    return slugify(name) or name.casefold()


_TRACKING = ("utm_", "fbclid", "gclid", "ref_src")


def address_key(address: str) -> str:
    """What two spellings of one web address have in common, as 64 hexadecimal digits.

    The scheme, `www.`, a slash at the end, the fragment and what only tells where a reader came from do not
    count.
    """
    parts = urlsplit(address)
    query = [pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith(_TRACKING)]
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    plain = f"{host}{port}{parts.path.rstrip('/')}?{urlencode(sorted(query))}"
    return hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=32).hexdigest()


def _plain(text: str) -> str:
    """Without case, accents and compatibility forms. Folding case can bring out new ones: apply it twice."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in text if not unicodedata.combining(c)))


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: only spaces, direction marks and other invisible characters."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Cc", "Zs", "Mn") for c in text)


def slugify(*parts: str) -> str:
    """A readable name for a URL, in any script: `McDonald's`, `Need copy` -> `mcdonalds-need-copy`.

    Empty when nothing of the text can stand in a slug.
    """
    text = _plain(_plain(" ".join(parts)))
    slug = _NOT_A_WORD.sub("-", _JOINERS.sub("", text)).strip("-")
    if len(slug) <= MAX_SLUG:
        return slug
    return slug[: MAX_SLUG + 1].rpartition("-")[0] or slug[:MAX_SLUG]
