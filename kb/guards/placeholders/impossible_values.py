"""Values that cannot be: Sunday 31/13, 25 o'clock, 29 February 2027, 130 % off, a price that rises."""

from __future__ import annotations

import re
from calendar import isleap

from kb.guards.days.date_patterns import ENGLISH_MONTHS, WEEKDAY
from kb.guards.placeholders.site import Rule, Site

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_HOURS = 24
_MINUTES = 60
_NOON = 12
_AFTER_MIDNIGHT = range(25, 30)
"""Hours past the last one. Higher numbers are scores or times of a run."""

_WHOLE = 100
_PRESENT_YEAR = re.compile(
    r"(?:happy(?: new year)?|welcome(?: to)?|hello|hey|new year|season|conference|festival|edition|calendar|"
    r"ברוכ(?:ה|ים) הבא(?:ה|ים) ל|שלום ל|היי|שנת|עונת|כנס|פסטיבל),? ?[-־]?(20\d\d)(?!\d)"
    r"|(?<!\d)(20\d\d) (?:season|calendar|edition|conference|festival|program(?:me)?|is here|"
    r"has (?:begun|arrived|started)|כאן|הגיעה|התחילה)(?!\w)",
    re.IGNORECASE,
)
"""The year in which a text is published, as it names it."""
_DAYTIME = range(7, 21)
"""Hours between which an event that ends before it begins does not go on past midnight."""

_MORNING_TO_AFTERNOON = range(7, 17)
"""Hours of the day at which no night shift begins."""

_ALL_DAY = re.compile(
    r"\b(?:twenty-?four|all day|around the clock|overnight|(?:next|following) (?:day|morning)|marathon)\b"
    r"|יממה|למחרת|מסביב לשעון|(?<!\d)24(?!\d)|מרתון",
    re.IGNORECASE,
)
_AT_NIGHT = re.compile(r"\b(?:night|overnight|shifts?)\b|לילה|משמר[ות]", re.IGNORECASE)

_NO_HOUR = re.compile(r" ?(?:minutes|mins?|hours|km|miles|דקות|שעות|ק[״\"]מ|לטובת|נגד)", re.IGNORECASE)
_UNIT = re.compile(r"0? ?(?:ש[״\"]ח|₪|שקל|km|miles|ק[״\"]מ|אחוז)")
_NO_SHARE = re.compile(r"-|(?: ?\(?| )(?:not a typo|yes|really|לא טעות)", re.IGNORECASE)

_RISE = re.compile(r"(?<!\w)[שהו]?(?:על(?:ה|תה|ו)|התייקר(?:ה|ו)?|העלינו|מעלים|ייקור|התייקרות)(?!\w)")

_PRICE = r"([\d,]{1,9}(?:\.\d\d)?)"
_SHEKELS = r"(?: ?(?:ש[\"״]ח|₪|שקל(?:ים)?))"
_MONTH = f"(?:{'|'.join(ENGLISH_MONTHS)})"


def _amounts(site: Site) -> list[float]:
    return [float(group.replace(",", "") or 0) for group in site.given]


def _is_over_whole(site: Site) -> bool:
    return any(amount > _WHOLE for amount in _amounts(site)) and _NO_SHARE.match(site.after) is None


def _falls(site: Site) -> bool:
    """Whether the second number is less than the first one, in a text that explains no rise."""
    first, second = _amounts(site)
    return second < first and not site.surroundings.mentions(_RISE)


def _rises(site: Site) -> bool:
    first, second = _amounts(site)
    return second > first


def _is_no_date(site: Site) -> bool:
    """Whether two numbers after a weekday are neither a date, in any order, nor an hour."""
    if _UNIT.match(site.after):
        return False
    first, second = (int(part) for part in site.given)
    is_hour = first <= _HOURS and second < _MINUTES and len(site.given[1]) > 1
    return not (is_hour or _is_date(first, second) or _is_date(second, first))


def _is_date(day: int, month: int) -> bool:
    return 1 <= month <= len(_DAYS) and 1 <= day <= _DAYS[month - 1]


