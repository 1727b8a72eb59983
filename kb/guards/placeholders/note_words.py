"""The vocabulary of notes to colleagues: parts of a post, and what remains to be done to them."""

from __future__ import annotations

import re
from functools import cache

import re2

from kb.derived_files import derived
from kb.guards.patterns.literal_index import LiteralIndex, literal_table
from kb.guards.placeholders.alternatives import one_of

_OPTIONS = re2.Options()
_OPTIONS.case_sensitive = False
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 2 << 20
_NAME = r"@?[A-Z][\pL\pN]+"
TEAM = one_of(
    """
    legal marketing finance ops operations clients? designers? design devs? engineering product pr hr qa sales
    comms compliance agency editors? management boss studio photographer copywriter producer translator
    """,
    phrases="press office",
)
"""Colleagues and departments that work on a post."""

_TEAM = f"(?:{TEAM}|team)"
CONTENT = one_of(
    """
    copy captions? headlines? titles? hashtags? handles? cta quotes? name links? urls? prices? dates? time
    number photos? pictures? pics? images? img logos? visuals? video assets?
    """,
    phrases="alt text",
)
"""What a note says to add to a post."""

WORDING = one_of(
    """
    taglines? slogan wording tone tags? disclaimers? paragraph sentence lines? hook opener intro ending closer
    emojis? version draft
    """,
    phrases="punch ?line, caption text",
)
_OTHER_PARTS = one_of(
    """
    hero shots? renders? screenshots? artwork layout mock-?up footage thumbnail banner font resolution crop
    b-roll clip audio claims? figures? stats? pricing names numbers times credits? t&cs spelling typos?
    """
)
PARTS = f"(?:{CONTENT}|{WORDING}|{_OTHER_PARTS})"
"""Parts of a post."""

_PARTS = f"(?:{PARTS}|filter)"
STRONG_EDITS = one_of(
    """
    confirm verify swap replace trim shorten lengthen finali[sz]e crop rewrite rephrase reword tighten
    proof(?:read)? retouch resize redo fix insert cut update change delete
    """,
    phrases="double[- ]?check, tone down, punch up",
)
"""Work on a post that readers are hardly asked to do."""

EDITS = one_of(
    """
    check add remove review approve translate find use move adjust tweak put send lower raise soften drop keep
    upload attach
    """,
    phrases=STRONG_EDITS,
)
_EDITED = one_of(
    """
    checked confirmed verified swapped replaced shortened finali[sz]ed rewritten updated changed removed
    added approved reviewed translated decided supplied cleared completed
    """,
    phrases="signed off",
)
_BETTER = one_of(
    """
    better stronger shorter longer punchier funnier snappier catchier clearer softer new different final
    proper real good sharper warmer brighter bigger smaller updated another closing opening correct
    """,
    phrases="high[- ]res",
)
_STATES = one_of(
    "missing needed pending tbc tbd unapproved outdated unconfirmed",
    phrases="""
    to come, to follow, goes here, go here, still old, not final, not approved, not cleared,
    not confirmed
    """,
)
_SOURCES = one_of(
    "deck brief slides? doc spreadsheet sheet slack figma trello asana",
    phrases="style ?guide, brand book, our call",
)
_SCHEDULE = (
    r"(?:we|i|you|this|it)(?:['’]re)? (?:schedul|post|publish|upload|go(?:es)? (?:live|out|up)|send|"
    r"ship)[a-z]*"
    r"|upload(?:ing)?\b|scheduling|posting|publishing|publication"
)

