"""Filters shared by lists, search and trends."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from kb.domain.filters import KnownField
from kb.domain.incident import Kind, Status
from kb.domain.sorting import LATEST_FIRST, LIST_ORDERS
from kb.messages import Message
from kb.schemas.base import InputSchema
from kb.schemas.csv_options import CsvColumns, bom_field, delimiter_field, labels_field, raw_field
from kb.schemas.fields import Text, describe, one_of
from kb.schemas.incident import CARD_COLUMNS, INCIDENT_COLUMNS
from kb.schemas.language_fields import Language
from kb.schemas.pagination import MAX_CURSOR_LENGTH, MAX_LIMIT
from kb.schemas.query_fields import (
    CommaSeparated,
    GroupFilterField,
    LossFilterField,
    OrganizationNames,
    PeriodBound,
    QueryInteger,
    SourceAddresses,
    UtcDateTime,
    format_parameter,
    resolve_bounds,
)

_BOUND = (
    "2018, 2018-05, 2018-05-16, a date and time, or milliseconds since 1970; "
    "a moment stands for its whole day in UTC (in `tz`, where there is one)."
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
    organization = OrganizationNames(
        metadata=describe(
            "Case, accents and punctuation are ignored. A name that contains a comma is also matched as "
            "a whole."
        )
    )
    language = CommaSeparated(
        Language(), metadata=describe("Has texts in this language or a variant: `en` also finds `en-GB`.")
    )
    status = CommaSeparated(
        fields.String(validate=one_of(Status)),
        metadata=describe("Default: published incidents, and the drafts the caller may see."),
    )
    kind = CommaSeparated(fields.String(validate=one_of(Kind)))
    tag = CommaSeparated(metadata=describe("Case, accents and runs of spaces are ignored."))
    source = SourceAddresses(
        metadata=describe(
            "The URL of a source, or of its archived copy, in any spelling. Not split at commas."
        )
    )
    collection = CommaSeparated(metadata=describe("Key of its collection."))
    severity_min = QueryInteger(validate=validate.Range(1, 5))
    severity_max = QueryInteger(validate=validate.Range(1, 5))
    severity = CommaSeparated(QueryInteger(validate=validate.Range(1, 5)))
    from_ = PeriodBound(
        data_key="from",
        metadata=describe(f"May have occurred on this day or later, or in this month or year. {_BOUND}"),
    )
    to = PeriodBound(
        metadata=describe(f"May have occurred on this day or earlier, or in this month or year. {_BOUND}")
    )

    @validates_schema(skip_on_field_errors=True)
    def _check_severities(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("severity_min", 1) > data.get("severity_max", 5):
            raise ValidationError(
                Message("This is less than `severity_min`. Raise it, or lower `severity_min`."),
                "severity_max",
            )

    @post_load
    def _resolve_period(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        bounds = resolve_bounds(data, ("from_", "to"), data.get("tz", UTC))
        if len(bounds) == 2 and bounds["from_"].first > bounds["to"].last:
            raise ValidationError(
                Message("This is earlier than `from`. Choose a later day, or an earlier `from`."), "to"
            )
        return {**data, **bounds}


class DrillDownSchema(FilterSchema):
    """Filters that select exactly the incidents behind a value of a trend."""

    group = CommaSeparated(
        GroupFilterField(),
        metadata=describe(
            "In any of these groups of a dimension: `category:offensive|tone-deaf`. "
            "`severity:~unknown`: not known; `-organization:acme`: in none of these groups."
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
    within_from = PeriodBound(metadata=describe(f"Certainly occurred on this day or later. {_BOUND}"))
    within_to = PeriodBound(metadata=describe(f"Certainly occurred on this day or earlier. {_BOUND}"))
    published_from = UtcDateTime("Published at or after this time.")
    published_before = UtcDateTime("Published before this time.")

    @post_load
    def _resolve_within(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        bounds = resolve_bounds(data, ("within_from", "within_to"), data.get("tz", UTC))
        days = {name: bound.first if name == "within_from" else bound.last for name, bound in bounds.items()}
        return {**data, **days}


class ListQuerySchema(DrillDownSchema):
    """A page of incidents."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(MAX_CURSOR_LENGTH, metadata=describe("`next` of the previous page."))
    sort = fields.String(
        load_default=str(LATEST_FIRST),
        validate=validate.OneOf(list(LIST_ORDERS)),
        metadata=describe(
            "`-` for descending. Unknown values come last in both directions; ties are sorted by date, "
            "latest first."
        ),
    )
    format = format_parameter(["json", "csv"])
    columns = CsvColumns(INCIDENT_COLUMNS, default=CARD_COLUMNS)
    raw = raw_field()
    labels = labels_field()
    bom = bom_field()
    delimiter = delimiter_field()
