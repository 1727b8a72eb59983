"""Notes to colleagues set apart from a text by signs, by a label, or by the name of a colleague."""

from __future__ import annotations

import re

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.note_words import HEBREW_TEAM, PARTS, is_note
from kb.guards.placeholders.site import Rule, Site

_MAX_NOTE = 200
"""Longer text, in characters, is not a note."""

_ROWS = (
    "-{2,}",
    "—",
    "–",
    "={2,}",
    "~{2,}",
    "#{2,}",
    "/{2,}",
    "[|]{1,2}",
    "[+]{2,}",
    "!{2,}",
    "%{2,}",
    "_{1,}",
)
_STARS = "[*]{1,9}"
_PAIRS = (
    (">{1,3}", "<{1,3}", "<>"),
    ("<{1,3}", ">{1,3}", "<>"),
    (r"\({1,2}", r"\){1,2}", "()"),
    (r"\[", r"\]", r"\[\]"),
    (r"\{", r"\}", "{}"),
)
"""The signs before and after a note, and those excluded within it."""

_ARROWS = r"(?:<[-=–—]+|[-=–—]{1,2}>|>{2,}|<{2,}|#{2,}|/{2,}|-{2,}|={2,}|\^+)"
_SENTENCE = r"[^.!?\n]{2,}[.!?]*"
_LINE_END = r"(?:[^.!?\n#=<>/-]|[-/][^-/\s])*[^.!?\n#=<>/\s-][.!?]*"
"""A sentence that may also end at another sign."""

_START = r"(?:^|[.!?…\n]\s*)"
_LABEL = one_of(
    r"notes? nb n\.b\. fyi p\.?s\.? reminder question comment internal memo edit team all guys",
    phrases="heads[- ]up",
)
_LABELS = rf"(?i:{_LABEL})(?: (?i:to|for) \pL+| (?i:team|all|guys|everyone))?"
_HEBREW_LABEL = one_of(r"הערה הערות נ[\"״]ב תזכורת לידיעה לידיעתכם שאלה צוות", phrases="לתשומת לב")
_HEBREW_LABELS = rf"{_HEBREW_LABEL}(?: ל\pL+)?"
_ASKS = one_of(
    """
    (?:please|pls|plz) which what does where who when check confirm swap add fix update replace remove
    change need
    """,
    phrases="""
    (?:can|could|would|will) you, (?:is|are) (?:this|that|these|it|we|the), do we, should we,
    did (?:you|we)
    """,
)
_MEDIUM = r"(?:photo|video|image|pic|picture|gif|graphic|screenshot|carousel|visual)(?: here| \d)?"
_HEBREW_MEDIUM = one_of("תמונה תמונות סרטון וידאו גרפיקה ויזואל איור צילום")
_COPY = one_of("version versions copy caption captions draft post wording tweet headline")
_NEEDED = one_of(
    r"כותרת קופי לינק קישור ניסוח כיתוב האשטאג ויזואל הגהה",
    phrases=r"""
    אישור (?:משפטי|לקוח|של \pL+), ציטוט (?:של|מ)\pL*, תמונה (?:טובה|אחרת|חדשה|יותר)
    """,
)
_NO_NAMES = one_of(
    """
    we you they i it he she and but so or if when then now today yes no not also just first next always never
    finally remember friends folks everyone guys question tip rule answer
    בואו בואי בוא היי הי שלום חברים חברות אז כן לא היום מחר יאללה תודה
    """
)
_NO_NAME = re.compile(rf"{_NO_NAMES}\b", re.IGNORECASE)

_SAYS = one_of(
    """
    say claim call mention use show promise name post publish share send run tag quote credit include
    repost
    """
)
_PLATFORMS = one_of(
    """
    טוויטר אינסטגרם סטורי פייסבוק ציוץ פוסט כותרת לינקדאין טיקטוק דעתי טעמי מייל באנר ריל
    """
)
_ASKS_READERS = re.compile(
    r"\bis (?:this|that|it) too (?!(?:long|short|salesy|wordy|formal|cheesy|pushy|edgy|dark|negative|harsh|"
    r"blunt|vague|small|big|dense|much|strong|soft|similar)\b)\w+"
    rf"|\b(?:is (?:this|that|it)|are we) (?:ok(?:ay)?|allowed) to (?!{_SAYS}\b)\w+"
    r"|\bis (?:this|that|it)(?: really)? (?:the |our )?(?:best|new|good|old) (?!one\b|to go\b|enough\b)\w+"
    r"|\bare we still \w+"
    rf"|(?<!\w)(?:ארוך|קצר) מדי (?:כדי |בשביל )?ל(?!{_PLATFORMS}(?!\w))\w+",
    re.IGNORECASE,
)
"""Questions that may be put to readers: `is it too early for Christmas music?`."""

