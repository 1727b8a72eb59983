"""Counts of checks by period: totals, verdicts, overrides and near misses."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from kb.domain.dates import iso
from kb.domain.guard import Verdict
from kb.domain.incident import Kind, Status
from kb.domain.periods import (
    Interval,
    Period,
    TooManyBucketsError,
    split_period,
    start_of_day,
    too_late,
)
from kb.domain.permissions import Action, Actor
from kb.errors import FieldError, InvalidInput
from kb.messages import Message, message_of
from kb.models import Check, CheckOverride, Incident, db
from kb.models.base import utc_now
from kb.pauses import Pauses
from kb.services.accounts.teams import find_team_for
from kb.services.core.authorization import require, visible_to
from kb.services.core.check_access import checks_visible_to
from kb.services.core.filter_conditions import has_term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from kb.domain.periods import Bucket

_COUNTS = ("checks", *Verdict, "overridden", "near_misses")

_BATCH = 1_000
"""How many rows are read between two looks at the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQuery:
    """Which checks to count, and by which interval; days are days in `zone`.

    An open period begins with the first check and ends today. `team` is a key. Raises InvalidInput for days
    that are too far in the future.
    """

    interval: Interval = Interval.MONTH
    first: date | None = None
    last: date | None = None
    zone: ZoneInfo
    team: str | None = None
    platform: str | None = None

    def __post_init__(self) -> None:
        """Refuse days after which there is no room for date arithmetic."""
        for name, day in (("from", self.first), ("to", self.last)):
            if error := too_late(day):
                raise InvalidInput([FieldError(name, error)])

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> CountQuery:
        """Make a query from parameters as `CheckCountQuerySchema` loads them."""
        first, last = parameters.get("from_"), parameters.get("to")
        return cls(
            interval=Interval(parameters["interval"]),
            first=None if first is None else first.first,
            last=None if last is None else last.last,
            zone=parameters["tz"],
            team=parameters.get("team"),
            platform=parameters.get("platform"),
        )


def find_period(actor: Actor, query: CountQuery) -> Period:
    """Return the period of a query; an open one begins with the first check and ends today.

    Raises NotFound for a foreign team, or InvalidInput for a period that ends before it begins.
    """
    require(actor, Action.READ_CHECKS)
    return _period(query, _counted_conditions(actor, query))


def count_checks(actor: Actor, query: CountQuery) -> dict[str, Any]:
    """Count checks by verdict, overridden checks, and filed near misses, by period.

    Counts only what the actor may see, and no reruns. Raises NotFound for a foreign team, or InvalidInput for
    too many periods.
    """
    require(actor, Action.READ_CHECKS)
    conditions = _counted_conditions(actor, query)
    period = _period(query, conditions)
    try:
        buckets = split_period(period, query.interval)
    except TooManyBucketsError as error:
        raise InvalidInput([FieldError("interval", message_of(error))]) from error
    counts = _counts_by_bucket(actor, query, period, buckets, conditions)
    return {
        "interval": query.interval,
        "timezone": query.zone.key,
        "from": iso(period.first),
        "to": iso(period.last),
        "rows": [
            {
                "bucket": bucket.name,
                "bucket_start": iso(bucket.full.first),
                "bucket_end": iso(bucket.full.last),
                **{name: count[name] for name in _COUNTS},
            }
            for bucket, count in zip(buckets, counts, strict=True)
        ],
    }


def count_reruns(actor: Actor, query: CountQuery) -> int:
    """Count the reruns that `count_checks` leaves out, in the period of the query.

    Raises NotFound for a foreign team, or InvalidInput for a period that ends before it begins.
    """
    require(actor, Action.READ_CHECKS)
    conditions = _check_conditions(actor, query)
    within = _within(Check.created_at, _period(query, conditions), query.zone)
    statement = select(func.count()).select_from(Check)
    return db.session.scalar(statement.where(*conditions, *within, Check.rerun_of_id.is_not(None))) or 0