def _is_no_hour(site: Site) -> bool:
    hour, minute = (int(part) for part in site.given)
    is_none = hour in _AFTER_MIDNIGHT or (hour <= _HOURS and minute >= _MINUTES)
    return is_none and _NO_HOUR.match(site.after) is None


def _ends_before_it_begins(site: Site) -> bool:
    """Whether two hours, both in the morning or both in the afternoon, are equal or in the wrong order."""
    first, is_first_pm, second, is_second_pm = _clock(site)
    return is_first_pm == is_second_pm and _is_no_time(site, first, second)


def _is_no_time(site: Site, first: int, second: int) -> bool:
    """Whether nothing is between two hours of a day, in a text that does not speak of a whole day."""
    return second < first or (second == first and not site.surroundings.mentions(_ALL_DAY))


def _clock(site: Site) -> tuple[int, str, int, str]:
    """Two hours in minutes after midnight or noon, each with the letter of its half of the day."""
    parts = re.findall(r"(\d{1,2})(?:[:.](\d\d))? ?([ap])", site.found.lower())
    (hour, minute, half), (other_hour, other_minute, other_half) = parts[0], parts[-1]
    return (
        int(hour) % _NOON * _MINUTES + int(minute or 0),
        half,
        int(other_hour) % _NOON * _MINUTES + int(other_minute or 0),
        other_half,
    )


def _ends_before_it_begins_by_day(site: Site) -> bool:
    first, second = (int(part) for part in site.given)
    return first in _DAYTIME and second in _DAYTIME and second < first


def _closes_before_it_opens(site: Site) -> bool:
    """Whether the second of two hours by day, without words around them, is the earlier one or the same."""
    first, second = (int(part) for part in site.given)
    begin, end = re.findall(r"\d{1,2}:\d\d", site.found)
    if begin == end:
        return first in _DAYTIME and not site.surroundings.mentions(_ALL_DAY)
    is_by_day = first in _MORNING_TO_AFTERNOON and second in _MORNING_TO_AFTERNOON
    return is_by_day and second < first and not site.surroundings.mentions(_AT_NIGHT)


def _is_in_no_leap_year(site: Site) -> bool:
    return not isleap(int(site.given[-1]))


def _is_behind_present_year(site: Site) -> bool:
    """Whether plans are for a year before the present one, as in last year's text, changed in part."""
    planned = int(site.given[-1])
    years = (int(first or other) for first, other in _PRESENT_YEAR.findall(site.surroundings.text))
    return any(year > planned for year in years)


