"""Write a calendar of observances as iCalendar (RFC 5545, RFC 7986), for calendar apps to subscribe to."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kb.services.check.days.words import EVE, NAME, description, kind_name, tone_name
from kb.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kb.services.check.days.calendar import Calendar
    from kb.services.core.installation import Installation

MAX_LINE_OCTETS = 75

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""Characters that a text in iCalendar must not have."""

_CONTINUATION = 0b1000_0000
_LEADING_BITS = 0b1100_0000
"""In UTF-8, all octets of a character but the first have the same two leading bits."""


def icalendar_text(calendar: Calendar, installation: Installation) -> str:
    """Write the calendar as text with CRLF line ends.

    An observance that begins in the evening has an event on that day, too. An event has the same UID in all
    languages; its DTSTAMP is the latest change of the installation or of one of its incidents.
    """
    lines = [line for entry in calendar.entries for line in _events(entry, calendar.language, installation)]
    name = _escape(translated(NAME, calendar.language))
    content = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Brand Postmortems//Calendar//EN",
        "CALSCALE:GREGORIAN",
        f"NAME;LANGUAGE={calendar.language}:{name}",
        f"X-WR-CALNAME:{name}",
        "REFRESH-INTERVAL;VALUE=DURATION:P1D",
        "X-PUBLISHED-TTL:P1D",
        *lines,
        "END:VCALENDAR",
    )
    return "".join(f"{folded}\r\n" for line in content for folded in fold(line))


def _events(entry: Mapping[str, Any], language: str, installation: Installation) -> Iterator[str]:
    """Yield the lines of an entry's event, after an event for the evening on which it begins, if any."""
    key = f"calendar:{entry['key']}:{entry['first'].isoformat()}"
    tone, kind = tone_name(entry, language), kind_name(entry, language)
    title = f"{entry['name']} ({tone})" if entry["tone"] == "no-promotion" else entry["name"]
    changed = [installation.created_at, *(precedent["updated_at"] for precedent in entry["precedents"])]
    properties = (
        f"DTSTAMP:{_moment(max(changed))}",
        f"DESCRIPTION;LANGUAGE={language}:{_escape(chr(10).join(description(entry, language)))}",
        f"CATEGORIES;LANGUAGE={language}:{_escape(tone)},{_escape(kind)}",
        "TRANSP:TRANSPARENT",
    )
    if entry["eve"]:
        summary = _summary(translated(EVE, language).format(name=title), language)
        yield from _event(installation.urn(f"{key}:eve"), entry["eve"], entry["eve"], (summary, *properties))
    yield from _event(
        installation.urn(key), entry["first"], entry["last"], (_summary(title, language), *properties)
    )


def _event(uid: str, first: date, last: date, properties: Iterable[str]) -> Iterator[str]:
    yield from (
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTART;VALUE=DATE:{_day(first)}",
        # DTEND is exclusive: the day after the last one, RFC 5545 3.6.1.
        f"DTEND;VALUE=DATE:{_day(last + timedelta(days=1))}",
        *properties,
        "END:VEVENT",
    )


def _summary(title: str, language: str) -> str:
    return f"SUMMARY;LANGUAGE={language}:{_escape(title)}"


def fold(line: str) -> Iterator[str]:
    """Fold a line into parts of at most MAX_LINE_OCTETS octets; all but the first begin with a space.

    Characters of several octets are never split.
    """
    octets = line.encode()
    begin, space, most = 0, "", MAX_LINE_OCTETS
    while len(octets) - begin > most:
        end = begin + most
        while octets[end] & _LEADING_BITS == _CONTINUATION:
            end -= 1
        yield space + octets[begin:end].decode()
        begin, space, most = end, " ", MAX_LINE_OCTETS - 1
    yield space + octets[begin:].decode()


def _escape(text: str) -> str:
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).replace("\\", "\\\\")
    return text.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
