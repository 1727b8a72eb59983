"""The timeline of an incident: when it was posted, acknowledged and removed, and the dated responses."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from kb.pages.formats import duration, moment, partial_date
from kb.pages.messages import _, _n
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


class Event(NamedTuple):
    """A step of the timeline: when, what, and how long after it began. `iso` is None for an unknown time."""

    when: str
    what: str
    delay: str | None
    iso: str | None


def timeline(incident: Mapping[str, Any], response_label: Callable[[str], str]) -> list[Event]:
    """Return the steps in chronological order; those without a date come last.

    Within a day, steps with a known hour come first.
    """
    responses = [(response_label(response["kind"]), response["at"]) for response in incident["responses"]]
    steps = [*_moments(incident), *_dated(incident, [pair for pair in responses if pair[1]])]
    return [
        *([] if incident["posted_at"] or not incident["occurred_on"] else [_beginning(incident)]),
        *(event for _place, event in sorted(steps, key=lambda step: step[0])),
        *(Event(_("date unknown"), what, None, None) for what, at in responses if not at),
    ]


def _moments(incident: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], Event]]:
    """Yield the steps known to the minute, each with its sort key: its day and hour."""
    zone = ZoneInfo(current_actor().time_zone)
    for field, what in (
        ("posted_at", _("Posted")),
        ("acknowledged_at", _("Acknowledged")),
        ("removed_at", _("Removed")),
    ):
        if at := incident[field]:
            local = datetime.fromisoformat(at).astimezone(zone)
            delay = None if field == "posted_at" else _since(incident["posted_at"], at)
            place = (local.date().isoformat(), local.time().isoformat())
            yield place, Event(moment(at), what, delay, at)


def _dated(
    incident: Mapping[str, Any], responses: Iterable[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], Event]]:
    """Yield the steps known to the day, each with its sort key: at the end of its day."""
    is_known = incident["occurred_precision"] == "day"
    began = date.fromisoformat(incident["occurred_on"]) if is_known else None
    for what, at in responses:
        yield (at, "~"), Event(partial_date(at), what, _days_after(began, at), at)


def _beginning(incident: Mapping[str, Any]) -> Event:
    when = partial_date(incident["occurred_on"], incident["occurred_precision"])
    known = {"day": _("It happened; the hour is not known"), "month": _("It happened; the day is not known")}
    what = known.get(incident["occurred_precision"], _("It happened; the month is not known"))
    return Event(when, what, None, None)


def _since(posted: str | None, at: str) -> str | None:
    """Describe how long after the post a step was taken, if both times are known."""
    if not posted:
        return None
    minutes = (datetime.fromisoformat(at) - datetime.fromisoformat(posted)).total_seconds() / 60
    return _("within a minute") if minutes < 1 else _("%(time)s after it was posted", time=duration(minutes))


def _days_after(began: date | None, at: str) -> str | None:
    """Describe how many days after the beginning a response came, if both days are known."""
    if began is None:
        return None
    days = (date.fromisoformat(at) - began).days
    if days < 0:
        return None
    return _n("%(num)s day later", "%(num)s days later", days) if days else _("the same day")
