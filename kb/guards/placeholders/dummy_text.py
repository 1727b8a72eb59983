"""Dummy text in Latin and in Hebrew, found by its name and by runs of its characteristic words."""

from __future__ import annotations

import re

from kb.guards.placeholders.marks import CLOSES_QUOTE, OPENS_QUOTE
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


_ABOUT_DESIGN = re.compile(
    r"\b(?:mock-?ups?|design\w*|generators?|wireframes?|typography|latin|cicero|figma|history|origin|"
    r"dummy text|filler text|placeholder text|copywriters?)\b"
    r"|עיצוב|מעצב|סקיצ|קיקרו|מאיפה|טיפוגרפי|סדרי? דפוס",
    re.IGNORECASE,
)
"""Words of texts about design, which name dummy text."""

_FAREWELL = re.compile(
    r"(?:\b(?:good-?bye|bye|farewell|no more|without|banned?|instead of|tired of|sick of)[, ]+"
    r"|(?<!\w)(?:נפרדנו|נפרדים|להיפרד|נמאס|נגמלנו|במקום|בלי|די עם) ?(?:מ|ל)?)$",
    re.IGNORECASE,
)
"""Context before dummy text that a text does without: `Goodbye, lorem ipsum`."""

_IS_SUBJECT = re.compile(
    r"\s+(?:is|isn[’']t|was|has|had|means|comes|never|won[’']t|doesn[’']t|makes|walks into)\b"
    r"|\s+(?:זה|הוא|לא|אינו|עושה|מגיע|בא|נכנס ל(?:בר|פאב))(?!\w)"
    r"|, (?:my |our |dear |old )+friend\b|, חבר(?:י|נו)?(?: \w+)?,",
    re.IGNORECASE,
)
"""A verb after dummy text that is talked about: `Lorem ipsum is not a strategy`."""


def _is_filler(site: Site) -> bool:
    """Whether the name of dummy text stands for it, rather than being talked about."""
    if OPENS_QUOTE.search(site.before) and CLOSES_QUOTE.match(site.after):
        return False
    if site.after.lower().lstrip().startswith("dolor"):
        return True
    if _IS_SUBJECT.match(site.after):
        return False
    return _FAREWELL.search(site.before) is None and _ABOUT_DESIGN.search(site.before + site.after) is None


def _run(words: list[str]) -> str:
    word = f"(?:{'|'.join(dict.fromkeys(words))})"
    return rf"{word}(?:[,.]? {word})+"


RULES = (
    Rule(r"(?i)\blorem ipsum\b|לורם איפסום", _is_filler),
    Rule(rf"(?i)\b(?P<site>{_run(table('lorem'))})\b", _is_dummy),
    Rule(rf"(?:^|[^\pL])(?P<site>ו?{_run(table('hebrew_lorem'))})(?:[^\pL]|$)", _is_more_than_name),
)
