"""Denied words: what a post says it will not do, such as "no sales today" or "our sale is postponed"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.guards.clean_text import Span

DENIABLE = frozenset("alcohol celebration discount joke meme offer prize product question-game waste".split())
"""The concepts that a post does not touch by words it denies: the light half of most combinations.

A grave subject stays one when it is denied: "not a war", beside a joke, is still about war.
"""

_REACH = 90
"""Number of characters before and after words that are searched."""

_NO = (
    r"(?:no|without|zero|nor|instead of|rather than"
    r"|(?:not|\w+n['’]t)(?: be)? (?:have|hav|hold|runn?|offer|do|post|sell|any)(?:ing)?"
    r"|(?:stop|paus|cancell?|postpon|suspend)(?:e|ed|ping|ped|ing)?|call(?:ed|ing) off)"
    r"(?: (?:any|all|our|the|this|(?:today|tonight|tomorrow)['’]s|special|scheduled|planned|usual|holiday))*"
)
_NO_HEBREW = (
    r"ו?(?:ללא|בלי|אין|במקום"
    r"|לא (?:יתקיימו|תתקיימנה|[ית]תקיים|יהיו|[ית]היה|נקיים|נערוך|נפרסם|נמכור|נציע|נעשה|ניתן|נעלה"
    r"|מפרסמים|מקיימים|מוכרים|עושים|מציעים|נותנים|מעלים)"
    r"|(?:דחינו|ביטלנו|השהינו|עצרנו|הפסקנו|הורדנו|נדחה|נבטל|נשהה|נעצור|נפסיק|מבטלים|משהים|דוחים|עוצרים|מפסיקים)"
    r"(?: את)?)(?: (?:כל|שום|גם|היום|מחר|השבוע|השנה|בו|ביום הזה|כאן|פה|אצלנו|הערב))*"
)
_BEFORE = re.compile(
    rf"(?i)(?<![\w'’-])(?:{_NO} (?:(?:[\w'’-]+, ){{0,3}}[\w'’-]+,? (?:or|nor) (?:any )?)?"
    rf"|{_NO_HEBREW} (?:(?:[א-ת\"'׳״]+, ){{0,3}}[א-ת\"'׳״]+ (?:או |(?=ו)))?)\S\Z"
)
"""A denial up to the first letter of what is denied, which may end a list: "no music or sales"."""

_AFTER = re.compile(
    r"(?i) (?:[\w'’-]+ ){0,6}?"
    r"(?:(?:is|are|was|were|has|have|has been|have been|will be) (?:now |also |all )?"
    r"(?:cancell?ed|postponed|paused|suspended|stopped|delayed|called off|put off|on hold)"
    r"|(?:[יתנ]י?דח[הו]|נדחו|נדחית|נדחים|בוטל[הו]?|[ית]י?בוטלו?|מבוטל(?:ת|ים|ות)?|הושה(?:תה|ו)?|הושעו"
    r"|[ית]ושה[הו]?|[ית]י?פסקו?|הופסקו?|הופסקה|נעצרו?|נעצרים)(?![א-ת]))"
)
_MAY_DENY = re.compile(
    r"(?i)\b(?:no|not|nor|without|zero|instead of|rather than|stop|delayed|paus|cancel|postpon|suspend"
    r"|call(?:ed|ing) off|put off|on hold)|n['’]t\b"
    r"|ללא|בלי|אין|במקום|לא |דחינו|ביטלנו|השהינו|עצרנו|הפסקנו|הורדנו|נדח|נבטל|נשהה|נעצ|נפסיק|מבט|משהים"
    r"|דוחים|עוצרים|מפסיקים|בוטל|הוש|ושה|פסק"
)


def may_deny(text: str) -> bool:
    """Whether a text has a word that may deny others, as most have not."""
    return _MAY_DENY.search(text) is not None


def is_denied(span: Span, text: str) -> bool:
    """Whether a denial is right before part of a text, or says after it that it is called off."""
    before, after = text[max(0, span.start - _REACH) : span.start + 1], text[span.end : span.end + _REACH]
    return _BEFORE.search(before) is not None or _AFTER.match(after) is not None
