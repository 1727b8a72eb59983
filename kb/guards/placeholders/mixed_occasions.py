"""Posts copied from another occasion: hours for Sukkot that end with a kosher Passover."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import re2

from kb.guards.days.date_patterns import ENGLISH_MONTHS, month_number
from kb.guards.placeholders.site import Rule, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

_FAR = 3
"""Months between two occasions from which on a post about one does not wish readers the other."""

_LONG_AFTER = range(_FAR, 12 - _FAR)
"""Months after an occasion in which its things are out of place; they are sold and booked long before it."""

_MONTHS = 12
_MAX_OCCASIONS = 2
"""A text about more is a calendar, or a list of holidays."""

_MAX_LENGTH = 1_500
"""Longer texts, in characters, are articles, which tell of many days."""


class _Occasion(NamedTuple):
    """An occasion: its month from 1 to 12, its names, other wishes for it, and its things.

    All but the month are patterns (RE2), any of which may be empty.
    """

    month: int
    name: str
    hebrew_name: str = ""
    wish: str = ""
    things: str = ""


_OCCASIONS = (
    _Occasion(2, "valentine[’']?s(?: day)?", "(?:יום )?(?:ולנטיין|ולנטיינז)"),
    _Occasion(
        3, "purim", "פורים", "ליהודים היי?תה אורה", "משלוחי? מנות|אוזני המן|hamantasche?n|mishloach manot"
    ),
    _Occasion(3, "(?:st\\.? |saint )patrick[’']?s(?: day)?"),
    _Occasion(
        4, "passover|pesach", "פסח", "חג כשר ושמח|חג שמח וכשר", "חמץ|אפיקומן|ליל הסדר|afikoman|seder night"
    ),
    _Occasion(4, "easter", "", "", "easter bunny|egg hunt"),
    _Occasion(5, "yom ha-?atzmaut", "יום ה?עצמאות", "", "הדלקת ה?משואות|טקס ה?משואות|פטישי ה?פלסטיק"),
    _Occasion(5, "lag b[a’']?-?omer", 'ל[״"]ג בעומר', "", "קומזיץ ומדורה|הדלקת ה?מדורות"),
    _Occasion(5, "mother[’']?s day|mothering sunday"),
    _Occasion(6, "father[’']?s day"),
    _Occasion(6, "shavuot", "חג (?:ה)?שבועות|שבועות שמח"),
    _Occasion(9, "rosh ha-?shanah?", "ראש השנה", "שנה טובה ומתוקה|shana tova", "תפוח בדבש"),
    _Occasion(10, "sukkot", "סוכות", "", "ארבעת המינים|אושפיזין|lulav"),
    _Occasion(10, "halloween", "האלווין|ליל כל הקדושים", "", "trick[- ]or[- ]treat(?:ing|ers)?"),
    _Occasion(11, "thanksgiving", "חג ההודיה"),
    _Occasion(12, "hanukkah|chanukah", "חנוכה", "חג אורים שמח", "סופגני(?:ו?ת|יה)|חנוכי(?:ה|יה|ות)"),
    _Occasion(
        12, "christmas|xmas", "חג המולד", "", "father christmas|santa(?: claus)?|mince pies|mulled wine"
    ),
)


def _wish(occasion: _Occasion) -> str:
    """The pattern of the wishes for an occasion."""
    english = f"(?:happy|merry|joyful|blessed)(?: and [a-z]+)? (?:{occasion.name})"
    hebrew = (
        rf"(?:חג )?(?:{occasion.hebrew_name}) (?:כשר|שמח|מואר|נעים)(?: ו?(?:שמח|כשר))?"
        if occasion.hebrew_name
        else ""
    )
    return "|".join(filter(None, [english, hebrew, occasion.wish]))


def _mention(occasion: _Occasion) -> str:
    """The pattern of all that shows that a text is about an occasion."""
    return "|".join(filter(None, [occasion.name, occasion.hebrew_name, occasion.wish, occasion.things]))


def _as_words(pattern: str) -> str:
    """A pattern of whole words; in Hebrew one particle may stand before the first."""
    return rf"(?:^|[^\pL\pN])(?i:[בלמהוש]{{0,2}})(?P<site>(?i:{pattern}))(?:[^\pL\pN]|$)"


@cache  # compiled when a text first has a wish: all of these take 0.03 s
def _wishes() -> list[re2._Regexp | None]:
    return [re2.compile(f"(?i)^(?:{_wish(each)})$") for each in _OCCASIONS]


@cache
def _things() -> list[re2._Regexp | None]:
    return [re2.compile(f"(?i)^(?:{each.things})$") if each.things else None for each in _OCCASIONS]


@cache
def _mentions() -> list[re2._Regexp]:
    return [re2.compile(_as_words(_mention(each))) for each in _OCCASIONS]


_COMPARED = re.compile(
    r"\b(?:since|until|till|after|before|last|than|like|not|from|unlike|beyond|every|jewish|as)(?: the)? *"
    r"[מלבהוש]?$"
    r"|(?<!\w)(?:מאז|עד|אחרי|לפני|כמו|לא|בין|החל מ|כל) ?[מלבהוש]?$|(?<!\w)[מכ]$",
    re.IGNORECASE,
)
"""Words before an occasion that a text compares with its own, or counts from."""

_DATED = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day),? (?:the )?(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? "
    rf"(?P<after>{'|'.join(ENGLISH_MONTHS)})|(?P<before>{'|'.join(ENGLISH_MONTHS)}) \d{{1,2}})\b",
    re.IGNORECASE,
)
"""The day of an event, with its weekday."""


def _wishes_another(site: Site) -> bool:
    """Whether the post wishes readers an occasion that is months away from its subject."""
    wished = _index(site.found, _wishes()) if len(site.surroundings.text) <= _MAX_LENGTH else None
    if wished is None:
        return False
    others = [*_others(site, wished)]
    months = [_OCCASIONS[other].month for other in others]
    is_far = any(_distance(month, _OCCASIONS[wished].month) >= _FAR for month in months)
    return is_far and len(others) < _MAX_OCCASIONS


def _is_dated_long_after(site: Site) -> bool:
    """Whether things of an occasion are promised for a date months after it."""
    occasion = _index(site.found, _things())
    text = site.surroundings.text
    if occasion is None or len(text) > _MAX_LENGTH:
        return False
    months = [month_number(date["after"] or date["before"]) for date in _DATED.finditer(text)]
    return bool(months) and all(
        (month - _OCCASIONS[occasion].month) % _MONTHS in _LONG_AFTER for month in months
    )


def _index(found: str, patterns: list[re2._Regexp | None]) -> int | None:
    """The occasion whose pattern matches everything found."""
    return next((occasion for occasion, each in enumerate(patterns) if each and each.search(found)), None)


def _others(site: Site, wished: int | None) -> Iterator[int]:
    """The other occasions that the text mentions, unless it compares itself with them."""
    text = site.surroundings.text
    for occasion, pattern in enumerate(_mentions()):
        if occasion != wished and any(
            not _COMPARED.search(text[max(0, match.start(1) - 20) : match.start(1)])
            for match in pattern.finditer(text)
        ):
            yield occasion


def _distance(month: int, other: int) -> int:
    """The number of months between two months, the shorter way round the year."""
    difference = abs(month - other)
    return min(difference, _MONTHS - difference)


SLIPS = (
    Rule(_as_words("|".join(map(_wish, _OCCASIONS))), _wishes_another),
    Rule(_as_words("|".join(each.things for each in _OCCASIONS if each.things)), _is_dated_long_after),
)
"""Rules for slips: the wish, the things or the date may be left over from another post."""
