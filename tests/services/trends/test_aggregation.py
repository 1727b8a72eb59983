"""Trends equal a plain recount, whatever was written, edited and withdrawn before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import product
from statistics import fmean
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kb.config import Settings
from kb.models import Incident, db
from tests.support.api import Api, callers, running

CATEGORIES = ["tone-deaf", "offensive", "wrong-account", "employee-conduct", "internal-communication"]
PLATFORMS = ["twitter", "facebook", "instagram", "tiktok"]
ORGANIZATIONS = ["Acme", "Bolt", "Coil", "Dune", "חברה"]
DIMENSIONS = ["category", "platform", "organization", "severity", "kind", "team", "language"]
METRICS = [
    "count", "severity_mean", "severity_max", "minutes_to_remove_median", "minutes_to_remove_p90",
    "market_value_lost",
]  # fmt: skip


@dataclass(frozen=True)
class Filing:
    """File an incident as one of the writers."""

    writer: int
    status: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Edit:
    """Edit one of the incidents filed before. A rejected edit (it is withdrawn, say) changes nothing."""

    incident: int
    body: dict[str, Any]


@dataclass(frozen=True)
class Withdrawal:
    """Withdraw one of the incidents filed before."""

    incident: int


@dataclass(frozen=True)
class Query:
    """Ask for a report as one of the readers, and recount it."""

    reader: int
    metric: str
    dimensions: list[str]
    interval: str
    year: int
    compare: bool


Step = Filing | Edit | Withdrawal | Query


@st.composite
def incident_bodies(draw: st.DrawFn) -> dict[str, Any]:
    day = date(2018, 1, 1) + timedelta(draw(st.integers(0, 1399)))
    posted = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    category, *secondary = draw(st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3, unique=True))
    impact = st.fixed_dictionaries(
        {
            "kind": st.just("market_value"),
            "amount": st.sampled_from([None, 10, 20.5]),
            "currency": st.sampled_from(["USD", "EUR"]),
            "alleged": st.booleans(),
        }
    )
    body: dict[str, Any] = {
        "language": draw(st.sampled_from(["en", "he"])),
        "organization": draw(st.sampled_from(ORGANIZATIONS)),
        "occurred_on": str(day)[: draw(st.sampled_from([10, 7, 4]))],
        "severity": draw(st.none() | st.integers(1, 5)),
        "category": category,
        "secondary_categories": secondary,
        "platforms": draw(st.lists(st.sampled_from(PLATFORMS), max_size=3, unique=True)),
        "kind": draw(st.sampled_from(["incident", "near_miss"])),
        "visibility": draw(st.sampled_from(["organization", "team"])),
        "impacts": draw(st.lists(impact, max_size=2)),
    }
    if (seconds := draw(st.none() | st.integers(0, 89_999))) is not None:
        body["posted_at"] = posted.isoformat()
        body["removed_at"] = (posted + timedelta(seconds=seconds)).isoformat()
    return body


def edit_bodies() -> st.SearchStrategy[dict[str, Any]]:
    fixed = {"language", "visibility"}
    return incident_bodies().map(lambda body: {name: body[name] for name in body.keys() - fixed})


numbers = st.integers(0, 99)
filings = st.builds(
    Filing, writer=numbers, status=st.sampled_from(["published", "draft"]), body=incident_bodies()
)
writes = filings | st.builds(Edit, incident=numbers, body=edit_bodies()) | st.builds(Withdrawal, numbers)
queries = st.builds(
    Query,
    reader=numbers,
    metric=st.sampled_from(METRICS),
    dimensions=st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True),
    interval=st.sampled_from(["year", "quarter", "month", "week"]),
    year=st.sampled_from([2018, 2017, 2019, 2020]),
    compare=st.booleans(),
)
rounds = st.tuples(st.none() | writes, queries)
histories: st.SearchStrategy[list[Step]] = st.builds(
    lambda first, then, last: [*first, *then, *(step for each in last for step in each if step is not None)],
    st.lists(filings, min_size=6, max_size=12),
    st.lists(writes, min_size=6, max_size=12),
    st.lists(rounds, min_size=10, max_size=16),
)
"""Writes, and then reports with writes in between, so that the columns must catch up."""


def bucket_of(incident: Incident, interval: str) -> str | None:
    """The bucket that holds every day on which the incident may have occurred."""

    def name(day: date) -> str:
        year, week, _ = day.isocalendar()
        return {
            "day": str(day),
            "week": f"{year}-W{week:02}",
            "month": str(day)[:7],
            "quarter": f"{day.year}-Q{(day.month - 1) // 3 + 1}",
            "year": str(day.year),
        }[interval]

    first, last = name(incident.occurred_on), name(incident.occurred_until)
    return first if first == last else None


def groups_of(incident: Incident, dimension: str) -> list[str | None]:
    groups: dict[str, list[str | None]] = {
        "category": [*incident.terms("category")],
        "platform": [*incident.terms("platform")],
        "organization": [incident.organization_key],
        "severity": [None if incident.severity is None else str(incident.severity)],
        "kind": [incident.kind.value],
        "team": [incident.team.key],
        "language": [*incident.languages],
    }
    return [key or "~unknown" for key in groups[dimension] or [None]]


def measurements(incident: Incident, metric: str) -> Iterator[tuple[tuple[str | None, bool | None], float]]:
    """What an incident adds to each series of a metric, where it is known."""
    if metric == "count":
        yield ("incidents", None), 1
    elif metric.startswith("severity") and incident.severity is not None:
        yield ("severity", None), incident.severity
    elif metric.startswith("minutes_to_remove") and incident.posted_at and incident.removed_at:
        yield ("minutes", None), (incident.removed_at - incident.posted_at).total_seconds() / 60
    elif metric == "market_value_lost":
        sums: dict[tuple[str | None, bool | None], float] = defaultdict(float)
        for impact in incident.impacts:
            if impact.kind == "market_value" and impact.amount is not None and impact.currency:
                sums[impact.currency, impact.alleged] += impact.amount
        yield from sums.items()


def aggregate(metric: str, values: list[float]) -> float:
    def percentile(share: float) -> float:
        position = (len(values) - 1) * share
        low = int(position)
        high = min(low + 1, len(values) - 1)
        ordered = sorted(values)
        return ordered[low] + (ordered[high] - ordered[low]) * (position - low)

    if metric in {"count", "market_value_lost"}:
        return sum(values)
    if metric.endswith("_mean"):
        return fmean(values)
    if metric.endswith("_max"):
        return max(values)
    return percentile(0.5 if metric.endswith("_median") else 0.9)


def recount(
    app: Flask, query: Query, *, team: str | None, sees_everything: bool
) -> dict[tuple[Any, ...], tuple[float, int]]:
    """By bucket, groups and series, the value and the number of incidents behind it; without empty cells."""
    cells: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    with app.app_context():
        for incident in db.session.query(Incident).filter(Incident.status == "published"):
            visible = incident.visibility == "organization" or sees_everything or incident.team.key == team
            bucket = bucket_of(incident, query.interval)
            inside = (
                incident.occurred_on.year >= query.year and incident.occurred_until.year <= query.year + 1
            )
            if not visible or bucket is None or not inside:
                continue
            groups: list[list[str | None]] = [groups_of(incident, name) for name in query.dimensions]
            for series, value in measurements(incident, query.metric):
                for pair in product(*groups, *[[None]] * (2 - len(groups))):
                    cells[bucket, *pair, *series].append(value)
        db.session.remove()
    return {key: (aggregate(query.metric, values), len(values)) for key, values in cells.items()}


@dataclass
class Replay:
    """A history that is replayed on an application, with every report recounted."""

    app: Flask
    filed: list[tuple[Api, int]] = field(default_factory=list)
    reports: int = 0

    def __post_init__(self) -> None:
        caller = callers(self.app)
        self.writers = [caller("reviewer", team=team) for team in ("north", "south")]
        self.readers: list[tuple[Api, str | None, bool]] = [
            (caller("reader", team="north"), "north", False),
            (caller(), None, False),
            (caller("site_admin"), None, True),
        ]

    def take(self, step: Step) -> None:
        match step:
            case Filing(writer, status, body):
                api = self.writers[writer % len(self.writers)]
                known = {name: value for name, value in body.items() if value is not None}
                self.filed.append((api, api.file(status=status, **known)["id"]))
            case Edit(number, body):
                api, incident_id = self.filed[number % len(self.filed)]
                api.patch(f"/incidents/{incident_id}", body, If_Match="*")
            case Withdrawal(number):
                api, incident_id = self.filed[number % len(self.filed)]
                api.delete(f"/incidents/{incident_id}", If_Match="*")
            case Query():
                self.check(step)

    def check(self, query: Query) -> None:
        reader, team, sees_everything = self.readers[query.reader % len(self.readers)]
        report = reader.get(
            "/trends", metric=query.metric, group_by=",".join(query.dimensions), interval=query.interval,
            top=100, **({"compare": "previous_period"} if query.compare else {}),
            **{"from": str(query.year), "to": str(query.year + 1)},
        ).get_json()  # fmt: skip
        reported = {
            (row["bucket"], row["group"], row["group_2"], row["unit"], row["alleged"]): row
            for row in report["rows"]
            if row["incidents"]
        }
        expected = recount(self.app, query, team=team, sees_everything=sees_everything)
        assert {key: row["incidents"] for key, row in reported.items()} == {
            key: count for key, (_, count) in expected.items()
        }
        for key, (value, _) in expected.items():
            assert reported[key]["value"] == pytest.approx(value), key
        for row in [*reported.values()][:3]:
            path, _, text = row["url"].removeprefix("/api/v1").partition("?")
            items = reader.request("GET", path, query_string=f"{text}&limit=100").get_json()["items"]
            assert len(items) == row["incidents"], row["url"]
        self.reports += 1


@pytest.mark.slow
@settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(history=histories)
def test_trends_equal_a_plain_recount(any_new_settings: Callable[[], Settings], history: list[Step]) -> None:
    for app in running(any_new_settings()):
        replay = Replay(app)
        for step in history:
            replay.take(step)
        assert replay.reports == sum(isinstance(step, Query) for step in history)


def test_the_recount_is_not_empty(shared_app: Flask) -> None:
    query = Query(
        reader=0, metric="count", dimensions=["category"], interval="year", year=2017, compare=False
    )
    assert len(recount(shared_app, query, team=None, sees_everything=True)) == 5