_NEED = (
    rf"(?:needs?|could use|lacks?|wants?) (?:a |an |the |some |"
    rf"more )?(?:[\pL\pN]+ )?{_BETTER} (?:[\pL\pN]+ ){{0,2}}?{_PARTS}"
)
_WAIT = (
    rf"(?:waiting|awaiting|pending|holding)(?: on| for)? (?:[\pL\pN'’-]+ ){{1,6}}?(?:from|by) (?:the |our )?"
    rf"(?:{_TEAM}\b|(?-i:{_NAME}))"
    rf"|(?:waiting|awaiting|holding)(?: on| for) (?:the |our )?(?:{_TEAM}|(?-i:{_NAME}))(?: to|['’]s| for)\b"
    rf"|(?:waiting|awaiting|holding)(?: on| for) (?:the |our )?(?:final |new )?{_PARTS}"
)
_STILL = (
    rf"still (?:needs?|need to|missing|waiting) (?:the |a |an )?(?:[\pL\pN'’-]+ )?{_PARTS}"
    rf"|(?:numbers?|figures?|sizes?|prices?|names?|dates?|quotes?|{_PARTS}) (?:still )?to be {_EDITED}\b"
)
_WITH = (
    rf"(?:{_EDITED}|check|confirm|verify|clear|agree|run (?:this|it)) (?:[\pL\pN'’]+ ){{0,4}}?(?:with|by|"
    rf"past) "
    rf"(?:the |our )?(?:{_TEAM}\b|(?-i:{_NAME})[^\pL\pN]*$)"
)
_ORDER = (
    rf"(?:^|please |pls |plz |can you |could you |let['’]s |maybe |or |should we |shall we |can we )"
    rf"(?:also )?{EDITS} (?:[\pL\pN'’\"“”-]+ ){{0,4}}?{_PARTS}\b"
)
_WHICH = (
    rf"which (?:one |of (?:the |these )?)(?:[\pL\pN]+ )?{_PARTS} (?:do|should|are|did) (?:we|i)\b"
    rf"|(?:hoping|trying|need) to get (?:[\pL\pN]+ ){{0,3}}?{_PARTS}\b"
    rf"|maybe (?:open|start|end|close|lead) with\b|(?-i:{_NAME}) to (?:send|confirm|check|supply|approve|"
    rf"provide)\b|"
    rf"(?:is|are) (?:this|that|these|it|those)(?: still)?(?: really)? (?:the |our )?(?:right|final|"
    rf"correct|latest|"
    rf"newest|new|old|approved|good|best)\b"
    rf"|(?:which|what) {_PARTS} (?:are|do|did|should|is|will) (?:we|i|it|the client|this)\b"
    rf"|does (?:this|it|that) need (?:a |an |the )?(?:[\pL\pN]+ )?{_PARTS}|is (?:this|that|"
    rf"it) (?:too [\pL\pN]+|ok(?:ay)?|allowed)\b"
    r"|are we (?:allowed|ok(?:ay)?|sure|still)\b|too (?:long|salesy|wordy|formal|cheesy|pushy)\b"
    rf"|(?:end|start|open|close|begin) with (?:something|a {_BETTER}|a joke|the {_PARTS})"
)
_STATE = (
    rf"{_PARTS} (?:is |are )?(?:still )?{_STATES}\b"
    rf"|{_PARTS} (?:is|are) still (?:the |an? )?(?:old|wrong|last year|from)"
    rf"|{_PARTS} (?:of|from|for) [^.?!]{{0,40}}?(?:goes?|comes?) here"
    rf"|{_PARTS} ?\?{{2,3}}[^\pL\pN]*$|^(?:the |which |what |right )?{_PARTS} ?\?[^\pL\pN]*$"
    r"|^[^\pL\pN]*\?{2,}"
    rf"|{_PARTS} (?:is|are|was|were|has|have) (?:not|n['’]t) (?:yet |been |yet been )?(?:{_EDITED}|"
    rf"final)\b"
    rf"|\b{_TEAM} (?:still )?(?:must|has to|have to|needs? to|should|wants? to) (?:{EDITS}|ok|see|"
    rf"sign)\b"
)
_REFERENCE = (
    rf"^(?:see|as per|per|from|cf\.?) (?:the |our |client |your )?(?:[\pL\pN]+ )?{_SOURCES}\b|"
    rf"before (?:{_SCHEDULE})"
    r"|^as (?:discussed|agreed|requested)\b"
)
HEBREW_CONTENT = one_of(
    """
    טקסט קופי כותר(?:ת|ות) כיתוב ציטוט האשטא?ג(?:ים)? קישור(?:ים)? לינק(?:ים)? תמונ(?:ה|ות|ת) סרטון וידאו לוגו
    ויזואל מחיר(?:ים)? תאריך תאריכים שעה שם כתובת מיקום מספר(?:ים)? אחוז(?:ים)? פרטים קוד
    """
)
HEBREW_WORDING = one_of("ניסוח נוסח גרסה משפט פסקה פתיח סיומת הוק סלוגן אימוג['׳]?י תרגום")
HEBREW_PARTS = one_of(
    "שעות שמות נתון נתונים תקנון צילום קרדיט ספונסר באנר הדמיה איור כיתוביות",
    phrases=f"""
    {HEBREW_CONTENT}
    {HEBREW_WORDING}
    """,
)
_INFLECTED_PARTS = f"ו?[הבלמ]?{HEBREW_PARTS}"
HEBREW_TEAM = one_of(
    r"""
    שיווק משפטית משפטי לקוחה? כספים תפעול עיצוב מעצבת? דוברות דוברת? יועצת? הנהלה הפקה צלמת? ייעוץ סטודיו
    עורכת? סושיאל קריאייטיב מנכ["״]לית? צוות מנהלת? משרד קופירייטרית? מחלקה סניף מערכת לוגיסטיקה יחצ[א-ת]*
    """
)
HEBREW_EDITS = "ל" + one_of(
    """
    בדוק החליף עדכן וודא ודא השלים קצר שנות תקן מחוק הוריד אשר שאול אמת חדד הוסיף נסח ערוך הגיה סגור תאם ברר
    צרף שכתב הקטין הגדיל חתוך העלות שים הכניס מצוא לטש
    """
)
_HEBREW = (
    rf"(?:עוד |עדיין )(?:לא (?:קיבלנו|הגיע|הגיעה|קיבלתי) |אין ){_INFLECTED_PARTS}(?:[^\pL\pN]|$)|"
    rf"^אולי ל(?:פתוח|סיים|התחיל|סגור) (?:עם|ב)"
    rf"|(?:^|[^\pL\pN])ת(?:חליף|חליפי|עדכן|עדכני|בדוק|בדקי|קצר|קצרי|וסיף|וסיפי|תקן|"
    rf"תקני) (?:בבקשה )?(?:את )?{_INFLECTED_PARTS}(?:[^\pL\pN]|$)|"
    rf"^(?:צריך|צריכה|צריכים|דרושה?|נדרשת?|חייבים|חסרה?|חסרים|חסרות) (?:[\pL\pN]+ ){{0,2}}?"
    rf"(?:{_INFLECTED_PARTS}|אישור|הגהה|{HEBREW_EDITS})(?:[^\pL\pN]|$)"
    rf"|(?:צריך|צריכה|צריכים|נדרש|חסרה?) (?:פה|כאן) |(?:כאן|פה) (?:צריך|צריכה|אמור|אמורה|חסרה?|יבואו?|"
    rf"תבוא|ייכנס|תיכנס)(?:[^\pL\pN]|$)"
    r"|(?:צריך|צריכה|אמור|אמורה) (?:עוד )?(?:להיכנס|לבוא|להופיע) (?:כאן|פה)|(?:יבוא|תבוא|ייכנס|"
    r"תיכנס) (?:כאן|פה)(?:[^\pL\pN]|$)"
    rf"|(?:מחכה|מחכים|מחכות|ממתין|ממתינה|ממתינים|בהמתנה) (?:עוד |עדיין )?ל(?:[\pL\pN]+ ){{0,3}}?"
    rf"(?:{_INFLECTED_PARTS}|אישור[\pL\pN]*|(?:מה|מ){HEBREW_TEAM})(?:[^\pL\pN]|$)"
    rf"|(?:מחכה|מחכים|ממתין|ממתינה|ממתינים|בהמתנה) ל(?:{HEBREW_PARTS}|אישור)(?:[^\pL\pN]|$)"
    rf"|(?:^|[^\pL\pN]){HEBREW_EDITS} (?:את |שוב |כאן |פה |גם |"
    rf"עוד ){{0,2}}(?:[\pL\pN]+ )?{_INFLECTED_PARTS}(?:[^\pL\pN]|$)"
    rf"|(?:^|[^\pL\pN]){HEBREW_EDITS} (?:[\pL\pN]+ ){{0,3}}?(?:עם|מול|אצל) [\pL\pN]+[^\pL\pN]*$"
    rf"|(?:^|[^\pL\pN])לשאול את [\pL\pN]+ (?:אם|איזה|האם|מה|לגבי)(?:[^\pL\pN]|$)"
    rf"|(?:זה|זו|זאת|אלה|אלו) (?:באמת )?{_INFLECTED_PARTS} ה(?:סופי|נכונ|אחרונ|מעודכנ|חדש|טוב)[\pL\pN]*|"
    rf"זה {_INFLECTED_PARTS} הנכון"
    rf"|{_INFLECTED_PARTS} (?:[\pL\pN]+ )?(?:עוד |עדיין )?(?:לא (?:אושר|סופית?(?:[^\pL\pN]|$)|מעודכ|נכו|סגור|"
    rf"הגיע)[\pL\pN]*|חסרה?|חסרים|בבדיקה|בדרך|ממתינ?ה?"
    r"|ישנה?|יגיע|תגיע|מחכה|זמנית?)(?:[^\pL\pN]|$)"
    rf"|(?:תוכל|תוכלי|תוכלו|אפשר|(?:את|אתה) יכולה?) {HEBREW_EDITS}(?:[^\pL\pN]|$)|(?:איזה|איזו|"
    rf"אילו) {_INFLECTED_PARTS} (?:שמים|לשים|בוחרים)"
    r"|^(?:לפי|על פי|ראו|ראי|ראה) ה?(?:בריף|מצגת|מסמך|שקף|טבלה|תדריך)|^כ(?:פי|מו) ש(?:סיכמנו|דיברנו|סוכם|"
    r"ביקשת)"
    r"|לפני (?:ה?פרסום|ש?מתזמנים|ש?מפרסמים|ש?מעלים|ה?העלאה)[^\pL\pN]*$|ארוך מדי|קצר מדי"
)
_FORMS = (
    *(rf"(?:^|[^\pL\pN])(?:{form})" for form in (_NEED, _WAIT, _STILL, _WITH, _WHICH, _STATE)),
    _ORDER,
    _REFERENCE,
    _HEBREW,
)
"""The forms of a note, matched one by one where their literals occur.

A single pattern would have so many states that RE2's memory could not hold those for even a short text.
"""

