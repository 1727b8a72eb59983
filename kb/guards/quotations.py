"""Quotations in a text, what stands between quotation marks of one line, and in messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.guards.clean_text import CleanText, Span

# A straight mark opens before a word and closes after one; between letters it is an apostrophe or gershayim.
_QUOTATION = re.compile(
    r"“[^“”\n]+”|„[^„“”\n]+[“”]|«[^«»\n]+»|‹[^‹›\n]+›"
    r"|(?<!\w)[\"״](?=\S)(?:[^\"״\n]|(?<=\w)[\"״](?=\w))+[\"״](?!\w)"
    r"|(?<!\w)['‘](?=\S)(?:[^'‘’\n]|(?<=\w)['’](?=\w))+['’](?!\w)"
)


def quotations(text: CleanText) -> list[Span]:
    """Where the quotations of a text stand, with their marks."""
    return [text.span(*match.span()) for match in _QUOTATION.finditer(text.text)]


def quoted_words(words: Sequence[str]) -> dict[str, str]:
    """Pieces of a text, each in quotation marks, as a list in the languages of messages."""
    *english, last_english = (f"“{word}”" for word in words)
    *hebrew, last_hebrew = (f"״{word}״" for word in words)
    return {
        "en": " and ".join(filter(None, [", ".join(english), last_english])),
        "he": " ו־".join(filter(None, [", ".join(hebrew), last_hebrew])),
    }
