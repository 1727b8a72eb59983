"""Where a text announces a link: "shop here", "link in bio", "לחצו כאן"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft

_PLATFORMS_WITH_BIO = frozenset({"instagram", "tiktok", "threads", "pinterest"})
"""Where posts have no links of their own, and readers know where to look."""

_BIO = re.compile(
    r"\blinks? (?:is |are )?in (?:the |our |my )?(?:bio|profile)\b|\b(?:tap|click|see) (?:the )?bio link\b"
    r"|(?<!\w)[בהו]?(?:לינק|קישור)(?:ים)? (?:נמצא )?ב(?:ביו|פרופיל)(?: שלנו)?(?!\w)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\blinks? (?:is |are )?in (?:the )?(?:first )?comments?\b|\blinks? (?:down )?below\b"
    r"|\b(?:tap|click|follow|hit|use) (?:on )?(?:the|this) link\b(?! in\b)"
    r"|(?<!\w)ה?(?:לינק|קישור)(?:ים)? (?:ב(?:תגובה|תגובות)(?: הראשונה)?|למטה)(?!\w)"
    r"|(?<!\w)(?:לחצו|הקליקו|היכנסו|כנסו|הקישו|לחץ|לחצי) (?:על|ל)? ?ה?(?:לינק|קישור)(?! ב)(?!\w)",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(?:shop|buy|click|order|book|sign up|register|read|download|apply|subscribe|donate|learn more|"
    r"read more|find out more|rsvp|vote|tap|get|grab|watch|enroll|details|tickets|(?:more )?info|pre-?order|"
    r"reserve)"
    r"(?: (?!(?:and|or|you|we|is|are|at|in|to)\b)[\w'’-]+){0,4} here(?=\s*(?:$|[.!:;,)👇➡→>⬇👉🔗|\n-]))"
    r"|(?<!\w)(?:לחצו|הקליקו|הירשמו|קנו|הזמינו|הזמנות|היכנסו|כנסו|לרכישה|להזמנה|להזמנות|להרשמה|לפרטים|"
    r"לכרטיסים|לקריאה|להורדה|לצפייה|למידע נוסף|לכל הפרטים|לתרומה)"
    r"(?: (?!אצלנו)[\w\"״'׳]+){0,2}[ :,-]+(?:ל?כאן|פה)(?=\s*(?:$|[.!:;,)👇➡→>⬇👉🔗|\n-]|ל\w))",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINS_CLAUSE = re.compile(
    r"(?:^|[-–—*|:;.,!?()\[\]>\"“#•\n👉👇🔗✨🎉🛒🛍]\s*|\b(?:now|today|and|or|to|please)\s+)\s*$",
    re.IGNORECASE,
)
_OTHER_CONTACT = re.compile(r"[\s:👇→>-]{0,6}(?:@?[\w.+-]+@[\w-]+\.|@\w|[+(]?\d[\d\s()-]{5,})")


def missing_links(draft: AnalyzedDraft) -> Iterator[tuple[int, int]]:
    """The offsets in the cleaned text of what announces a link, in a draft that has none."""
    text = draft.clean.text
    lower = draft.clean.lower
    has_bio = draft.draft.platform in _PLATFORMS_WITH_BIO
    if any(word in lower for word in ("link", "לינק", "קישור")):
        if has_bio and _BIO.search(text):
            return  # "Shop here: link in bio"
        for pattern in (_BIO, _ELSEWHERE):
            yield from (match.span() for match in pattern.finditer(text))
    if any(word in lower for word in ("here", "כאן", "פה")):
        yield from _places(text)


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where "here" stands for a link, and no other contact follows."""
    for match in _HERE.finditer(text):
        is_clause = _BEGINS_CLAUSE.search(text, max(0, match.start() - 12), match.start())
        if is_clause and not _OTHER_CONTACT.match(text, match.end()):
            yield match.span()
