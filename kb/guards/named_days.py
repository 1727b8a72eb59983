"""Days that a text names: "September 11", "October 6-8", "ב-7.10", "Yom Kippur".

Prices, scores and the verb `may` do not count.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from kb.domain.intervals import overlapping_pairs
from kb.search.observance_names import observance_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from kb.domain.intervals import Interval
    from kb.guards.clean_text import CleanText, Span


_LEAP_YEAR = 2024


class NamedDate(NamedTuple):
    """A date in a text, possibly without a year."""

    month: int
    day: int
    year: int | None

    @property
    def exists(self) -> bool:
        """Whether the day exists in some year: February 30 does not."""
        return 1 <= self.month <= 12 and 1 <= self.day <= monthrange(_LEAP_YEAR, self.month)[1]


class NamedDay(NamedTuple):
    """A span that names a day, with the dates that it may mean, or the keys of observances."""

    span: Span
    dates: tuple[NamedDate, ...] = ()
    keys: tuple[str, ...] = ()


_ENGLISH_MONTHS = (
    r"january|jan\.?", r"february|feb\.?", r"march|mar\.?", r"april|apr\.?", "may", r"june|jun\.?",
    r"july|jul\.?", r"august|aug\.?", r"september|sept?\.?", r"october|oct\.?", r"november|nov\.?",
    r"december|dec\.?",
)  # fmt: skip
_HEBREW_MONTHS = (
    "ינואר", "פברואר", "מר[ץס]", "אפריל", "מאי", "יוני",
    "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר",
)  # fmt: skip
_ORDINARY_MONTHS = frozenset({"mar", "march", "may", "sept", "dec", "jan"})
"""Month names that are also words or names; they count only if capitalized."""

_MONTH = f"(?P<month>{'|'.join(_ENGLISH_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<year>\d{4}))?"
_NO_AMOUNT = (
    r"(?!\w|[.,:/-]\d|\s?[%$€£¥₪₹]|\s(?:percent|usd|eur|gbp|nis|ils|million|billion|thousand|dollars|euros"
    r"|a\.?m\.?|p\.?m\.?)(?!\w))"
)
_NO_AMOUNT_HE = (
    r"(?!\w|[.,:/]\d|\s?[%$€£¥₪₹]|\s(?:ש[\"״]?ח|שקל|שקלים|דולר|דולרים|אירו|יורו|אחוז|אחוזים|אלף|מיליון|מיליארד"
    r"|נקודות|כוכבים|ק[\"״]?מ|קילו|קילומטר|קילומטרים|מטר|מטרים|ליטר|גרם|דקות|שעות|שניות|שנים|בבוקר|בערב|בלילה"
    r"|בצהריים|אחה[\"״]?צ)(?!\w))"
)
_BEFORE_NUMBER = r"(?<![\d.,:/$€£¥₪₹])(?<!\d-)(?<![A-Za-z])(?<![$€£¥₪₹] )"
_BEFORE_WORD = r"(?<![^\W_])"
_DIGIT = r"(?=\d)"  # first, to skip all other positions quickly

_ENGLISH = (
    # "in May 10 shops open": a month alone
    re.compile(rf"(?<!\bin ){_BEFORE_WORD}{_MONTH}\s*(?:the\s)?{_DAY}{_YEAR}{_NO_AMOUNT}", re.IGNORECASE),
    re.compile(rf"{_DIGIT}{_BEFORE_NUMBER}{_DAY}\s?(?:of\s)?{_MONTH}{_YEAR}(?![^\W_])", re.IGNORECASE),
)
_HEBREW = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<day>\d{{1,2}})\s[בל]?(?P<month>{'|'.join(_HEBREW_MONTHS)}){_YEAR}(?![^\W_])"
)
_WITH_YEAR = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<first>\d{{1,2}})(?P<sign>[./-])(?P<second>\d{{1,2}})(?P=sign)(?P<year>20\d\d|\d\d)"
    r"(?![\w/%]|[.,:-]\d)"
)
_ISO = re.compile(rf"{_DIGIT}{_BEFORE_NUMBER}(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])")
_WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day,?"
_WITHOUT_YEAR = re.compile(
    rf"(?:(?:{_BEFORE_WORD}(?:on|until|till|by|from|before|after|since|starts|starting|ends|{_WEEKDAYS})\s)"
    rf"(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}}){_NO_AMOUNT}"
    # 9/11 needs nothing before it.
    rf"|{_BEFORE_NUMBER}(?P<september>9/11){_NO_AMOUNT})",
    re.IGNORECASE,
)
_TO = r"\s?(?:[-–—]|(?:to|through|thru|until)(?=\s))\s?"
_LAST_DAY = r"(?P<last>\d{1,2})(?:st|nd|rd|th)?"
_ENGLISH_RANGES = (
    re.compile(
        rf"(?<!\bin ){_BEFORE_WORD}{_MONTH}\s*(?:the\s)?{_DAY}{_TO}{_LAST_DAY}{_YEAR}{_NO_AMOUNT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_DIGIT}{_BEFORE_NUMBER}{_DAY}{_TO}{_LAST_DAY}\s?(?:of\s)?{_MONTH}{_YEAR}(?![^\W_])", re.IGNORECASE
    ),
)
_HEBREW_RANGE = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<day>\d{{1,2}})(?:\s?[-־–]\s?|\sעד\s(?:ה[-־–]?)?)(?P<last>\d{{1,2}})"
    rf"\s[בל]?(?P<month>{'|'.join(_HEBREW_MONTHS)}){_YEAR}(?![^\W_])"
)
_NUMERIC_RANGE = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<first>\d{{1,2}})(?P<sign>[./])(?P<second>\d{{1,2}})\s?[-–—]\s?"
    rf"(?P<third>\d{{1,2}})(?P=sign)(?P<fourth>\d{{1,2}})(?:(?P=sign)(?P<year>20\d\d|\d\d))?{_NO_AMOUNT}{_NO_AMOUNT_HE}"
)
_MAX_RANGE_DAYS = 14
"""Of a longer range only the first and the last day are named: it may well be a season."""

_HYPHEN = "[-־–]?"
_WITHOUT_YEAR_HE = re.compile(
    rf"(?:(?<![א-ת])[ושכ]?[בה]{_HYPHEN}"
    rf"|(?<![א-ת])(?:ב?יום|ב?תאריך|(?:עד|אחרי|לפני|מאז) ה?{_HYPHEN}|אירועי|טבח|מתקפת|אסון"
    rf"|ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת)[ ,]*{_HYPHEN})"
    rf"(?P<first>\d{{1,2}})[./](?P<second>\d{{1,2}}){_NO_AMOUNT_HE}"
)
_TWO_NUMBERS = re.compile(r"\d[./-]\d")
_REACH = 30
"""Context examined around the digits of a date, in characters: month names, and signs of an amount."""

_NUMBERS = re.compile(rf"\d+(?:\D{{1,{2 * _REACH}}}\d+)*")
"""Numbers close enough to each other to be parts of one date."""

_HEBREW_LETTER = re.compile("[א-ת]")
_LATIN_LETTER = re.compile("[A-Za-z]")
_MONTH_FIRST = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})


def named_dates(clean: CleanText, language: str | None, countries: Collection[str]) -> list[NamedDay]:
    """The dates in a text, in order.

    In two numbers, such as 9/11, the month comes first for an audience in the United States, and second
    elsewhere and in Hebrew; if unknown, both readings count.
    """
    text = clean.text
    places = [_around(match) for match in _NUMBERS.finditer(text)]
    if not places:
        return []
    found: dict[tuple[int, int], tuple[NamedDate, ...]] = dict(_month_ranges(text, places))
    for pattern in _ENGLISH:
        for match in _matches(pattern, text, places):
            if match["month"].rstrip(".") in _ORDINARY_MONTHS:
                continue
            found[match.span()] = (
                _date(_number(match["month"], _ENGLISH_MONTHS), match["day"], match["year"]),
            )
    for match in _matches(_HEBREW, text, places):
        found[match.span()] = (_date(_number(match["month"], _HEBREW_MONTHS), match["day"], match["year"]),)
    pairs = [place for place in places if _TWO_NUMBERS.search(text, *place)]
    if pairs:
        for match in _matches(_ISO, text, pairs):
            found[match.span()] = (_date(int(match["month"]), match["day"], match["year"]),)
        order = _Order.of(text, language, countries)
        for start, end, dates in chain(
            _numeric_ranges(text, pairs, order), _numeric_dates(text, pairs, order)
        ):
            found[start, end] = dates
    outdone = _outdone(found)
    return [
        NamedDay(clean.span(*place), dates=existing)
        for place, dates in sorted(found.items())
        if place not in outdone and (existing := tuple(each for each in dates if each.exists))
    ]


def _around(numbers: re.Match[str]) -> Interval:
    """The part of a text to examine for dates around some numbers."""
    return max(0, numbers.start() - _REACH), numbers.end() + _REACH


def _matches(pattern: re.Pattern[str], text: str, places: Iterable[Interval]) -> Iterator[re.Match[str]]:
    """The matches of a pattern in the given parts of a text only: most of a text has no number."""
    return (match for place in places for match in pattern.finditer(text, *place))


class _Order(NamedTuple):
    """The orders in which a date of two numbers may be read."""

    month_first: bool
    day_first: bool

    @classmethod
    def of(cls, text: str, language: str | None, countries: Collection[str]) -> _Order:
        """The order in which the audience of a text writes dates; both if unknown."""
        if countries:
            return cls(not _MONTH_FIRST.isdisjoint(countries), not _MONTH_FIRST.issuperset(countries))
        hebrew = (language or "").startswith("he") or (
            _HEBREW_LETTER.search(text) is not None and _LATIN_LETTER.search(text) is None
        )
        return cls(not hebrew, day_first=True)

    def dates(self, first: str, second: str, year: str | None) -> tuple[NamedDate, ...]:
        """The dates that two numbers may mean."""
        readings = [(first, second)] * self.month_first + [(second, first)] * self.day_first
        return tuple(dict.fromkeys(_date(int(month), day, year) for month, day in readings))


def _month_ranges(text: str, places: Sequence[Interval]) -> Iterator[tuple[Interval, tuple[NamedDate, ...]]]:
    """Where a text names days of a month from one to another: "October 6-8"."""
    patterns = [(pattern, _ENGLISH_MONTHS) for pattern in _ENGLISH_RANGES] + [(_HEBREW_RANGE, _HEBREW_MONTHS)]
    for pattern, months in patterns:
        for match in _matches(pattern, text, places):
            month, year = _number(match["month"], months), match["year"]
            first, last = _date(month, match["day"], year), _date(month, match["last"], year)
            if _days_from_to(first, last) > 0 and match["month"].rstrip(".") not in _ORDINARY_MONTHS:
                yield match.span(), _from_to(first, last)


def _from_to(first: NamedDate, last: NamedDate) -> tuple[NamedDate, ...]:
    """The days from one to another, which is later in the year; of a long range, these two."""
    length = _days_from_to(first, last)
    if length >= _MAX_RANGE_DAYS:
        return first, last
    days = (date(_LEAP_YEAR, first.month, first.day) + timedelta(passed) for passed in range(length + 1))
    return tuple(NamedDate(day.month, day.day, first.year) for day in days)


def _days_from_to(first: NamedDate, last: NamedDate) -> int:
    """How many days after one date another is; -1 if one does not exist."""
    if not (first.exists and last.exists):
        return -1
    begin, end = (date(_LEAP_YEAR, each.month, each.day) for each in (first, last))
    return (end - begin).days


def _numeric_ranges(
    text: str, places: Sequence[Interval], order: _Order
) -> Iterator[tuple[int, int, tuple[NamedDate, ...]]]:
    """Where a text names days from one to another by numbers, at most some days apart: 9/10-9/12."""
    for match in _matches(_NUMERIC_RANGE, text, places):
        is_decimal = match["sign"] == "."
        if is_decimal and _HEBREW_LETTER.search(text) is None:
            continue
        written = _Order(month_first=False, day_first=True) if is_decimal else order
        firsts = written.dates(match["first"], match["second"], match["year"])
        lasts = written.dates(match["third"], match["fourth"], match["year"])
        ranges = [
            _from_to(first, last)
            for first, last in zip(firsts, lasts, strict=False)
            if 0 < _days_from_to(first, last) < _MAX_RANGE_DAYS
        ]
        if ranges:
            yield *match.span(), tuple(chain.from_iterable(ranges))


def _numeric_dates(
    text: str, places: Sequence[Interval], order: _Order
) -> Iterator[tuple[int, int, tuple[NamedDate, ...]]]:
    day_first = _Order(month_first=False, day_first=True)
    for match in _matches(_WITH_YEAR, text, places):
        written = day_first if match["sign"] == "." else order
        yield *match.span(), written.dates(match["first"], match["second"], match["year"])
    for match in _matches(_WITHOUT_YEAR, text, places):
        if match["september"] is not None:
            dates = () if order.month_first else order.dates("9", "11", None)
            yield *match.span("september"), (NamedDate(9, 11, None), *dates)
        elif (match["first"], match["second"]) != ("24", "7"):
            yield (
                match.start("first"),
                match.end("second"),
                order.dates(match["first"], match["second"], None),
            )
    for match in _matches(_WITHOUT_YEAR_HE, text, places):
        yield (
            match.start("first"),
            match.end("second"),
            day_first.dates(match["first"], match["second"], None),
        )


def _date(month: int, day: str, year: str | None) -> NamedDate:
    return NamedDate(month, int(day), None if year is None else int(year) + (2000 if len(year) == 2 else 0))


def _number(name: str, months: Sequence[str]) -> int:
    return next(number for number, month in enumerate(months, 1) if re.fullmatch(month, name, re.IGNORECASE))


def _outdone(places: Iterable[Interval]) -> set[Interval]:
    """The intervals that overlap a longer one, or an earlier one of the same length."""
    pairs = overlapping_pairs(places)
    return {min(pair, key=lambda place: (place[1] - place[0], -place[0])) for pair in pairs}


_OTHER_SENSES = frozenset(
    "pride titanic bastille valentine silvester noel tet amia bhm mlk"
    " hiroshima nagasaki fukushima hillsborough grenfell srebrenica utoya utøya bataclan"
    " chernobyl chornobyl columbine bhopal lockerbie omagh dunblane lahaina uvalde itaewon tiananmen"
    " sharpeville aberfan parkland windrush 広島 長崎 세월호 이태원 天安门 天安門"
    " פוקושימה הילסבורו גרנפל סרברניצה אוטויה הירושימה נגסאקי בטקלאן בטאקלן פארקלנד דנבליין קולומביין"
    " צ'רנוביל צרנוביל יובלדי טיאנאנמן וינדראש אברפן איטאוון בופאל לוקרבי טיטניק"
    .split()
)  # fmt: skip
_OTHER_PHRASES = frozenset(
    {"great friday", "orange day", "twin towers", "shop small", "golden week", "martin luther king"}
)
"""Names of observances that in posts often mean something else: a place, a person, a good Friday."""


def named_observances(words: Sequence[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    """Where words name observances, with their keys; no name spans an empty word.

    Names with numbers are left to `named_dates`, which sees the punctuation between them.
    """
    names = observance_names()
    if not names.has_any(words):
        return []
    days = names.named(words)
    outdone = _outdone(day[:2] for day in days)
    return [
        (day.start, day.end, day.keys)
        for day in days
        if day[:2] not in outdone and not _has_other_sense(tuple(words[day.start : day.end]))
    ]


@lru_cache(maxsize=5_000)
def _has_other_sense(name: tuple[str, ...]) -> bool:
    text = " ".join(name).lower()
    # A Hebrew name may have up to two particles before it.
    return (
        any(map(str.isdigit, text))
        or text in _OTHER_PHRASES
        or any(text[particles:] in _OTHER_SENSES for particles in range(3))
    )
