"""Marks of missing content: TBD, TK, XXX, lorem ipsum, `$XX`, blanks, and null values printed by programs."""

from __future__ import annotations

import re

from kb.guards.placeholders.alternatives import one_of
from kb.guards.placeholders.deliberate import NAMED_OR_DECIDED
from kb.guards.placeholders.site import GREETING, Rule, Site, outside_documentation

_ORDINAL_HE = one_of("ראשונ שני שנייה שלישי רביעי חמישי אחרונ נוספ")
_ANNOUNCED_HE = (
    "ה?"
    + one_of(
        "מיקום מקום מועד תאריך להקה להקות אמן אמנית שף שפית דובר(?:ת|ים|ות)? מרצ(?:ה|ים|ות) אורחים? "
        "אולם מנחה זמן שעה"
    )
    + f"(?: ה{_ORDINAL_HE}(?:ה|ת|ים)?)?"
)
_ANNOUNCED = one_of(
    """
    bands? chefs? speakers? venues? locations? dates? times? guests? line-?up headliners? openers? acts?
    hosts? artists? djs? panel(?:ists?|s)? moderators? cit(?:y|ies) rooms? places? opponents? details schedule
    winners? more others? instructors? performers? keynotes? doors? channel format stage stadium
    """,
    phrases=f"support(?: acts?)?, {_ANNOUNCED_HE}",
)
"""Details that a genuine announcement may leave open."""

_AFTER_ANNOUNCED = re.compile(
    rf"(?<!\w){_ANNOUNCED}\)?(?:\s+(?:is|are|still|will be|עדיין|עוד))*[\s:=(–—-]*$", re.IGNORECASE
)
_BEFORE_PROMISE = re.compile(
    r"[\s,]*(?:(?:and )?(?:will be|to be) announced|(?:and )?announced (?:soon|later)|ו?[ית]פורס(?:ם|מו))",
    re.IGNORECASE,
)
_BEFORE_ANNOUNCED = re.compile(rf"\s+{_ANNOUNCED}\b", re.IGNORECASE)
_IN_A_SENTENCE = re.compile(
    r"\s+(?:for (?:\d|an? )|as |who |from [A-Z]|to (?:talk|speak|discuss|present|show))"
)
"""The continuation of a sentence after the detail itself: `our guest speaker TBC for 40 minutes`."""
_TOLD_OF = re.compile(r" (?:is|was) (?:an? |the |not |our |my )")  # TBC is a mood

_PROMISE = re.compile(
    r"\b(?:we(?:[’']ll| will)|we promise to) (?:tell|announce|reveal|say|name|post|let you know)\b"
    r"|\b(?:will be|to be) (?:revealed|announced|unveiled)\b|\bkeep (?:it |this )?(?:quiet|secret)\b"
    r"|\b(?:secret (?:show|gig|guest|location|menu|supper|dinner|party))\b"
    r"|\b(?:book blind|you[’']ll have to wait|watch this space)\b"
    r"|(?<!\w)(?:נגלה|נחשוף|נודיע|נספר|נפרסם|יתגלה|ייחשף|תיחשף|יפורסם|תפורסם|סודי(?:ת|ים)?)(?!\w)",
    re.IGNORECASE,
)
"""Says to readers that a detail comes later, or stays a secret."""

_TOUR = re.compile(r"\b(?:tour|gigs|on the road)\b|סיבוב הופעות", re.IGNORECASE)
_AFTER_PLACE = re.compile(r"(?:^|[,;|:/–-]\s*)[A-Zא-ת]\w+(?:[ -][A-Zא-ת]\w+)?[ :–-]+$")
_BEFORE_TBC_NAME = re.compile(r"\s+(?:Bank|Classic|Brewing)")
_BEFORE_TITLE = re.compile(r": (?:The|A|An|One|Live|Act) [A-Z]")
_MEANING = re.compile(
    r"\b(?:means?|meaning|stands? for|acronyms?|abbreviations?|short for|slang)\b|ראשי תיבות|פירוש|קיצור של",
    re.IGNORECASE,
)
OPENS_QUOTE = re.compile(r"[\"“'‘„״]$")
CLOSES_QUOTE = re.compile(r"[\"”'’״]")
_TAG_SIGN = re.compile(r"[@#&/]$")

