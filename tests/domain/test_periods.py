"""Periods and their buckets."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from kb.domain.periods import MAX_BUCKETS, Interval, Period, split_period


@pytest.mark.parametrize("interval", [each for each in Interval if each is not Interval.NONE])
def test_buckets_follow_each_other_without_a_gap(interval: Interval) -> None:
    period = Period(date(2019, 11, 13), date(2021, 3, 2))
    buckets = split_period(period, interval)
    assert buckets[0].clipped.first == period.first
    assert buckets[-1].clipped.last == period.last
    for before, after in pairwise(buckets):
        assert before.full.last + timedelta(1) == after.full.first
    assert len({bucket.name for bucket in buckets}) == len(buckets) <= MAX_BUCKETS
