"""Counts of checks by period."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields, post_load

from kb.domain.periods import Interval
from kb.messages import Message
from kb.schemas.base import InputSchema, OutputSchema
from kb.schemas.fields import Text, describe, one_of
from kb.schemas.query_fields import PeriodBound, TimeZone, resolve_bounds


class CheckCountQuerySchema(InputSchema):
    """Which checks to count, and by which interval."""

    interval = fields.String(
        load_default=Interval.MONTH.value,
        validate=one_of(Interval),
        metadata=describe("Weeks are those of ISO 8601. `none`: one bucket of the whole period."),
    )
    from_ = PeriodBound(data_key="from", metadata=describe("Default: the day of the first check."))
    to = PeriodBound(metadata=describe("Default: today."))
    tz = TimeZone(
        load_default=lambda: ZoneInfo("UTC"), metadata=describe("Time zone of the days, by IANA name.")
    )
    team = Text(80, min_length=1)
    platform = Text(100, min_length=1)

    @post_load
    def _resolve_period(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        bounds = resolve_bounds(data, ("from_", "to"), data["tz"])
        if len(bounds) == 2 and bounds["from_"].first > bounds["to"].last:
            raise ValidationError(
                Message("This is earlier than `from`. Choose a later day, or an earlier `from`."), "to"
            )
        return {**data, **bounds}


class CheckCountSchema(OutputSchema):
    """The outcomes of the checks in a period. A rerun does not count as a check."""

    bucket = fields.String(metadata=describe("`2018-05-14`, `2018-W20`, `2018-05`, `2018-Q2`, `2018`."))
    bucket_start = fields.String(metadata={"format": "date"})
    bucket_end = fields.String(metadata={"format": "date", **describe("The last day of the bucket.")})
    checks = fields.Integer()
    stop = fields.Integer()
    caution = fields.Integer()
    clear = fields.Integer()
    overridden = fields.Integer(metadata=describe("Checks that somebody overrode."))
    near_misses = fields.Integer(metadata=describe("Near misses filed in the period."))


class CheckCountsSchema(OutputSchema):
    """The checks that you may see, by period."""

    interval = fields.String(validate=one_of(Interval))
    timezone = fields.String()
    from_ = fields.String(data_key="from", attribute="from", metadata={"format": "date"})
    to = fields.String(metadata={"format": "date"})
    rows = fields.List(fields.Nested(CheckCountSchema))
