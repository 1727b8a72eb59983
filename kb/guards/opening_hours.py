"""Notices of opening hours, which may be posted on any day, and sales within such notices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.patterns.pattern_set import compile_shipped

if TYPE_CHECKING:
    from kb.guards.analysis import AnalyzedDraft, Touch

PRODUCT = "product"

_NOTICE = compile_shipped(
    r"(?i)\b(?:(?:are|is|be|we['’]re|stays?|remains?|stores?|shops?|offices?|branches) closed"
    r"|closed (?:today|tomorrow|on|for|until|all day)|clos(?:e|es|ing) (?:early|at)"
    r"|(?:opening|business|holiday) hours|(?:will|does|do) not (?:open|operate|deliver|ship)"
    r"|no (?:deliver(?:y|ies)|shipping|shipments?|pickups?|service)"
    r"|(?:deliver(?:y|ies)|orders?|shipping|shipments?|services?) (?:will )?(?:resumes?|restarts?)"
    r"|open (?:as usual|from|until|at)|reopen(?:s|ing)?)\b"
    r"|(?:^|[^א-ת])(?P<notice>[והש]?(?:סגור(?:ה|ים|ות)?|[ינת]יסגר|[נת]סגר|ייסגרו|שעות ה?(?:פתיחה|פעילות)"
    r"|לא (?:נפעל|[ית]פעל|יפעלו|נפתח|[ית]יפתח|ייפתח|ייפתחו|יתקיימו|[ית]תקיים|יהיו משלוחים)"
    r"|לא תהיה (?:פעילות|קבלת קהל)|אין (?:משלוחים|קבלת קהל|פעילות|שירות)|ללא קבלת קהל"
    r"|(?:נפתח(?:ים|ות)?|[ית]יפתח|ייפתחו) מחדש|(?:ה?משלוחים|השירות) (?:מתחדש(?:ים)?|[ית]תחדשו?|חוזר(?:ים)?)"
    r"|(?:נחזור|נשוב|יחזרו|[ית]חזור|ישובו|[ית]שוב) ל(?:פעול|פעילות)|[ית]חודש|יחודשו))(?:[^א-ת]|$)"
)

_BUYING = re.compile(r"(?i)buy|buying|purchase|[וש]?(?:קונים|לקנות|רוכשים)")
"""Words with other senses that sell even in a notice."""

_DIRECTIONS = re.compile(
    r"(?i)stores?|shops?|branch(?:es)?|find a store|find us at|link in bio|swipe up|learn more at"
    r"|visit our website|in-store and online|app store"
    r"|[והשבלמ]*(?:סניף|סניפים|סניפי הרשת|אתר ובסניפים|רשתות השיווק|חנו(?:ת|יות)(?: ה?אונליי?ן)?"
    r"|לינק בביו|קישור בביו|לינק בסטורי|לחצו כאן|היכנסו לאתר|כנסו לאתר|מתחדשים|אקספרס עד הבית)"
)
"""Words of sales that in a notice say where something is, or when it is there again."""


def notices(draft: AnalyzedDraft) -> frozenset[int]:
    """The sentences of a draft that are notices of opening hours."""
    return draft.once(_sentences_with_notices)


def is_of_notice(touch: Touch, draft: AnalyzedDraft) -> bool:
    """Whether words of a product only say what is closed: "All branches are closed", but not "shop now"."""
    if touch.sentence not in notices(draft):
        return False
    text = draft.text_at(touch.span)
    sells = _DIRECTIONS.fullmatch(text) is None if touch.clear else _BUYING.fullmatch(text) is not None
    return not sells


def _sentences_with_notices(draft: AnalyzedDraft) -> frozenset[int]:
    """Sentences are located by the last group of a match, if there is one."""
    parts = (match.span(match.lastindex or 0) for match in _NOTICE.finditer(draft.clean.text))
    return frozenset(draft.sentence_at(draft.clean.span(*part)) for part in parts)
