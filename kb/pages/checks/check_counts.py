"""The outcomes of checks over time: a small chart for each count, all on one scale."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import url_for

from kb.domain.guard import Verdict
from kb.domain.periods import Interval
from kb.pages.messages import _l
from kb.pages.trends.trend_chart import SMALL, Drawing, draw, scale_of
from kb.pages.words.check_words import VERDICTS
from kb.services.check.receipts.counts import count_checks, count_reruns, find_period
from kb.web.current_actor import current_actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kb.pages.messages import LazyText
    from kb.services.check.receipts.counts import CountQuery

    Row = Mapping[str, Any]

_MAX_DAYS: Mapping[Interval, int] = {
    Interval.DAY: 21,
    Interval.WEEK: 182,
    Interval.MONTH: 1_100,
    Interval.QUARTER: 3_660,
}
"""The longest period shown by each interval; longer ones are shown by year."""

_MIN_BUCKETS = 3

_CAPTIONS: Mapping[Interval, LazyText] = {
    Interval.DAY: _l("Checks and what became of them, by day"),
    Interval.WEEK: _l("Checks and what became of them, by week"),
    Interval.MONTH: _l("Checks and what became of them, by month"),
    Interval.QUARTER: _l("Checks and what became of them, by quarter"),
    Interval.YEAR: _l("Checks and what became of them, by year"),
}

_COUNTS: Mapping[str, LazyText] = {
    "checks": _l("Checks"),
    "stop": VERDICTS["stop"],
    "overridden": _l("Went ahead anyway"),
    "near_misses": _l("Near misses filed"),
}
"""The counts, by their names in the service, in the order of the page."""


class CountedPeriod(NamedTuple):
    """A period with its last day, its counts by interval and in total, and how many reruns are not among
    them."""

    last: str
    days: int
    interval: Interval
    rows: Sequence[Row]
    counts: Row
    reruns: int


class CountSeries(NamedTuple):
    """A count: its title, its value in the whole period, and its drawing."""

    title: LazyText
    total: int
    drawing: Drawing


class CountChart(NamedTuple):
    """The caption of the chart, its nonzero counts, and its last day if that falls within a column."""

    caption: LazyText
    series: Sequence[CountSeries]
    partial_until: str | None


def counted_period(query: CountQuery) -> CountedPeriod:
    """Return the period of a query with its counts, in as many columns as fit a small chart.

    Raises NotFound for a foreign team, or InvalidInput for a period that ends before it begins.
    """
    actor = current_actor()
    period = find_period(actor, query)
    days = (period.last - period.first).days
    interval = next((each for each, most in _MAX_DAYS.items() if days <= most), Interval.YEAR)
    query = replace(query, first=period.first, last=period.last, interval=interval)
    rows = count_checks(actor, query)["rows"]
    counts = Counter({name: sum(row[name] for row in rows) for name in (*Verdict, *_COUNTS)})
    return CountedPeriod(period.last.isoformat(), days, interval, rows, counts, count_reruns(actor, query))


def count_chart(query: CountQuery, period: CountedPeriod) -> CountChart | None:
    """Draw the chart of a period; None if it is too short, or nothing was checked."""
    if not period.counts["checks"] or period.days < _MIN_BUCKETS - 1:
        return None
    rows, interval = period.rows, period.interval
    scale = scale_of([{"value": row["checks"]} for row in rows])
    return CountChart(
        _CAPTIONS[interval],
        [
            CountSeries(
                title,
                period.counts[name],
                draw(
                    [_drawn(row, name, period) for row in rows],
                    metric="count",
                    interval=interval,
                    scale=scale,
                    frame=SMALL,
                    address=_address(query, name),
                ),
            )
            for name, title in _COUNTS.items()
            if period.counts[name]
        ],
        period.last if rows[-1]["bucket_end"] > period.last else None,
    )


def _drawn(row: Row, name: str, period: CountedPeriod) -> dict[str, Any]:
    """Convert a row to the form that charts expect."""
    is_partial = row["bucket_end"] > period.last
    return {**row, "value": row[name], "incidents": row[name], "partial": is_partial, "warning": None}


def _address(query: CountQuery, name: str) -> Callable[[Row], str | None]:
    """Return a function from a row to the URL of its checks, which is None if no filter selects them."""

    def address(row: Row) -> str | None:
        if name not in ("checks", "stop"):
            return None
        return url_for(
            "pages.checks_page",
            verdict=name if name == "stop" else None,
            team=query.team,
            platform=query.platform,
            **{"from": row["bucket_start"], "to": row["bucket_end"]},
        )

    return address
