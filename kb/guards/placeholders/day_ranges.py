"""Ranges of days that end before they begin: May 20-12, from 20.5 to 12.5, מ-20 במאי עד 12 במאי."""

from __future__ import annotations

import re

from kb.guards.days.date_patterns import ENGLISH_MONTHS, HEBREW_MONTHS, WEEKDAY, month_number
from kb.guards.placeholders.site import Rule, Site

_MONTHS = 12
_NAMED = rf"(?:(?i:{'|'.join(ENGLISH_MONTHS)})|{'|'.join(HEBREW_MONTHS)})"
_MONTH = f"(?:{'|'.join(ENGLISH_MONTHS)})"
_ANY_MONTH = f"({_NAMED})"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_UNTIL = r"(?: (?:to|until|till|through|ו?עד) | ?[–-] ?)(?:ה[-־]?)?"
_AFTER_MONTH = re.compile(rf"(?i)(?<!\w){_NAMED}\.? ?$")


def _is_reversed(site: Site) -> bool:
    """Whether the second of two days of one month is the earlier one."""
    first, second = (int(part) for part in site.given)
    return second < first


def _is_reversed_before_a_month(site: Site) -> bool:
    """Whether two days before their month are in the wrong order, and the first day has no month itself."""
    return _is_reversed(site) and _AFTER_MONTH.search(site.before) is None


def _ends_in_an_earlier_month(site: Site) -> bool:
    """Whether two dates, each with its month in words and its year, stand in the wrong order."""
    years = [int(part) for part in site.given if part.isdigit() and len(part) > len("31")]
    months = [month_number(part) for part in site.given if not part.isdigit()]
    return (years[1], months[1]) < (years[0], months[0])


def _ends_before_it_begins_in_its_month(site: Site) -> bool:
    """Whether two days of one month, each after its name, stand in the wrong order."""
    month, first, other, second = site.given
    return month_number(month) == month_number(other) and int(second) < int(first)


def _ends_before_its_first_day(site: Site) -> bool:
    """Whether two days of one month, given as numbers or with its name, stand in the wrong order.

    Two numbers are a day only if one of them cannot be a month: versions, shares and parts of a cup are not.
    """
    first, month, second, other = site.given
    if not month.isdigit():
        return month_number(month) == month_number(other) and int(second) < int(first)
    if int(month) > _MONTHS and int(first) == int(second):  # the month comes first: 8/20 to 8/15
        return int(other) < int(month)
    return int(first) > _MONTHS >= int(month) and int(month) == int(other) and int(second) < int(first)


SLIPS = (
    Rule(
        rf"(?:^|[^\pL\pN])(?P<site>{_DAY} (?:of )?[בל]?{_ANY_MONTH} ?(?:to|until|till|through|-|–|ו?עד) ?"
        rf"(?:ה[-־]?)?{_DAY} (?:of )?[בל]?{_ANY_MONTH})(?:[^\pL\pN]|$)",
        _ends_before_its_first_day,
    ),
    Rule(
        r"(?:^|[^\d.:/])(?P<site>(\d{1,2})[./](\d{1,2})(?:[./]\d{2,4})?,? ?(?:to|until|till|-|–|ו?עד)(?: ה?"
        rf"{WEEKDAY},?)? ?ה?[-־]?(\d{{1,2}})[./](\d{{1,2}}))(?:[^\d:]|$)",
        _ends_before_its_first_day,
    ),
    # 20-12 May. In Hebrew, many write the days of such a range from right to left: only words count there.
    Rule(
        rf"(?i)(?:^|[^\pL\pN.,:/$€£-])(?P<site>{_DAY}(?: ?[–-] ?| (?:to|until|till|through) (?:the )?){_DAY} "
        rf"(?:of )?{_MONTH})(?:[^\pL\pN]|$)",
        _is_reversed_before_a_month,
    ),
    Rule(
        rf"(?:^|[^\pL\pN])(?:מ[-־]?|בין ה?[-־]?)(?P<site>(\d{{1,2}}) (?:ועד|עד|ל)[- ־]?(?:ה[-־]?)?(\d{{1,2}})"
        rf" [בל]?(?:{'|'.join(HEBREW_MONTHS)}))(?:[^\pL\pN]|$)",
        _is_reversed,
    ),
    # From May 20 to May 12, May 20-12
    Rule(
        rf"(?i)(?:^|[^\pL\pN])(?P<site>{_MONTH} {_DAY}(?: ?[–-] ?| (?:to|until|till|through) (?:the )?){_DAY}"
        r")(?:\s*$|[.,;!?)](?:\s|$)| (?:at|in|on|and|with|only|every|daily|from)[^\pL])",
        _is_reversed,
    ),
    Rule(
        rf"(?i)(?:^|[^\pL\pN])(?P<site>({_MONTH}) {_DAY} ?(?:to|until|till|through|-|–) ?({_MONTH}) {_DAY})"
        r"(?:[^\pL\pN:]|$)",
        _ends_before_it_begins_in_its_month,
    ),
    Rule(
        rf"(?:^|[^\pL\pN])(?:מ[-־]?)?(?P<site>{_DAY} (?:of )?[בל]?{_ANY_MONTH},? "
        rf"(20\d\d){_UNTIL}{_DAY} (?:of )?[בל]?{_ANY_MONTH},? (20\d\d))(?:[^\pL\pN]|$)",
        _ends_in_an_earlier_month,
    ),
    Rule(
        rf"(?:^|[^\pL\pN])(?P<site>{_ANY_MONTH} {_DAY},? (20\d\d){_UNTIL}{_ANY_MONTH} "
        rf"{_DAY},? (20\d\d))(?:[^\pL\pN]|$)",
        _ends_in_an_earlier_month,
    ),
)
"""Rules for slips: either of the days may be the wrong one."""
