"""Quotations in a text: what stands between quotation marks of one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
