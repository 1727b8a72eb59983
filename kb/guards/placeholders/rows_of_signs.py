"""Notes between two rows of signs or of x's: `%%% price from finance %%%`, `xxxx awaiting headline xxxx`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kb.guards.placeholders.marks import KISSES
from kb.guards.placeholders.note_words import HEBREW_TEAM, is_note
from kb.guards.placeholders.site import Rule, Site

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS = (
    r"@{3,}",
    r"%{3,}",
    r"\^{3,}",
    r"\*{3,}",
    r"#{3,}",
    r"~{3,}",
    r"\${3,}",
    r"&{3,}",
    r"\+{3,}",
    r"={3,}",
)
_LETTERS = ("x{3,}", "X{3,}")

_FROM_TEAM = re.compile(
    r"\b(?:copy|text|prices?|dates?|hours?|times?|names?|photos?|images?|pics?|pictures?|logos?|headlines?|captions?|"
    r"titles?|links?|urls?|quotes?|figures?|numbers?|wording|visuals?|terms) (?:from|by|via) (?:the )?"
    r"(?:finance|legal|marketing|design(?:ers?)?|sales|hr|pr|ops|operations|product|client|agency|studio|"
    r"accounting|management|head office|hq|comms|it|photographer|editors?|team)\b"
    r"|(?<!\w)ה?(?:טקסט|קופי|מחיר(?:ים)?|תאריך|תאריכים|שעות|שעה|שמות|שם|תמונות|תמונה|לוגו|כותרת|כיתוב|קישור|לינק|ציטוט|"
    rf"נתונים|ניסוח|תקנון) (?:מה|מ|מאת ה?|של ה)(?:{HEBREW_TEAM}|כספים|שיווק|עיצוב|משפטית|מכירות)(?!\w)",
    re.IGNORECASE,
)
"""Part of a post, and the colleagues who have it."""

_ORDER = re.compile(
    r"\W*(?:needs? (?:copy|an?|the|to)|insert|tb[dc]|tk|confirm|replace|update|placeholder|pending|"
    r"a?waiting|do not (?:post|publish)|don['’]t (?:post|publish))\b"
    r"|\W*(?:להוסיף|להשלים|לעדכן|לבדוק|לאשר|לשנות|לתקן|להחליף|לוודא|"
    r"חסרה?|חסרים|ממתינ(?:ה|ים)|ממתין|מחכ(?:ה|ים) ל)",
    re.IGNORECASE,
)
"""The beginning of a note, which a heading between decorative signs hardly has."""

_READERS = re.compile(r"\b(?:you|your|yours)\b|(?<!\w)\w*(?:שלכם|שלכן|שלך)(?!\w)", re.IGNORECASE)


def _is_between_signs(site: Site) -> bool:
    """Whether colleagues are addressed, rather than a heading decorated."""
    note = site.groups[-1] or ""
    if site.is_about_code:
        return False
    if is_note(note) or _FROM_TEAM.search(note):
        return True
    return _ORDER.match(note) is not None and _READERS.search(note) is None


def _is_between_letters(site: Site) -> bool:
    """Whether colleagues are addressed, and the x's are no kisses."""
    note = site.groups[-1] or ""
    return KISSES.search(note) is None and _is_between_signs(site)


def _between(sign: str, check: Callable[[Site], bool]) -> Rule:
    kept = sign.partition("{")[0]
    within = rf"[^\n{kept}]" if kept not in "xX" else r"[^\n]"
    return Rule(rf"(?:^|[\s.,!?:])(?P<site>{sign} ?({within}{{2,120}}?) ?{sign})(?:[\s.,!?:]|$)", check)


RULES = (
    *(_between(sign, _is_between_signs) for sign in _SIGNS),
    *(_between(sign, _is_between_letters) for sign in _LETTERS),
)

# The length of a row is limited, because its end is looked for at each length that it may have.
_ENCLOSED = re.compile(
    r"(?:(?<=\s)|^)(([@%^*#~$&+=])\2{2,30}|x{3,30}|X{3,30})[^\n]{2,120}?\1(?![^\s.,!?:])", re.MULTILINE
)


def enclosures(text: str) -> list[tuple[int, int]]:
    """Where two rows of the same signs enclose part of a line: a note within ends where they do."""
    return [match.span() for match in _ENCLOSED.finditer(text)]


def cut_to(enclosed: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """A site that begins between two rows of signs, without what follows them."""
    for first, last in enclosed:
        if first <= start < last < end:
            return start, last
    return start, end
