"""Notes to colleagues in brackets or asterisks, after slashes, or addressed to somebody by name."""

from __future__ import annotations

import re

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.note_words import (
    EDITS,
    HEBREW_EDITS,
    HEBREW_PARTS,
    HEBREW_TEAM,
    PARTS,
    STRONG_EDITS,
    TEAM,
)
from kb.guards.placeholders.site import Rule, Site

_MAX_NOTE = 200
"""Longer text in brackets, in characters, is not a note."""

_TEAM = one_of(
    "copy art",
    phrases=f"""
    {TEAM}
    the agency, (?:the|my|your) boss, (?:brand|social|web|content|product|events?) team
    """,
)
_PARTS = one_of(
    "hours allergens venue address sponsors? source percentage discount bio placeholder", phrases=PARTS
)
_STRONG_EDITS = f"(?:{STRONG_EDITS}|needs?)"
_EDITS = one_of("get include make pick ask needs?", phrases=EDITS)
_POLITE = (
    r"(?:(?:please|pls|plz|also|still|we|i|you|need to|remember to|don['’]t forget to|to|can|could|"
    r"let['’]s) ){0,3}"
)
_QUESTION = one_of(
    r"thoughts ok\b okay\b",
    phrases=r"""
    is (?:it|this|that|the), are (?:we|these|you), can (?:we|you), could (?:we|you),
    should (?:we|i|this), do (?:we|you), does (?:this|it), did (?:we|you), which (?:one|version|photo),
    what['’]s the, who has
    """,
)

