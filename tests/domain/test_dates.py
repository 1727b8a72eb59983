"""Dates that are known to the day, the month or the year."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain.dates import KNOWN_PRECISIONS, DatePrecision, PartialDate, parse_partial_date


@given(st.dates(min_value=date(1800, 1, 1)), st.sampled_from(KNOWN_PRECISIONS))
def test_a_date_lies_within_its_known_period(day: date, precision: DatePrecision) -> None:
    known = PartialDate(day, DatePrecision.DAY).at(precision)
    assert known.first <= day <= known.last
    digits = {"day": 10, "month": 7, "year": 4}[precision]
    assert parse_partial_date(known.first.isoformat()[:digits]) == known


@pytest.mark.parametrize(
    "text", ["", "18", "2018-5", "2018-00", "2018-02-29", "٢٠١٨", "2018-01-01T00:00", "1799"]
)
def test_an_invalid_date_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ .*\."):
        parse_partial_date(text)
