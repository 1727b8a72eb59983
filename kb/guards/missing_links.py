"""Find where a text announces a link: "shop here", "link in bio", "לחצו כאן".

Some announced links are elsewhere, where readers find them: in the profile or the first comment on networks
where that is usual, behind the words of an email, or behind a push message as a whole. If the network is
unknown, a draft that names the profile or the comments is believed: most networks have either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.phrase_lists import overlaps_any
from kb.guards.quotations import quotations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft

_UNKNOWN = frozenset({None, ""})

_PLATFORMS_WITH_BIO = _UNKNOWN | {"instagram", "tiktok", "threads", "pinterest"}
"""Platforms whose posts cannot have links; readers know to look in the bio."""

_PLATFORMS_WITH_COMMENTS = _UNKNOWN | {"linkedin", "facebook"}
"""Platforms where links usually go into the first comment, as posts with a link reach fewer readers."""

_PUSH_PLATFORMS = frozenset({"push", "app-push", "push-notification", "in-app"})
"""Platforms where a tap on the message opens the app."""

_PLATFORMS_WITH_FOOTER = _UNKNOWN | {"email", "newsletter"}
"""Platforms where notices at the end of a text are links that plain text does not show."""

_BIO = re.compile(
    r"\blinks? (?:is |are )?in (?:the |our |my )?(?:bio|profile)\b|\b(?:tap|click|see) (?:the )?bio link\b"
    r"|(?<!\w)[בהו]?(?:לינק|קישור)(?:ים)? (?:נמצא )?ב(?:ביו|פרופיל)(?: שלנו)?(?!\w)",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"\blinks? (?:is |are )?(?:down )?in (?:the |our )?(?:(?:first|1st|pinned|top) )?comments?\b"
    r"|(?<!\w)[בהו]?(?:לינק|קישור)(?:ים)? (?:נמצא |מחכה |מחכים )?ב(?:תגובה|תגובות)"
    r"(?: הראשונה| הנעוצה)?(?!\w)",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\blinks? (?:down )?below\b"
    r"|\b(?:tap|click|follow|hit|use) (?:on )?(?:the|this) link\b(?! in\b)"
    r"|(?<!\w)ה?(?:לינק|קישור)(?:ים)? למטה(?!\w)"
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
_HERE_WORD = re.compile(r"[hHכפ](?:(?<=[hH])(?<!\w.)(?i:ere)\b|(?<=כ)אן|(?<=פ)ה)")
_LINK_WORD = re.compile("[lLלק](?:(?<=[lL])(?i:ink)|(?<=ל)ינק|(?<=ק)ישור)")
"""Words that patterns need. They begin with a class of characters, so the search skips all other positions
quickly."""

_FOOTER = re.compile(
    r"\b(?:unsubscribe|opt[ -]?out|preferences|(?:email|mail|subscription|notification) settings"
    r"|(?:in|with) (?:your|a|the) (?:web )?browser|no longer wish|stop receiving|(?:view|see|read) online)\b"
    r"|(?<!\w)[ול]{0,2}(?:הסרה|הסרת|הסירו אותי|ביטול ה?(?:הרשמה|מינוי|דיוור)|עדכון ה?העדפות|צפייה בדפדפן"
    r"|לא רוצים לקבל|רשימת ה?תפוצה|רשימת ה?דיוור)(?!\w)",
    re.IGNORECASE,
)
"""Notices at the end of an email: how to unsubscribe, or to view it in a browser."""
_BEGINS_CLAUSE = re.compile(
    r"(?:^|[-–—*|:;.,!?()\[\]>\"“#•\n👉👇🔗✨🎉🛒🛍]\s*|\b(?:now|today|and|or|to|please)\s+)\s*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]\s|\n")
_REACH = 120
"""How far around a match to look for its sentence, in characters."""

_OTHER_CONTACT = re.compile(r"[\s:👇→>-]{0,6}(?:@?[\w.+-]+@[\w-]+\.|@\w|[+(]?\d[\d\s()-]{5,})")


def missing_links(draft: AnalyzedDraft) -> list[tuple[int, int]]:
    """The offsets of announced links in the cleaned text of a draft without links."""
    found = list(_announcements(draft))
    quoted = quotations(draft.clean) if found else []
    return [part for part in found if not overlaps_any(draft.clean.span(*part), quoted)]


def _announcements(draft: AnalyzedDraft) -> Iterator[tuple[int, int]]:
    text = draft.clean.text
    lower = draft.clean.lower
    platform = draft.draft.platform
    if any(word in lower for word in ("link", "לינק", "קישור")):
        bio, comments, elsewhere = (
            [*_matches(pattern, text, _LINK_WORD)] for pattern in (_BIO, _COMMENTS, _ELSEWHERE)
        )
        if bio and platform in _PLATFORMS_WITH_BIO:
            return  # "Shop here: link in bio"
        if comments and platform in _PLATFORMS_WITH_COMMENTS:
            return
        yield from (match.span() for match in (*bio, *comments, *elsewhere))
    if platform not in _PUSH_PLATFORMS and any(word in lower for word in ("here", "כאן", "פה")):
        yield from _here_links(text, may_have_footer=platform in _PLATFORMS_WITH_FOOTER)


def _here_links(text: str, *, may_have_footer: bool) -> Iterator[tuple[int, int]]:
    """Where "here" stands for a link, and no other contact detail follows."""
    for match in _matches(_HERE, text, _HERE_WORD):
        is_clause = _BEGINS_CLAUSE.search(text, max(0, match.start() - 12), match.start())
        if not is_clause or _OTHER_CONTACT.match(text, match.end()):
            continue
        if not (may_have_footer and _FOOTER.search(_sentence(text, *match.span()))):
            yield match.span()


def _matches(pattern: re.Pattern[str], text: str, needed: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The matches of a pattern that spans no lines, searched in the lines that have a word which it needs."""
    end = 0
    for word in needed.finditer(text):
        if word.start() >= end:
            start, end = text.rfind("\n", 0, word.start()) + 1, text.find("\n", word.end())
            end = len(text) if end < 0 else end
            yield from pattern.finditer(text, start, end)


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a match, within its line."""
    before = _SENTENCE_END.split(text[max(0, start - _REACH) : start])[-1]
    return before + _SENTENCE_END.split(text[start : end + _REACH])[0]
