"""Brackets in a quotation with an editor's words: `"[The team] asked what kept us up," says Marta`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.guards.placeholders.site import Site

_WITHIN_QUOTATION = re.compile(r"[\"“״„](?:[^\"”״\n]*[^\W_][^\"”״\n]*)?$")
_REPLACES = frozenset("the our my his her their its this that these those he she they it we i you".split())
"""First words of a replacement for a word of the speaker."""


def are_editors(site: Site, words: Sequence[str]) -> bool:
    """Whether the bracketed words replace others, within a quotation that continues after them."""
    is_word = not _REPLACES.isdisjoint(words[:1])
    is_within = is_word and _WITHIN_QUOTATION.search(site.before) is not None
    return is_within and site.after[:1] == " " and site.after.lstrip()[:1].isalpha()