_NAMED = rf"(?:@?[A-Z][a-z]+(?: [A-Z][a-z]*\.?)?|@[\w.]+|(?i:hey |hi )?@?\w+|(?i:{_TEAM}))"
_NO_NAMES = one_of("yes yeah yep no nope well oh so")
_ADDRESSED = re.compile(
    rf"\s*(?!(?i:{_NO_NAMES})\b)(?:{_NAMED}\s*(?:[:,]|\s[-–—])|@[\w.]+)\s*(?i:{_POLITE}(?:{_EDITS}|{_QUESTION})(?!\w))"
)
_TO_SELF = re.compile(
    rf"\s*(?:notes? (?:to|for) (?:self|myself|\w+)|nb(?: for \w+)?|todo|to[- ]do|reminder)\s*[:,–—-]+\s*"
    rf"{_POLITE}(?:{_STRONG_EDITS}|check|ask)\b",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"\s*[\w@. &]{2,30}? to (?:confirm|check|verify|approve|supply|provide|advise|review|sign off|send|"
    r"update|fix)"
    rf"(?: (?:the )?(?:\w+ )?{_PARTS})?\s*",
    re.IGNORECASE,
)
_PROCESS = re.compile(
    r"\b(?:before|until|when) (?:this|it|we) (?:goes? (?:out|live|up)|posts?|publish|post)\b"
    rf"|\b(?:check|confirm|verify|clear|run|ok|okay|approve|agree)\w*\b.{{0,40}}?\b(?:with|by|from|past) "
    rf"(?:the |our )?{_TEAM}\b"
    rf"|\bw/ ?(?:the )?{_TEAM}\b|\bask (?:the )?{_TEAM}\b"
    rf"|\b{_TEAM} (?:still )?(?:needs?|has|have|must|to|hasn['’]t|haven['’]t|wants?|says?|said|is|"
    rf"are)\b.{{0,20}}?"
    r"(?:sign[- ]?off|approv\w+|check|confirm|ok\b|review|clear|changes?)"
    rf"|\b(?:waiting|awaiting|pending|hold(?:ing)?) (?:on |for )?(?:the )?(?:final )?(?:{_TEAM}|{_PARTS}|"
    rf"approval|sign[- ]?off)\b"
    rf"|\b(?:pls|plz)\b.{{0,12}}?\b{_EDITS}\b|\b{_EDITS} (?:this|it|the|that)?.{{0,20}}?\b(?:asap|eod|pls|"
    rf"plz)\b",
    re.IGNORECASE,
)
_OUTDATED = re.compile(
    rf"\b(?:last (?:year|yr|season|month)['’]?s|old|wrong|outdated|previous|low[- ]res|watermarked) (?:\w+ "
    rf")?{_PARTS}\b"
    r"|\bthis (?:one|photo|image|pic|shot|version|link|logo) (?:is|still|has|was|isn['’]t)\b"
    r"|\bfrom last (?:year|summer|winter|spring|season|month|time)\b|\bfinal (?:render|version|art|artwork|"
    r"one)\b"
    r"|\bnot (?:final|sure|approved)\b|\bsays otherwise\b",
    re.IGNORECASE,
)
_EDITING = re.compile(
    rf"(?:\b{_STRONG_EDITS}\b|\buse (?:the )?(?:new|other|final|right|correct|updated|latest)\b)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    rf"\s*{_POLITE}{_EDITS} (?:(?!of\b|as\b)[\w'’/\"“”]+ ){{0,3}}?(?:{_PARTS}|w/|if\b|whether\b)(?!\w)"
    rf"|\s*{_POLITE}{_EDITS} (?:this|it|that) (?:one|bit|part|line|later)\W*$",
    re.IGNORECASE,
)
_STRONG_ORDER = re.compile(
    rf"\s*{_POLITE}{_STRONG_EDITS} (?:(?!of\b|as\b)[\w'’/\"“”]+ ){{0,3}}?{_PARTS}(?!\w)"
    rf"|\s*{_POLITE}{_STRONG_EDITS} (?:this|it|that) (?:one|bit|part|line|later)\W*$",
    re.IGNORECASE,
)
_SHORT_ORDER = re.compile(
    rf"\s*(?P<polite>{_POLITE})(?:(?P<strong>{_STRONG_EDITS})|{_EDITS}) "
    r"(?:this|it|that)(?: (?:down|up))?\W*$",
    re.IGNORECASE,
)
"""Also a slogan: "Fix it!", "Pick it up"."""

_READERS = re.compile(
    r"\b(?:you|your|yours|yourself|in[- ]?store|online|our (?:site|website|page|app|store)|website|the app|"
    r"app|"
    r"bio|local(?:ly)?|branch|at checkout|booking|ticket)\b",
    re.IGNORECASE,
)
_UNKNOWN = one_of(
    """
    price date time name year city venue partner sponsor speaker title number figure amount discount
    percentage link handle hashtag hours location address quote source photo image logo wording
    """
)
_HEBREW_UNKNOWN = one_of("מחיר תאריך שעה שם עיר מיקום כתובת קישור לינק אחוז מספר")
_OPEN_QUESTION = re.compile(
    rf"\s*(?:the |a |which |what |what['’]s the |whose )?(?:\w+ ){{0,2}}{_UNKNOWN}s?\s?\?+\s*"
    rf"|\s*{_HEBREW_UNKNOWN}\s?\?+\s*",
    re.IGNORECASE,
)

_HEBREW_PARTS = f"ה?{HEBREW_PARTS}"
_HEBREW_TEAM = f"ה?{HEBREW_TEAM}"
_HEBREW_IMPERATIVE = "ת" + one_of(
    """
    בדוק בדקי בדקו חליף חליפי חליפו עדכן עדכני עדכנו ודאי וודאי וודא וודאו שלים שלימי קצר קצרי שני שנה תקן
    תקני מחקי מחק ורידי וריד אשר אשרי שאל שאלי וסיף וסיפי נסחי בררי ברר
    """
)
_HEBREW_ORDER = rf"(?:{HEBREW_EDITS}|{_HEBREW_IMPERATIVE}|(?:אפשר|צריך|נא|יש|לא לשכוח|חייבים) ל\w+)"
_HEBREW_PLACING = "ל" + one_of("שים הכניס מצוא העלות הגדיל הקטין חתוך")
"""Orders that readers are also given, unless they are about a part of a post."""

_HEBREW_NAME = r"\s*(?:(?:הי|היי|@)? ?\w+ ?[,:–—-] ?)?"
_HEBREW_BETWEEN = r"(?:את |שוב |כאן |פה |גם )?(?:\w+ )?"
_HEBREW_NOTE = re.compile(
    rf"{_HEBREW_NAME}{_HEBREW_ORDER} {_HEBREW_BETWEEN}(?:{_HEBREW_PARTS}|עם {_HEBREW_TEAM}|מול \w+)(?!\w)"
    rf"|{_HEBREW_NAME}(?!{_HEBREW_PLACING}){_HEBREW_ORDER} {_HEBREW_BETWEEN}(?:אם|ש\w+)(?!\w)"
    rf"|.*(?<!\w){_HEBREW_ORDER} .{{0,40}}?(?<!\w)(?:מול|עם) {_HEBREW_TEAM}(?!\w)"
    r"|\s*(?:הערה|תזכורת|פתק) (?:לעצמי|ל\w+)\s*[:,–—-]"
    rf"|.*(?<!\w)(?:מחכה|מחכים|ממתין|ממתינה|ממתינים|בהמתנה) (?:עדיין )?ל(?:אישור(?: של \w+| ה?לקוח| סופי| "
    rf"משפטי)|{_HEBREW_PARTS}|{_HEBREW_TEAM})(?!\w)"
    rf"|.*{_HEBREW_PARTS} (?:מהשנה שעברה|ישנה?|לא סופית?|לא נכונה?|הישנה?|זמנית?|של שנה "
    rf"שעברה)(?!\w).{{0,40}}?{_HEBREW_ORDER}"
    r"|.*(?<!\w)לפני ש(?:זה |הפוסט |אנחנו )?(?:עולה|עולים|מעלים|מפרסמים|יוצא|שולחים|נעלה|מתפרסם|עולות|תעלי|"
    r"תעלה)(?!\w)"
    rf"|\s*\w+ (?:צריך|צריכה|צריכים|אמור|אמורה) ל(?:אשר|בדוק|עדכן|שלוח|תת|השלים)(?!\w)"
    rf"|\s*(?:לא בטוחה?|לא סגורה?) (?:ש|אם|לגבי|ב)"
)
_HEBREW_READERS = re.compile(
    r"(?:\w*(?:שלכם|שלכן|שלך)|בסניפים|בקופה|באתר(?:נו)?|באפליקציה|לרכב|זמינות|התאמה)(?!\w)"
)


def _note(site: Site) -> str | None:
    """The text between the signs; None if it is too long, code or a link's text."""
    text = next((group for group in site.groups[1:] if group), site.found)
    if len(text) > _MAX_NOTE or site.is_in_code or site.after.startswith("("):
        return None
    return text


def _is_to_colleague(note: str) -> bool:
    """Whether nobody would write a note like this to readers, whatever the context."""
    if _HEBREW_NOTE.match(note) and not _HEBREW_READERS.search(note):
        return True
    if _ADDRESSED.match(note) and not re.search(r"\byour\b", note, re.IGNORECASE):
        return True
    is_handed_on = _TO_SELF.match(note) or _ASSIGNED.fullmatch(note) or _PROCESS.search(note)
    return is_handed_on is not None or (
        _OUTDATED.search(note) is not None and _EDITING.search(note) is not None
    )


def _is_bracketed_note(site: Site) -> bool:
    note = _note(site)
    if note is None:
        return False
    if _is_to_colleague(note) or _OPEN_QUESTION.fullmatch(note):
        return True
    is_order = _ORDER.match(note) is not None or _is_short_order(site, note, strong=False)
    return is_order and _READERS.search(note) is None


def _is_short_order(site: Site, note: str, *, strong: bool) -> bool:
    """Whether a note like "fix it" asks politely or ends a line: a slogan begins one, or goes on."""
    order = _SHORT_ORDER.match(note)
    if order is None or (strong and order["strong"] is None):
        return False
    is_last = re.search(r"\w", site.after) is None and re.search(r"\w", site.before) is not None
    return bool(order["polite"]) or is_last


def _is_note_in_sentence(site: Site) -> bool:
    """Parentheses and single asterisks also enclose remarks to readers."""
    note = _note(site)
    if note is None:
        return False
    if _is_to_colleague(note):
        return True
    is_order = _STRONG_ORDER.match(note) is not None or _is_short_order(site, note, strong=True)
    return is_order and _READERS.search(note) is None


def _is_shouted(site: Site) -> bool:
    """Whether it is in capitals: in lower case, readers may be asked the same."""
    return site.found.isupper()


_GATE = (
    rf"(?:(?i:\b(?:{_EDITS}|{_TEAM}|pls|plz|{_QUESTION}|this|before|waiting|awaiting|pending)\b)|\?"
    rf"|{_HEBREW_ORDER}|לפני ש|הערה|תזכורת|פתק|מחכה|מחכים|ממתי|בהמתנה|לא בטוח|לא סגור)"
)
"""Words typical of notes; a cheap prefilter for bracketed text."""

_PUBLISHED = r"(?i:goes? (?:live|out|up)|we (?:post|publish|go live)|posting|publishing)"

RULES = (
    Rule(rf"(?P<site>\[([^\[\]\n]*{_GATE}[^\[\]\n]*)\])", _is_bracketed_note),
    Rule(rf"(?P<site>\{{([^{{}}\n]*{_GATE}[^{{}}\n]*)\}})", _is_bracketed_note),
    Rule(rf"(?P<site>\*\*([^*\n]*{_GATE}[^*\n]*)\*\*)", _is_bracketed_note),
    Rule(rf"(?P<site>\(\(([^()\n]*{_GATE}[^()\n]*)\)\))", _is_bracketed_note),
    Rule(rf"(?P<site>\(([^()\n]*{_GATE}[^()\n]*)\))", _is_note_in_sentence),
    Rule(rf"(?:^|[^*])(?P<site>\*([^*\n]*{_GATE}[^*\n]*)\*)(?:[^*]|$)", _is_note_in_sentence),
    Rule(rf"(?:^|\s)(?P<site>(?://|<{{2,}}|>{{2,}}|/\*|<!--)\s*([^\n]*{_GATE}[^\n]*))", _is_note_in_sentence),
    Rule(
        rf"(?:^|[.!?\n]\s*)(?P<site>(?i:nb|note|memo|message) (?i:for|to) [A-Z]\pL+: (?i:{_POLITE}{_EDITS})\b"
        r"[^.!?\n]*)"
    ),
    Rule(
        rf"\b(?P<site>(?:PLS|PLZ|PLEASE) (?i:{_EDITS})(?: [A-Z]+){{0,2}} (?i:{_PARTS}))\b",
        _is_shouted,
    ),
    Rule(
        rf"(?P<site>\b(?i:{_STRONG_EDITS}) [^.!?\n]*(?i:{_PARTS})[^.!?\n]* before (?:(?i:this|it|post) "
        rf")?{_PUBLISHED})\b"
    ),
    Rule(
        rf"(?:^|[^\pL])(?P<site>{_HEBREW_ORDER} [^.!?\n]*לפני ש(?:זה |הפוסט |אנחנו )?"
        r"(?:עולה|עולים|מעלים|מפרסמים|יוצא|שולחים|נעלה|מתפרסם))"
    ),
    Rule(
        r"(?i)\b(?P<site>(?:whichever|whatever) (?:one )?(?:the )?client (?:prefers|likes|wants|picks)"
        r"|client (?:liked|likes|prefers|preferred|approved) (?:this|that|the (?:first|second|third|last)) "
        r"(?:one|version))\b"
    ),
)
