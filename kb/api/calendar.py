"""The endpoint of the calendar: days to watch, as JSON for programs and as iCalendar for calendar apps."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson
from flask import Response

from kb.api.negotiation import ICALENDAR, offers, requests_format
from kb.api.smorest import Blueprint
from kb.config import API_ROOT
from kb.pauses import Pauses
from kb.schemas.calendar import CalendarQuerySchema, CalendarSchema
from kb.services.check.days.calendar import build_calendar, calendar_period
from kb.services.check.days.icalendar import icalendar_text
from kb.services.core.installation import installation
from kb.web.current_actor import current_actor, current_day
from kb.web.languages import reader_languages

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("calendar", __name__, url_prefix=API_ROOT, description="The days to watch.")

_HEADERS = {"ETag": {"schema": {"type": "string"}, "description": "Changes with the content."}}

_SCHEMA = CalendarSchema()


@blueprint.route("/calendar", methods=["GET"])
@blueprint.arguments(CalendarQuerySchema, location="query")
@blueprint.response(200, CalendarSchema, headers=_HEADERS)
@offers(ICALENDAR)
def get_calendar(query: Mapping[str, Any]) -> Any:
    """List the days to watch.

    Observances and anniversaries, worldwide and of the requested countries, with what happened to brands on
    them before.
    """
    first, last = calendar_period(query["from_"], query["to"], current_day())
    pause = Pauses()
    calendar = build_calendar(
        current_actor(),
        first,
        last,
        query["country"],
        reader_languages(query),
        risky=query["risky"],
        pause=pause,
    )
    pause()
    if requests_format(query, ICALENDAR):
        body = icalendar_text(calendar, installation()).encode()
        response = Response(body, mimetype=ICALENDAR.mimetype)
    else:
        body = orjson.dumps(_SCHEMA.dump(calendar.as_dict())) + b"\n"
        response = Response(body, mimetype="application/json")
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return response
