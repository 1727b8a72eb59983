"""The words of a calendar of observances."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from kb.date_words import day_text
from kb.messages import Message, counted
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

_TONES = {
    "no-promotion": Message("no promotion"),
    "careful": Message("careful"),
    "fine": Message("fine"),
}
_KINDS = {
    "commercial": Message("commercial"),
    "religious": Message("religious"),
    "commemoration": Message("commemoration"),
    "tragedy": Message("tragedy"),
    "awareness": Message("awareness"),
}
_HAPPY = Message("national day")
"""The kind of a commemoration on which it is fine to post, such as Independence Day."""

NAME = Message("Days to watch")
EVE = Message("Begins this evening: {name}")
_EVENING = Message("Begins on the evening of {day}.")
_GRAVEST = Message("{number} incidents happened on this day, the gravest:")
_ABOUT = Message("About this day:")
_OTHERS = Message("Others that happened on it:")
_MORE = Message("and {number} more")


def tone_name(entry: Mapping[str, Any], language: str) -> str:
    """Whether a brand may post on the day of an entry, in words."""
    return translated(_TONES[entry["tone"]], language)


def kind_name(entry: Mapping[str, Any], language: str) -> str:
    """The kind of an entry in words. A happy commemoration is called a national day."""
    is_happy = entry["kind"] == "commemoration" and entry["tone"] == "fine"
    return translated(_HAPPY if is_happy else _KINDS[entry["kind"]], language)


def anniversary(years: int | None, language: str) -> str | None:
    """A sentence on how many years ago it happened; None for the day itself and for events without a year."""
    if not years:
        return None
    # In Hebrew, numbers above ten go with the singular.
    return translated(
        counted("One year since.", "{num} years since.", years)
        if years <= 10
        else Message("{number} years since.", number=years),
        language,
    )


def precedent_lines(entry: Mapping[str, Any], language: str) -> list[str]:
    """The incidents of an entry, one per line: those about the day, then those that merely happened on it."""
    lines = [f"• {precedent_line(precedent, language)}" for precedent in entry["precedents"]]
    total, about = entry["precedent_count"], entry["about_count"]
    if not lines:
        return []
    if not about:
        heading = (
            counted("One incident happened on this day:", "{num} incidents happened on this day:", total)
            if total == len(lines)
            else _GRAVEST.format(number=total)
        )
        return [translated(heading, language), *lines]
    others = [translated(_OTHERS, language), *lines[about:]] if lines[about:] else []
    more = [translated(_MORE.format(number=total - len(lines)), language)] if total > len(lines) else []
    return [translated(_ABOUT, language), *lines[:about], *others, *more]


def precedent_line(precedent: Mapping[str, Any], language: str) -> str:
    """An incident on one line: title, organization and date."""
    day = day_text(date.fromisoformat(precedent["occurred_on"]), language)
    return f"{precedent['title']} ({precedent['organization']}, {day})"


def description(entry: Mapping[str, Any], language: str) -> list[str]:
    """The description of an entry, line by line."""
    lines = [
        f"{tone_name(entry, language)} · {kind_name(entry, language)}",
        anniversary(entry["anniversary"], language),
        translated(_EVENING, language).format(day=day_text(entry["eve"], language)) if entry["eve"] else None,
        entry["note"],
        *precedent_lines(entry, language),
    ]
    return [line for line in lines if line]
