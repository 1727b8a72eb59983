"""The questions about an ambiguous calendar: its columns, its dates."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from flask import render_template

from kb.date_words import day_text
from kb.domain.written_times import DateOrder, parse_schedule
from kb.models.base import utc_now
from kb.pages.calendars.calendar_results import FIELD_NAMES
from kb.pages.language import in_interface_language, interface_language
from kb.pages.time_zones import zone_name
from kb.services.check.calendars.columns import WHICH_COLUMN
from kb.services.check.calendars.header import sample_columns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from flask.typing import ResponseReturnValue

    from kb.domain.date_reading import DateReading
    from kb.domain.time_zones import ZoneReading
    from kb.errors import FieldError


def ask_columns(content: bytes, problem: FieldError, values: Mapping[str, Any]) -> ResponseReturnValue:
    """Ask which column has the text, with a sample of each. `values` carry the file along.

    Raises MalformedInput for a file that is not CSV.
    """
    sampled = sample_columns(content, headless=bool(values.get("headless")))
    names = {column.name for column in sampled.columns}
    chosen = {name: values.get(f"column_{name}") or sampled.guesses.get(name, "") for name in FIELD_NAMES}
    if chosen["text"] not in names:
        chosen["text"] = sampled.guesses["text"]
    page = render_template(
        "check_calendar_columns.html",
        columns=sampled.columns,
        chosen=chosen,
        fields={name: label for name, label in FIELD_NAMES.items() if name != "text"},
        headless=sampled.headless,
        problem=None if problem.detail.template == WHICH_COLUMN else in_interface_language(problem.detail),
        values={name: value for name, value in values.items() if not name.startswith("column_")},
    )
    return page, 422


def ask_date_order(text: str, values: Mapping[str, Any]) -> ResponseReturnValue:
    """Ask which of two days a date means; the answer checks the same file again."""
    locale = interface_language()
    days = {order.value: day_text(day, locale, year=False) for order, day in _readings(text).items()}
    return render_template("check_calendar_dates.html", date=text, readings=days, values=values), 422


def date_words(reading: DateReading | None) -> dict[str, str] | None:
    """Describe how ambiguous dates were read: the first of them, its day, and the alternative day."""
    if reading is None:
        return None
    locale = interface_language()
    other = next(order for order in DateOrder if order is not reading.order)
    return {
        "text": reading.text,
        "day": day_text(reading.day, locale, year=False),
        "origin": reading.origin,
        "other_order": other.value,
        "other_day": day_text(_readings(reading.text)[other], locale, year=False),
    }


def zone_words(reading: ZoneReading | None) -> dict[str, str] | None:
    """Describe the zone of times without an offset: the name of its city, and what decided."""
    if reading is None:
        return None
    return {"name": zone_name(reading.name), "origin": reading.origin}


def _readings(text: str) -> dict[DateOrder, date]:
    today = utc_now().date()
    return {order: parse_schedule(text, UTC, order, today).at.date() for order in DateOrder}
