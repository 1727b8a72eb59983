"""Dummy text in Latin and in Hebrew, found by runs of its characteristic words."""

from __future__ import annotations

import re

from kb.guards.placeholders.shipped_forms import table
from kb.guards.placeholders.site import Rule, Site

_MIN_WORDS = 3
_MIN_SURE_WORDS = 2
_NAME = ["lorem", "ipsum"]
"""The name of such text, left to another rule that recognizes mentions of it."""

_HEBREW_NAME = ["לורם", "איפסום"]
_WORD = re.compile(r"\w+")
_DESIGN = re.compile(r"\b(?:lorem ipsum (?:walks|tote|is|was)|typesetting|cicero|finibus)\b", re.IGNORECASE)
_SURE = frozenset(table("sure_lorem"))


def _is_dummy(site: Site) -> bool:
    """Whether there are too many dummy words for a motto: `et in Arcadia ego`."""
    words = _WORD.findall(site.found.lower())
    sure = sum(word in _SURE for word in words)
    is_long = (len(words) >= _MIN_WORDS and sure > 0) or sure >= _MIN_SURE_WORDS
    if words[:2] == _NAME and not _SURE.intersection(words[2:]):
        return False
    return is_long and not site.surroundings.mentions(_DESIGN)


def _is_more_than_name(site: Site) -> bool:
    return _WORD.findall(site.found) != _HEBREW_NAME


def _run(words: list[str]) -> str:
    word = f"(?:{'|'.join(dict.fromkeys(words))})"
    return rf"{word}(?:[,.]? {word})+"


RULES = (
    Rule(rf"(?i)\b(?P<site>{_run(table('lorem'))})\b", _is_dummy),
    Rule(rf"(?:^|[^\pL])(?P<site>ו?{_run(table('hebrew_lorem'))})(?:[^\pL]|$)", _is_more_than_name),
)
