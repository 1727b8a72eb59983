"""Blanks left to be filled in, and filler text."""

from __future__ import annotations

import re

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.site import Rule, Site, outside_documentation

_GAME_WORDS = one_of(
    "blanks? complete finish guess riddle quiz hangman comment reply",
    phrases="""
    fill in, missing (?:letters?|words?), in the comments, tell us, your answers?,
    (?:instantly|already) said
    """,
)
_HEBREW_GAME_WORDS = one_of("השלימו תשלימו השלימי מלאו נחשו חידה תגובות ספרו כתבו", phrases="המילה החסרה")
_GAME = re.compile(
    rf"\b{_GAME_WORDS}\b|(?<!\w){_HEBREW_GAME_WORDS}(?!\w)|השלם",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:i|i['’]m|i['’]d|my|me|to be|mood|vibes?|feeling|energy)\b"
    r"|(?<!\w)(?:מצב ?רוח|אני|שלי|אותי|לי)(?!\w)",
    re.IGNORECASE,
)
_BEFORE_VALUE = one_of(
    r"""
    on at from by until till with in for only just call code room meet price date time tel phone venue
    where when to and of save singer speaker author chef host hosted dj starring featuring feat\. happy
    merry dear hello hi hey the our your congratulations congrats
    """,
    phrases="welcome to",
)
_BEFORE_VALUE_HE = one_of(
    """
    [בלמ]יום [בלמ]שעה [בלמ]תאריך בשעות מחיר טלפון של עם את הזמרת? השף השפית המרצה הסופרת? האמנית? המנחה
    הדוברת? להקת בהנחיית קוד רק עד בין יום חג שלום היי לכבוד שעה אולם רחוב בכתובת ברחוב באולם
    """
)
_AWAITS_VALUE = re.compile(
    rf"(?:\b{_BEFORE_VALUE}[:\s]\s*|[,:(]\s*|[$€£₪#@]\s?"
    rf"|(?<![א-ת])[ובהלשמכ]{{1,3}}-?|(?<!\w){_BEFORE_VALUE_HE}[:\s]\s*)$",
    re.IGNORECASE,
)
_NUMBER_WORD = one_of(
    r"""
    one two three four five six seven eight nine ten \w+teen \w+ty hundred half
    the a of in as this that any what which by more
    """
)
_NUMBER_WORD_HE = one_of(r"אחוז מאה חצי אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע עשר \w+ים")
_ENDS_NUMBER = re.compile(rf"\b{_NUMBER_WORD}\s+$|(?<!\w){_NUMBER_WORD_HE}\s+$", re.IGNORECASE)
"""A number in words, or a word after which a percent sign needs none."""

_ENDS_FILLER = re.compile(r"\s*(?:$|[.,!…*)\]\n])")
_QUOTED = re.compile(r"[\"“'‘„״]$")
_BEGINS_FILLER = re.compile(r"(?:^|[.!?:…*(\[\n–—-])\s*$")


def _is_unfilled(site: Site) -> bool:
    """Whether a value is missing that readers are not asked to fill in."""
    is_handle = site.before[-1:] == "@" and site.after[:1].isalnum()
    is_part = site.before[-1:] == "_" or site.after[:1] == "_" or is_handle
    if is_part or site.surroundings.mentions(_GAME):
        return False
    return _AWAITS_VALUE.search(site.before) is not None and _FIRST_PERSON.search(site.before) is None


def _is_repeated(site: Site) -> bool:
    """Whether the filler stands alone, and is not quoted or part of a sentence."""
    is_talk = site.found[:1].lower() in ("b", "y") and site.after[:1] == ","  # blah blah blah, new year
    is_begun = _BEGINS_FILLER.search(site.before) is not None and not is_talk
    return is_begun and _ENDS_FILLER.match(site.after) is not None and _QUOTED.search(site.before) is None


def _is_no_number_word(site: Site) -> bool:
    """Whether a percent sign has no number before it, not even in words."""
    return _ENDS_NUMBER.search(site.before) is None and not site.is_in_documentation


def _repetitions(words: str) -> str:
    return "|".join(rf"{word}(?:,? {word}){{2,}}" for word in words.split())


