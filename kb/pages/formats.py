"""Dates, numbers and marks as people read them, in the language of the interface. Filters of templates."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from kb.date_words import day_text, partial_date_text
from kb.domain.language import script_language, text_direction
from kb.pages.language import in_interface_language, interface_language
from kb.pages.marked_text import TAG, blocks, first_direction
from kb.pages.messages import _, _l, _n
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kb.pages.messages import LazyText

_DATE = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b(?: [0-9]{2}:[0-9]{2}\b)?", re.ASCII)
_YAML_LINE = re.compile(r"(\s*(?:- )*(?:[\w.-]+: )?)(.*)", re.DOTALL)
_YAML_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|(?<=: )[^\s"'\[{][^,\]}]*)""")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff]")
_QUOTED = re.compile(r"“[^”]*”|(?<!\w)״[^״]*״(?!\w)")
_LATIN = re.compile("[A-Za-z]")
_QUOTATION = re.compile(
    r"(?<!\w)(&(?:#34|quot);|“|״)((?:(?!&(?:#34|quot);)[^<“”״\n]){1,300})(&(?:#34|quot);|”|״)(?!\w)"
)
"""A quotation in escaped text. A quotation mark between letters is a part of a Hebrew word, as in צה"ל."""

_LEEWAY = 5
"""Characters that are not worth cutting."""

_PRECISIONS = {len("2018"): "year", len("2018-03"): "month"}
"""The precision of a date, by the length of its text."""

_CUT_PUNCTUATION = " \n.,;:!?…–—-"

SEVERITIES: Mapping[int, LazyText] = {
    1: _l("a slip that few noticed"),
    2: _l("widely shared, nobody hurt"),
    3: _l("an outcry"),
    4: _l("lasting damage"),
    5: _l("a crisis of the whole brand"),
}
"""What each severity means, from a gaffe to an alarm."""


def partial_date(text: str | None, precision: str = "day") -> str:
    """Format a date with its known precision: `November 24, 2017`, `March 2018`, `2018`."""
    if text is None or precision == "unknown":
        return _("date unknown")
    return partial_date_text(text, precision, interface_language())


def iso_date(text: str) -> str:
    """Format a date in ISO 8601, which may be partial: `2018-03` as `March 2018`. Raises ValueError."""
    return partial_date(f"{text}-01-01"[: len("2018-03-01")], _PRECISIONS.get(len(text), "day"))


def moment(text: str) -> str:
    """Format a moment in the reader's time zone: `November 24, 2017, 09:30`.

    UTC is named, since it is the zone of whoever has not chosen one.
    """
    zone = current_actor().time_zone
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    named = " UTC" if zone == "UTC" else ""
    return f"{day_text(local, interface_language())}, {local:%H:%M}{named}"


def number(value: float) -> str:
    """Format a number with the separators of the language."""
    return format_decimal(value, locale=interface_language())


def percent(share: float) -> str:
    """Format a share, from 0 to 1, as a percentage with at most one decimal: `0.2%`."""
    return format_percent(share, "#,##0.#%", locale=interface_language())


def duration(minutes: float) -> str:
    """Format a duration in its natural unit: `40 minutes`, `3 hours`, `2 days`."""
    if minutes < 90:
        return _n("%(num)s minute", "%(num)s minutes", round(minutes))
    if minutes < 48 * 60:
        return _n("%(num)s hour", "%(num)s hours", round(minutes / 60))
    return _n("%(num)s day", "%(num)s days", round(minutes / (24 * 60)))


def direction(language: str | None) -> str:
    """Return the direction of a language's script: `ltr`, `rtl`, or `auto` if unknown."""
    return text_direction(language) if language else "auto"


def title_direction(title: str) -> str:
    """Return the direction of a title by its script: one in Hebrew may begin with a name in Latin letters."""
    return direction(script_language(title))


def severity_word(severity: int) -> str:
    """Return the meaning of a severity in words."""
    return str(SEVERITIES[severity])


def shortened(text: str, length: int) -> str:
    """Cut a text that is longer than `length` characters after a word: `…` replaces the rest, and any
    punctuation before it.
    """
    if len(text) <= length + _LEEWAY:
        return text
    kept = text[: length - 1]
    return f"{(kept.rpartition(' ')[0] or kept).rstrip(_CUT_PUNCTUATION)}…"


def isolated(text: str) -> Markup:
    """Escape a text, isolating hashtags and handles so that their signs stay attached in either direction."""
    return Markup(TAG.sub(r"<bdi>\g<0></bdi>", str(escape(text))))  # noqa: S704 (it was escaped)


def narrated(text: str) -> Markup:
    """Escape a text about an incident as `isolated` does. In one of two scripts, what it quotes has a
    direction of its own: the exclamation marks of an English post stay at its end in Hebrew."""
    escaped = isolated(text)
    if not (_RIGHT_TO_LEFT.search(escaped) and _LATIN.search(text)):
        return escaped
    return Markup(_QUOTATION.sub(r"\1<bdi>\2</bdi>\3", str(escaped)))  # noqa: S704 (it was escaped)


def quoting(text: str) -> Markup:
    """Escape a message so that its quotations have their own direction, as English in Hebrew, and a
    date such as 2027-09-11 stays on one line.
    """
    quoted = _QUOTED.sub(
        lambda found: f"{found[0][0]}<bdi>{found[0][1:-1]}</bdi>{found[0][-1]}", str(escape(text))
    )
    return Markup(_DATE.sub(r'<bdi class="whole">\g<0></bdi>', quoted))  # noqa: S704 (it was escaped)


def yaml_lines(text: str) -> Markup:
    """Escape YAML so that each value has its own direction, as Hebrew after a key, which is English."""
    return Markup("\n".join(map(_yaml_line, text.split("\n"))))  # noqa: S704 (each was escaped)


def _yaml_line(line: str) -> str:
    key, value = _YAML_LINE.fullmatch(line).groups()  # type: ignore[union-attr] # it matches any line
    if not _RIGHT_TO_LEFT.search(value):
        return str(escape(line))
    if value[0] not in "[{":
        return f"{escape(key)}<bdi>{escape(value)}</bdi>"
    parts = _YAML_TEXT.split(value)  # what the pattern finds is every second part
    return str(escape(key)) + "".join(
        f"<bdi>{escape(part)}</bdi>" if number % 2 else str(escape(part)) for number, part in enumerate(parts)
    )


def message_direction(text: str) -> str:
    """Return the direction of a message by its own words, since its quotations may be in another script."""
    return first_direction(_QUOTED.sub("", text)) or "ltr"


FILTERS: Mapping[str, Callable[..., Any]] = {
    "partial_date": partial_date,
    "moment": moment,
    "number": number,
    "percent": percent,
    "duration": duration,
    "direction": direction,
    "title_direction": title_direction,
    "severity_word": severity_word,
    "shortened": shortened,
    "isolated": isolated,
    "narrated": narrated,
    "translated": in_interface_language,
    "message_direction": message_direction,
    "quoting": quoting,
    "yaml_lines": yaml_lines,
    "blocks": blocks,
}
"""The filters by their names in templates."""
