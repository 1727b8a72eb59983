"""A content calendar as a file: all its posts checked at once, the worst first. Nothing of it is kept."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import render_template, request
from marshmallow import ValidationError

from kb.date_words import day_text
from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.models.base import utc_now
from kb.pages.calendar_answer import csv_file, page_answer, table_answer
from kb.pages.calendar_results import FIELD_NAMES
from kb.pages.handed_back_file import packed, unpacked
from kb.pages.language import in_interface_language, interface_language
from kb.schemas.check_batch import ContentCalendarQuerySchema
from kb.schemas.pointers import field_errors
from kb.services.check.calendar_columns import WHICH_COLUMN
from kb.services.check.calendar_file import MAX_ROWS, CalendarFormat, read_csv
from kb.services.check.calendar_times import DateOrder, parse_schedule
from kb.services.infrastructure.runtime import settings
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint, Response
    from flask.typing import ResponseReturnValue

    from kb.services.check.calendar_file import CalendarFile

_MAX_FILE_IN_QUESTION = 45_000
"""How many characters the file may take that a question on columns or dates hands back."""

_EXAMPLE = """Date,Time,Channel,Copy,Country
2027-05-04,09:30,Facebook,Half price on everything until midnight,IL
2027-05-06,12:00,Instagram,New colors are here. Which one is yours?,IL
2027-05-06,12:05,Instagram,[insert copy and link],IL
"""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/check/calendar", view_func=check_calendar_page)
    blueprint.add_url_rule("/check/calendar", view_func=check_calendar_file, methods=["POST"])
    blueprint.add_url_rule("/check/calendar/example.csv", view_func=check_calendar_example)


@with_permission_check
def check_calendar_page() -> str:
    """Ask for a content calendar, and say how its columns are found."""
    return render_template("check_calendar.html", **_form({}))


@with_permission_check
def check_calendar_file() -> ResponseReturnValue:
    """Check the posts of a calendar, and show the worst first, or all of them as CSV. Nothing is stored.

    The answer begins at once, and says how far the check has come.
    """
    values = {name: value.strip() for name, value in request.form.items()}
    values.pop("content", None)
    content = b""
    try:
        content = _content()
        header, rows = _read(content, values)
    except InvalidInput as error:
        return _ask_again(values, error.errors, content)
    except MalformedInput as error:
        return _ask_again(values, (FieldError("file", message_of(error)),))
    if (date := next(filter(None, (row.ambiguous_date for row in rows)), None)) is not None:
        return _ask_date_order(date, {**values, "content": packed(content, _MAX_FILE_IN_QUESTION)})
    if values.get("as") == "csv":
        return table_answer(rows, header)
    return page_answer(rows, content, values)


@with_permission_check
def check_calendar_example() -> Response:
    """A calendar to try, as a file."""
    return csv_file(_EXAMPLE, "calendar-example.csv")


def _ask_again(
    values: Mapping[str, str], problems: Sequence[FieldError], content: bytes = b""
) -> ResponseReturnValue:
    """The form with what is wrong, and with the file, unless that is what is wrong."""
    if content and "file" not in {_field_of(problem.pointer) for problem in problems}:
        values = {**values, "content": packed(content, _MAX_FILE_IN_QUESTION)}
    return render_template("check_calendar.html", **_form(values, problems)), 422


def _ask_date_order(date: str, values: Mapping[str, str]) -> ResponseReturnValue:
    """Ask which of two days a date means: the answer checks the same file once more."""
    today = utc_now().date()
    days = {order.value: parse_schedule(date, UTC, order, today).at.date() for order in DateOrder}
    readings = {order: day_text(day, interface_language(), year=False) for order, day in days.items()}
    return render_template("check_calendar_dates.html", date=date, readings=readings, values=values), 422


def _content() -> bytes:
    """The file, or the one that an earlier answer has handed back; empty without either."""
    file = request.files.get("file")
    content = file.read() if file is not None else b""
    return content or unpacked(request.form.get("content", ""), settings().max_body_bytes)


def _read(content: bytes, values: Mapping[str, str]) -> CalendarFile:
    """The headings and posts of the file. Raises InvalidInput and MalformedInput."""
    if not content:
        raise InvalidInput([FieldError("file", Message("Choose a file in CSV, with a row for each post."))])
    sent = {name: values[name] for name in ("time_zone", "date_order") if values.get(name)}
    try:
        options = ContentCalendarQuerySchema().load(sent)
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    columns = {name: values[f"column_{name}"] for name in FIELD_NAMES if values.get(f"column_{name}")}
    form = CalendarFormat(
        columns=columns,
        time_zone=options["time_zone"] if "time_zone" in sent else ZoneInfo(current_actor().time_zone),
        order=DateOrder(options["date_order"]) if "date_order" in options else None,
    )
    return read_csv(content, form)


def _form(values: Mapping[str, str], problems: Sequence[FieldError] = ()) -> dict[str, Any]:
    """What the form shows: what was typed, and what is wrong with it, by the id of a field."""
    fields = [(_field_of(problem.pointer), in_interface_language(_detail(problem))) for problem in problems]
    return {
        "values": {"time_zone": current_actor().time_zone, **values},
        "problems": fields,
        "wrong": dict(reversed(fields)),
        "columns": FIELD_NAMES,
        "max_rows": MAX_ROWS,
        "max_megabytes": settings().max_body_bytes // 1_000_000,
        "is_detailed": any(field != "file" for field, _detail in fields)
        or any(value for name, value in values.items() if name.startswith("column_")),
    }


def _detail(problem: FieldError) -> Message:
    """What is wrong, in the words of the form."""
    if problem.detail.template != WHICH_COLUMN:
        return problem.detail
    return Message("Which column has the text? Write its heading here. {listed}", **problem.detail.values)


def _field_of(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0]
    return {"columns": "column_text", "": "file"}.get(name, name)
