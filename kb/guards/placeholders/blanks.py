"""Blanks left to be filled in, and filler text."""

from __future__ import annotations

import re

from kb.guards.placeholders.site import Rule, Site

_GAME = re.compile(
    r"\b(?:fill in|blanks?|complete|finish|guess|riddle|quiz|missing (?:letters?|words?)|hangman|in the "
    r"comments|"
    r"comment|tell us|your answers?|reply|(?:instantly|already) said)\b"
    r"|(?<!\w)(?:השלימו|תשלימו|השלימי|מלאו|נחשו|חידה|תגובות|ספרו|כתבו|המילה החסרה)(?!\w)|השלם",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(
    r"\b(?:i|i['’]m|i['’]d|my|me|to be|mood|vibes?|feeling|energy)\b"
    r"|(?<!\w)(?:מצב ?רוח|אני|שלי|אותי|לי)(?!\w)",
    re.IGNORECASE,
)
_AWAITS_VALUE = re.compile(
    r"(?:\b(?:on|at|from|by|until|till|with|in|for|only|just|call|code|room|welcome to|meet|price|date|"
    r"time|tel|phone|"
    r"venue|where|when|to|and|of|save|singer|speaker|author|chef|host|hosted|dj|starring|featuring|feat\.|happy|merry|dear|hello|hi|hey|the|our|your|congratulations|congrats)[:\s]\s*|[,:(]\s*|[$€£₪#@]\s?"
    r"|(?<![א-ת])[ובהלשמכ]{1,3}-?|(?<!\w)(?:[בלמ]יום|[בלמ]שעה|[בלמ]תאריך|בשעות|מחיר|טלפון|של|עם|את|הזמרת?|השף|השפית|המרצה|הסופרת?|האמנית?|המנחה|הדוברת?|להקת|בהנחיית|"
    r"קוד|רק|עד|בין|יום|חג|שלום|היי|לכבוד|"
    r"שעה|אולם|"
    r"רחוב|בכתובת|ברחוב|באולם)[:\s]\s*)$",
    re.IGNORECASE,
)
_ENDS_NUMBER = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|hundred|half|the|a|of|in|as|this|"
    r"that|any|what|"
    r"which|by|more)\s+$|(?<!\w)(?:אחוז|מאה|חצי|אחת|שתיים|שלוש|ארבע|חמש|שש|שבע|שמונה|תשע|עשר|\w+ים)\s+$",
    re.IGNORECASE,
)
_ENDS_FILLER = re.compile(r"\s*(?:$|[.,!…*)\]\n])")
_QUOTED = re.compile(r"[\"“'‘„״]$")
_BEGINS_FILLER = re.compile(r"(?:^|[.!?:…*(\[\n–—-])\s*$")


def _is_unfilled(site: Site) -> bool:
    """Whether a value is missing that readers are not asked to fill in."""
    is_part = site.before[-1:] == "_" or site.after[:1] == "_"
    if is_part or site.surroundings.mentions(_GAME):
        return False
    return _AWAITS_VALUE.search(site.before) is not None and _FIRST_PERSON.search(site.before) is None


def _is_repeated(site: Site) -> bool:
    """Whether the filler stands alone, and is not quoted or part of a sentence."""
    is_talk = site.found[:1].lower() in ("b", "y") and site.after[:1] == ","  # blah blah blah, new year
    is_begun = _BEGINS_FILLER.search(site.before) is not None and not is_talk
    return is_begun and _ENDS_FILLER.match(site.after) is not None and _QUOTED.search(site.before) is None


def _is_no_format(site: Site) -> bool:
    return not site.surroundings.is_documentation


def _is_no_number_word(site: Site) -> bool:
    """Whether a percent sign has no number before it, not even in words."""
    return _ENDS_NUMBER.search(site.before) is None and not site.surroundings.is_documentation


def _repetitions(words: str) -> str:
    return "|".join(rf"{word}(?:,? {word}){{2,}}" for word in words.split())


