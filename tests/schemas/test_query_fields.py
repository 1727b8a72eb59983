"""Moments and days in query parameters, as dashboards write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from marshmallow import ValidationError

from kb.domain.dates import DatePrecision
from kb.schemas.audit import AuditQuerySchema
from kb.schemas.filters import DrillDownSchema, FilterSchema
from kb.schemas.trends import TrendsQuerySchema

SAME_MOMENT = (
    "2018-05-16T22:30:00Z",
    "2018-05-16t22:30:00z",
    "2018-05-16T22:30",
    "2018-05-16 22:30:00",
    "2018-05-16T22:30:00.000Z",
    "2018-05-16T22:30:00.0000000Z",
    "2018-05-17T01:30:00+03:00",
    "2018-05-17T01:30:00+0300",
    "2018-05-17T01:30:00+03",
    "2018-05-17T01:30:00 03:00",
    "2018-05-16T17:30:00-05:00",
    "1526509800000",
)
NOT_A_MOMENT = (
    "", "x", "20180516", "18-05-16", "2018-5-16", "2018-W20", "2018-05-32", "2018-05-16T25:00:00Z",
    "2018-05-16T10:00:00+25:00", "2018-05-16T10:00:00 UTC", "2018-05-16T10", "1526509800", "-1526509800",
    "1526509800000000", "-99999999999999", "1526509800000.5", "1e12", "now", "now-12y", "٢٠١٨-٠٥-١٦",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00",
)  # fmt: skip


@pytest.mark.parametrize("text", SAME_MOMENT)
def test_a_moment_may_have_any_offset_or_be_in_milliseconds(text: str) -> None:
    moment = datetime(2018, 5, 16, 22, 30, tzinfo=UTC)
    assert DrillDownSchema().load({"published_from": text})["published_from"] == moment
    assert AuditQuerySchema().load({"since": text})["since"] == moment
    for name in ("from_", "to", "within_from", "within_to"):
        loaded = DrillDownSchema().load({name.rstrip("_"): text})[name]
        day = loaded if name.startswith("within") else loaded.first
        assert day == date(2018, 5, 16), name


@pytest.mark.parametrize("name", ["from", "to", "within_from", "published_before"])
def test_what_is_neither_a_date_nor_a_moment_is_refused_with_a_hint(name: str) -> None:
    for text in NOT_A_MOMENT:
        messages = DrillDownSchema().validate({name: text})
        assert messages.keys() == {name}, text
        assert str(messages[name][0]).endswith("."), text


def test_seconds_are_not_taken_for_milliseconds() -> None:
    with pytest.raises(ValidationError, match="Send milliseconds: 1526509800000"):
        FilterSchema().load({"from": "1526509800"})


@pytest.mark.parametrize(
    ("text", "day"),
    [("0", "1970-01-01"), ("-1", None), ("-86400000000", "1967-04-07"), ("99999999999", "1973-03-03")],
)
def test_milliseconds_reach_back_before_1970(text: str, day: str | None) -> None:
    if day is None:  # too short to be told from a mistake
        with pytest.raises(ValidationError):
            FilterSchema().load({"from": text})
    else:
        assert FilterSchema().load({"from": text})["from_"].first == date.fromisoformat(day)


def test_a_date_is_the_whole_period_that_it_names() -> None:
    loaded = DrillDownSchema().load(
        {"from": "2018", "to": "2018-02", "within_from": "2018", "within_to": "2018-02"}
    )
    assert (loaded["from_"].first, loaded["to"].last) == (date(2018, 1, 1), date(2018, 2, 28))
    assert (loaded["within_from"], loaded["within_to"]) == (date(2018, 1, 1), date(2018, 2, 28))
    assert DrillDownSchema().load({"published_from": "2018-05-16"})["published_from"] == datetime(
        2018, 5, 16, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ({}, ("2018-05-16", "2018-05-17")),
        ({"tz": "utc"}, ("2018-05-16", "2018-05-17")),
        ({"tz": "Asia/Jerusalem"}, ("2018-05-17", "2018-05-17")),
        ({"tz": "America/New_York"}, ("2018-05-16", "2018-05-16")),
    ],
)
def test_a_moment_stands_for_its_whole_day_in_the_time_zone_of_the_trend(
    zone: dict[str, Any], days: tuple[str, str]
) -> None:
    bounds = {"from": "2018-05-16T22:30:00Z", "to": "2018-05-17T00:00:00Z"}
    loaded = TrendsQuerySchema().load({**bounds, **zone})
    assert tuple(loaded[name].first.isoformat() for name in ("from_", "to")) == days
    assert loaded["to"].precision is DatePrecision.DAY


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError) as error:
        FilterSchema().load({"from": "2018-05-17", "to": "2018-05-16T23:59:59Z"})
    assert error.value.messages_dict.keys() == {"to"}
