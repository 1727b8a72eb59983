"""The words of a calendar of observances, in English and in Hebrew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kb.date_words import day_text

if TYPE_CHECKING:
    from collections.abc import Mapping

TONES = {
    "no-promotion": {"en": "no promotion", "he": "בלי פרסום ומבצעים"},
    "careful": {"en": "careful", "he": "בזהירות"},
    "fine": {"en": "fine", "he": "מתאים לפרסום"},
}
KINDS = {
    "commercial": {"en": "commercial", "he": "מסחרי"},
    "religious": {"en": "religious", "he": "דתי"},
    "commemoration": {"en": "commemoration", "he": "זיכרון"},
    "tragedy": {"en": "tragedy", "he": "אסון"},
    "awareness": {"en": "awareness", "he": "מודעות"},
}
_HAPPY = {"en": "national day", "he": "יום לאומי"}
"""The kind of a commemoration on which it is fine to post, such as Independence Day."""

NAME = {"en": "Days to watch", "he": "ימים רגישים"}
NOTHING = {"en": "No day to watch in this period.", "he": "אין בתקופה זו ימים רגישים."}
COUNT = {"en": "{number} days from {first} to {last}.", "he": "{number} ימים, מ-{first} עד {last}."}
EVE = {"en": "Begins this evening: {name}", "he": "החל מהערב: {name}"}
_EVENING = {"en": "Begins on the evening of {day}.", "he": "מתחיל בערב ה-{day}."}
_PRECEDENTS = {
    "one": {"en": "One incident happened on this day:", "he": "אירוע אחד קרה ביום זה:"},
    "many": {"en": "{number} incidents happened on this day:", "he": "{number} אירועים קרו ביום זה:"},
    "gravest": {
        "en": "{number} incidents happened on this day, the gravest:",
        "he": "{number} אירועים קרו ביום זה. החמורים שבהם:",
    },
}
_ABOUT = {"en": "About this day:", "he": "על היום הזה עצמו:"}
_OTHERS = {"en": "Others that happened on it:", "he": "קרו באותו יום:"}
_MORE = {"en": "and {number} more", "he": "ועוד {number}"}
_ANNIVERSARY = {
    "one": {"en": "One year since.", "he": "במלאת שנה."},
    "two": {"en": "2 years since.", "he": "במלאת שנתיים."},
    "many": {"en": "{number} years since.", "he": "במלאת {number} שנים."},
    "round": {"en": "{number} years since.", "he": "במלאת {number} שנה."},
}


def kind_name(entry: Mapping[str, Any], language: str) -> str:
    """The kind of an entry in words. A happy commemoration is called a national day."""
    is_happy = entry["kind"] == "commemoration" and entry["tone"] == "fine"
    return _HAPPY[language] if is_happy else KINDS[entry["kind"]][language]


def anniversary(years: int | None, language: str) -> str | None:
    """A sentence on how many years ago it happened; None for the day itself and for events without a year."""
    if not years:
        return None
    form = {1: "one", 2: "two"}.get(years, "many" if years <= 10 else "round")
    return _ANNIVERSARY[form][language].format(number=years)


def precedent_lines(entry: Mapping[str, Any], language: str) -> list[str]:
    """The incidents of an entry, one per line: those about the day, then those that merely happened on it."""
    lines = [f"• {precedent_line(precedent, language)}" for precedent in entry["precedents"]]
    total, about = entry["precedent_count"], entry["about_count"]
    if not lines:
        return []
    if not about:
        form = "one" if total == 1 else "many" if total == len(lines) else "gravest"
        return [_PRECEDENTS[form][language].format(number=total), *lines]
    others = [_OTHERS[language], *lines[about:]] if lines[about:] else []
    more = [_MORE[language].format(number=total - len(lines))] if total > len(lines) else []
    return [_ABOUT[language], *lines[:about], *others, *more]


def precedent_line(precedent: Mapping[str, Any], language: str) -> str:
    """An incident on one line: title, organization and date."""
    day = day_text(date.fromisoformat(precedent["occurred_on"]), language)
    return f"{precedent['title']} ({precedent['organization']}, {day})"


def description(entry: Mapping[str, Any], language: str) -> list[str]:
    """The description of an entry, line by line."""
    lines = [
        f"{TONES[entry['tone']][language]} · {kind_name(entry, language)}",
        anniversary(entry["anniversary"], language),
        _EVENING[language].format(day=day_text(entry["eve"], language)) if entry["eve"] else None,
        entry["note"],
        *precedent_lines(entry, language),
    ]
    return [line for line in lines if line]
