"""What an unfinished part of a text is, in the words of messages: a gap, a note, a leftover."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from kb.guards.placeholders import assistant_replies
from kb.guards.placeholders.rule_set import RuleSet
from kb.guards.placeholders.shipped_forms import assistant_forms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span

_TAKE_OUT = {"en": "Take it out", "he": "להוציא את זה"}

GAP = {
    "kind": {"en": "is a placeholder", "he": "הוא טקסט זמני"},
    "advice": {"en": "Put in what is missing", "he": "להשלים את מה שחסר"},
}
NOTE = {
    "kind": {"en": "is a note to a colleague", "he": "היא הערה פנימית לצוות"},
    "advice": {"en": "Take the note out", "he": "להוציא את ההערה"},
}
ASSISTANT = {
    "kind": {"en": "is left over from a text generator", "he": "נשאר ממחולל טקסט"},
    "advice": _TAKE_OUT,
}
FILE = {
    "kind": {"en": "is the name of a file", "he": "הוא שם של קובץ"},
    "advice": _TAKE_OUT,
}
TEST = {
    "kind": {"en": "is left over from a test", "he": "נשאר מניסיון"},
    "advice": _TAKE_OUT,
}
_CHECK_THE_DATE = {"en": "Check the date", "he": "לבדוק את התאריך"}
PAST = {
    "kind": {"en": "is past when the post goes out", "he": "כבר עבר כשהפוסט עולה"},
    "advice": _CHECK_THE_DATE,
}
WEEKDAYS = tuple(
    {"kind": {"en": f"is a {english}", "he": f"חל ב{hebrew}"}, "advice": _CHECK_THE_DATE}
    for english, hebrew in (
        ("Monday", "יום שני"),
        ("Tuesday", "יום שלישי"),
        ("Wednesday", "יום רביעי"),
        ("Thursday", "יום חמישי"),
        ("Friday", "יום שישי"),
        ("Saturday", "שבת"),
        ("Sunday", "יום ראשון"),
    )
)
"""A date with another day of the week than the text says, from Monday to Sunday."""

UNFINISHED_KINDS = (GAP, NOTE, ASSISTANT, FILE, TEST, PAST, *WEEKDAYS)
"""The values in messages, of each kind."""

_ASKS = re.compile(
    r"\b(?:can|could|would) (?:you|someone|somebody)\b|\b(?:pls|plz|please)\b"
    r"|\b(?:before|until) (?:this|it|we) goes?\b|\b(?:awaiting|waiting (?:for|on))\b"
    r"|\b(?:check|confirm|ask|verify|approve|clear)\b.* (?:with|w/?|from|by) \w"
    r"|(?<!\w)(?:תבדק[יו]|תבדוק|תשאל[יו]?|תווד[אי]|תחליפ[יו]|תשנ[יו]|תתקנ[יו]|תעדכנ[יו]|תאשר[יו]?|תוסיפ[יו]|תשלימ[יו])"
    r"(?!\w)|(?<!\w)(?:מחכים|מחכה|ממתינים|ממתינה?) ל"
    r"|(?<!\w)(?:לבדוק|לאשר|לשאול|לוודא) .*(?<!\w)(?:עם|מול|את)(?!\w)",
    re.IGNORECASE,
)
"""Requests to a colleague, as opposed to a gap in the text."""

_FILE = re.compile(
    r"(?=\S*[_-])[\w.()-]*(?:(?:^|[_-])(?:v\d+|final|approved|rev\d*)(?=[_.()-]|$))[\w.()-]*"
    r"|[^\n<>{}\[\]]*\.(?:jpe?g|png|gif|heic|docx?|xlsx?|pptx?|pdf|psd|ai|indd|mp4|mov)"
    r"|file:///\S+|[A-Z]:\\\S+|/(?:Users|home)/\S+|(?:IMG|DSC|VID|PXL)[_-]?\d\S*",
    re.IGNORECASE,
)
_TEST = re.compile(
    r"\W*(?:test(?:ing)?(?:\W|$)|this is (?:just |only )?a test|(?:asdf|sdfg|dfgh|qwerty)|שדגכ|טסט(?!\w)"
    r"|(?:בדיקה|ניסיון|נסיון)(?:,? (?:בדיקה|ניסיון|נסיון)|[ -]?1|\W*$))",
    re.IGNORECASE,
)


def asks_colleague(text: str) -> bool:
    """Whether a text asks a colleague for something."""
    return _ASKS.search(text) is not None


def kind_of(draft: AnalyzedDraft, span: Span) -> Mapping[str, Mapping[str, str]]:
    """The values in messages for an unfinished part of a draft."""
    text = draft.text_at(span)
    if asks_colleague(text):
        return NOTE
    if any(start < span.end and span.start < end for start, end in draft.once(_replies)):
        return ASSISTANT
    if _FILE.fullmatch(text.strip()):
        return FILE
    return TEST if _TEST.match(text) else GAP


def _replies(draft: AnalyzedDraft) -> list[Span]:
    """Where a draft holds what a writing assistant says around its text."""
    return [
        draft.clean.span(site.start, site.end)
        for site in _assistant_rules().sites(draft.surroundings).unfinished
    ]


@cache
def _assistant_rules() -> RuleSet:
    return RuleSet([*assistant_replies.RULES, *assistant_forms()], name="assistant")
