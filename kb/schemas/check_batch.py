"""Checks of content calendars: how to read one, and the lines of the response."""

from __future__ import annotations

from marshmallow import fields, validate

from kb.domain.draft import MAX_COUNTRIES
from kb.domain.guard import Severity, Verdict
from kb.schemas.base import OutputSchema
from kb.schemas.checks import FindingSchema, SuppressedSchema
from kb.schemas.country import Country
from kb.schemas.fields import describe, one_of
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.query_fields import CommaSeparated, TimeZone


class ContentCalendarQuerySchema(LanguageQuerySchema):
    """How to read a calendar in CSV."""

    columns = CommaSeparated(
        fields.String(),
        load_default=list,
        metadata=describe(
            "The column of each field of a draft: `text=Copy,scheduled_at=Date+Time`, where a plus sign "
            "joins two columns. All others are found by their usual names, in English and Hebrew."
        ),
    )
    time_zone = TimeZone(
        load_default=None,
        metadata=describe(
            "IANA name of the time zone of times without an offset. Default: that of the country, if all "
            "rows are for one country with one zone; else UTC."
        ),
    )
    country = CommaSeparated(
        Country(),
        max_length=MAX_COUNTRIES,
        load_default=list,
        metadata=describe("Default audience of rows that name no countries, as two-letter codes (ISO 3166)."),
    )
    date_order = fields.String(
        validate=validate.OneOf(["dmy", "mdy"]),
        metadata=describe(
            "Whether the day or the month comes first in 03/04/2027. Default: detected from the other dates "
            "of the file; with Hebrew headings, the day."
        ),
    )


class RowPrecedentSchema(OutputSchema):
    """An incident that a draft resembles."""

    incident = fields.Integer(metadata=describe("The id of the incident."))
    title = fields.String()
    strength = fields.String(validate=validate.OneOf(["strong", "weak"]))


class ClashSchema(OutputSchema):
    """Other rows that a post clashes with. A clash does not affect the verdict."""

    kind = fields.String(
        validate=validate.OneOf(["slot", "tone", "repetition"]),
        metadata=describe(
            "`slot`: within 15 minutes on one channel. `tone`: a sale, a product or a joke next to a grave "
            "post of the same brand. `repetition`: the same text within a week on one channel."
        ),
    )
    severity = fields.String(validate=one_of(Severity))
    rows = fields.List(fields.Integer())
    message = fields.String()


class RowErrorSchema(OutputSchema):
    """An error in one field of a row, or an assumption about it."""

    pointer = fields.String(
        metadata=describe("JSON pointer into the draft of the row; empty for the whole draft.")
    )
    detail = fields.String()


class InvalidRowSchema(OutputSchema):
    """Why a row could not be checked."""

    detail = fields.String()
    errors = fields.List(fields.Nested(RowErrorSchema))


class CalendarRowSchema(OutputSchema):
    """The result of a row of a calendar."""

    row = fields.Integer(
        metadata=describe("The row number in a spreadsheet. In JSON, the first draft is row 1.")
    )
    column = fields.String(
        allow_none=True,
        metadata=describe(
            "The heading of the text's column if a row has several, such as one for each platform or "
            "language: each text is checked separately."
        ),
    )
    platform = fields.String(
        allow_none=True, metadata=describe("The platform as understood: a key of the taxonomy.")
    )
    scheduled_at = fields.String(
        allow_none=True,
        metadata=describe("The time as understood, with an offset; noon if only the day is known."),
    )
    verdict = fields.String(
        allow_none=True, validate=one_of(Verdict), metadata=describe("Null for an invalid row.")
    )
    findings = fields.List(fields.Nested(FindingSchema))
    suppressed = fields.List(fields.Nested(SuppressedSchema))
    precedents = fields.List(fields.Nested(RowPrecedentSchema))
    clashes = fields.List(fields.Nested(ClashSchema))
    notes = fields.List(
        fields.Nested(RowErrorSchema),
        metadata=describe("What was assumed, such as a year, or ignored, such as an unknown platform."),
    )
    error = fields.Nested(InvalidRowSchema, allow_none=True)


class CalendarCountsSchema(OutputSchema):
    """The number of rows by verdict. `clashing` rows are also counted by their verdict."""

    rows = fields.Integer()
    stop = fields.Integer()
    caution = fields.Integer()
    clear = fields.Integer()
    invalid = fields.Integer()
    clashing = fields.Integer()


class CalendarTotalsSchema(OutputSchema):
    """The last line of the response. Without it, the response is incomplete."""

    totals = fields.Nested(CalendarCountsSchema)
    time_zone = fields.String(
        allow_none=True,
        metadata=describe("The zone in which times without an offset were read; null if there were none."),
    )
    ruleset = fields.String(
        allow_none=True, metadata=describe("Hash of the guards and of the data they depend on.")
    )
    position = fields.Integer(
        allow_none=True, metadata=describe("The last change that was taken into account (`/changes`).")
    )
    notice = fields.String()
