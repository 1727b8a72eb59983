"""Reads iCalendar independently of what wrote it, and checks what RFC 5545 asks of every event."""

from __future__ import annotations

import re

_LINE = re.compile(r"([A-Z-]+)((?:;[A-Z]+=[^;:]+)*):(.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\;,nN])")
_DAY, _MOMENT = re.compile(r"\d{8}"), re.compile(r"\d{8}T\d{6}Z")

Properties = dict[str, str]


def read_icalendar(text: str) -> tuple[Properties, list[Properties]]:
    """The properties of a calendar, and those of each event, unescaped."""
    lines = text.split("\r\n")
    assert lines.pop() == "", "the last line must end, too"
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in lines)
    unfolded = re.sub("\r\n ", "", "\r\n".join(lines)).split("\r\n")
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    calendar: Properties = {}
    events: list[Properties] = []
    target = calendar
    for line in unfolded[1:-1]:
        match = _LINE.fullmatch(line)
        assert match is not None, line
        name, parameters, value = match.groups()
        if line == "BEGIN:VEVENT":
            target = {}
            events.append(target)
        elif line == "END:VEVENT":
            target = calendar
        else:
            assert name not in target, f"{name} stands there twice"
            target[name] = _ESCAPED.sub(lambda found: _unescape(found[1]), value)
            if name in ("DTSTART", "DTEND"):
                assert (parameters, _DAY.fullmatch(value) is None) == (";VALUE=DATE", False)
    assert {"VERSION", "PRODID"} <= calendar.keys()
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY"} <= event.keys()
        assert _MOMENT.fullmatch(event["DTSTAMP"])
        assert event["DTEND"] > event["DTSTART"]
    assert len({event["UID"] for event in events}) == len(events)
    return calendar, events


def _unescape(character: str) -> str:
    return "\n" if character in "nN" else character
