"""Filters shared by lists, search and trends."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from kb.domain.filters import KnownField
from kb.domain.incident import Kind, Status
from kb.schemas.fields import InputSchema, Language, PartialDateField, Text, describe, one_of
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.query_fields import (
    CommaSeparated,
    GroupFilterField,
    LossFilterField,
    QueryInteger,
    UtcDateTime,
    format_parameter,
)


class LanguageQuerySchema(InputSchema):
    """The language of the response."""

    lang = Language(
        metadata=describe("Language of the response. Default: `Accept-Language`, then the original language.")
    )


class FilterSchema(LanguageQuerySchema):
    """Filters for incidents. Values of one filter are combined with OR, several filters with AND."""

    category = CommaSeparated(metadata=describe("Primary or secondary category."))
    failure_mode = CommaSeparated(
        metadata=describe("Keys of the taxonomy or their aliases, as in all filters by terms.")
    )
    theme = CommaSeparated()
    platform = CommaSeparated()
    industry = CommaSeparated()
    response = CommaSeparated()
    organization = Text(200, min_length=1, metadata=describe("Case and punctuation are ignored."))
    language = CommaSeparated(Language(), metadata=describe("Has texts in this language."))
    status = CommaSeparated(
        fields.String(validate=one_of(Status)),
        metadata=describe("Default: published incidents, and the drafts the caller may see."),
    )
    kind = CommaSeparated(fields.String(validate=one_of(Kind)))
    tag = CommaSeparated()
    severity_min = QueryInteger(validate=validate.Range(1, 5))
    severity_max = QueryInteger(validate=validate.Range(1, 5))
    severity = CommaSeparated(QueryInteger(validate=validate.Range(1, 5)))
    from_ = PartialDateField(
        data_key="from",
        metadata=describe("YYYY, YYYY-MM or YYYY-MM-DD. May have occurred on or after this date."),
    )
    to = PartialDateField(
        metadata=describe("YYYY, YYYY-MM or YYYY-MM-DD. May have occurred by the end of this period.")
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_order(self, data: dict[str, Any], **_: Any) -> None:
        if "from_" in data and "to" in data and data["from_"].first > data["to"].last:
            raise ValidationError("This is earlier than `from`.", "to")
        if data.get("severity_min", 1) > data.get("severity_max", 5):
            raise ValidationError("This is less than `severity_min`.", "severity_max")


class DrillDownSchema(FilterSchema):
    """Filters that select exactly the incidents behind a value of a trend."""

    group = CommaSeparated(
        GroupFilterField(),
        metadata=describe(
            "In any of these groups of a dimension: `category:offensive|tone-deaf`. "
            "`severity:none`: not known; `-organization:acme`: in none of these groups."
        ),
    )
    known = CommaSeparated(
        fields.String(validate=one_of(KnownField)),
        metadata=describe("Has a known severity, time to acknowledgment, or time to removal."),
    )
    lost = CommaSeparated(
        LossFilterField(),
        metadata=describe("Has a known loss of market value in this currency: `USD`, or `USD:alleged`."),
    )
    within_from = fields.Date(metadata=describe("Certainly occurred on or after this date."))
    within_to = fields.Date(metadata=describe("Certainly occurred on or before this date."))
    published_from = UtcDateTime("Published at or after this time.")
    published_before = UtcDateTime("Published before this time.")


class ListQuerySchema(DrillDownSchema):
    """A page of incidents."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(300, metadata=describe("`next` of the previous page."))
    format = format_parameter(["json", "csv"])
