"""Trends: rows that a dashboard draws as they are, honest about what is not known, open to incidents."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from flask import Flask
from sqlalchemy import event

from kb.config import Settings
from kb.domain.periods import MAX_BUCKETS, Interval, Period, split_period
from kb.factory import create_app
from kb.models import db
from kb.models.base import WRITE
from kb.schemas.trends import TrendsQuerySchema
from kb.services.core.system_actors import OPERATOR
from kb.services.trends import column_cache, column_file, column_loading
from kb.services.trends.query import parse_query
from kb.services.trends.report import build_report
from kb.services.trends.snapshot import open_snapshot
from tests.support.api import Api
from tests.support.incidents import incident

SEEDS_BY_CATEGORY_AND_YEAR = {
    # From CASES.md: Cruz and McDonald's in 2017, the four others in 2018; in brackets, secondary categories.
    ("2017", "audience-inappropriate"): 1,  # Cruz
    ("2017", "internal-communication"): 1,  # McDonald's
    ("2017", "wrong-account"): 1,  # (Cruz)
    ("2018", "tone-deaf"): 3,  # Bezos, Lockheed Martin, (US Air Force)
    ("2018", "offensive"): 2,  # US Air Force, Snapchat
}


def rows(api: Api, **asked: Any) -> list[dict[str, Any]]:
    response = api.get("/trends", **{name.rstrip("_"): value for name, value in asked.items()})
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.get_json()["rows"]
    return found


def values(api: Api, **asked: Any) -> dict[tuple[str, str | None], Any]:
    return {(row["bucket"], row["group"]): row["value"] for row in rows(api, **asked)}


def listed(api: Api, url: str | None) -> list[int]:
    assert url is not None
    path, _, query = url.partition("?")
    items = api.request("GET", path.removeprefix("/api/v1"), query_string=f"{query}&limit=100").get_json()[
        "items"
    ]
    return [item["id"] for item in items]


class TestTheSixCases:
    def test_by_category_and_year_they_give_the_table_that_a_person_makes_by_hand(
        self, anonymous: Api
    ) -> None:
        found = values(anonymous, group_by="category", interval="year", from_="2017", to="2018")
        assert {key: value for key, value in found.items() if value} == SEEDS_BY_CATEGORY_AND_YEAR
        assert found["2018", "internal-communication"] == 0

    def test_a_total_counts_an_incident_once_whatever_its_categories(self, anonymous: Api) -> None:
        found = rows(anonymous, interval="year", from_="2017", to="2018")
        assert [(row["bucket"], row["value"]) for row in found] == [("2017", 2), ("2018", 4)]

    def test_only_one_loss_of_market_value_is_known_and_it_is_alleged_or_not_as_filed(
        self, anonymous: Api
    ) -> None:
        found = [
            row for row in rows(anonymous, metric="market_value_lost", interval="year") if row["incidents"]
        ]
        assert [(row["bucket"], row["unit"], row["value"]) for row in found] == [("2018", "USD", 800_000_000)]
        assert len(listed(anonymous, found[0]["url"])) == 1

    def test_labels_are_in_the_language_that_is_asked_for(self, anonymous: Api) -> None:
        found = rows(anonymous, group_by="category,severity", from_="2017", to="2018", lang="he")
        assert "תוכן מנותק" in {row["group_label"] for row in found}
        assert rows(anonymous, lang="he")[0]["group_label"] == "הכול"


class TestBuckets:
    def test_empty_ones_are_zero_and_are_there_to_the_present_one(self, anonymous: Api) -> None:
        found = rows(anonymous, interval="year")
        assert [row["bucket"] for row in found] == [
            str(year) for year in range(2017, datetime.now(UTC).year + 1)
        ]
        assert [row["value"] for row in found[2:]] == [0] * (len(found) - 2)
        assert [row["partial"] for row in found] == [False] * (len(found) - 1) + [True]

    def test_a_date_known_to_the_year_is_in_yearly_buckets_and_counted_apart_in_finer_ones(
        self, admin: Api
    ) -> None:
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

    def test_weeks_are_those_of_iso_8601(self, admin: Api) -> None:
        admin.file(occurred_on="2021-01-03", status="published")  # a Sunday, in the last week of 2020
        found = [row for row in rows(admin, interval="week", from_="2020-12", to="2021-01") if row["value"]]
        assert [(row["bucket"], row["bucket_start"], row["bucket_end"]) for row in found] == [
            ("2020-W53", "2020-12-28", "2021-01-03")
        ]

    def test_too_many_of_them_are_refused_with_what_to_do(self, anonymous: Api) -> None:
        refused = anonymous.get("/trends", interval="day", **{"from": "2010", "to": "2018"})
        assert refused.status_code == 422
        assert "Choose a longer interval" in refused.get_json()["errors"][0]["detail"]

    def test_what_is_cut_off_by_the_period_is_partial(self, anonymous: Api) -> None:
        found = rows(anonymous, interval="month", from_="2018-03-10", to="2018-05-10")
        assert [(row["bucket"], row["partial"]) for row in found] == [
            ("2018-03", True), ("2018-04", False), ("2018-05", True),
        ]  # fmt: skip

    @pytest.mark.parametrize("interval", [each for each in Interval if each is not Interval.NONE])
    def test_they_follow_each_other_without_a_gap(self, interval: Interval) -> None:
        period = Period(date(2019, 11, 13), date(2021, 3, 2))
        buckets = split_period(period, interval)
        assert buckets[0].clipped.first == period.first
        assert buckets[-1].clipped.last == period.last
        for before, after in pairwise(buckets):
            assert before.full.last + timedelta(1) == after.full.first
        assert len({bucket.name for bucket in buckets}) == len(buckets) <= MAX_BUCKETS

    def test_days_begin_where_the_time_zone_says_across_daylight_saving(self, admin: Api, app: Flask) -> None:
        """In Jerusalem 22:30 UTC is the next day in summer as in winter, 21:30 in summer only."""
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


class TestGroups:
    def test_the_rest_is_counted_not_guessed(self, admin: Api) -> None:
        for name in ("Acme", "Acme", "Acme", "Bolt", "Bolt", "Coil", "Dune"):
            admin.file(organization=name, occurred_on="2020", status="published")
        period = {"from_": "2020", "to": "2020"}
        found = rows(admin, group_by="organization", top=2, **period)
        assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
            ("acme", "Acme", 3), ("bolt", "Bolt", 2), ("~other", "Other", 2),
        ]  # fmt: skip
        assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 2]
        left_out = values(admin, group_by="organization", top=2, other="false", **period)
        assert left_out == {("all", "acme"): 3, ("all", "bolt"): 2}

    def test_an_incident_in_two_of_the_other_groups_is_among_the_others_once(self, admin: Api) -> None:
        admin.file(platforms=["twitter"], occurred_on="2020", status="published")
        admin.file(platforms=["twitter", "tiktok", "facebook"], occurred_on="2020", status="published")
        found = values(admin, group_by="platform", top=1, from_="2020", to="2020")
        assert found == {("all", "twitter"): 2, ("all", "~other"): 1}

    def test_organizations_with_names_like_ours_are_told_apart(self, admin: Api) -> None:
        for name in ("None", "None", "None", "Other", "Other", "Acme", "|-|", "a,b|c%"):
            admin.file(organization=name, occurred_on="2020", status="published")
        found = rows(admin, group_by="organization", top=4, from_="2020", to="2020")
        assert len({row["group"] for row in found}) == len(found) == 5
        assert [row["value"] for row in found] == [3, 2, 1, 1, 1]
        assert [len(listed(admin, row["url"])) for row in found] == [3, 2, 1, 1, 1]

    def test_what_is_not_known_is_a_group_of_its_own(self, admin: Api) -> None:
        admin.file(occurred_on="2020", status="published")
        admin.file(occurred_on="2020", severity=4, status="published")
        found = rows(admin, group_by="severity", from_="2020", to="2020")
        assert [(row["group"], row["group_label"], row["value"]) for row in found] == [
            ("4", "4", 1), (None, "Not known", 1),
        ]  # fmt: skip
        assert [len(listed(admin, row["url"])) for row in found] == [1, 1]

    def test_two_dimensions_cross(self, anonymous: Api) -> None:
        found = rows(anonymous, group_by="platform,severity", from_="2017", to="2018")
        assert {(row["group"], row["group_2"]): row["value"] for row in found}["snapchat", "5"] == 1
        assert all(len(listed(anonymous, row["url"])) == row["value"] for row in found)

    @pytest.mark.parametrize("group_by", ["category,theme,platform", "category,category", "mood"])
    def test_what_cannot_be_grouped_by_is_refused(self, anonymous: Api, group_by: str) -> None:
        assert anonymous.get("/trends", group_by=group_by).status_code == 422


class TestMetrics:
    def test_what_is_not_known_is_null_and_never_zero(self, admin: Api) -> None:
        admin.file(occurred_on="2020-01", status="published")
        admin.file(occurred_on="2020-02", severity=2, status="published")
        admin.file(occurred_on="2020-02", severity=5, status="published")
        asked = {"interval": "month", "from_": "2020-01", "to": "2020-03"}
        mean = rows(admin, metric="severity_mean", **asked)
        assert [(row["value"], row["incidents"]) for row in mean] == [(None, 0), (3.5, 2), (None, 0)]
        assert [row["value"] for row in rows(admin, metric="severity_max", **asked)] == [None, 5, None]
        assert len(listed(admin, mean[1]["url"])) == 2

    def test_minutes_are_counted_where_both_moments_are_known(self, admin: Api) -> None:
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

    def test_losses_are_added_up_by_currency_and_alleged_ones_apart(self, admin: Api) -> None:
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

    def test_the_period_before_is_compared_bucket_by_bucket(self, anonymous: Api) -> None:
        (row,) = rows(anonymous, interval="year", from_="2018", to="2018", compare="previous_period")
        assert (row["value"], row["previous_value"], row["diff"], row["pct_diff"]) == (4, 2, 2, 100)
        (first,) = rows(anonymous, interval="year", from_="2017", to="2017", compare="previous_period")
        assert (first["previous_value"], first["diff"], first["pct_diff"]) == (0, 2, None)

    def test_a_period_that_begins_within_a_bucket_is_compared_without_moving_anything(
        self, admin: Api
    ) -> None:
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


class TestWhoSeesWhat:
    def test_what_one_may_not_see_is_not_counted(self, as_role: Callable[..., Api]) -> None:
        north = as_role("contributor", team="north")
        north.file(occurred_on="2020", organization="Secret Ltd")
        asked = {"status": "draft", "group_by": "organization", "from_": "2020", "to": "2020"}
        assert values(north, **asked) == {("all", "secret-ltd"): 1}
        assert values(as_role("reader", team="north"), **asked) == {("all", "secret-ltd"): 1}
        for other in (as_role("reader", team="south"), as_role()):
            assert rows(other, **asked) == []
            assert rows(other, status="draft", from_="2020", to="2020")[0]["value"] == 0

    def test_an_organization_is_called_as_something_visible_calls_it(
        self, as_role: Callable[..., Api]
    ) -> None:
        as_role("reviewer", team="north").file(
            organization="Acme Inc", occurred_on="2020", status="published"
        )
        as_role("contributor", team="south").file(organization="ACME, Inc. (secret)", occurred_on="2020")
        (row,) = rows(as_role(), group_by="organization", from_="2020", to="2020")
        assert (row["group"], row["group_label"]) == ("acme-inc", "Acme Inc")

    def test_drafts_are_counted_only_when_asked_for(self, admin: Api) -> None:
        admin.file(occurred_on="2020")
        assert rows(admin, from_="2020", to="2020")[0]["value"] == 0
        assert rows(admin, from_="2020", to="2020", status="draft,published")[0]["value"] == 1

    def test_with_anonymous_none_there_is_nothing_without_a_token(self, settings: Settings) -> None:
        from dataclasses import replace  # noqa: PLC0415

        client = create_app(replace(settings, anonymous="none")).test_client()
        assert client.get("/api/v1/trends").status_code == 401


class TestOverHttp:
    def test_a_write_is_counted_at_once(self, admin: Api) -> None:
        asked = {"from_": "2020", "to": "2020", "group_by": "category"}
        assert rows(admin, **asked) == []
        filed = admin.file(occurred_on="2020", status="published")
        assert values(admin, **asked) == {("all", "wrong-account"): 1}
        admin.patch(f"/incidents/{filed['id']}", {"category": "offensive"}, If_Match="*")
        assert values(admin, **asked) == {("all", "offensive"): 1}
        admin.delete(f"/incidents/{filed['id']}", If_Match="*")
        assert rows(admin, **asked) == []

    def test_the_same_answer_is_not_sent_twice_until_something_changes(self, admin: Api) -> None:
        first = admin.get("/trends", group_by="category")
        tag = first.headers["ETag"]
        assert admin.get("/trends", group_by="category", headers={"If-None-Match": tag}).status_code == 304
        assert admin.get("/trends", group_by="theme").headers["ETag"] != tag
        admin.file(status="published")
        again = admin.get("/trends", group_by="category", headers={"If-None-Match": tag})
        assert (again.status_code, again.headers["Cache-Control"]) == (200, "private, no-cache")
        with (
            admin.client.application.app_context(),
            db.engine.connect().execution_options(**WRITE) as connection,
        ):
            tag = admin.get("/trends", group_by="team").headers["ETag"]
            with connection.begin():
                connection.exec_driver_sql("UPDATE team SET name = 'Renamed'")
        assert admin.get("/trends", group_by="team", headers={"If-None-Match": tag}).status_code == 200
        body = again.get_json()
        assert body["seq"] == first.get_json()["seq"] + 1
        assert body["taxonomy"].keys() >= {"category", "theme"}

    def test_the_etag_and_the_body_come_from_one_reading(self, admin: Api) -> None:
        rows(admin)
        statements: list[str] = []
        app = admin.client.application
        with app.app_context():
            engine = db.engine

        @event.listens_for(engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        try:
            rows(admin, group_by="category,team", interval="year")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        for table in ("change_counter", "namespace", "team", "term"):
            assert sum(f"FROM {table} " in " ".join(text.split()) + " " for text in statements) == 1, table

    def test_a_report_that_another_overtakes_moves_on_to_what_that_one_counted(
        self, admin: Api, app: Flask
    ) -> None:
        with app.app_context():
            query = parse_query(TrendsQuerySchema().load({"from": "2020", "to": "2020"}))
            with open_snapshot(query.dimensions) as snapshot:
                before = snapshot.seq
                admin.file(occurred_on="2020", status="published")
                assert rows(admin, from_="2020", to="2020")[0]["value"] == 1
                found = build_report(OPERATOR, query, ["en"], snapshot)
        assert (found.seq, found.rows[0]["value"]) == (before + 1, 1)

    def test_csv_is_safe_to_open_and_says_how_many_have_no_bucket(self, admin: Api) -> None:
        admin.file(organization="=cmd|' /C calc'!A0", occurred_on="2020", status="published")
        response = admin.get(
            "/trends",
            group_by="organization",
            interval="month",
            format="csv",
            **{"from": "2020", "to": "2020"},
        )
        assert (response.mimetype, response.headers["Undated-Incidents"]) == ("text/csv", "1")
        yearly = admin.get("/trends", group_by="organization", format="csv", **{"from": "2020", "to": "2020"})
        (row,) = csv.DictReader(io.StringIO(yearly.text))
        assert (row["group_label"][:2], row["value"]) == ("'=", "1")

    def test_pages_of_configured_origins_may_read_it_and_no_others(self, settings: Settings) -> None:
        from dataclasses import replace  # noqa: PLC0415

        origin = "https://dashboards.example.com"
        client = create_app(replace(settings, dashboard_origins=(origin,))).test_client()
        allowed = client.get("/api/v1/trends", headers={"Origin": origin})
        assert allowed.headers["Access-Control-Allow-Origin"] == origin
        other = client.get("/api/v1/trends", headers={"Origin": "https://evil.example.com"})
        assert "Access-Control-Allow-Origin" not in other.headers
        asked = {
            "Origin": origin,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "Authorization",
        }
        preflight = client.options("/api/v1/trends", headers=asked)
        assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization"

    @pytest.mark.parametrize(
        "query",
        [
            "metric=mood",
            "tz=Mars",
            "top=0",
            "group=mood:x",
            "group=category",
            "group=kind:bogus",
            "group=severity:99999999999",
            "group=organization:a%2500b",
            "group=theme:" + "x|" * 600,
            "known=mood",
            "lost=dollars",
            "lost=a%00b",
            "within_from=yesterday",
            "to=9999",
            "from=9999&interval=year",
            "from=2019&to=2018",
            "interval=hour",
            "published_from=x",
            "published_from=0001-01-01T00:00:00%2B14:00",
            "published_before=9999-12-31T23:59:59-10:00",
        ],
    )
    def test_bad_parameters_are_refused_by_name(self, anonymous: Api, query: str) -> None:
        refused = anonymous.request("GET", "/trends", query_string=query)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["parameter"] in {"to", query.partition("=")[0]}
        if query.startswith(("group", "known", "lost", "within", "published")):
            assert anonymous.request("GET", "/incidents", query_string=query).status_code == 422

    def test_filters_of_lists_are_filters_of_trends(self, admin: Api) -> None:
        admin.file(occurred_on="2020", tags=["spring"], platforms=["tiktok"], status="published")
        admin.file(occurred_on="2020", language="he", organization="חברה", status="published")
        period = {"from_": "2020", "to": "2020"}
        for query in (
            {"tag": "spring"}, {"platform": "tiktok"}, {"language": "he"}, {"organization": "חברה"},
            {"group": "language:he"}, {"group": "-platform:tiktok"}, {"group": "platform:none"},
        ):  # fmt: skip
            (row,) = rows(admin, **query, **period)
            assert row["value"] == 1, query
            assert len(listed(admin, row["url"])) == 1


def test_the_smallest_incident_can_be_counted(admin: Api) -> None:
    assert admin.post("/incidents", incident(status="published")).status_code == 201
    assert rows(admin, from_="2019", to="2019")[0]["value"] == 1


def test_without_any_incident_there_are_zeros_and_no_groups(app: Flask, anonymous: Api) -> None:
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


class TestTheFileOfColumns:
    ASKED: ClassVar = {"group_by": "organization,platform", "interval": "year", "from_": "2017", "to": "2021"}

    @pytest.fixture(autouse=True)
    def _worth_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(column_cache, "_MIN_INCIDENTS", 0)

    def started(self, settings: Settings, admin: Api) -> Api:
        """The same as another process that starts now would answer."""
        return Api(create_app(settings).test_client(), admin.contract, admin.token)

    def file_some(self, admin: Api) -> None:
        impact = {"kind": "market_value", "amount": 5, "currency": "EUR"}
        admin.file(occurred_on="2020", platforms=["twitter"], impacts=[impact], status="published")

    def test_a_process_that_starts_reads_it_and_follows_from_there(
        self, admin: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.file_some(admin)
        rows(admin, **self.ASKED)
        admin.file(organization="Bolt", occurred_on="2021", platforms=["tiktok"], status="published")
        read: list[object] = []
        load = column_loading._load

        def note(columns: Any, connection: Any, ids: list[int] | None) -> None:
            read.append(ids)
            load(columns, connection, ids)

        monkeypatch.setattr(column_loading, "_load", note)
        started = self.started(settings, admin)
        assert rows(started, **self.ASKED) == rows(admin, **self.ASKED)
        assert None not in read
        losses = rows(started, metric="market_value_lost", interval="year", from_="2018", to="2020")
        assert losses == rows(admin, metric="market_value_lost", interval="year", from_="2018", to="2020")
        assert stat.S_IMODE((settings.data_dir / "trends.npz").stat().st_mode) == 0o600

    @pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "another database"])
    def test_a_damaged_one_or_that_of_another_database_is_not_used(
        self, admin: Api, settings: Settings, damage: str
    ) -> None:
        self.file_some(admin)
        expected = rows(admin, **self.ASKED)
        path = settings.data_dir / "trends.npz"
        content = bytearray(path.read_bytes())
        if damage == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "flipped":
            place = content.find(b"\x93NUMPY") + 140
            content[place] ^= 0xFF
            path.write_bytes(content)
        elif damage == "empty":
            path.write_bytes(b"")
        else:
            found = column_file.load(path)
            assert found is not None
            arrays, metadata = found
            column_file.save(
                path, {**arrays, "fact severity": arrays["fact severity"] * 0}, {**metadata, "database": "x"}
            )
        assert rows(self.started(settings, admin), **self.ASKED) == expected
