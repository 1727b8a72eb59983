"""Days that a post announces, judged by when it goes out: past by then, or on another day of the week.

Nothing is found in a draft that is not scheduled: a date without a year may be of any year.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from kb.guards.placeholders.weekdays import ANY_WEEKDAY, EVE, FROM_A_DAY, weekday_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kb.guards.analysis import AnalyzedDraft
    from kb.guards.clean_text import Span
    from kb.guards.days.named_days import NamedDate, NamedDay

_CONTEXT = 60
"""How much of a line before a date, in characters, says whether it is announced."""

_AHEAD = timedelta(days=300)
_BACK = timedelta(days=60)
"""How long before and after a post a day without a year may be, if the text names its weekday."""

_ANNOUNCED = re.compile(
    r"\b(?:join|see you|meet|come|register|sign[- ]?up|book|apply|enter|rsvp|order|buy|tickets?|"
    r"save the date|until|till|by|before|ends?|starts?|opens?|opening|begins?|launch(?:es)?|doors|"
    r"on sale|available|valid|deadline|from|next|this|kicks? off|returns?|happening|will)\b"
    r"|(?<!\w)(?:הצטרפו|בואו|נפגשים|ניפגש|נתראה|מחכים|מחכות|הירשמו|נרשמים|ההרשמה|הזמינו|כרטיסים|שריינו|עד|"
    r"בתוקף|נפתחת?|נפתחים|מתחיל(?:ה|ים|ות)?|מסתיי(?:ם|מת)|ייפתח|תיפתח|יתקיים|תתקיים|יחול|החל מ|פותחים|"
    r"חוזרים)(?!\w)",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:was|were|had|since|founded|born|died|killed|fell|lost|memory|remember\w*|anniversary|held|"
    r"took place|years ago|back (?:in|on)|history|opened|started|began|ended|signed|joined|launched|"
    r"published|posted|dated|archived?|updated|version)\b"
    r"|(?<!\w)(?:היה|היו|הייתה|מאז|נוסדה?|הוקמה?|נולדה?|נהרגה?|נפלה?|לזכר|זוכרים|התקיי(?:ם|מה|מו)|לפני|"
    r"נפתח ב|נחתם|פורסם|עודכן|היסטוריה|יום השנה)(?!\w)",
    re.IGNORECASE,
)
_WEEKDAY_BEFORE = re.compile(rf"(?:^|(?<!\w))({ANY_WEEKDAY})(?:,| ?[-–|]| ה-?)? ?(?:the |ה-?|ב-?)?$")
_WEEKDAY_AFTER = re.compile(rf"(?: ?\(|, ){ANY_WEEKDAY}(?!\w)")
_ONE_OF_SEVERAL = re.compile(r"(?:and|or|to|&|,|/|[-–]| ו?עד| ו| או) ?$")


class WrongDay(NamedTuple):
    """A day that a post announces but cannot mean.

    It is past when the post goes out if `weekday` is None. Otherwise it falls on this day of the week, from 0
    for Monday, and not on the one in the text.
    """

    span: Span
    weekday: int | None


def wrong_days(draft: AnalyzedDraft) -> list[WrongDay]:
    """The days that a scheduled draft announces and that cannot be meant, in text order."""
    scheduled = draft.draft.scheduled_at
    return [*_wrong_days(draft, scheduled.date())] if scheduled is not None else []


def _wrong_days(draft: AnalyzedDraft, today: date) -> Iterator[WrongDay]:
    for day in draft.named_days:
        if not day.dates:
            continue
        before = draft.draft.text[: day.span.start].rpartition("\n")[2][-_CONTEXT:]
        after = draft.draft.text[day.span.end :].partition("\n")[0][:_CONTEXT]
        if _TOLD.search(before) or _TOLD.search(after):
            continue
        if _is_past(day, today):
            if _ANNOUNCED.search(before):
                yield WrongDay(day.span, None)
        elif (weekday := _wrong_weekday(day, before, after, today)) is not None:
            yield WrongDay(day.span, weekday)


def _is_past(day: NamedDay, today: date) -> bool:
    """Whether all days that a date with its year may mean, or the last one of a range, are past."""
    dates = [found for each in day.dates if (found := _in_year(each, each.year)) is not None]
    return len(dates) == len(day.dates) and max(dates) < today


def _wrong_weekday(day: NamedDay, before: str, after: str, today: date) -> int | None:
    """The actual day of the week of a date without a year, if the text names another one."""
    named = _named_weekday(before, after)
    if named is None or day.is_range or any(each.year is not None for each in day.dates):
        return None
    dates = [
        found
        for each in day.dates
        for year in (today.year - 1, today.year, today.year + 1)
        if (found := _in_year(each, year)) is not None and today - _BACK <= found <= today + _AHEAD
    ]
    if not dates or any(each.weekday() == named for each in dates):
        return None
    return dates[0].weekday()


def _named_weekday(before: str, after: str) -> int | None:
    match = _WEEKDAY_BEFORE.search(before)
    if match is not None:
        start = before[: match.start(1)]
        is_other = EVE.search(start) or FROM_A_DAY.search(start) or _ONE_OF_SEVERAL.search(start)
        return None if is_other else weekday_of(match[1])
    match = _WEEKDAY_AFTER.match(after)
    return weekday_of(match.group().lstrip(" (,")) if match is not None else None


def _in_year(named: NamedDate, year: int | None) -> date | None:
    """The date in a year; None if the year is unknown, or has no such day."""
    try:
        return date(year, named.month, named.day) if year is not None else None
    except ValueError:
        return None
