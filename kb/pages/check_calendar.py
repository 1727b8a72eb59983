"""A content calendar as a file: all its posts checked at once, the worst first. Nothing of it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from marshmallow import ValidationError

from kb.errors import FieldError, InvalidInput, MalformedInput
from kb.messages import Message, message_of
from kb.models.base import utc_now
from kb.pages.calendar_results import FIELD_NAMES, RESULT_COLUMNS, Post, ranked_posts, result_row
from kb.pages.language import in_interface_language, text_languages
from kb.schemas.check_batch import ContentCalendarQuerySchema
from kb.schemas.pointers import field_errors
from kb.services.check.batch import check_calendar
from kb.services.check.calendar_file import MAX_ROWS, CalendarFormat, csv_rows
from kb.services.check.calendar_times import DateOrder
from kb.services.infrastructure.csv_text import csv_text
from kb.services.infrastructure.runtime import settings
from kb.services.taxonomy.lookup import TermLookup
from kb.web.current_actor import current_actor
from kb.web.endpoints import with_permission_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Blueprint
    from flask.typing import ResponseReturnValue

    from kb.services.check.calendar_file import CalendarRow

_MAX_SHOWN = 50
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
    """Check the posts of a calendar, and show the worst first, or all of them as CSV. Nothing is stored."""
    values = {name: value.strip() for name, value in request.form.items()}
    try:
        rows = _rows(values)
        *results, last = check_calendar(current_actor(), rows, text_languages(), today=_today())
    except InvalidInput as error:
        return render_template("check_calendar.html", **_form(values, error.errors)), 422
    except MalformedInput as error:
        problems = (FieldError("file", message_of(error)),)
        return render_template("check_calendar.html", **_form(values, problems)), 422
    posts = ranked_posts(rows, results)
    if values.get("as") == "csv":
        return _table(posts)
    return render_template(
        "check_calendar_result.html",
        posts=posts[:_MAX_SHOWN],
        hidden=len(posts) - len(posts[:_MAX_SHOWN]),
        totals=last["totals"],
        notice=last["notice"],
        opened=_opened(posts[:_MAX_SHOWN]),
    )


@with_permission_check
def check_calendar_example() -> Response:
    """A calendar to try, as a file."""
    return _csv_file("\ufeff" + _EXAMPLE, "calendar-example.csv")


def _rows(values: Mapping[str, str]) -> list[CalendarRow]:
    """The posts of the file. Raises InvalidInput and MalformedInput."""
    file = request.files.get("file")
    content = file.read() if file is not None else b""
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
    return csv_rows(content, form)


def _form(values: Mapping[str, str], problems: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    """What the form shows: what was typed, and what is wrong with it, by the id of a field."""
    fields = [(_field_of(problem.pointer), in_interface_language(problem.detail)) for problem in problems]
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


def _field_of(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0]
    return {"columns": "column_text", "": "file"}.get(name, name)


def _opened(posts: list[Post]) -> dict[int, dict[str, str]]:
    """By the number of a row, the fields of the form of a check that its draft fills in."""
    terms = TermLookup()
    return {post.number: _draft_fields(post.data, terms) for post in posts if post.data.get("text")}


def _draft_fields(data: Mapping[str, Any], terms: TermLookup) -> dict[str, str]:
    platform = terms.get("platform", data.get("platform", "")) if data.get("platform") else None
    when, zone = _moment(data.get("scheduled_at", ""))
    fields = {
        "text": data["text"],
        "platform": platform.key if platform is not None else "",
        "when": when,
        "zone": zone,
        "account": data.get("account", ""),
        "organization": data.get("organization", ""),
        "countries": ", ".join(data.get("audience_countries", ())),
        "links": "\n".join(data.get("links", ())),
    }
    return {name: value for name, value in fields.items() if value}


def _moment(text: str) -> tuple[str, str]:
    """A moment as the form of a check takes it: the day and time, and the offset; empty if it has none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return "", ""
    return f"{moment:%Y-%m-%dT%H:%M}", moment.isoformat()[-6:]


def _table(posts: list[Post]) -> Response:
    rows = [result_row(post) for post in posts]
    return _csv_file("\ufeff" + csv_text(rows, RESULT_COLUMNS), "calendar-checked.csv")


def _csv_file(text: str, name: str) -> Response:
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _today() -> Any:
    return utc_now().astimezone(ZoneInfo(current_actor().time_zone)).date()
