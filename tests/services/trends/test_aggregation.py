"""The numbers of trends equal a plain recount, whatever was written, edited and withdrawn before."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from typing import Any

import pytest
from flask import Flask

from kb.models import Incident, db
from tests.support.api import Api

CATEGORIES = ["tone-deaf", "offensive", "wrong-account", "employee-conduct", "internal-communication"]
PLATFORMS = ["twitter", "facebook", "instagram", "tiktok"]
ORGANIZATIONS = ["Acme", "Bolt", "Coil", "Dune", "חברה"]
HISTORIES = 2
STEPS = 25
QUESTIONS = 25


def some_incident(source: random.Random) -> dict[str, Any]:
    day = date(2018, 1, 1) + timedelta(source.randrange(1400))
    posted = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    category, *secondary = source.sample(CATEGORIES, source.randint(1, 3))
    known = source.random() < 0.6
    body = {
        "language": source.choice(["en", "he"]),
        "organization": source.choice(ORGANIZATIONS),
        "occurred_on": str(day)[: source.choice([4, 7, 10, 10])],
        "severity": source.choice([None, 1, 2, 3, 4, 5]),
        "category": category,
        "secondary_categories": secondary,
        "platforms": source.sample(PLATFORMS, source.randint(0, 3)),
        "kind": source.choice(["incident", "near_miss"]),
        "visibility": source.choice(["team", "organization", "organization"]),
        "impacts": [
            {
                "kind": "market_value",
                "amount": source.choice([None, 10, 20.5]),
                "currency": source.choice(["USD", "EUR"]),
                "alleged": source.random() < 0.5,
            }
            for _ in range(source.choice([0, 0, 1, 2]))
        ],
    }
    if known:
        body["posted_at"] = posted.isoformat()
        body["removed_at"] = (posted + timedelta(seconds=source.randrange(90_000))).isoformat()
    return body


def write(source: random.Random, writers: list[Api], written: list[tuple[Api, int]]) -> None:
    """One step of a history: something is filed, edited, or withdrawn."""
    step = source.random()
    if step < 0.6 or not written:
        writer = source.choice(writers)
        changes = {name: value for name, value in some_incident(source).items() if value is not None}
        filed = writer.file(status=source.choice(["draft", "published", "published"]), **changes)
        written.append((writer, filed["id"]))
    elif step < 0.85:
        writer, incident_id = source.choice(written)
        body = some_incident(source)
        del body["language"], body["visibility"]
        # What an edit may be refused for (a withdrawn incident, moments in the wrong order) changes nothing.
        writer.patch(f"/incidents/{incident_id}", body, If_Match="*")
    else:
        writer, incident_id = source.choice(written)
        writer.delete(f"/incidents/{incident_id}", If_Match="*")


def bucket_of(incident: Incident, interval: str) -> str | None:
    """The bucket in which all days lie on which an incident may have occurred."""

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
    found: list[str | None] = {
        "category": list(incident.terms("category")),
        "platform": list(incident.terms("platform")),
        "organization": [incident.organization_key],
        "severity": [None if incident.severity is None else str(incident.severity)],
        "kind": [incident.kind.value],
        "team": [incident.team.key],
        "language": list(incident.languages),
    }[dimension]
    return found or [None]


def measured(incident: Incident, metric: str) -> Iterator[tuple[tuple[str | None, bool | None], float]]:
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


def summed_up(metric: str, numbers: list[float]) -> float:
    def percentile(share: float) -> float:
        place = (len(numbers) - 1) * share
        low = int(place)
        high = min(low + 1, len(numbers) - 1)
        ordered = sorted(numbers)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    if metric in {"count", "market_value_lost"}:
        return sum(numbers)
    if metric.endswith("_mean"):
        return fmean(numbers)
    if metric.endswith("_max"):
        return max(numbers)
    return percentile(0.5 if metric.endswith("_median") else 0.9)


def recount(
    app: Flask,
    team: str | None,
    everything: bool,
    metric: str,
    dimensions: list[str],
    interval: str,
    year: int,
) -> dict[tuple[Any, ...], tuple[float, int]]:
    """By bucket, groups and series, the value and how many are behind it; without the empty ones."""
    cells: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    with app.app_context():
        for incident in db.session.query(Incident).filter(Incident.status == "published"):
            public = incident.visibility == "organization"
            bucket = bucket_of(incident, interval)
            inside = incident.occurred_on.year >= year and incident.occurred_until.year <= year + 1
            if not (public or everything or incident.team.key == team) or bucket is None or not inside:
                continue
            one = groups_of(incident, dimensions[0]) if dimensions else [None]
            two = groups_of(incident, dimensions[1]) if len(dimensions) > 1 else [None]
            for series, number in measured(incident, metric):
                for first in one:
                    for second in two:
                        cells[bucket, first, second, *series].append(number)
        db.session.remove()
    return {key: (summed_up(metric, numbers), len(numbers)) for key, numbers in cells.items()}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(HISTORIES))
def test_trends_equal_a_plain_recount(any_app: Flask, any_role: Callable[..., Api], seed: int) -> None:
    source = random.Random(seed)
    writers = [any_role("reviewer", team=team) for team in ("north", "south")]
    askers: list[tuple[Api, str | None, bool]] = [
        (any_role("reader", team="north"), "north", False),
        (any_role(), None, False),
        (any_role("site_admin"), None, True),
    ]
    written: list[tuple[Api, int]] = []
    for _ in range(STEPS):
        write(source, writers, written)
    for number in range(QUESTIONS):
        if number % 5 == 4:  # in between, the columns follow
            write(source, writers, written)
        asker, team, everything = source.choice(askers)
        metric = source.choice(["count", "count", "severity_mean", "severity_max", "minutes_to_remove_median",
                                "minutes_to_remove_p90", "market_value_lost"])  # fmt: skip
        dimensions = source.sample(
            ["category", "platform", "organization", "severity", "kind", "team", "language"],
            source.randint(0, 2),
        )
        interval = source.choice(["week", "month", "quarter", "year"])
        year = source.choice([2017, 2018, 2019, 2020])
        answer = asker.get(
            "/trends", metric=metric, group_by=",".join(dimensions), interval=interval, top=100,
            **({"compare": "previous_period"} if source.random() < 0.3 else {}),
            **{"from": str(year), "to": str(year + 1)},
        ).get_json()  # fmt: skip
        found = {
            (row["bucket"], row["group"], row["group_2"], row["unit"], row["alleged"]): row
            for row in answer["rows"]
            if row["incidents"]
        }
        expected = recount(any_app, team, everything, metric, dimensions, interval, year)
        asked = (metric, dimensions, interval, year, team, everything)
        assert {key: row["incidents"] for key, row in found.items()} == {
            key: count for key, (_, count) in expected.items()
        }, asked
        for key, (value, _) in expected.items():
            assert found[key]["value"] == pytest.approx(value), (asked, key)
        for row in source.sample(list(found.values()), min(3, len(found))):
            path, _, query = row["url"].removeprefix("/api/v1").partition("?")
            items = asker.request("GET", path, query_string=f"{query}&limit=100").get_json()["items"]
            assert len(items) == row["incidents"], row["url"]


def test_the_recount_is_not_empty(app: Flask) -> None:
    assert len(recount(app, None, True, "count", ["category"], "year", 2017)) == 5