_AFTER_TK_NAME = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|dj|coach|aka|by|with|birthday|congrats|congratulations|thanks|thank you|love|hi|"
    r"hey|hello|dear|welcome|team|flight|and|meet|from)\.?,?\s+|-)$",
    re.IGNORECASE,
)
_BEFORE_TK_NAME = re.compile(
    r"['’-]\w|\s+(?:&|and)\s|\s*\d|\s+MAXX"
    r"|\s+(?!(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)(?:[a-z]*uary|ust|ember|ober|tember)?\b)"
    r"[A-Z][a-z]"
)
_COUNTED_BY_TK = re.compile(
    r"\s+(?:more |new |other )?"
    + one_of(
        """
        seats places people guests visitors volunteers members students families children customers stores
        shops branches rooms tables beds homes miles years months weeks days hours minutes percent dollars
        pounds euros points runners artists bands stalls dishes flavou?rs recipes titles books works trees
        """
    )
    + r"\b"
)
"""The noun after a missing number, which tells `TK` from a name: `with TK seats`."""

_MILITARY_MAIL = re.compile(r"\b(?:APO|DPO)\b")
_TASK = re.compile(
    r"\s*[:\]–—-]|\s+(?:(?:add|insert|replace|write|check|fix|update|get|confirm|ask|find|finish|pick|choose|"
    r"link|image|"
    r"copy|headline)\b|לינק|קישור|להוסיף|תמונה|טקסט)",
    re.IGNORECASE,
)
_SPANISH = re.compile(r"\b(?:de|al|lo|es|y|para|con|en|el|la|los|las|está)\b", re.IGNORECASE)
_EVERYTHING = re.compile(
    r"\s*[:–—-]?\s*(?:[-–—]?\s*\d+ ?%\s*(?:$|[^\w\s]|menos|de|dto|descuento|en|off)"
    r"|[$€]\s?\d+\s*(?:$|[^\w\s])|\d+ ?€)"
)
"""A reduction or a price after the Spanish word: `TODO: -50%`."""


_GUESS = re.compile(r"\bguess(?:es|ing)?\b|(?<!\w)(?:נחשו|תנחשו|ניחוש)(?!\w)", re.IGNORECASE)
KISSES = re.compile(
    r"\b(?:love|miss|happy|thanks?|thank you|kiss(?:es)?|mum|mom|birthday|hugs?|night|xo+)\b|[❤♥💋😘💕💖🥰]"
    r"|אוהב|אוהבת|נשיקות|תודה|מזל טוב",
    re.IGNORECASE,
)
"""Words and signs beside which x's are kisses."""