def _counts_by_bucket(
    actor: Actor,
    query: CountQuery,
    period: Period,
    buckets: Sequence[Bucket],
    conditions: list[ColumnElement[bool]],
) -> list[Counter[str]]:
    """The counts of each bucket."""
    overridden = exists().where(CheckOverride.check_id == Check.id)
    checks = select(Check.created_at, Check.verdict, overridden).where(
        *conditions, *_within(Check.created_at, period, query.zone)
    )
    near_misses = select(Incident.created_at).where(
        *_near_miss_conditions(actor, query), *_within(Incident.created_at, period, query.zone)
    )
    ends = [start_of_day(bucket.full.last + timedelta(1), query.zone) for bucket in buckets]
    counts: list[Counter[str]] = [Counter() for _ in buckets]
    for (bucket, verdict, is_overridden), number in _count_rows(checks, Check.created_at, ends).items():
        counts[bucket].update({"checks": number, verdict: number, "overridden": number * is_overridden})
    for (bucket,), number in _count_rows(near_misses, Incident.created_at, ends).items():
        counts[bucket]["near_misses"] = number
    return counts


def _count_rows(
    statement: Select[*tuple[Any, ...]], moment: InstrumentedAttribute[datetime], ends: Sequence[datetime]
) -> Counter[tuple[Any, ...]]:
    """Count rows by bucket and by all columns but the first, which is a moment.

    Its bucket is the index of the first of the ascending `ends` that is after it. Pauses regularly: a team
    may have made a hundred thousand checks.
    """
    counts: Counter[tuple[Any, ...]] = Counter()
    pause, bucket = Pauses(), 0
    rows = db.session.execute(statement.order_by(moment).execution_options(yield_per=_BATCH))
    for batch in rows.partitions():
        for at, *rest in batch:
            while at >= ends[bucket]:
                bucket += 1
            counts[bucket, *rest] += 1
        pause()
    return counts


def _counted_conditions(actor: Actor, query: CountQuery) -> list[ColumnElement[bool]]:
    # Not as IS NULL: SQLite would use the index of reruns, which most checks are not, and sort all the rest.
    return [*_check_conditions(actor, query), func.coalesce(Check.rerun_of_id, 0) == 0]


def _check_conditions(actor: Actor, query: CountQuery) -> list[ColumnElement[bool]]:
    conditions = [checks_visible_to(actor)]
    if query.team is not None:
        conditions.append(Check.team_id == find_team_for(actor, Action.READ_TEAM, query.team).id)
    if query.platform is not None:
        conditions.append(Check.platform == query.platform)
    return conditions


def _near_miss_conditions(actor: Actor, query: CountQuery) -> list[ColumnElement[bool]]:
    conditions = [
        visible_to(actor),
        Incident.kind == Kind.NEAR_MISS,
        Incident.status != Status.WITHDRAWN,
    ]
    if query.team is not None:
        conditions.append(Incident.team_id == find_team_for(actor, Action.READ_TEAM, query.team).id)
    if query.platform is not None:
        conditions.append(has_term("platform", [query.platform]))
    return conditions


def _period(query: CountQuery, conditions: list[ColumnElement[bool]]) -> Period:
    """The period of a query; if open, from the first check until today. Raises InvalidInput."""
    last = query.last or utc_now().astimezone(query.zone).date()
    first = query.first
    if first is None:
        earliest = db.session.scalar(select(func.min(Check.created_at)).where(*conditions))
        first = last if earliest is None else min(last, earliest.astimezone(query.zone).date())
    if first > last:
        raise InvalidInput([FieldError("from", Message("The period must begin by {last}.", last=last))])
    return Period(first, last)


def _within(
    column: InstrumentedAttribute[datetime], period: Period, zone: ZoneInfo
) -> tuple[ColumnElement[bool], ...]:
    following = period.last + timedelta(1)
    return column >= start_of_day(period.first, zone), column < start_of_day(following, zone)
