"""The form of a content calendar: the uploaded file, and how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import request
from marshmallow import ValidationError

from kb.domain.countries import read_countries
from kb.domain.time_zones import find_time_zone
from kb.domain.written_times import DateOrder
from kb.errors import FieldError, InvalidInput, NotFound
from kb.messages import Message, message_of
from kb.pages.calendars.calendar_results import FIELD_NAMES
from kb.pages.handed_back_file import packed, unpacked
from kb.pauses import Pauses
from kb.schemas.check_batch import ContentCalendarQuerySchema
from kb.schemas.pointers import field_errors
from kb.services.check.calendars.file import CalendarFormat, read_csv
from kb.services.check.calendars.uploads import find_calendar, keep_calendar, may_keep
from kb.services.infrastructure.runtime import settings
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from kb.services.check.calendars.file import CalendarFile

_MAX_HANDED_BACK = 45_000
"""The most characters of a file that a question returns in its form."""

_HOW_TO_READ = (
    *("time_zone", "browser_zone", "date_order", "country", "headless"),
    *(f"column_{name}" for name in FIELD_NAMES),
)
"""The form fields that define how to read the file."""


class SentFile(NamedTuple):
    """A file and its name; `kept` is its number if it is kept."""

    content: bytes
    name: str
    kept: int | None = None


def form_values() -> dict[str, str]:
    """Return the typed and chosen values, without an upload. A button for the other date order wins."""
    values = {name: value.strip() for name, value in request.form.items() if name not in ("content", "kept")}
    if other := values.pop("other_order", ""):
        values["date_order"] = other
    return values


def how_to_read(values: Mapping[str, str]) -> dict[str, str]:
    """Return the form values that define how to read the file."""
    return {name: values[name] for name in _HOW_TO_READ if values.get(name)}


def sent_file() -> SentFile:
    """Return the uploaded file, the pasted rows, or a file that an earlier answer returned or kept.

    Raises InvalidInput.
    """
    file = request.files.get("file")
    if file is not None and (content := file.read()):
        return SentFile(content, file.filename or "")
    if (pasted := request.form.get("pasted", "")).strip():
        return SentFile(pasted.encode(), "")
    if number := request.form.get("kept", type=int):
        try:
            kept = find_calendar(current_actor(), number)
        except NotFound as error:
            raise InvalidInput([FieldError("file", message_of(error))]) from error
        return SentFile(kept.content, kept.name, number)
    content = unpacked(request.form.get("content", ""), settings().max_body_bytes)
    if not content:
        raise InvalidInput(
            [FieldError("file", Message("Choose a CSV file or paste the posts, with a row for each."))]
        )
    return SentFile(content, request.form.get("name", ""))


def keep_if_asked(file: SentFile, values: Mapping[str, str]) -> SentFile:
    """Keep the file if its sender is signed in and asked for it, and return it."""
    if file.kept is not None or not values.get("keep") or not may_keep(current_actor()):
        return file
    kept = keep_calendar(current_actor(), file.name, file.content, how_to_read(values))
    return file._replace(kept=kept)


def handed_on(file: SentFile, values: Mapping[str, str], most: int = _MAX_HANDED_BACK) -> dict[str, Any]:
    """Return the values of a form that sends the same file again: its number if it is kept, else its content,
    unless that takes more than `most` characters."""
    if file.kept is not None:
        return {**values, "kept": file.kept}
    return {**values, "content": packed(file.content, most)}


def read_calendar(
    content: bytes,
    values: Mapping[str, str],
    numbers: Collection[int] | None = None,
    today: date | None = None,
) -> CalendarFile:
    """Read the posts of a file as the form says; only those with the given numbers, if there are any.

    Raises InvalidInput and MalformedInput.
    """
    sent = {name: values[name] for name in ("time_zone", "date_order") if values.get(name)}
    known, unknown = read_countries(values.get("country", ""))
    try:
        options = ContentCalendarQuerySchema().load({**sent, "country": [*known, *unknown]})
    except ValidationError as error:
        raise InvalidInput(field_errors(error.messages)) from error
    columns = {name: values[f"column_{name}"] for name in FIELD_NAMES if values.get(f"column_{name}")}
    calendar_format = CalendarFormat(
        columns=columns,
        time_zone=options["time_zone"],
        reader_zone=_reader_zone(values),
        order=DateOrder(options["date_order"]) if "date_order" in options else None,
        today=today,
        headless=bool(values.get("headless")),
        countries=options["country"],
    )
    return read_csv(content, calendar_format, numbers, Pauses())


def _reader_zone(values: Mapping[str, str]) -> ZoneInfo:
    """The zone of the account; that of the browser if the account has UTC, which may be nobody's choice."""
    own = current_actor().time_zone
    browser = find_time_zone(values.get("browser_zone", "")) if own == "UTC" else None
    return browser or ZoneInfo(own)
