"""Dates that name an event, such as 9/11, and the other pairs of numbers that look like them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.guards.clean_text import Span

_PAIR = re.compile(r"\d{1,2}\s?[/.]\s?\d{1,2}")

_BEFORE = re.compile(
    r"(?:\d[/.–—-]|[$€£₪]|\b(?:v|ver|version|model|item|no|number|rs|inr|usd|nis)\.?"
    r"|\b(?:until|till|til|ends?|ending|through|thru|by|from|starts?|starting|begins?|valid|expires?|deadline:?)"
    r"|(?<![א-ת])(?:עד|החל מ|מתאריך|בתוקף עד)(?: ה)?[-־–]?)\s?$",
    re.IGNORECASE,
)
"""An amount, a version, the end of another date or of a range, or what makes it the date of an offer."""

_AFTER = re.compile(
    r"[–—-]\d|[/.]\d{1,3}(?!\d)|\s?(?:₪|ש[\"״]?ח|שקל|€|%|am\b|pm\b|kg\b|km\b|cm\b|mm\b)"
    r"|\s(?:of|in|out of|stars?|points?|months?|years?|people|dentists|doctors|vets|customers|users|guests|"
    r"patients|parents|women|men|kids|students|owners|experts|stores|שקלים|מתוך|כוכבים|נקודות|"
    r"רופאים|רופאי|וטרינרים|לקוחות|אנשים|נשים|גברים|הורים|ישראלים|משתמשים)\b",
    re.IGNORECASE,
)
"""The rest of a range or of another date, a unit, or what a share is of."""

_CONTEXT = 16
"""Characters to look at on either side of a pair."""


def is_number_pair(words: str) -> bool:
    """Whether words, with spaces between them, are two numbers of at most two digits."""
    if not words[-1].isdigit():  # as nearly all
        return False
    first, _, second = words.partition(" ")
    return first.isdigit() and second.isdigit() and max(len(first), len(second)) <= 2


def is_other_pair(text: str, span: Span) -> bool:
    """Whether two numbers in a text do not name an event: a range, an amount, a share, or a deadline.

    Guards on dates look at deadlines.
    """
    pair = "".join(filter(str.isprintable, text[span.start : span.end]))
    if pair.startswith("#"):
        return False
    return (
        _PAIR.fullmatch(pair) is None
        or _BEFORE.search(text[max(0, span.start - _CONTEXT) : span.start]) is not None
        or _AFTER.match(text[span.end : span.end + _CONTEXT]) is not None
    )
