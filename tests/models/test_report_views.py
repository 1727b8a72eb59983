"""The views for reports: their columns have types, and what tools send for a value finds rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine, inspect, text
from sqlalchemy.types import Date, DateTime, Float, Integer, String

from kb.config import Settings
from kb.models import db
from kb.models.report_views import VIEWS
from tests.support.api import Api
from tests.support.checks import store_check
from tests.support.trends import values

INTEGERS = {
    "v_incidents": {"id", "is_public", "severity", "version"},
    "v_incident_terms": {"incident_id", "is_primary"},
    "v_trends_monthly": {"incidents", "severity_known"},
    "v_checks": {"id", "findings", "is_overridden", "rerun_of"},
}
REALS = {"minutes_to_acknowledge", "minutes_to_remove", "severity_mean"}
DAYS = {"occurred_on", "occurred_until"}
MOMENTS = {"posted_at", "acknowledged_at", "removed_at", "published_at", "created_at", "updated_at"}

SELECTIONS: tuple[tuple[str, dict[str, str], int], ...] = (
    ("v_incidents", {"is_public": "1"}, 10),
    ("v_incidents", {"severity": "4", "occurred_on": "2020-05-31"}, 1),
    ("v_incidents", {"minutes_to_remove": "30.5"}, 3),
    ("v_incident_terms", {"namespace": "category", "is_primary": "1"}, 11),
    ("v_incident_terms", {"namespace": "platform", "label_he": "אינסטגרם"}, 3),
    ("v_trends_monthly", {"severity_known": "3"}, 1),
    ("v_trends_monthly", {"severity_mean": "4", "incidents": "3"}, 1),
    ("v_trends_monthly", {"month": "2020-05-01"}, 1),
    ("v_checks", {"findings": "1", "is_overridden": "1", "verdict": "stop"}, 1),
    ("v_checks", {"findings": "0", "is_overridden": "0", "account": "brand"}, 1),
)
"""A view, values of its columns as texts, and how many rows of the samples have them."""


def file_samples(api: Api) -> None:
    """File four public incidents beside the six cases, a draft without a date, and two checks."""
    assert api.post(f"/checks/{store_check(api)}/override", {"reason": "We know."}).status_code == 201
    store_check(api, {})
    for severity in (3, 4, 5):
        api.file(
            severity=severity,
            occurred_on="2020-05-31",
            platforms=["instagram"],
            posted_at="2020-05-31T10:00:00Z",
            acknowledged_at="2020-05-31T10:10:00.5Z",
            removed_at="2020-05-31T10:30:30Z",
            status="published",
        )
    api.file(occurred_on="2020", status="published")
    draft = {"title": "A draft", "organization": "Acme", "category": "wrong-account"}
    assert api.post("/incidents", draft).status_code == 201


@pytest.fixture
def samples(any_app: Flask, any_role: Callable[..., Api]) -> Engine:
    file_samples(any_role("site_admin"))
    with any_app.app_context():
        return db.engine


def test_every_value_has_the_type_of_its_column(samples: Engine) -> None:
    with samples.connect() as connection:
        for view in VIEWS:
            rows = connection.execute(text(f"SELECT * FROM {view}")).mappings().all()
            assert rows
            for name, value in ((name, value) for row in rows for name, value in row.items()):
                if name in INTEGERS[view]:
                    assert isinstance(value, int | None), name
                elif name in REALS:
                    assert isinstance(value, float | None), name
                elif samples.dialect.name == "sqlite":
                    assert isinstance(value, str | None), name


def test_days_and_moments_are_declared_as_such(samples: Engine) -> None:
    columns = {column["name"]: column["type"] for column in inspect(samples).get_columns("v_incidents")}
    assert all(isinstance(columns[name], Date) for name in DAYS)
    assert all(isinstance(columns[name], DateTime) for name in MOMENTS)


def test_every_column_is_declared_on_postgresql(samples: Engine) -> None:
    """SQLite, before 3.41, declares no type for an expression."""
    if samples.dialect.name == "sqlite":
        return
    for view in VIEWS:
        for column in inspect(samples).get_columns(view):
            name, kind = column["name"], column["type"]
            if name in INTEGERS[view]:
                assert isinstance(kind, Integer), name
            elif name in REALS:
                assert isinstance(kind, Float), name
            else:
                expected = Date if name in DAYS | {"month"} else DateTime if name in MOMENTS else String
                assert isinstance(kind, expected), name


def test_a_value_that_is_sent_as_a_text_finds_its_rows(samples: Engine) -> None:
    if samples.dialect.name != "sqlite":  # which is strict about types
        return
    with samples.connect() as connection:
        for view, selected, count in SELECTIONS:
            condition = " AND ".join(f"{name} = :{name}" for name in selected)
            found = connection.execute(text(f"SELECT * FROM {view} WHERE {condition}"), selected).all()
            assert len(found) == count, (view, selected)


def test_datasette_finds_the_rows_that_have_a_value(settings: Settings, admin: Api) -> None:
    application = pytest.importorskip("datasette.app")
    file_samples(admin)

    async def count(view: str, selected: dict[str, str]) -> int:
        response = await datasette.client.get(f"/kb/{view}.json", params={**selected, "_shape": "array"})
        return len(response.json())

    async def compare() -> None:
        await datasette.invoke_startup()
        for view, selected, expected in SELECTIONS:
            assert await count(view, selected) == expected, (view, selected)
        # An edge of a period, which belongs to it.
        assert await count("v_incidents", {"occurred_on__lte": "2020-05-31", "is_public__gt": "0"}) == 10
        # A moment at the edge, as Superset and SQLAlchemy write it.
        for moment in ("2020-05-31 10:00:00", "2020-05-31 10:00:00.000000"):
            assert await count("v_incidents", {"posted_at__gte": moment}) == 3
            assert await count("v_incidents", {"posted_at__lt": moment}) == 0

    datasette = application.Datasette([str(settings.sqlite_path)])
    asyncio.run(compare())


def test_months_have_the_counts_and_means_of_the_trends(
    samples: Engine, any_role: Callable[..., Api]
) -> None:
    query = {"group_by": "category", "interval": "month", "top": 100, "from_": "2015", "to": "2025"}
    counts = {key: value for key, value in values(any_role(), **query).items() if value}
    means = values(any_role(), metric="severity_mean", **query)
    with samples.connect() as connection:
        rows = connection.execute(text("SELECT * FROM v_trends_monthly WHERE month IS NOT NULL")).mappings()
        found = {(str(row["month"])[:7], row["category"]): row for row in rows}
    assert {key: row["incidents"] for key, row in found.items()} == counts
    assert {key: row["severity_mean"] for key, row in found.items()} == {key: means[key] for key in found}


def test_a_month_that_is_not_known_is_null(samples: Engine) -> None:
    with samples.connect() as connection:
        statement = "SELECT incidents FROM v_trends_monthly WHERE month IS NULL"
        assert connection.execute(text(statement)).scalars().all() == [1]
        statement = "SELECT occurred_on, occurred_until FROM v_incidents WHERE title = 'A draft'"
        assert connection.execute(text(statement)).all() == [(None, None)]
