"""Quotations: text between quotation marks within a line, and quoting words in messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.guards.clean_text import CleanText, Span

# A straight mark opens before a word and closes after one; between letters it is an apostrophe or gershayim,
# unless the only letter before it is a Hebrew particle.
# The search begins with a class of characters, so it skips all other positions quickly.
_OPENS = r"(?:(?<!\w.)|(?<=(?<!\w)[והבלכמ].))"
_QUOTATION = re.compile(
    r"[“„«‹\"״'‘](?:(?<=“)[^“”\n]+”|(?<=„)[^„“”\n]+[“”]|(?<=«)[^«»\n]+»|(?<=‹)[^‹›\n]+›"
    rf"|(?<=[\"״]){_OPENS}(?=\S)(?:[^\"״\n]|(?<=\w)[\"״](?=\w))+[\"״](?!\w)"
    r"|(?<=['‘])(?<!\w.)(?=\S)(?:[^'‘’\n]|(?<=\w)['’](?=\w))+['’](?!\w))"
)


def quotations(text: CleanText) -> list[Span]:
    """The spans of the quotations in a text, including their marks."""
    return [text.span(*part) for part in quoted_parts(text.text)]


def quoted_parts(text: str) -> list[tuple[int, int]]:
    """The offsets of the quotations in a cleaned text, including their marks."""
    return [match.span() for match in _QUOTATION.finditer(text)]


def quoted_words(words: Sequence[str]) -> dict[str, str]:
    """Join words, each in quotation marks, into a list in each language of messages."""
    *english, last_english = (f"“{word}”" for word in words)
    *hebrew, last_hebrew = (f"״{word}״" for word in words)
    return {
        "en": " and ".join(filter(None, [", ".join(english), last_english])),
        "he": " ו־".join(filter(None, [", ".join(hebrew), last_hebrew])),
    }
