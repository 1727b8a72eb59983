"""Patterns of the dates that texts name in English, in Hebrew and in numbers."""

from __future__ import annotations

import re

ENGLISH_MONTHS = (
    r"january|jan\.?", r"february|feb\.?", r"march|mar\.?", r"april|apr\.?", "may", r"june|jun\.?",
    r"july|jul\.?", r"august|aug\.?", r"september|sept?\.?", r"october|oct\.?", r"november|nov\.?",
    r"december|dec\.?",
)  # fmt: skip
HEBREW_MONTHS = (
    "ינואר", "פברואר", "מר[ץס]", "אפריל", "מאי", "יוני",
    "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר",
)  # fmt: skip
WEEKDAY = (
    r"(?:(?i:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thurs?|fri|sat|sun)|[בל]?שבת|"
    r"[בל]?(?:יום )?(?:ראשון|שני|שלישי|רביעי|חמישי|שישי|[א-ו]['׳]))"
)
"""Matches the name of a day of the week, in short too, and in Hebrew with a preposition or its letter."""

ANY_MONTH = re.compile("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)
ANY_MONTH_HE = re.compile("|".join(HEBREW_MONTHS))
"""How the names of months begin, as a prefilter."""

ORDINARY_MONTHS = frozenset({"mar", "march", "may", "sept", "dec", "jan"})
"""Month names that are also words or names; they count only if capitalized."""

_MONTH = f"(?P<month>{'|'.join(ENGLISH_MONTHS)})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s(?P<year>\d{4}))?"
_NO_AMOUNT = (
    r"(?!\w|[.,:/-]\d|\s?[%$€£¥₪₹]|\s(?:percent|usd|eur|gbp|nis|ils|million|billion|thousand|dollars|euros"
    r"|a\.?m\.?|p\.?m\.?)(?!\w))"
)
_NO_AMOUNT_HE = (
    r"(?!\w|[.,:/]\d|\s?[%$€£¥₪₹]|\s(?:ש[\"״]?ח|שקל|שקלים|דולר|דולרים|אירו|יורו|אחוז|אחוזים|אלף|מיליון|מיליארד"
    r"|נקודות|כוכבים|ק[\"״]?[מג]|ס[\"״]?מ|קילו|קילומטר|קילומטרים|מטר|מטרים|ליטר|גרם|דקות|שעות|שניות|שנים|בבוקר|בערב|בלילה"
    r"|בצהריים|אחה[\"״]?צ)(?!\w))"
)
_BEFORE_NUMBER = r"(?<![\d.,:/$€£¥₪₹])(?<!\d-)(?<![A-Za-z])(?<![$€£¥₪₹] )"
_BEFORE_WORD = r"(?<![^\W_])"
_DIGIT = r"(?=\d)"  # first, to skip all other positions quickly

ENGLISH = (
    # "in May 10 shops open": a month alone
    re.compile(rf"(?<!\bin ){_BEFORE_WORD}{_MONTH}\s*(?:the\s)?{_DAY}{_YEAR}{_NO_AMOUNT}", re.IGNORECASE),
    re.compile(rf"{_DIGIT}{_BEFORE_NUMBER}{_DAY}\s?(?:of\s)?{_MONTH}{_YEAR}(?![^\W_])", re.IGNORECASE),
)
HEBREW = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<day>\d{{1,2}})\s[בל]?(?P<month>{'|'.join(HEBREW_MONTHS)}){_YEAR}(?![^\W_])"
)
WITH_YEAR = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<first>\d{{1,2}})(?P<sign>[./-])(?P<second>\d{{1,2}})(?P=sign)(?P<year>20\d\d|\d\d)"
    r"(?![\w/%]|[.,:-]\d)"
)
ISO = re.compile(rf"{_DIGIT}{_BEFORE_NUMBER}(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?![\d-])")
_WEEKDAYS = "(?:mon|tues|wednes|thurs|fri|satur|sun)day,?"
WITHOUT_YEAR = re.compile(
    rf"(?:(?:{_BEFORE_WORD}(?:on|until|till|by|from|before|after|since|starts|starting|ends|{_WEEKDAYS})\s)"
    rf"(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}}){_NO_AMOUNT}"
    # 9/11 needs nothing before it.
    rf"|{_BEFORE_NUMBER}(?P<september>9/11){_NO_AMOUNT})",
    re.IGNORECASE,
)
_TO = r"\s?(?:[-–—]|(?:to|through|thru|until)(?=\s))\s?"
_TO_HE = r"(?:\s?[-־–—]\s?|\sעד\s?(?:ה?[-־–]?)?)"
_BETWEEN_HE = r"(?:(?<=בין )|(?<=בין ה)|(?<=בין ה[-־–]))"
_LAST_DAY = r"(?P<last>\d{1,2})(?:st|nd|rd|th)?"
ENGLISH_RANGES = (
    re.compile(
        rf"(?<!\bin ){_BEFORE_WORD}{_MONTH}\s*(?:the\s)?{_DAY}{_TO}{_LAST_DAY}{_YEAR}{_NO_AMOUNT}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_DIGIT}{_BEFORE_NUMBER}{_DAY}{_TO}{_LAST_DAY}\s?(?:of\s)?{_MONTH}{_YEAR}(?![^\W_])", re.IGNORECASE
    ),
)
HEBREW_RANGE = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<day>\d{{1,2}})(?:{_TO_HE}|\sל[-־–]?)(?P<last>\d{{1,2}})"
    rf"\s[בל]?(?P<month>{'|'.join(HEBREW_MONTHS)}){_YEAR}(?![^\W_])"
)
NUMERIC_RANGE = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<between>{_BETWEEN_HE})?(?P<first>\d{{1,2}})(?P<sign>[./])(?P<second>\d{{1,2}})"
    rf"(?:{_TO}|{_TO_HE}|(?(between)\sל[-־–]?|(?!)))"
    rf"(?P<third>\d{{1,2}})(?P=sign)(?P<fourth>\d{{1,2}})(?:(?P=sign)(?P<year>20\d\d|\d\d))?{_NO_AMOUNT}{_NO_AMOUNT_HE}",
    re.IGNORECASE,
)
DOTTED_RANGE = re.compile(
    rf"{_DIGIT}{_BEFORE_NUMBER}(?P<between>{_BETWEEN_HE})?(?P<day>\d{{1,2}})"
    rf"(?:{_TO_HE}|(?(between)\sל[-־–]?|(?!)))"
    rf"(?P<last>\d{{1,2}})\.(?P<month>\d{{1,2}})(?:\.(?P<year>20\d\d|\d\d))?{_NO_AMOUNT}{_NO_AMOUNT_HE}"
)
"""In Hebrew, "6-8.10" is from October 6 to 8."""