_READERS = re2.compile(
    r"😂|\b(?:guess|your|yours|yourself|in[- ]?store|online|our (?:site|website|page|app|store|shop)|"
    r"website|the app|"
    r"bio|branch|at checkout|bookings?|tickets?|doctor|dealer|retailers?)\b"
    r"|[\pL\pN]*(?:שלכם|שלכן|שלך)(?:[^\pL\pN]|$)|(?:^|[^\pL\pN])(?:בסניפים|בקופה|באתר(?:נו)?|באפליקציה|"
    r"אצל הרופא|עם הרופא|זמינות|להוריד (?:[\pL\pN]+ )?(?:ב?חינם|מהאתר))(?:[^\pL\pN]|$)",
    _OPTIONS,
)


@cache
def _literals() -> LiteralIndex:
    inputs = [form.encode() for form in _FORMS]
    return LiteralIndex(derived("notes", inputs, lambda: literal_table(_FORMS)))


@cache
def _compiled(form: int) -> re2._Regexp:
    """One of the forms, compiled when its literals first occur: all of them take 0.07 s."""
    return re2.compile(_FORMS[form], _OPTIONS)


_SAYS_ANYTHING = re.compile(r"[^\W\d_]|\?\?")
"""Prefilter: every note has a letter or `??`, so other text between signs is skipped."""


def is_note(text: str) -> bool:
    """Whether a text addresses colleagues about a part of a post, and not readers."""
    if _SAYS_ANYTHING.search(text) is None:
        return False
    note = text.strip(" -–—=>#*|/~")
    forms = _literals().candidates(note)
    return any(_compiled(form).search(note) for form in forms) and _READERS.search(text) is None
