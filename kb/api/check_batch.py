"""The endpoint that checks content calendars: a line of JSON for each row, as soon as it is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from flask import Response, request, stream_with_context
from werkzeug.exceptions import UnsupportedMediaType

from kb.api.checks import blueprint, with_urls
from kb.api.negotiation import CSV
from kb.api.responses import INDEX_HEADERS
from kb.api.smorest import read_json
from kb.domain.written_times import DateOrder
from kb.messages import Message
from kb.pauses import Pauses
from kb.schemas.check_batch import CalendarRowSchema, CalendarTotalsSchema, ContentCalendarQuerySchema
from kb.schemas.check_input import DraftCheckInputSchema
from kb.services.check.calendars.batch import Progress, check_calendar_in_steps
from kb.services.check.calendars.columns import read_mapping
from kb.services.check.calendars.file import MAX_ROWS, CalendarFile, CalendarFormat, json_rows, read_csv
from kb.translation import translated_row
from kb.web.current_actor import current_actor, current_day
from kb.web.languages import message_language, reader_languages
from kb.web.stream_pieces import PieceClock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


__all__ = ["blueprint"]

NDJSON = "application/x-ndjson"

PIECE_BYTES = 32_000
"""The size of a piece of the stream, in bytes: some 15 rows."""

_LINE = {"anyOf": [CalendarRowSchema, CalendarTotalsSchema]}
_DRAFTS = {
    "schema": {"type": "array", "minItems": 1, "maxItems": MAX_ROWS, "items": DraftCheckInputSchema},
    "example": [
        {
            "text": "Half price, today only",
            "platform": "facebook",
            "scheduled_at": "2027-09-11T09:00:00-04:00",
        },
        {
            "text": "We mourn the victims.",
            "platform": "facebook",
            "scheduled_at": "2027-09-11T10:00:00-04:00",
        },
    ],
}
_CSV = {
    "schema": {"type": "string"},
    "example": "Date,Time,Channel,Copy\n2027-09-11,09:00,Facebook,Half price today\n",
}


@blueprint.route("/checks/batch", methods=["POST"])
@blueprint.arguments(ContentCalendarQuerySchema, location="query")
@blueprint.doc(requestBody={"required": True, "content": {"application/json": _DRAFTS}})
@blueprint.response(200, _LINE, content_type=NDJSON, headers=INDEX_HEADERS)
def check_batch(query: Mapping[str, Any]) -> Response:
    """Check a content calendar.

    Each draft is checked by itself, and compared with the others. The response is a stream: a line of JSON
    for each row, in order, and a last line with the totals. An invalid row has its error in its line, and the
    others are still checked. Nothing is stored. A body of the type `text/csv` is read like that of `POST
    /checks/batch.csv`.
    """
    if request.mimetype == CSV.mimetype:
        return _stream(_csv_body(query), query)
    return _stream(CalendarFile((), json_rows(read_json(request))), query)


@blueprint.route("/checks/batch.csv", methods=["POST"])
@blueprint.arguments(ContentCalendarQuerySchema, location="query")
@blueprint.doc(requestBody={"required": True, "content": {CSV.mimetype: _CSV}})
@blueprint.response(200, _LINE, content_type=NDJSON, headers=INDEX_HEADERS)
def check_batch_csv(query: Mapping[str, Any]) -> Response:
    """Check a content calendar in CSV.

    It has a header, and one row per post. The file may be in UTF-8, UTF-16 or the Hebrew code page of
    Windows, with commas, semicolons or tabs, as spreadsheets save it. The response is that of `POST
    /checks/batch`.
    """
    if request.mimetype != CSV.mimetype:
        raise UnsupportedMediaType(Message("Send the body as text/csv."))
    return _stream(_csv_body(query), query)


def _csv_body(query: Mapping[str, Any]) -> CalendarFile:
    if request.content_encoding not in (None, "identity"):
        raise UnsupportedMediaType(Message("Send the body without a Content-Encoding."))
    calendar_format = CalendarFormat(
        columns=read_mapping(query["columns"]),
        time_zone=query["time_zone"],
        order=DateOrder(query["date_order"]) if "date_order" in query else None,
        countries=query["country"],
    )
    return read_csv(request.get_data(cache=False), calendar_format, pause=Pauses())


def _stream(calendar: CalendarFile, query: Mapping[str, Any]) -> Response:
    """Stream the results of rows as they come. An error that refuses all rows is raised before the response
    begins.
    """
    steps = check_calendar_in_steps(
        current_actor(), calendar.rows, reader_languages(query), today=current_day()
    )
    zone = None if calendar.zone is None else calendar.zone.name
    pieces = in_pieces(_encoded(steps, message_language(), zone))
    return Response(stream_with_context(pieces), mimetype=NDJSON)


def _encoded(steps: Iterable[dict[str, Any] | Progress], language: str, zone: str | None) -> Iterator[bytes]:
    """Encode results as lines of JSON, and steps without a result as empty lines. `CalendarRowSchema` would
    be too slow.
    """
    for line in steps:
        if isinstance(line, Progress):
            yield b""
        elif "totals" in line:
            yield orjson.dumps({**translated_row(line, language), "time_zone": zone}) + b"\n"
        else:
            findings = with_urls(line["findings"])
            yield orjson.dumps({**translated_row(line, language), "findings": findings}) + b"\n"


def in_pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines to pieces, since each piece has a cost: of PIECE_BYTES, or earlier if lines come slowly.

    The first line comes by itself, after empty pieces if it takes long; if one cannot be made, those before
    it come all the same.
    """
    piece, clock, has_begun = bytearray(), PieceClock(), False
    try:
        for line in lines:
            piece += line
            is_first = bool(line) and not has_begun
            if is_first or len(piece) >= PIECE_BYTES or clock.is_due():
                yield bytes(piece)
                piece.clear()
                clock.restart()
            has_begun = has_begun or is_first
    except Exception:
        if piece:
            yield bytes(piece)
        raise
    if piece:
        yield bytes(piece)