_BEER = re.compile(r"\s+(?:gold|bitter|beer|lager|island|summer|draught)\b", re.IGNORECASE)
_TRIPLE_X = re.compile(
    r"-|\s+(?:olympi\w+|games|rated|hot|large|small|adult|content|movie|chapter)\b", re.IGNORECASE
)
_SIZE = r"(?:[SML]|X{1,5}[SL]|X{2,5})"
_SIZES = r"(?:\bsizes?\b|(?<!\w)ב?ה?מיד(?:ה|ות)(?!\w))[^.!?\n]*"
_AFTER_SIZES = re.compile(rf"{_SIZES}$", re.IGNORECASE)
_AFTER_SIZE = re.compile(
    rf"{_SIZES}\b{_SIZE}(?:[,/ ]+|[, ]+(?:and|to|or) |[, ]+(?:ו|עד )-?)$",
    re.IGNORECASE,
)
_BEFORE_SIZE = re.compile(rf"(?:[,/]\s*|,? (?:and|to|or) |,? ו-?|,? עד ){_SIZE}\b")
_AFTER_NUMERAL = re.compile(
    r"(?:\b(?:super bowl|wrestlemania|chapter|volume|vol\.?|part|louis|olympiad|size|level|edition|"
    r"castlemaine|ending(?: in)?|ends in|triple|rocky|final fantasy)\s+|(?:מסתיים ב|פרק |חלק |מידה )-?)$",
    re.IGNORECASE,
)
_AFTER_PREPOSITION = re.compile(
    rf"(?:\b(?:at|in|from|to|for|on|by|with|of|call|code|is|only|just|and|the|our|until|till|over|under|"
    rf"save|get|"
    rf"{GREETING})\s+|[:=]\s*|(?<!\w)(?:ב|ל|מ|ה|ש|כ)[-־]\s?"
    r"|(?<!\w)(?:עד|של|רק|קוד|על|את|עם|בין|מתוך|בשעה|בתאריך)\s+)$",
    re.IGNORECASE,
)
_BEFORE_WORD = re.compile(r"\s+(?:[a-z]{2,}|[א-ת]{2,})")
_AFTER_PARTICLE = re.compile(r"(?<![א-ת])[ובהלשמכ]{1,3}[-–־]$")
_AFTER_DIGITS = re.compile(r"[\d*xX)][-–.\s]$|[\d*xX]$|[-–]$")
_BEFORE_DIGITS = re.compile(r"[-–.]?[\d*]|[-–][\dX*]")
_SINGLE_SUM = re.compile(r"[^\w\s] ?X")
_SAVING = re.compile(r"\s*(?:off|discount|cash ?back|cheaper|a (?:day|month|week|year)|per|/)", re.IGNORECASE)
_NUMBER_GOES_ON = re.compile(r"[.,]?\d|[^\W\d]")
_AFTER_NUMBER = re.compile(r"[\w.,$€£₪:/-]$")
_AFTER_DATE = re.compile(r"[\w./:-]$")
_BEFORE_DATE = re.compile(r"[./:-]?\w")
_GENERATION = re.compile(r"\b(?:gen(?:eration)?|malcolm|mr\.?|professor|planet) $", re.IGNORECASE)
_AM_I = re.compile(r"X am (?:I|not|so)\b")
"""A name that ends with an X, before a verb: `Gen X am I right`."""

_FORMAT = re.compile(
    r"\b(?:formats?|formatted|formatting|use|enter|type|write|iso|shown as|"
    r"displayed as|written as|date as|dates? are|fill in)\b|פורמט|תבנית|מבנה|מוצג|נכתב",
    re.IGNORECASE,
)
_PROGRAMMING = re.compile(
    r"\b(?:hypothesis|pointer|null and void|javascript|python|sql|database|undefined behavio)"
    "|פייתון|אנליסט|תכנות|ממוצעים",
    re.IGNORECASE,
)


def _is_mark(site: Site) -> bool:
    """Whether a mark is used, rather than mentioned."""
    is_quoted = OPENS_QUOTE.search(site.before) and CLOSES_QUOTE.match(site.after)
    is_tag = _TAG_SIGN.search(site.before)
    return not (is_quoted or is_tag or _MEANING.search(site.after) or _MEANING.search(site.before))


def _is_undecided(site: Site) -> bool:
    """Whether TBD, TBC or TBA stands for more than a venue or a speaker to be announced."""
    is_name = site.found.upper() == "TBC" and _BEFORE_TBC_NAME.match(site.after)
    if is_name or _BEFORE_TITLE.match(site.after):
        return False
    is_announced = (
        _AFTER_ANNOUNCED.search(site.before)
        or _BEFORE_ANNOUNCED.match(site.after)
        or _BEFORE_PROMISE.match(site.after)
    )
    is_left_open = is_announced and not _IN_A_SENTENCE.match(site.after)
    is_told_of = _TOLD_OF.match(site.after)
    is_meant = is_left_open or is_told_of or _is_kept_back(site)
    return _is_mark(site) and not is_meant and not site.surroundings.mentions(NAMED_OR_DECIDED)


