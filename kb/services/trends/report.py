"""Build a trends report: a metric by time bucket and group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.domain.periods import Period
from kb.domain.permissions import Action, Actor
from kb.services.core.authorization import require
from kb.services.core.change_feed import visible_seq
from kb.services.trends.cells import cross_tabulate
from kb.services.trends.column_cache import columns_of
from kb.services.trends.dimensions import Dimension
from kb.services.trends.groups import group_incidents
from kb.services.trends.row_builder import RowBuilder
from kb.services.trends.selection import select_rows
from kb.services.trends.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from kb.services.trends.cells import Cells
    from kb.services.trends.columns import Columns
    from kb.services.trends.query import TrendsQuery
    from kb.services.trends.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendsReport:
    """The rows of a query by bucket and group, and the versions that make them reproducible.

    Rows have the columns of `TrendRowSchema`, but instead of its `url` a `drill_down`: the parameters that
    select the incidents behind the value. `seq` is the last visible change that was counted; `taxonomy` maps
    namespaces to their versions; `undated` counts incidents of the period that belong to no single bucket.
    """

    query: TrendsQuery
    period: Period
    as_of: datetime
    seq: int
    taxonomy: Mapping[str, str]
    rows: list[dict[str, Any]]
    undated: int

    @property
    def counted(self) -> Period:
        """The days of the period up to today: a partial bucket counts only these."""
        return Period(self.period.first, max(self.period.first, min(self.period.last, self.as_of.date())))


def build_report(
    actor: Actor, query: TrendsQuery, languages: Sequence[str], snapshot: Snapshot, *, as_of: datetime
) -> TrendsReport:
    """Compute a report on what an actor may see of a snapshot, or of a later state if the columns are newer.

    `as_of` determines today's date. Raises InvalidInput if there would be too many buckets or rows.
    """
    require(actor, Action.READ)
    with columns_of(snapshot) as columns:
        selected = select_rows(columns, snapshot.connection, actor, query.filter)
        timeline = Timeline(columns, selected, query, as_of.astimezone(query.zone).date())
        cells = _cells(columns, snapshot, timeline, query, languages)
        rows = RowBuilder(query, timeline, cells, languages).build(columns)
    return TrendsReport(
        query=query,
        period=timeline.period,
        as_of=as_of,
        seq=visible_seq(actor, snapshot.seq, snapshot.connection),
        taxonomy=snapshot.taxonomy,
        rows=rows,
        undated=timeline.undated,
    )


def _cells(
    columns: Columns, snapshot: Snapshot, timeline: Timeline, query: TrendsQuery, languages: Sequence[str]
) -> Cells:
    groupings = [
        group_incidents(
            Dimension(name, columns, snapshot, timeline.rows),
            timeline.current,
            top=query.top,
            other=query.other,
            languages=languages,
        )
        for name in query.dimensions
    ]
    return cross_tabulate(groupings, timeline.numbers)
