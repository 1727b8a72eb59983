"""Notes to colleagues in Hebrew. Without capitals, only position tells them from everyday words."""

from __future__ import annotations

import re

from kb.guards.placeholders.note_words import HEBREW_CONTENT
from kb.guards.placeholders.notes import is_withheld, lacks_link
from kb.guards.placeholders.site import Rule, Site

_THING = f"ה?(?:{HEBREW_CONTENT}|הנחה|תוכן)"
_THINGS = rf"{_THING}(?: ?(?:,|\+|/|&|או)? ?ו?{_THING})*"
_START = r"(?:^|[^\pL\pN])"
"""RE2's `\\b` only knows ASCII letters."""

_BEGINS_CLAUSE = re.compile(r"(?:^|[-–—*|:;.,!?()\[\]{}<>\"“'_/>#•]\s*)\s*$")
_ENDS_CLAUSE = re.compile(r"\s*(?:$|[-–—*|:;.,!()\[\]{}<>\"_/]|(?:כאן|פה|בהמשך|לפני)(?!\w)|מ\w)")
_CONTINUES = re.compile(r"\s*[,;?]")
_BEGINS_NOTE = re.compile(r"[-–—*|:(\[{<_]\s*$|^\s*$")
_BEGINS_HEADING = re.compile(r"[-–—*|(\[{<_]\s*$|^\s*$")
_ENDS_NOTE = re.compile(r"\s*(?:$|[*)\]}>_]|:\s|[-–—]\s)")
_LABELED = re.compile(r"\s*(?:$|[*)\]}>_:]|[-–—]|(?:לא לפרסום|לא סופי|בלבד|לאישור|פנימית)(?!\w))")
_UNTIL = re.compile(
    r"\s*(?:\W*$|[-–—*)\]}>!.:]|(?:עדיין|עד|לפני|בלי|ללא)(?!\w)"
    r"(?! ל(?:בדוק|חשוב|קרוא)(?! עם)(?!\w)))"
)
_ENDS_IN_THING = re.compile(rf"(?:יבוא|תבוא|יבואו|ייכנס|יכנס|תיכנס|ייכנסו|כאן)$|{_THING}$")

_ANNOUNCED_TEST = re.compile(r"צופר|צפירה|אזעק|מערכת ה?כריזה|גלאי|פינוי הבניין|התרעה")
"""What a test is announced of: `בדיקת צופרים ביום שלישי. זו בדיקה בלבד`."""


def _is_hebrew_clause(site: Site) -> bool:
    return _BEGINS_CLAUSE.search(site.before) is not None and _ENDS_CLAUSE.match(site.after) is not None


def _is_hebrew_order(site: Site) -> bool:
    return _is_hebrew_clause(site) and _CONTINUES.match(site.after) is None


def _is_alone(site: Site) -> bool:
    """Whether it is the only text in brackets, asterisks or its line, or after a dash or a colon."""
    return _BEGINS_NOTE.search(site.before) is not None and _ENDS_NOTE.match(site.after) is not None


def _is_hebrew_slot(site: Site) -> bool:
    return "יבוא" in site.found or "תבוא" in site.found or _ENDS_IN_THING.search(site.found) is not None


def _is_hebrew_withheld(site: Site) -> bool:
    begins = _BEGINS_CLAUSE.search(site.before.removesuffix("טיוטה ")) is not None
    return (begins and _UNTIL.match(site.after) is not None) or is_withheld(site)


def _is_hebrew_draft(site: Site) -> bool:
    return _BEGINS_HEADING.search(site.before) is not None and _LABELED.match(site.after) is not None


def _names_itself(site: Site) -> bool:
    """Whether a field follows the word that it names: `מנת השבוע של השף שם השף`."""
    return site.groups[0] == site.groups[2]


def _is_hebrew_test(site: Site) -> bool:
    return _is_hebrew_clause(site) and not site.surroundings.mentions(_ANNOUNCED_TEST)


RULES = (
    Rule(rf"{_START}(ה\pL{{2,10}}) (?P<site>שם (ה\pL{{2,10}}))", _names_itself),
    Rule(
        rf"{_START}(?P<site>(?:(?:צריך|צריכים|נא|יש|לא לשכוח|לזכור) )?"
        rf"(?:להוסיף|להשלים|להכניס|לשים|לעדכן|לצרף) (?:כאן |פה )?{_THINGS})",
        _is_hebrew_order,
    ),
    Rule(
        rf"{_START}(?P<site>(?:הוסף|הכנס|הקלד|הזן|הכניסו|הוסיפו|הקלידו|הזינו) (?:כאן |פה )?"
        rf"{_THINGS}(?: כאן| פה)?)",
        _is_hebrew_order,
    ),
    Rule(
        rf"{_START}(?P<site>(?:כאן|פה) (?:יבואו?|תבוא|ייכנסו?|יכנס|תיכנס|[ית]ופיע|[ית]היה) \pL+"
        rf"|(?:כאן|פה) (?:צריך|צריכה|אמור|אמורה) לבוא {_THING}|(?:כאן|פה) יבוא|\pL+ (?:יבואו?|תבוא) כאן)",
        _is_hebrew_slot,
    ),
    Rule(
        rf"{_START}(?P<site>(?:חסר|חסרה|חסרים|חסרות|צריך|צריכים) (?:עוד |כאן |פה )?{_THINGS})",
        _is_hebrew_order,
    ),
    Rule(rf"{_START}(?P<site>{_THINGS}(?: ?[:–-] ?| )(?:להשלים|להשלמה|להוספה))", _is_hebrew_clause),
    Rule(rf"{_START}(?P<site>להשלים|להשלמה|למלא|לעדכן|להוסיף)", _is_alone),
    Rule(
        rf"{_START}(?P<site>(?:לינק|קישור|לינקים|קישורים) (?:כאן|פה|בהמשך|יבוא|יגיע|חסר|בקרוב))", lacks_link
    ),
    Rule(rf"{_START}(?P<site>ה?(?:לינק|קישור) יתווסף(?: בהמשך)?)", lacks_link),
    Rule(rf"{_START}(?P<site>טקסט טקסט(?: טקסט)*|זה רק (?:טסט|ניסיון|נסיון))", _is_hebrew_clause),
    Rule(
        rf"{_START}(?P<site>(?:טקסט|קופי|כותרת|כיתוב|תמונה|לוגו)(?: ראשית| משנית)? "
        r"(?:כאן|פה|בהמשך|[ית]בוא|[ית]גיע|זמנית?|לדוגמ[הא]))",
        _is_hebrew_clause,
    ),
    Rule(
        rf"{_START}(?P<site>(?:נא |בבקשה |עדיין )?(?:לא|אין) (?:לפרסם|לפרסום|להעלות|להפצה))",
        _is_hebrew_withheld,
    ),
    Rule(
        rf"{_START}(?P<site>(?:(?:ממתין|ממתינה|ממתינים|מחכה|מחכים|בהמתנה) )?לאישור"
        r"(?: (?:לקוח|הלקוח|סופי|משפטי|הנהלה))?)",
        _is_alone,
    ),
    Rule(rf"{_START}(?P<site>טיוטה(?: (?:ראשונה|שנייה|שניה|\d+))?)", _is_hebrew_draft),
    Rule(
        rf"{_START}(?P<site>פוסט (?:בדיקה|ניסיון|נסיון|טסט)|זו בדיקה בלבד"
        r"|(?:בדיקה|ניסיון|טסט) (?:בדיקה|ניסיון|טסט))",
        _is_hebrew_test,
    ),
)
