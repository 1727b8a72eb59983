"""Sort values as a segment stores them: times as numbers, and the sort keys of titles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kb.domain.language import choose_language

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ENCODING = "utf-8", "surrogatepass"


def microseconds(moment: datetime | None) -> int:
    """A time in microseconds since 1970; 0 for None."""
    return 0 if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def encode_titles(titles: Sequence[tuple[str, str]]) -> bytes:
    """Encode (language, sort key) pairs, one per line."""
    return "\n".join(f"{tag}\t{key}" for tag, key in titles).encode(*_ENCODING)


def title_in(encoded: bytes, languages: Sequence[str]) -> str:
    """The sort key of the title that readers of these languages see; empty without a title."""
    titles = dict(line.split("\t", 1) for line in encoded.decode(*_ENCODING).split("\n") if line)
    return titles[choose_language(languages, [*titles], next(iter(titles)))] if titles else ""