SLIPS = (
    Rule(
        r"(?i)(?:^|[^\pL])(?P<site>(?:planned|in store|plans?|goals?|resolutions?|looking forward to|coming|"
        r"opening|launching|arriving|starting|join us|see you|returns?|ready)(?: [a-z]+){0,3}? "
        r"(?:for|in|to|into|this|on|by)(?: (?:early|late|mid-?|spring|summer|autumn|fall|winter|"
        rf"{_MONTH})(?: \d{{1,2}},?)?)?[ -](20\d\d))(?:[^\d-]|$)",
        _is_behind_present_year,
    ),
    Rule(
        r"(?:^|[^\pL])(?P<site>(?:מתכננים|מתכננות|ה?תוכניות|ה?תכניות|היעדים|מצפה לכם|מחכה לכם|ייפתח|תיפתח|"
        r"נשיק|יגיע|תגיע|נתראה|ניפגש)(?: [א-ת]+){0,3}? (?:ל|ב|לשנת |בשנת |לקראת )[-־]?"
        r"(20\d\d))(?:[^\d-]|$)",
        _is_behind_present_year,
    ),
    Rule(r"(?P<site>(\d{3,4}) ?% (?i:off|discount|cheaper|הנחה))(?:[^\pL\pN]|$)", _is_over_whole),
    Rule(r"(?:^|[^\pL])(?P<site>(?:(?i:save)|ת?חסכו) (\d{3,4}) ?%)", _is_over_whole),
    Rule(r"(?i)\b(?P<site>(\d) for the price of (\d))\b", _rises),
    Rule(r"(?:^|[^\d])(?P<site>(\d) במחיר (?:של )?(\d))(?: על|[.,!]|$)", _rises),
    Rule(rf"(?P<site>היה {_PRICE}{_SHEKELS},? (?:ו?עכשיו|היום|ועכשיו רק) {_PRICE}{_SHEKELS})", _rises),
    Rule(r"(?:^|\s)(?P<site>(?:הנחה|הנחות|הנחה של|הנחות של|עד) ?[-־]?(\d{3,4}) ?% הנחה)", _is_over_whole),
    Rule(
        rf"(?i)\b(?P<site>(?:was|were|instead of|down from) ?[$€£₪] ?{_PRICE},? (?:is |are )?"
        rf"(?:now|today|only|just|now only|now just) ?[$€£₪] ?{_PRICE})",
        _rises,
    ),
    Rule(rf"(?P<site>[$€£] ?{_PRICE} (?i:instead of|down from) ?[$€£] ?{_PRICE})", _falls),
    Rule(
        rf"(?P<site>במקום {_PRICE}{_SHEKELS}?,? (?:רק |עכשיו |היום ){{1,2}}ב?[-־]?{_PRICE}{_SHEKELS})", _rises
    ),
    Rule(rf"(?P<site>{_PRICE}{_SHEKELS} במקום {_PRICE})(?:{_SHEKELS}|[.,!\n]|$)", _falls),
    Rule(
        r"(?i)(?:^|[^\pL])ל?(?P<site>(?:ages?|aged|גיל(?:אי|אים)?) (\d{1,3}) ?(?:to|-|–|עד) ?(\d{1,3}))"
        r"(?:[^\d]|$)",
        _falls,
    ),
    Rule(
        rf"(?:^|[^\pL])(?P<site>{WEEKDAY},? (?:ה[-־]?|(?i:the ))?(\d{{1,2}})[./](\d{{1,2}}))"
        r"(?:[./]\d{2,4})?(?:[^\d:./%]|[.,](?:\s|$)|$)",
        _is_no_date,
    ),
    Rule(
        r"(?:^|[^\pL\pN])(?:(?i:at|from|until|till|opens?|starts?) |ב[-־]|מ[-־]|בשעה |משעה |עד )"
        r"(?P<site>(2[5-9]):(\d\d)|(\d{1,2}):([6-9]\d))(?:[^\d:]|$)",
        _is_no_hour,
    ),
    Rule(r"(?:^|[^\d.:])(?P<site>(\d{1,2})[.:]([6-9]\d)) ?(?i:[ap]\.?m)\b", _is_no_hour),
    Rule(
        r"(?:^|[^\pL\pN])(?P<site>(?:(?i:february|feb\.?) 29(?:th)?,?|29(?:th)? (?:of )?(?i:february|feb\.?)"
        r",?|29 [בל]?פברואר,?|29[./]0?2[./]|0?2/29/) ?(20\d\d))(?:[^\pL\pN]|$)",
        _is_in_no_leap_year,
    ),
    Rule(
        r"(?i)\b(?P<site>(?:between|from) \d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\.? (?:and|to|until) "
        r"\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m)\b",
        _ends_before_it_begins,
    ),
    Rule(
        r"(?i)(?:^|[^\d:.])(?P<site>\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m\.? ?(?:to|until|till|-|–) ?"
        r"\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m)\b",
        _ends_before_it_begins,
    ),
    Rule(
        r"(?:^|[^\d:./])(?P<site>(\d{1,2}):\d\d(?: (?:to|until|till|ו?עד) | ?[–-] ?)(\d{1,2}):\d\d)"
        r"(?:[^\d:]|$)",
        _closes_before_it_opens,
    ),
    Rule(
        r"(?:^|[^\pL])(?P<site>בין (?:השעות )?(\d{1,2}):\d\d (?:ל|עד )[-־]?(\d{1,2}):\d\d)",
        _ends_before_it_begins_by_day,
    ),
)
"""Rules for slips, since a joke may have such a value as well."""
