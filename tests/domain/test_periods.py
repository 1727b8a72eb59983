"""Periods and their buckets."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from kb.domain.periods import MAX_BUCKETS, Interval, Period, cut


@pytest.mark.parametrize("interval", [each for each in Interval if each is not Interval.NONE])
def test_buckets_follow_each_other_without_a_gap(interval: Interval) -> None:
    period = Period(date(2019, 11, 13), date(2021, 3, 2))
    buckets = cut(period, interval)
    assert buckets[0].inside.first == period.first
    assert buckets[-1].inside.last == period.last
    for before, after in pairwise(buckets):
        assert before.whole.last + timedelta(1) == after.whole.first
    assert len({bucket.name for bucket in buckets}) == len(buckets) <= MAX_BUCKETS
