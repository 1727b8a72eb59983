"""The filters of lists, searches and trends: spelled alike everywhere."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from kb.domain.filters import Known
from kb.domain.incident import Kind, Status
from kb.schemas.fields import InputSchema, Language, PartialDateField, QueryInteger, Text, one_of
from kb.schemas.pagination import MAX_LIMIT
from kb.schemas.query_fields import CommaSeparated, GroupField, LossField, UtcDateTime


class LanguageQuerySchema(InputSchema):
    """In which language the answer is wanted."""

    lang = Language(
        metadata={"description": "The language of the answer; else Accept-Language, else the original's."}
    )


class FilterSchema(LanguageQuerySchema):
    """Which incidents are meant. Several values of one filter: any of them; several filters: all of them."""

    category = CommaSeparated(metadata={"description": "Primary or secondary."})
    failure_mode = CommaSeparated(
        metadata={"description": "Like all of these: keys of the taxonomy, or their aliases."}
    )
    theme = CommaSeparated()
    platform = CommaSeparated()
    industry = CommaSeparated()
    response = CommaSeparated()
    organization = Text(200, shortest=1, metadata={"description": "Case and punctuation do not matter."})
    language = CommaSeparated(Language(), metadata={"description": "It has a text in this language."})
    status = CommaSeparated(
        fields.String(validate=one_of(Status)),
        metadata={"description": "Default: what is published, and the drafts that the caller may see."},
    )
    kind = CommaSeparated(fields.String(validate=one_of(Kind)))
    tag = CommaSeparated()
    severity_min = QueryInteger(validate=validate.Range(1, 5))
    severity_max = QueryInteger(validate=validate.Range(1, 5))
    severity = CommaSeparated(QueryInteger(validate=validate.Range(1, 5)))
    from_ = PartialDateField(
        data_key="from", metadata={"description": "YYYY, YYYY-MM or YYYY-MM-DD: not over before this."}
    )
    to = PartialDateField(metadata={"description": "Likewise: begun by the end of this."})

    @validates_schema(skip_on_field_errors=True)
    def _check_order(self, data: dict[str, Any], **_: Any) -> None:
        if "from_" in data and "to" in data and data["from_"].first > data["to"].last:
            raise ValidationError("This is before `from`.", "to")
        if data.get("severity_min", 1) > data.get("severity_max", 5):
            raise ValidationError("This is less than `severity_min`.", "severity_max")


class DrillDownSchema(FilterSchema):
    """Filters that lead from a number of a trend to the incidents that it was made of. All of them hold."""

    group = CommaSeparated(
        GroupField(),
        metadata={
            "description": "In any of these groups of a dimension: `category:offensive|tone-deaf`; "
            "`severity:none` where it is not known, `-organization:acme` in none of them."
        },
    )
    known = CommaSeparated(
        fields.String(validate=one_of(Known)),
        metadata={"description": "Its severity, or the minutes until it was acknowledged, or removed."},
    )
    lost = CommaSeparated(
        LossField(), metadata={"description": "With a known loss of market value: `USD`, or `USD:alleged`."}
    )
    within_from = fields.Date(metadata={"description": "All days that its date may mean are from this on."})
    within_to = fields.Date(metadata={"description": "Likewise: by this."})
    published_from = UtcDateTime("Published at this moment or later.")
    published_before = UtcDateTime("Published before this.")


class ListQuerySchema(DrillDownSchema):
    """A page of incidents."""

    limit = QueryInteger(load_default=20, validate=validate.Range(1, MAX_LIMIT))
    cursor = Text(300, metadata={"description": "The `next` of the page before."})
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "csv"]))
