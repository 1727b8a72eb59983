"""The calendar of observances: its query parameters, and its entries."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from marshmallow import fields, post_load, pre_dump

from kb.observances.table import KINDS, TONES
from kb.schemas.base import OutputSchema
from kb.schemas.country import Country
from kb.schemas.fields import describe
from kb.schemas.filters import LanguageQuerySchema
from kb.schemas.incident import CardSchema
from kb.schemas.query_fields import (
    CommaSeparated,
    PeriodBound,
    QueryBoolean,
    format_parameter,
    resolve_bounds,
)

MAX_COUNTRIES = 50

_BOUND = "2027, 2027-05, 2027-05-11, a date and time, or milliseconds since 1970."


class CalendarQuerySchema(LanguageQuerySchema):
    """The period and the countries of a calendar."""

    from_ = PeriodBound(
        data_key="from", metadata=describe(f"The first day. Default: the first of this month. {_BOUND}")
    )
    to = PeriodBound(
        metadata=describe(f"The last day, at most three years later. Default: a year later. {_BOUND}")
    )
    country = CommaSeparated(
        Country(),
        max_length=MAX_COUNTRIES,
        load_default=list,
        metadata=describe("Two-letter country codes (ISO 3166). Worldwide days are always included."),
    )
    risky = QueryBoolean(
        load_default=False,
        metadata=describe("Only days that call for caution, or on which something went wrong before."),
    )
    format = format_parameter(["json", "ics"])

    @post_load
    def _resolve_period(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        bounds = resolve_bounds(data, ("from_", "to"), UTC)
        return {
            **data,
            "from_": bounds["from_"].first if "from_" in bounds else None,
            "to": bounds["to"].last if "to" in bounds else None,
            "country": tuple(dict.fromkeys(data["country"])),
        }


class _DumpedCards(fields.List[Any]):
    """Summaries of incidents that CalendarSchema has already dumped, since many entries may share one."""

    def _serialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class CalendarEntrySchema(OutputSchema):
    """An observance, with the incidents that happened on it."""

    key = fields.String()
    name = fields.String()
    first = fields.Date()
    last = fields.Date()
    evening_before = fields.Boolean(
        metadata=describe(
            "Whether it begins on the evening before `first`, like most days of the Hebrew and the "
            "Islamic calendar."
        )
    )
    eve = fields.Date(
        allow_none=True,
        metadata=describe("The day on whose evening it begins; null if it begins with `first`."),
    )
    approximate = fields.Boolean(
        metadata=describe(
            "Whether the announced date may differ by a day, as it may in the Islamic calendar."
        )
    )
    anniversary = fields.Integer(
        allow_none=True,
        metadata=describe("Years since the event that it commemorates; null if that has no year."),
    )
    tone = fields.String(metadata={"enum": list(TONES), **describe("What it asks of a brand.")})
    kind = fields.String(metadata={"enum": list(KINDS)})
    countries = fields.List(fields.String(), metadata=describe("Two-letter codes; `*` is the whole world."))
    note = fields.String(allow_none=True, metadata=describe("What to watch for."))
    precedents = _DumpedCards(
        fields.Nested(CardSchema),
        metadata=describe(
            "Incidents that happened on this day, in any year: first those about the day itself, and within "
            "each kind the most severe first. Five, or fewer if the calendar has more than two hundred "
            "different days with incidents; none for a season."
        ),
    )
    about_count = fields.Integer(
        metadata=describe(
            "How many of `precedents` are about the day itself, because their title or summary names it. "
            "The others only happened on that day."
        )
    )
    precedent_count = fields.Integer(metadata=describe("The total number of incidents."))


class CalendarSchema(OutputSchema):
    """Observances of a period, in order of their first days."""

    from_ = fields.Date(data_key="from")
    to = fields.Date()
    countries = fields.List(fields.String())
    language = fields.String(metadata=describe("Language of the names and notes: `en` or `he`."))
    entries = fields.List(fields.Nested(CalendarEntrySchema))

    @pre_dump
    def _dump_each_precedent_once(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        precedents = {card["id"]: card for entry in data["entries"] for card in entry["precedents"]}
        dumped = dict(zip(precedents, CardSchema(many=True).dump(precedents.values()), strict=True))
        entries = [
            {**entry, "precedents": [dumped[card["id"]] for card in entry["precedents"]]}
            for entry in data["entries"]
        ]
        return {**data, "entries": entries}