_VALUE = one_of(
    """
    [Pp]rice [Dd]ate [Tt]ime [Cc]ode [Cc]all [Tt]el [Pp]hone [Cc]ost [Vv]enue [Aa]ddress מחיר שעה תאריך
    טלפון בשעה ביום בתאריך בכתובת מיקום קוד
    """
)

_EVENT = one_of(
    """
    sale offer promo(?:tion)? deal discount event registration doors? show workshop class(?:es)? season
    tickets? voting exhibition entries applications sign-?ups? shop store bookings? concert festival
    screening
    """,
    phrases="early[- ]bird",
)
_HAPPENS = "(?:(?:also|now|all) )?" + one_of(
    "ends? starts? begins? opens? closes? expires? returns? costs? runs launches resumes"
)
_HEBREW_EVENT = "ה?" + one_of(
    """
    מבצע מכירה הנחה הטבה אירוע הרשמה מופע סדנה תערוכה עונה פסטיבל הופעה חנות סניף קורס הגרלה הצבעה שיעור כניסה
    כרטיסים? דלתות
    """
)
_HEBREW_HAPPENS = one_of(
    """
    נגמרת? מסתיימת? מתחילה? נפתחת? נפתחות נסגרת? חוזרת? עולה יוצאת? נמכרים תקפה? בתוקף
    """
)


def _is_no_game(site: Site) -> bool:
    return not (site.surroundings.mentions(_GAME) or site.is_in_documentation)


RULES = (
    Rule(r"_{2,}", _is_unfilled),
    Rule(
        rf"(?:^|[^\pL])(?:(?i:{_EVENT} {_HAPPENS})|{_HEBREW_EVENT} {_HEBREW_HAPPENS})[: ]+"
        r"(?P<site>_{2,})[^\S\n]*(?:[.!]|$|\n)",
        _is_no_game,
    ),
    Rule(rf"(?:^|[^\pL]){_VALUE}[: ]+(?P<site>\.{{4,}}|…{{2,}}|-{{3,}}|_{{2,}})"),
    Rule(
        r"\?\?:\?\?|\?{2,3} ?%|[$€£₪] ?\?{2,}|\?{1,2}[./]\?{1,2}(?:[./]\?{2,4})?|\.\./\.\.(?:/\.\.+)?",
        outside_documentation,
    ),
    Rule(r"_{1,4} ?[/:] ?_{1,4}(?:/_{1,4})?|_{2,}\.__+", outside_documentation),
    Rule(
        r"(?:^|[^\pL\pN])(?P<site>(?:at|from|until|till|to|by|בשעה|עד|משעה) : ?(?:[ap]\.?m\b\.?|[^\d\s]))",
        outside_documentation,
    ),
    Rule(
        r"[\pL:!] (?P<site>% (?i:off|discount|cheaper|less|more|faster|savings?|הנחה|פחות|יותר|זול))",
        _is_no_number_word,
    ),
    Rule(r"\b(?i:from|starting at|only|just|for only|at only) (?P<site>XX)\b"),
    Rule(r"(?P<site>[$€£₪] ?\?)(?:[\s,.!)]|$)", outside_documentation),
    Rule(
        r"\b(?:(?:Day|DAY|Weekday),? )?(?:Month|MONTH) (?:DD|Day|XX|\d?X)\b|\b(?:DD|XX|Day) (?:Month|"
        r"MONTH)\b",
        outside_documentation,
    ),
    Rule(
        r"\b(?i:booth|stand|room|gate|hall|order|suite|platform|stage|table) (?P<site>#)(?:\s|[,.!]|$)",
        outside_documentation,
    ),
    Rule(r"\bN ?%|[$€£₪] ?N\b", outside_documentation),
    Rule(
        rf"(?i)\b(?:{_repetitions('text copy caption title headline blah bla yada word words dummy')})\b",
        _is_repeated,
    ),
    Rule(
        rf"(?P<site>(?:{_repetitions('טקסט קופי כותרת כיתוב מילה מילים')}|בלה(?:,? בלה)+|בלהבלה(?:בלה)*))",
        _is_repeated,
    ),
)
