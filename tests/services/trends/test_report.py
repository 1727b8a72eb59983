"""Reports of trends: what the rows count, and for whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.models.base import WRITE, utc_now
from kb.schemas.trends import TrendsQuerySchema
from kb.services.core.system_actors import OPERATOR
from kb.services.trends.query import parse_query
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from tests.support.api import Api
from tests.support.incidents import incident
from tests.support.transactions import executed_statements
from tests.support.trends import listed, rows, values

SEEDS_BY_CATEGORY_AND_YEAR = {
    # From CASES.md: Cruz and McDonald's in 2017, the four others in 2018; in brackets, secondary categories.
    ("2017", "audience-inappropriate"): 1,  # Cruz
    ("2017", "internal-communication"): 1,  # McDonald's
    ("2017", "wrong-account"): 1,  # (Cruz)
    ("2018", "tone-deaf"): 3,  # Bezos, Lockheed Martin, (US Air Force)
    ("2018", "offensive"): 2,  # US Air Force, Snapchat
}


class TestSeededCases:
    def test_counts_by_category_and_year_equal_a_manual_count(self, reader: Api) -> None:
        found = values(reader, group_by="category", interval="year", from_="2017", to="2018")
        assert {key: value for key, value in found.items() if value} == SEEDS_BY_CATEGORY_AND_YEAR
        assert found["2018", "internal-communication"] == 0

    def test_a_total_counts_an_incident_once_regardless_of_its_categories(self, reader: Api) -> None:
        found = rows(reader, interval="year", from_="2017", to="2018")
        assert [(row["bucket"], row["value"]) for row in found] == [("2017", 2), ("2018", 4)]

    def test_the_one_known_loss_of_market_value_is_reported(self, reader: Api) -> None:
        found = [row for row in rows(reader, metric="market_value_lost", interval="year") if row["incidents"]]
        assert [(row["bucket"], row["unit"], row["value"]) for row in found] == [("2018", "USD", 800_000_000)]
        assert len(listed(reader, found[0]["url"])) == 1

    def test_labels_are_in_the_requested_language(self, reader: Api) -> None:
        found = rows(reader, group_by="category,severity", from_="2017", to="2018", lang="he")
        assert "תוכן חסר רגישות" in {row["group_label"] for row in found}
        assert rows(reader, lang="he")[0]["group_label"] == "הכול"


class TestBuckets:
    def test_empty_buckets_are_zero_up_to_the_current_one(self, reader: Api, today: date) -> None:
        found = rows(reader, interval="year")
        assert [row["bucket"] for row in found] == [str(year) for year in range(2017, today.year + 1)]
        assert [row["value"] for row in found[2:]] == [0] * (len(found) - 2)
        assert [row["partial"] for row in found] == [False] * (len(found) - 1) + [True]

    def test_a_date_known_to_the_year_counts_as_undated_in_finer_buckets(self, admin: Api) -> None:
        admin.file(occurred_on="2019", status="published")
        admin.file(occurred_on="2019-05", status="published")
        period = {"from": "2019", "to": "2019"}
        by_interval = {
            interval: admin.get("/trends", interval=interval, **period).get_json()
            for interval in ("year", "quarter", "month", "week", "none")
        }
        counted = {name: sum(row["value"] for row in found["rows"]) for name, found in by_interval.items()}
        assert counted == {"year": 2, "quarter": 1, "month": 1, "week": 0, "none": 2}
        assert {name: found["undated"] for name, found in by_interval.items()} == {
            "year": 0, "quarter": 1, "month": 1, "week": 2, "none": 0,
        }  # fmt: skip

    def test_weeks_follow_iso_8601(self, admin: Api) -> None:
        admin.file(occurred_on="2021-01-03", status="published")  # a Sunday, in the last week of 2020
        found = [row for row in rows(admin, interval="week", from_="2020-12", to="2021-01") if row["value"]]
        assert [(row["bucket"], row["bucket_start"], row["bucket_end"]) for row in found] == [
            ("2020-W53", "2020-12-28", "2021-01-03")
        ]

    def test_too_many_buckets_are_rejected_with_a_suggestion(self, reader: Api) -> None:
        refused = reader.get("/trends", interval="day", **{"from": "2010", "to": "2018"})
        assert refused.status_code == 422
        assert "Choose a longer interval" in refused.get_json()["errors"][0]["detail"]

    def test_a_bucket_cut_off_by_the_period_is_partial(self, reader: Api) -> None:
        found = rows(reader, interval="month", from_="2018-03-10", to="2018-05-10")
        assert [(row["bucket"], row["partial"]) for row in found] == [
            ("2018-03", True), ("2018-04", False), ("2018-05", True),
        ]  # fmt: skip

    def test_days_follow_the_time_zone_across_daylight_saving(self, admin: Api, app: Flask) -> None:
        """In Jerusalem, 22:30 UTC is the next day all year, and 21:30 UTC only in summer."""
        ids = [admin.file(status="published")["id"] for _ in range(4)]
        moments = ["2024-01-10 21:30", "2024-01-10 22:30", "2024-07-10 21:30", "2024-07-10 20:30"]
        with (
            app.app_context(),
            db.engine.connect().execution_options(**WRITE) as connection,
            connection.begin(),
        ):
            for incident_id, moment in zip(ids, moments, strict=True):
                connection.exec_driver_sql(
                    "UPDATE incident SET published_at = ? WHERE id = ?", (f"{moment}:00.000000", incident_id)
                )
        asked = {"date_field": "published_at", "interval": "day", "tz": "Asia/Jerusalem"}
        for month, days in (
            ("2024-01", {"2024-01-10": 1, "2024-01-11": 1}),
            ("2024-07", {"2024-07-10": 1, "2024-07-11": 1}),
        ):
            found = [row for row in rows(admin, **asked, from_=month, to=month) if row["value"]]
            assert {row["bucket"]: row["value"] for row in found} == days
            assert [len(listed(admin, row["url"])) for row in found] == [1, 1]


class TestMetrics:
    def test_an_unknown_value_is_null_not_zero(self, admin: Api) -> None:
        admin.file(occurred_on="2020-01", status="published")
        admin.file(occurred_on="2020-02", severity=2, status="published")
        admin.file(occurred_on="2020-02", severity=5, status="published")
        asked = {"interval": "month", "from_": "2020-01", "to": "2020-03"}
        mean = rows(admin, metric="severity_mean", **asked)
        assert [(row["value"], row["incidents"]) for row in mean] == [(None, 0), (3.5, 2), (None, 0)]
        assert [row["value"] for row in rows(admin, metric="severity_max", **asked)] == [None, 5, None]
        assert len(listed(admin, mean[1]["url"])) == 2

    def test_minutes_are_measured_when_both_moments_are_known(self, admin: Api) -> None:
        for minutes in (10, 20, 90):
            admin.file(
                occurred_on="2020-01-02",
                posted_at="2020-01-02T10:00:00Z",
                removed_at=f"2020-01-02T{10 + minutes // 60}:{minutes % 60:02}:00Z",
                status="published",
            )
        admin.file(occurred_on="2020-01-02", posted_at="2020-01-02T10:00:00Z", status="published")
        period = {"from_": "2020", "to": "2020"}
        (median,) = rows(admin, metric="minutes_to_remove_median", **period)
        assert (median["value"], median["incidents"], median["unit"], median["warning"]) == (
            20,
            3,
            "minutes",
            "few",
        )
        assert len(listed(admin, median["url"])) == 3
        (p90,) = rows(admin, metric="minutes_to_remove_p90", **period)
        assert p90["value"] == pytest.approx(76)
        assert rows(admin, metric="minutes_to_acknowledge_median", **period)[0]["value"] is None

    def test_losses_are_summed_by_currency_with_alleged_ones_separate(self, admin: Api) -> None:
        for amount, currency, alleged in (
            (1.5, "EUR", False),
            (2.25, "EUR", False),
            (7, "EUR", True),
            (9, "USD", False),
        ):
            impact = {"kind": "market_value", "amount": amount, "currency": currency, "alleged": alleged}
            admin.file(occurred_on="2020", impacts=[impact], status="published")
        admin.file(
            occurred_on="2020",
            impacts=[{"kind": "revenue", "amount": 5, "currency": "EUR"}],
            status="published",
        )
        found = rows(admin, metric="market_value_lost", from_="2020", to="2020")
        assert [(row["unit"], row["alleged"], row["value"], row["incidents"]) for row in found] == [
            ("EUR", False, 3.75, 2), ("EUR", True, 7, 1), ("USD", False, 9, 1),
        ]  # fmt: skip
        assert [len(listed(admin, row["url"])) for row in found] == [2, 1, 1]

    def test_the_previous_period_is_compared_bucket_by_bucket(self, reader: Api) -> None:
        (row,) = rows(reader, interval="year", from_="2018", to="2018", compare="previous_period")
        assert (row["value"], row["previous_value"], row["diff"], row["pct_diff"]) == (4, 2, 2, 100)
        (first,) = rows(reader, interval="year", from_="2017", to="2017", compare="previous_period")
        assert (first["previous_value"], first["diff"], first["pct_diff"]) == (0, 2, None)

    def test_comparison_does_not_shift_a_period_that_begins_within_a_bucket(self, admin: Api) -> None:
        for day in ("2015-01-20", "2015-03-10", "2015-03-20", "2015-04-02", "2015-04-20", "2015-05-05"):
            admin.file(occurred_on=day, status="published")
        asked = {"interval": "month", "from_": "2015-03-15", "to": "2015-05-31"}
        plain = [row["value"] for row in rows(admin, **asked)]
        compared = rows(admin, **asked, compare="previous_period")
        assert [row["value"] for row in compared] == plain == [1, 2, 1]
        assert [row["previous_value"] for row in compared] == [0, 1, 0]
        assert (
            admin.get(
                "/trends", interval="year", compare="previous_period", **{"from": "2015-04-01", "to": "2015"}
            ).get_json()["undated"]
            == 0
        )


class TestVisibility:
    def test_invisible_incidents_are_not_counted(self, as_role: Callable[..., Api]) -> None:
        north = as_role("contributor", team="north")
        north.file(occurred_on="2020", organization="Secret Ltd")
        asked = {"status": "draft", "group_by": "organization", "from_": "2020", "to": "2020"}
        assert values(north, **asked) == {("all", "secret"): 1}
        assert values(as_role("reader", team="north"), **asked) == {("all", "secret"): 1}
        for other in (as_role("reader", team="south"), as_role()):
            assert rows(other, **asked) == []
            assert rows(other, status="draft", from_="2020", to="2020")[0]["value"] == 0

    def test_an_organization_is_labeled_by_a_visible_incident(self, as_role: Callable[..., Api]) -> None:
        as_role("reviewer", team="north").file(
            organization="Acme Inc", occurred_on="2020", status="published"
        )
        as_role("contributor", team="south").file(organization="ACME, INC.", occurred_on="2020")
        (row,) = rows(as_role(), group_by="organization", from_="2020", to="2020")
        assert (row["group"], row["group_label"]) == ("acme", "Acme Inc")

    def test_drafts_are_counted_only_on_request(self, admin: Api) -> None:
        admin.file(occurred_on="2020")
        assert rows(admin, from_="2020", to="2020")[0]["value"] == 0
        assert rows(admin, from_="2020", to="2020", status="draft,published")[0]["value"] == 1

    def test_with_anonymous_none_trends_require_a_token(self, settings: Settings) -> None:
        from dataclasses import replace  # noqa: PLC0415

        client = create_app(replace(settings, anonymous="none")).test_client()
        assert client.get("/api/v1/trends").status_code == 401


def test_a_minimal_incident_is_counted(admin: Api) -> None:
    assert admin.post("/incidents", incident(status="published")).status_code == 201
    assert rows(admin, from_="2019", to="2019")[0]["value"] == 1


def test_an_empty_database_gives_zeros_and_no_groups(app: Flask, anonymous: Api) -> None:
    anonymous.get("/health/ready")
    with app.app_context(), db.engine.connect().execution_options(**WRITE) as connection, connection.begin():
        for table in (
            "incident_term",
            "response",
            "impact",
            "source",
            "lesson_text",
            "lesson",
            "incident_tag",
            "review_event",
        ):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        for table in ("incident_text", "revision", "change", "incident"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    assert [row["value"] for row in rows(anonymous, interval="year", from_="2019", to="2020")] == [0, 0]
    for dimension in ("category", "theme", "response", "organization", "language", "severity"):
        assert rows(anonymous, group_by=dimension, compare="previous_period") == []
    for metric in ("severity_max", "minutes_to_remove_p90", "market_value_lost"):
        assert rows(anonymous, metric=metric)[0]["value"] is None


def test_a_report_reads_each_table_once(admin: Api) -> None:
    rows(admin)
    with admin.client.application.app_context():
        engine = db.engine
    with executed_statements(engine) as statements:
        rows(admin, group_by="category,team", interval="year")
    for table in ("change_counter", "namespace", "team", "term"):
        assert sum(f"FROM {table} " in " ".join(text.split()) + " " for text in statements) == 1, table


def test_a_report_overtaken_by_another_catches_up_with_it(admin: Api, app: Flask) -> None:
    with app.app_context():
        query = parse_query(TrendsQuerySchema().load({"from": "2020", "to": "2020"}))
        with open_snapshot(query.dimensions) as snapshot:
            before = snapshot.seq
            admin.file(occurred_on="2020", status="published")
            assert rows(admin, from_="2020", to="2020")[0]["value"] == 1
            report = build_report(OPERATOR, query, ["en"], snapshot, as_of=utc_now())
    assert (report.seq, report.rows[0]["value"]) == (before + 1, 1)
