"""A moment has a day and an hour in each country."""

from __future__ import annotations

from datetime import UTC, datetime

from kb.domain.time_zones import local_times

MOMENT = datetime(2027, 1, 1, 1, 30, tzinfo=UTC)


def test_a_country_of_one_zone_has_one_local_time() -> None:
    assert [f"{local:%F %H:%M}" for local in local_times(MOMENT, "IL")] == ["2027-01-01 03:30"]


def test_a_country_of_several_zones_has_each_clock_once() -> None:
    clocks = [f"{local:%F %H}" for local in local_times(MOMENT, "US")]
    assert {"2026-12-31 20", "2026-12-31 17", "2026-12-31 15"} <= {*clocks}
    assert len(clocks) == len({*clocks}) < 10


def test_summer_time_counts() -> None:
    (local,) = local_times(datetime(2027, 7, 1, 21, tzinfo=UTC), "IL")
    assert local.day == 2


def test_an_unknown_country_leaves_the_moment_as_it_is() -> None:
    assert local_times(MOMENT, "*") == (MOMENT,)
