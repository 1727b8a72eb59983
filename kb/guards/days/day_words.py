"""How the messages of guards name the days of a draft: the likely days, and other readings."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from kb.date_words import day_text
from kb.observances.table import TONES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kb.guards.days.named_days import NamedDate
    from kb.observances.table import Observance

_LEAP_YEAR = 2024

_ELSEWHERE = {
    "en": "{day}, or in other time zones {others}",
    "he": "{day}, ובאזורי זמן אחרים {others}",
}
_OTHER_DATE = {
    "en": "{day}, or if {date} is meant, {others}",
    "he": "{day}, ואם הכוונה ל-{date}, {others}",
}


class OtherDays(NamedTuple):
    """Observances for another reading of the date or, without one, for other time zones."""

    rows: Sequence[Observance]
    date: NamedDate | None = None


def day_values(days: Iterable[Observance], others: OtherDays | None = None) -> dict[str, dict[str, str]]:
    """The values `day` and `note` of a message, by language.

    They are the names and the notes of some observances, the most severe first, followed by those of other
    readings.
    """
    rows = _by_severity(days)
    rest = [] if others is None else _by_severity(others.rows)
    languages = dict.fromkeys(("en", "he", *(tag for row in (*rows, *rest) for tag in row.names if tag)))
    return {
        "day": {tag: _day(rows, rest, None if others is None else others.date, tag) for tag in languages},
        "note": {
            tag: "; ".join(_text(row.note, tag) for row in (*rows, *rest) if row.note) for tag in languages
        },
    }


def _by_severity(days: Iterable[Observance]) -> list[Observance]:
    return sorted(days, key=lambda row: TONES.index(row.tone))


def _day(rows: Iterable[Observance], rest: Sequence[Observance], other: NamedDate | None, tag: str) -> str:
    day = _names(rows, tag)
    if not rest:
        return day
    if other is None:
        return _ELSEWHERE.get(tag, _ELSEWHERE["en"]).format(day=day, others=_names(rest, tag))
    language = tag if tag in _OTHER_DATE else "en"
    written = day_text(
        date(other.year or _LEAP_YEAR, other.month, other.day), language, year=bool(other.year)
    )
    return _OTHER_DATE[language].format(day=day, date=written, others=_names(rest, tag))


def _names(rows: Iterable[Observance], tag: str) -> str:
    # Names have commas: "Independence Day, Israel".
    return " / ".join(dict.fromkeys(_text(row.names, tag) for row in rows))


def _text(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in English, else in any language."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))