DATES_FROM_TO = re.compile(rf"(?:{_TO}|{_TO_HE}|\sל[-־–]?)", re.IGNORECASE)
"""The words between the first and the last date of a range."""

_HYPHEN = "[-־–]?"
WITHOUT_YEAR_HE = re.compile(
    rf"(?:(?<![א-ת])[ושכ]?[בה]{_HYPHEN}"
    rf"|(?<![א-ת])(?:ב?יום|ב?תאריך|(?:עד|אחרי|לפני|מאז) ה?{_HYPHEN}|אירועי|טבח|מתקפת|אסון"
    rf"|ראשון|שני|שלישי|רביעי|חמישי|שישי|שבת)[ ,]*{_HYPHEN})"
    rf"(?P<first>\d{{1,2}})[./](?P<second>\d{{1,2}}){_NO_AMOUNT_HE}"
)
TWO_NUMBERS = re.compile(r"\d[./-]\d")
REACH = 30
"""Context examined around the digits of a date, in characters: month names, and signs of an amount."""

NUMBERS = re.compile(rf"\d+(?:\D{{1,{2 * REACH}}}\d+)*")
"""Numbers close enough to each other to be parts of one date."""

HEBREW_LETTER = re.compile("[א-ת]")
LATIN_LETTER = re.compile("[A-Za-z]")


def month_number(name: str) -> int:
    """The number of a month from its name, in English or in Hebrew."""
    names = zip(ENGLISH_MONTHS, HEBREW_MONTHS, strict=True)
    return next(
        number
        for number, (english, hebrew) in enumerate(names, 1)
        if re.fullmatch(f"{english}|{hebrew}", name, re.IGNORECASE)
    )