_POST_WORDS = one_of(
    r"""
    posts? posting publish\w* tweets? files? layout template version wait\w* approv\w* client legal live
    sched\w+ sending launching using running saying doing instagram twitter linkedin facebook tiktok tone
    wording text angle audience claim brand
    """
)
_POST_WORDS_HE = one_of("תמונה כותרת קופי ניסוח נוסח טקסט כיתוב סרטון משפט פסקה ציטוט סלוגן פוסט ציוץ")
_POST = re.compile(
    rf"\b(?:(?!times?\b){PARTS}|{_POST_WORDS})\b|(?<!\w)ה?{_POST_WORDS_HE}(?!\w)", re.IGNORECASE
)
_TELLS_READERS = re.compile(
    r"\bbefore you (?:buy|order|shop|visit|travel|drive|fly|come)\b"
    r"|(?:,| and| to)(?: you (?:can|could|may|might))? win (?:an?|the|one|\w+ tickets|\$?\d)\b"
    r"|(?<!\w)לפני ש(?:קונים|אתם קונים|תקנו|מזמינים|יוצאים|נוסעים|באים)(?!\w)"
    r"|(?:,| ו)(?:תזכו|זכו|אולי תזכו) ב",
    re.IGNORECASE,
)
"""Advice and contests: `check our prices before you buy`, `send better photos, win a prize`."""

_INTERNAL = re.compile(r"(?:internal|edit)\b", re.IGNORECASE)


def _is_to_readers(site: Site) -> bool:
    """Whether the text after a label or a name addresses readers, and is not about a part of the post."""
    if _INTERNAL.match(site.found):
        return False
    if _TELLS_READERS.search(site.found):
        return True
    return _ASKS_READERS.search(site.found) is not None and _POST.search(site.found) is None


_WHOLE = re.compile(r"\w+ of\b")
"""A label that is a noun of the sentence: `All of them heard it before this post went up`."""


def _is_labeled(site: Site) -> bool:
    return _WHOLE.match(site.found) is None and not _is_to_readers(site) and _is_aside(site)


def _is_aside(site: Site) -> bool:
    """Whether it addresses colleagues, and is neither code nor the text of a link."""
    text = next((group for group in site.groups[1:] if group), site.found)
    if len(text) > _MAX_NOTE:
        return False
    return not site.is_in_code and not site.after.startswith("(") and is_note(text)


def _addresses_colleague(site: Site) -> bool:
    return _NO_NAME.match(site.found) is None and _is_labeled(site)


def _is_medium(site: Site) -> bool:
    """Whether a picture is only mentioned, in a text without a link to it."""
    return not site.surroundings.has_link and not site.is_in_documentation


def _enclosed(opening: str, closing: str, excluded: str) -> Rule:
    return Rule(
        rf"(?:^|[^\pL\pN])(?P<site>{opening} ?([^\n{excluded}]{{2,}}) ?{closing})(?:[^\pL\pN]|$)", _is_aside
    )


def _between(sign: str) -> Rule:
    return _enclosed(sign, sign, sign.strip("[")[0])


RULES = (
    *(_between(sign) for sign in (*_ROWS, _STARS)),
    *(_enclosed(*signs) for signs in _PAIRS),
    Rule(rf"(?:^|\s)(?P<site>{_ARROWS} ?({_LINE_END}))", _is_aside),
    Rule(rf"{_START}(?P<site>(?:{_LABELS}|{_HEBREW_LABELS})(?:[:,–—-]+| [-–—])? ({_SENTENCE}))", _is_labeled),
    Rule(
        rf"{_START}(?P<site>@?[A-Z]\pL+(?:(?: ?[,:]| [-–—]) ((?i:{_ASKS})\b{_SENTENCE})"
        rf"| ((?i:pls|plz|please|can you|could you)\b{_SENTENCE})))",
        _addresses_colleague,
    ),
    Rule(
        rf"{_START}(?P<site>@?(?:[א-ת]{{2,10}}|[A-Z][a-z]+)(?: ?[,:]| [-–—]) ([א-ת]{_SENTENCE}))",
        _addresses_colleague,
    ),
    Rule(rf"(?:^|\n)\s*(?P<site>\((?:{_MEDIUM}|{_HEBREW_MEDIUM})\))(?:\s|$)", _is_medium),
    Rule(rf"[.!?]\s*(?P<site>\((?:{_MEDIUM}|{_HEBREW_MEDIUM})\))\s*$", _is_medium),
    Rule(
        rf"^[^\pL\pN]*(?P<site>(?i:as (?:discussed|agreed|requested)|(?:as )?per (?:the |our |your )?"
        r"(?:brief|deck|call|chat|meeting|email))(?i:, | - |: )"
        rf"[^.!?\n]{{0,80}}(?i:{_COPY}|no (?:exclamation|emojis|hashtags))[^.!?\n]*)"
    ),
    Rule(
        rf"{_START}(?P<site>(?:(?:עדיין|עוד) )?(?:מחכים|ממתינים|מחכה|ממתינה?|בהמתנה) לאישור "
        rf"(?:של |מ)ה?{HEBREW_TEAM}[^.!?\n]{{0,20}})(?:[.!]|$)"
    ),
    Rule(
        rf"{_START}(?P<site>(?i:(?:still )?(?:waiting|awaiting|pending)(?: on| for)? (?:the )?(?:final )?"
        r"(?:legal|client|marketing|design|the photographer|sign-?off|approval)\b[^.!?\n]{0,40}))(?:[.!]|$)"
    ),
    Rule(
        rf"{_START}(?P<site>(?:צריכים|צריך|צריכה|חסרה|חסר) (?:פה |כאן |"
        rf"עוד )?{_NEEDED}[^.!?\n]{{0,30}})(?:[.!]|$)"
    ),
)
