"""The days to watch: the observances of a period, and the incidents that happened on them before."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from kb.batches import batched
from kb.domain.dates import DatePrecision
from kb.domain.incident import Status
from kb.domain.language import interface_language
from kb.domain.permissions import Action
from kb.errors import FieldError, InvalidInput
from kb.messages import Message
from kb.models import Incident, db
from kb.observances.calendars import FIRST_YEAR, LAST_YEAR
from kb.observances.days import observances_between, occurrences
from kb.observances.table import observances
from kb.pauses import in_pieces, no_pause
from kb.services.check.days.subjects import observances_named
from kb.services.core.authorization import require, visible_to
from kb.services.core.incident_lookup import SUMMARY_OPTIONS
from kb.services.core.presenters import summary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from kb.domain.permissions import Actor
    from kb.observances.days import Occurrence
    from kb.pauses import Pause

MAX_YEARS = 3
"""The maximum period of one calendar, in years."""

MAX_PRECEDENTS = 5
"""How many incidents an entry shows: those about the day first, and the most severe of each kind."""

MAX_ALL_PRECEDENTS = 1_000
"""How many incidents all entries show together. With many observances, each shows fewer, but at least one."""

_READ_AT_ONCE = 200
"""How many incidents are read before others are served."""

_DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """The observances of a period, in order, for readers of a language (`en` or `he`)."""

    first: date
    last: date
    countries: tuple[str, ...]
    language: str
    entries: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The calendar as its schema shows it."""
        return {
            "from_": self.first,
            "to": self.last,
            "countries": self.countries,
            "language": self.language,
            "entries": self.entries,
        }


def build_calendar(
    actor: Actor,
    first: date,
    last: date,
    countries: Collection[str],
    languages: Sequence[str],
    *,
    risky: bool,
    pause: Pause = no_pause,
) -> Calendar:
    """Build the calendar of a period: the worldwide observances, and those of some countries.

    Observances that begin on the evening of the last day are included. With `risky`, days that are fine to
    post on and have no incidents are left out. Each observance has the published incidents that the actor may
    see and that happened on it in any year, with incidents about the day itself first. Seasons have none,
    since they would hold half of all incidents. Names and titles are in the first of `languages` in which
    they exist. `pause` is called between the steps.
    """
    require(actor, Action.READ)
    found = [day for day in _begun(first, last) if observances()[day.key].is_kept_in(countries)]
    pause()
    ids = _incidents_by_observance(actor, {day.key for day in found})
    pause()
    if risky:
        found = [day for day in found if observances()[day.key].tone != "fine" or day.key in ids]
    about = _put_about_first(ids)
    pause()
    most = max(1, min(MAX_PRECEDENTS, MAX_ALL_PRECEDENTS // max(1, len(ids))))
    precedents = _precedents(
        {number for numbers in ids.values() for number in numbers[:most]}, languages, pause
    )
    language = interface_language(languages)
    entries = [
        {
            **_entry(day, language),
            "precedents": [precedents[number] for number in ids.get(day.key, ())[:most]],
            "about_count": min(about.get(day.key, 0), most),
            "precedent_count": len(ids.get(day.key, ())),
        }
        for day in found
    ]
    return Calendar(first, last, tuple(countries), language, entries)


def calendar_period(first: date | None, last: date | None, today: date) -> tuple[date, date]:
    """Return the first and the last day of a calendar, by default a year from the first of this month.

    Raises InvalidInput for a period that is too long, ends before it begins, or is outside the known years.
    """
    if first is None:
        first = (today if last is None else min(today, last)).replace(day=1)
    if last is None:
        # A year more than the last of `date`, 9999, cannot be computed.
        last = _end(first, 1) if first.year <= LAST_YEAR else first
    if last < first:
        problem = Message("This is earlier than `from`. Choose a later day, or an earlier `from`.")
        raise InvalidInput([FieldError("to", problem)])
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        name = "to" if FIRST_YEAR <= first.year <= LAST_YEAR else "from"
        raise InvalidInput(
            [
                FieldError(
                    name,
                    Message(
                        "Write a year from {first} to {last}.",
                        first=FIRST_YEAR,
                        last=LAST_YEAR,
                    ),
                )
            ]
        )
    if last > _end(first, MAX_YEARS):
        raise InvalidInput(
            [FieldError("to", Message("Ask for at most {most} years at once.", most=MAX_YEARS))]
        )
    return first, last


def _end(first: date, years: int) -> date:
    """The last day of a period of some years."""
    year = first.year + years
    try:
        following = first.replace(year=year)
    except ValueError:  # February 29 of a year that has none
        following = first.replace(year=year, month=3, day=1)
    return following - timedelta(days=1)


def _begun(first: date, last: date) -> list[Occurrence]:
    """The observances of a period, including those that begin on the evening of its last day."""
    return [
        day
        for day in occurrences(first, last + _DAY)
        if day.first <= last or observances()[day.key].begins_in_evening
    ]


def _incidents_by_observance(actor: Actor, keys: Collection[str]) -> Mapping[str, list[int]]:
    """The ids of the published incidents on each observance that the actor may see, most severe first."""
    statement = select(Incident.id, Incident.occurred_on).where(
        visible_to(actor),
        Incident.status == Status.PUBLISHED,
        Incident.occurred_precision == DatePrecision.DAY,
    )
    by_key: defaultdict[str, list[int]] = defaultdict(list)
    for number, day in db.session.execute(
        statement.order_by(Incident.severity.desc().nulls_last(), Incident.occurred_on.desc(), Incident.id)
    ):
        for key in observances_between(day, day):
            if key in keys:
                by_key[key].append(number)
    return by_key


def _put_about_first(ids: Mapping[str, list[int]]) -> dict[str, int]:
    """Put the incidents about an observance before those that only happened on it, and count them.

    If there are many incidents, only the most severe ones of each observance are read.
    """
    most = max(1, MAX_ALL_PRECEDENTS // max(1, len(ids)))
    named = observances_named({number for numbers in ids.values() for number in numbers[:most]})
    counts = {}
    for key, numbers in ids.items():
        about = [number for number in numbers[:most] if key in named.get(number, ())]
        numbers[:] = dict.fromkeys([*about, *numbers])
        counts[key] = len(about)
    return counts


def _precedents(ids: Iterable[int], languages: Sequence[str], pause: Pause) -> dict[int, dict[str, Any]]:
    found = {}
    for batch in in_pieces(batched(sorted(ids), _READ_AT_ONCE), pause):
        statement = select(Incident).where(Incident.id.in_(batch)).options(*SUMMARY_OPTIONS)
        for row in db.session.scalars(statement):
            found[row.id] = {**summary(row, languages), "updated_at": row.updated_at}
    return found


def _entry(day: Occurrence, language: str) -> dict[str, Any]:
    observance = observances()[day.key]
    begun = observance.year_of_event
    return {
        "key": day.key,
        "name": observance.names[language],
        "first": day.first,
        "last": day.last,
        "evening_before": observance.begins_in_evening,
        "eve": day.first - _DAY if observance.begins_in_evening else None,
        "approximate": observance.calendar == "islamic",
        "anniversary": day.first.year - begun if begun is not None else None,
        "tone": observance.tone,
        "kind": observance.kind,
        "countries": list(observance.countries),
        "note": observance.note.get(language),
    }