def _is_kept_back(site: Site) -> bool:
    """Whether TBA keeps readers waiting on purpose: a secret, a promise, or a stop of a tour."""
    if site.found.upper().replace(".", "") != "TBA":
        return False
    is_stop = site.surroundings.mentions(_TOUR) and _AFTER_PLACE.search(site.before) is not None
    return is_stop or site.surroundings.mentions(_PROMISE)


def _is_to_come(site: Site) -> bool:
    """Whether TK means "to come", as among journalists, and is not a name."""
    if _COUNTED_BY_TK.match(site.after):
        return _is_mark(site)
    is_name = _AFTER_TK_NAME.search(site.before) or _BEFORE_TK_NAME.match(site.after)
    return _is_mark(site) and not is_name


def _is_for_position(site: Site) -> bool:
    return _is_mark(site) and _MILITARY_MAIL.search(site.surroundings.text) is None


def _is_todo(site: Site) -> bool:
    """Whether TODO introduces a task, and is not the Spanish word."""
    if _EVERYTHING.match(site.after):
        return False
    return _TASK.match(site.after) is not None and _SPANISH.search(site.before + site.after) is None


def _is_size(site: Site) -> bool:
    """Whether it is a size among others: `sizes L, XL, XXX, XXXX`."""
    if _AFTER_SIZE.search(site.before):
        return True
    return bool(_AFTER_SIZES.search(site.before) and _BEFORE_SIZE.match(site.after))


def _is_masked(site: Site) -> bool:
    """Whether it masks digits of a number, as in `050-XXX-XXXX` and `XXXX-1234`."""
    if _AFTER_PARTICLE.search(site.before):
        return False
    return _AFTER_DIGITS.search(site.before) is not None or _BEFORE_DIGITS.match(site.after) is not None


def _is_unknown_value(site: Site) -> bool:
    """Whether XXX is a missing value, rather than kisses, a size, a numeral, a rating or a name."""
    if _is_size(site) or _is_masked(site) or _AFTER_NUMERAL.search(site.before) or not _is_mark(site):
        return False
    is_expected = _AFTER_PREPOSITION.search(site.before) or _BEFORE_WORD.match(site.after)
    return is_expected is not None and _TRIPLE_X.match(site.after) is None


def _is_long_unknown_value(site: Site) -> bool:
    """Whether XXXX is a missing value, rather than kisses, a size or a beer."""
    if _is_size(site) or _is_masked(site) or _AFTER_NUMERAL.search(site.before) or not _is_mark(site):
        return False
    is_kiss = KISSES.search(site.before) is not None and _AFTER_PREPOSITION.search(site.before) is None
    return not is_kiss and _BEER.match(site.after) is None


def _is_unknown_sum(site: Site) -> bool:
    if site.before[-1:].isdigit() or _NUMBER_GOES_ON.match(site.after) or site.surroundings.mentions(_GUESS):
        return False
    return _SINGLE_SUM.fullmatch(site.found) is None or _SAVING.match(site.after) is not None


def _is_unknown_number(site: Site) -> bool:
    return _AFTER_NUMBER.search(site.before) is None or _AFTER_PARTICLE.search(site.before) is not None


def _is_unknown_date(site: Site) -> bool:
    """Whether it stands for a date or a time, rather than describing a format."""
    if _AFTER_DATE.search(site.before) or _BEFORE_DATE.match(site.after):
        return False
    if _GENERATION.search(site.before) and _AM_I.search(site.found + site.after):
        return False
    return _FORMAT.search(site.before) is None and _FORMAT.search(site.after) is None


def _is_no_value(site: Site) -> bool:
    return _PROGRAMMING.search(site.before + site.after) is None and not site.is_in_documentation


