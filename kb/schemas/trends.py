"""The query parameters of trends, and the report."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields, validate, validates_schema

from kb.domain.filters import DIMENSIONS
from kb.domain.metrics import METRICS
from kb.domain.periods import Interval
from kb.domain.taxonomy import NAMESPACES
from kb.messages import Message
from kb.schemas.base import OutputSchema
from kb.schemas.csv_options import CsvColumns, raw_field
from kb.schemas.fields import one_of
from kb.schemas.filters import DrillDownSchema
from kb.schemas.query_fields import CommaSeparated, QueryBoolean, QueryInteger, TimeZone, format_parameter

MAX_TOP = 100


class TrendRowSchema(OutputSchema):
    """The value of one group in one bucket."""

    bucket_start = fields.Date()
    bucket_end = fields.Date(metadata={"description": "The last day of the bucket."})
    bucket = fields.String(
        metadata={"description": "`2018-05-14`, `2018-W20`, `2018-05`, `2018-Q2`, `2018`."}
    )
    group = fields.String(
        allow_none=True,
        metadata={
            "description": "`~other` for the rest, `~unknown` for unknown values; null without groups."
        },
    )
    group_label = fields.String()
    group_2 = fields.String(allow_none=True)
    group_2_label = fields.String(allow_none=True)
    value = fields.Float(
        allow_none=True, metadata={"description": "A count may be 0; an unknown value is null."}
    )
    unit = fields.String(allow_none=True)
    alleged = fields.Boolean(
        allow_none=True, metadata={"description": "For market values: alleged rather than established."}
    )
    previous_value = fields.Float(allow_none=True)
    diff = fields.Float(allow_none=True)
    pct_diff = fields.Float(
        allow_none=True, metadata={"description": "Null if a value is unknown or the previous one is 0."}
    )
    partial = fields.Boolean(  # type: ignore[assignment]
        metadata={"description": "Whether the bucket is still running, or is clipped by the period."}
    )
    incidents = fields.Integer(metadata={"description": "Number of incidents behind the value."})
    warning = fields.String(allow_none=True, metadata={"description": "`few`: fewer than five incidents."})
    url = fields.String(
        allow_none=True,
        metadata={
            "description": "Lists exactly the incidents behind the value. "
            "Null if no filter can select them, or if the URL would be too long."
        },
    )


TREND_COLUMNS = tuple(TrendRowSchema().fields)
"""The columns of a report in CSV."""


class TrendsQuerySchema(DrillDownSchema):
    """One metric, cut by time and by group. `from` and `to` bound the period."""

    metric = fields.String(load_default="count", validate=validate.OneOf(list(METRICS)))
    group_by = CommaSeparated(
        fields.String(validate=validate.OneOf(DIMENSIONS)),
        load_default=list,
        metadata={"description": "One dimension, or two."},
    )
    interval = fields.String(
        load_default="none",
        validate=one_of(Interval),
        metadata={"description": "Weeks are those of ISO 8601. `none`: one bucket of the whole period."},
    )
    tz = TimeZone(
        load_default=lambda: ZoneInfo("UTC"),
        metadata={
            "description": "Time zone of the days, by IANA name: those of `published_at`, of today, "
            "and of a moment in `from` and `to`."
        },
    )
    top = QueryInteger(load_default=10, validate=validate.Range(1, MAX_TOP))
    other = QueryBoolean(
        load_default=True, metadata={"description": "Whether the groups beyond `top` are combined into one."}
    )
    compare = fields.String(
        load_default=None,
        validate=validate.OneOf(["previous_period"]),
        metadata={"description": "Compare each bucket with the one in the previous period."},
    )
    date_field = fields.String(
        load_default="occurred_on", validate=validate.OneOf(["occurred_on", "published_at"])
    )
    format = format_parameter(["json", "csv"])
    columns = CsvColumns(TREND_COLUMNS, default=TREND_COLUMNS)
    raw = raw_field()

    @validates_schema(skip_on_field_errors=True)
    def _check_dimensions(self, data: dict[str, Any], **_: Any) -> None:
        if len(data["group_by"]) > 2 or len(set(data["group_by"])) != len(data["group_by"]):
            raise ValidationError(Message("Group by at most two dimensions, each once."), "group_by")


class TrendsSchema(OutputSchema):
    """Rows ready to plot, and the state that they were computed from."""

    metric = fields.String()
    interval = fields.String()
    timezone = fields.String()
    from_ = fields.Date(data_key="from")
    to = fields.Date()
    as_of = fields.AwareDateTime()
    seq = fields.Integer(metadata={"description": "The last change that was counted (`/changes`)."})
    taxonomy = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": f"The version of each namespace: {', '.join(NAMESPACES)}."},
    )
    undated = fields.Integer(
        metadata={"description": "Incidents of the period whose date is not precise enough for one bucket."}
    )
    rows = fields.List(fields.Nested(TrendRowSchema))