_VALUE = (
    r"(?:[Pp]rice|[Dd]ate|[Tt]ime|[Cc]ode|[Cc]all|[Tt]el|[Pp]hone|[Cc]ost|[Vv]enue|[Aa]ddress|מחיר|שעה|"
    r"תאריך|טלפון|"
    r"בשעה|ביום|בתאריך|בכתובת|מיקום|קוד)"
)

_EVENT = (
    r"(?i:sale|offer|promo(?:tion)?|deal|discount|event|registration|doors?|show|workshop|class(?:es)?|season|"
    r"tickets?|early[- ]bird|voting|exhibition|entries|applications|sign-?ups?|shop|store|bookings?|concert|"
    r"festival|screening)"
)
_HAPPENS = (
    r"(?i:(?:also |now |all )?"
    r"(?:ends?|starts?|begins?|opens?|closes?|expires?|returns?|costs?|runs|launches|resumes))"
)
_HEBREW_HAPPENS = (
    r"(?:ה?(?:מבצע|מכירה|הנחה|הטבה|אירוע|הרשמה|מופע|סדנה|תערוכה|עונה|פסטיבל|הופעה|חנות|סניף|קורס|הגרלה|"
    r"הצבעה|שיעור|כניסה|כרטיסים?|דלתות) (?:נגמרת?|מסתיימת?|מתחילה?|נפתחת?|"
    r"נפתחות|נסגרת?|חוזרת?|עולה|יוצאת?|נמכרים|תקפה?|בתוקף))"
)


def _is_no_game(site: Site) -> bool:
    return not (site.surroundings.mentions(_GAME) or site.surroundings.is_documentation)


RULES = (
    Rule(r"_{2,}", _is_unfilled),
    Rule(
        rf"(?:^|[^\pL])(?:{_EVENT} {_HAPPENS}|{_HEBREW_HAPPENS})[: ]+(?P<site>_{{2,}})[^\S\n]*(?:[.!]|$|\n)",
        _is_no_game,
    ),
    Rule(rf"(?:^|[^\pL]){_VALUE}[: ]+(?P<site>\.{{4,}}|…{{2,}}|-{{3,}}|_{{2,}})"),
    Rule(
        r"\?\?:\?\?|\?{2,3} ?%|[$€£₪] ?\?{2,}|\?{1,2}[./]\?{1,2}(?:[./]\?{2,4})?|\.\./\.\.(?:/\.\.+)?",
        _is_no_format,
    ),
    Rule(r"_{1,4} ?[/:] ?_{1,4}(?:/_{1,4})?|_{2,}\.__+", _is_no_format),
    Rule(
        r"(?:^|[^\pL\pN])(?P<site>(?:at|from|until|till|to|by|בשעה|עד|משעה) : ?(?:[ap]\.?m\b\.?|[^\d\s]))",
        _is_no_format,
    ),
    Rule(
        r"[\pL:!] (?P<site>% (?i:off|discount|cheaper|less|more|faster|savings?|הנחה|פחות|יותר|זול))",
        _is_no_number_word,
    ),
    Rule(r"\b(?i:from|starting at|only|just|for only|at only) (?P<site>XX)\b"),
    Rule(r"(?P<site>[$€£₪] ?\?)(?:[\s,.!)]|$)", _is_no_format),
    Rule(
        r"\b(?:(?:Day|DAY|Weekday),? )?(?:Month|MONTH) (?:DD|Day|XX|\d?X)\b|\b(?:DD|XX|Day) (?:Month|"
        r"MONTH)\b",
        _is_no_format,
    ),
    Rule(
        r"\b(?i:booth|stand|room|gate|hall|order|suite|platform|stage|table) (?P<site>#)(?:\s|[,.!]|$)",
        _is_no_format,
    ),
    Rule(r"\bN ?%|[$€£₪] ?N\b", _is_no_format),
    Rule(
        rf"(?i)\b(?:{_repetitions('text copy caption title headline blah bla yada word words dummy')})\b",
        _is_repeated,
    ),
    Rule(
        rf"(?P<site>(?:{_repetitions('טקסט קופי כותרת כיתוב מילה מילים')}|בלה(?:,? בלה)+|בלהבלה(?:בלה)*))",
        _is_repeated,
    ),
)