_SUM = r"[$€£₪] ?(?:[Xx]{2,}|X|TK|TBD|00+|__+)(?:[.,](?:X{2,3}|x{2,3}|0{2,3}))*"
_COUNTED = one_of(
    """
    off days? hours? minutes? people customers winners items stores times points dollars euros shekels
    pounds million billion reviews members seats spots tickets units locations followers left remaining
    months january february march april may june july august september october november december
    ימים שעות דקות אנשים לקוחות סניפים מקומות כרטיסים מוצרים משתתפים זוכים פריטים עוקבים
    """
)

RULES = (
    Rule(r"\b(?:TB[DCA]|tb[dca])\b", _is_undecided),
    Rule(r"(?:^|[^\pL\pN.])(?P<site>T\.B\.[DCA]\.?|t\.b\.[dca]\.)(?:[^\pL\pN]|$)", _is_undecided),
    Rule(r"\bTK\b", _is_to_come),
    Rule(r"\b(?:TK){2,}\b"),
    Rule(r"\bFPO\b", _is_for_position),
    Rule(r"\bTODO\b", _is_todo),
    Rule(r"\bFIXME\b", outside_documentation),
    Rule(
        r"(?i)\b(?:dolor sit amet|consectetur adipisc?ing|sed do eiusmod|eiusmod tempor|tempor incididunt"
        r"|ut labore et dolore|ut enim ad minim|quis nostrud|exercitation ullamco|laboris nisi|duis aute "
        r"irure"
        r"|excepteur sint|cupidatat non proident|mollit anim id est)\b"
    ),
    Rule(_SUM, _is_unknown_sum),
    Rule(r"(?:X{1,5}|x{2,5}|00+|TK|TBD|__+) ?(?:%|percent\b|אחוז)", _is_unknown_number),
    Rule(r"(?:X{2,}|x{2,}|00+|__+) ?(?:ש[\"״]ח|שח|₪|שקל(?:ים)?|דולר|יורו|€)", _is_unknown_number),
    Rule(rf"X{{2,5}} (?i:{_COUNTED})|x{{2,5}} off", _is_unknown_number),
    Rule(
        r"(?:00/00|[Xx]{2}[/.][Xx]{2}|DD[/.]MM|dd[/.]mm|MM/DD|mm/dd)(?:[/.](?:0000|00|[Xx]{2,4}|[Yy]{2,4}))?"
        r"|00[./-]00[./-]00(?:00)?|XX?:XX|xx:xx|HH:MM|XX? ?[aApP]\.?[mM]\b",
        _is_unknown_date,
    ),
    Rule(r"(?:\(XXX\) ?|XX+-)XXX-?XXXX", _is_unknown_number),
    Rule(r"X{1,3}(?:,XXX)+|0{2,3}-0{3}-?0{3,4}|000?-0{7}", _is_unknown_number),
    Rule(r"\bXXX\b", _is_unknown_value),
    Rule(r"\bX{4,}\b", _is_long_unknown_value),
    Rule(r"(?:^|[^\pL\pN])[ובהלשמכ]{1,2}[-־–](?P<site>XX|_{2,})(?:[^A-Z]|$)"),
    Rule(
        rf"(?m)^[^\pL\n]*{GREETING},? "
        r"(?P<site>[Xx]{2,}|_{2,}|undefined|null|None|NULL|NaN|\(null\))(?:[\s,!.:]|$)"
    ),
    Rule(
        r"(?m)^[^\pL\n]*(?P<site>(?i:dear|hi|hello|hey) ,"
        r"|(?:שלום|היי|לכבוד|הי) ,[^\S\n]*$|[Dd]ear[,:]?[^\S\n]*$)"
    ),
    Rule(r"(?i)(?:code|coupon|קוד|קופון)[: ]+(?P<site>_{2,})"),
    Rule(
        r"\[object [A-Z][A-Za-z]+\]|\(null\)|[$€£₪] ?(?:NaN|undefined|null)|\b(?:undefined|null) ?%|\bNaN ?%?"
        r"|\bundefined (?:off|undefined)|\bnull null\b",
        _is_no_value,
    ),
)
