"""A content calendar as a file: all its posts checked at once, the worst first.

It is kept for a day if a signed-in sender asks for it; otherwise, nothing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template

from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import message_of
from kb.pages.calendars.calendar_answer import page_answer, table_answer
from kb.pages.calendars.calendar_form import (
    SentFile,
    form_values,
    handed_on,
    keep_if_asked,
    read_calendar,
    sent_file,
)
from kb.pages.calendars.calendar_questions import ask_columns, ask_date_order
from kb.pages.calendars.calendar_results import FIELD_NAMES
from kb.pages.countries import likely_country_name
from kb.pages.csv_files import BYTE_ORDER_MARK, csv_file
from kb.pages.language import in_interface_language, interface_language
from kb.pages.time_zones import time_zone_groups
from kb.services.check.calendars.file import MAX_ROWS
from kb.services.check.calendars.uploads import list_calendars, may_keep
from kb.services.infrastructure.runtime import settings
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask import Blueprint, Response
    from flask.typing import ResponseReturnValue

_EXAMPLES = {
    "en": """Date,Time,Channel,Copy,Country
2027-05-04,09:30,Facebook,Half price on everything until midnight,IL
2027-05-06,12:00,Instagram,New colors are here. Which one is yours?,IL
2027-05-06,12:05,Instagram,[insert copy and link],IL
""",
    "he": """תאריך,שעה,ערוץ,טקסט,מדינה
4.5.2027,09:30,פייסבוק,חצי מחיר על כל החנות עד חצות,ישראל
6.5.2027,12:00,אינסטגרם,הגיעו צבעים חדשים. איזה מהם שלכם?,ישראל
6.5.2027,12:05,אינסטגרם,[להשלים טקסט וקישור],ישראל
""",
}
"""A sample calendar by the language of the pages."""


def add_views(blueprint: Blueprint) -> None:
    """Add the views of this module."""
    blueprint.add_url_rule("/check/calendar", view_func=check_calendar_page)
    blueprint.add_url_rule("/check/calendar", view_func=check_calendar_file, methods=["POST"])
    blueprint.add_url_rule("/check/calendar/example.csv", view_func=check_calendar_example)


@with_permission_check
def check_calendar_page() -> str:
    """Ask for a content calendar, and explain how its columns are recognized."""
    return render_template("check_calendar.html", **_form({"keep": "1", "country": likely_country_name()}))


@with_permission_check
def check_calendar_file() -> ResponseReturnValue:
    """Check the posts of a calendar, and show the worst first, or all of them as CSV.

    The answer begins at once, and shows the progress of the check.
    """
    values = form_values()
    file: SentFile | None = None
    try:
        file = sent_file()
        calendar = read_calendar(file.content, values)
    except InvalidInput as error:
        return _ask_again(values, error.errors, file)
    except MalformedInput as error:
        return _ask_again(values, [FieldError("file", message_of(error))])
    date = next(filter(None, (row.ambiguous_date for row in calendar.rows)), None)
    if date is not None:
        return ask_date_order(date, handed_on(keep_if_asked(file, values), values))
    if values.get("as") == "csv":
        return table_answer(calendar.rows, calendar.header)
    return page_answer(calendar, keep_if_asked(file, values), values)


@with_permission_check
def check_calendar_example() -> Response:
    """Send a sample calendar in the language of the pages as a file."""
    return csv_file("calendar-example.csv", BYTE_ORDER_MARK + _EXAMPLES[interface_language()])


def _ask_again(
    values: Mapping[str, str], problems: Sequence[FieldError], file: SentFile | None = None
) -> ResponseReturnValue:
    """Ask for the column of the text, or show the form with its problems and the file, unless that is bad."""
    fields = {_field_of(problem.pointer) for problem in problems}
    if file is not None and "file" not in fields:
        passed_on = handed_on(keep_if_asked(file, values), values)
        if fields == {"column_text"}:
            return ask_columns(file.content, problems[0], passed_on)
        values = values if values.get("pasted") else passed_on
    return render_template("check_calendar.html", **_form(values, problems)), 422


def _form(values: Mapping[str, Any], problems: Sequence[FieldError] = ()) -> dict[str, Any]:
    """Return the template variables of the form: its values, and its problems by field id."""
    wrong: dict[str, str] = {}
    for problem in problems:
        wrong.setdefault(_field_of(problem.pointer), in_interface_language(problem.detail))
    return {
        "values": values,
        "wrong": wrong,
        "columns": FIELD_NAMES,
        "time_zones": time_zone_groups(values.get("time_zone") or None),
        "max_rows": MAX_ROWS,
        "max_megabytes": settings().max_body_bytes // 1_000_000,
        "is_detailed": any(field not in ("file", "country") for field in wrong)
        or any(value for name, value in values.items() if name.startswith(("column_", "date_order"))),
        "may_keep": may_keep(current_actor()),
        "kept": list_calendars(current_actor()),
    }


def _field_of(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0]
    return {"columns": "column_text", "": "file"}.get(name, name)
