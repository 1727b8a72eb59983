"""What text may be stored at all, and how a slug is made of it."""

from __future__ import annotations

import re
import unicodedata

MAX_SLUG = 100

_NOT_A_WORD = re.compile(r"[^\w]+|_+")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_JOINERS = re.compile("['’׳\"״]")


def forbidden_character(text: str) -> str | None:
    """Name the first character that no text may hold (a control character, a lone surrogate), or None."""
    match = _FORBIDDEN.search(text)
    return f"U+{ord(match.group()):04X}" if match else None


def slugify(*parts: str) -> str:
    """A readable name for a URL, in any script: `McDonald's`, `Need copy` -> `mcdonalds-need-copy`.

    Empty when nothing of the text can stand in a slug.
    """
    text = unicodedata.normalize("NFKD", " ".join(parts)).casefold()
    text = unicodedata.normalize("NFKC", "".join(c for c in text if not unicodedata.combining(c)))
    slug = _NOT_A_WORD.sub("-", _JOINERS.sub("", text)).strip("-")
    if len(slug) <= MAX_SLUG:
        return slug
    return slug[: MAX_SLUG + 1].rpartition("-")[0] or slug[:MAX_SLUG]
