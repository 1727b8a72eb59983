"""GET /trends: caching, CSV, CORS, parameters and filters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.models.base import WRITE
from tests.support.api import Api
from tests.support.trends import listed, rows, values


def test_a_write_is_counted_immediately(admin: Api) -> None:
    asked = {"from_": "2020", "to": "2020", "group_by": "category"}
    assert rows(admin, **asked) == []
    filed = admin.file(occurred_on="2020", status="published")
    assert values(admin, **asked) == {("all", "wrong-account"): 1}
    admin.patch(f"/incidents/{filed['id']}", {"category": "offensive"}, If_Match="*")
    assert values(admin, **asked) == {("all", "offensive"): 1}
    admin.delete(f"/incidents/{filed['id']}", If_Match="*")
    assert rows(admin, **asked) == []


def test_an_unchanged_report_is_not_sent_again(admin: Api) -> None:
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


def test_a_report_does_not_tell_that_other_teams_write(as_role: Callable[..., Api]) -> None:
    north, south = (as_role("contributor", team=team) for team in ("north", "south"))
    outsider = as_role()

    def told(reader: Api) -> tuple[str, int, int]:
        report = reader.get("/trends", status="draft,published", group_by="team")
        checked = reader.post("/checks", {"text": "A zebra"}).get_json()
        return report.headers["ETag"], report.get_json()["seq"], checked["position"]

    before = told(outsider), told(north)
    south.file(title="Zebra")
    as_role("contributor", team="west")  # a new team
    assert (told(outsider), told(north)) == before
    north.file(title="Zebra")
    assert told(outsider) == before[0]
    assert all(new != old for new, old in zip(told(north), before[1], strict=True))


def test_csv_is_safe_to_open_and_reports_how_many_incidents_have_no_bucket(admin: Api) -> None:
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


def test_only_configured_origins_may_read_trends(settings: Settings) -> None:
    from dataclasses import replace  # noqa: PLC0415

    origin = "https://dashboards.example.com"
    client = create_app(replace(settings, dashboard_origins=(origin,))).test_client()
    allowed = client.get("/api/v1/trends", headers={"Origin": origin})
    assert allowed.headers["Access-Control-Allow-Origin"] == origin
    other = client.get("/api/v1/trends", headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in other.headers
    without = client.get("/api/v1/trends")
    assert all("Origin" in answer.headers["Vary"] for answer in (allowed, other, without))
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
def test_invalid_parameters_are_named(reader: Api, query: str) -> None:
    refused = reader.request("GET", "/trends", query_string=query)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["parameter"] in {"to", query.partition("=")[0]}
    if query.startswith(("group", "known", "lost", "within", "published")):
        assert reader.request("GET", "/incidents", query_string=query).status_code == 422


def test_trends_accept_the_filters_of_lists(admin: Api) -> None:
    admin.file(occurred_on="2020", tags=["spring"], platforms=["tiktok"], status="published")
    admin.file(occurred_on="2020", language="he", organization="חברה", status="published")
    period = {"from_": "2020", "to": "2020"}
    for query in (
        {"tag": "spring"}, {"platform": "tiktok"}, {"language": "he"}, {"organization": "חברה"},
        {"group": "language:he"}, {"group": "-platform:tiktok"}, {"group": "platform:none"},
        {"group": "platform:~unknown"},
    ):  # fmt: skip
        (row,) = rows(admin, **query, **period)
        assert row["value"] == 1, query
        assert len(listed(admin, row["url"])) == 1


def test_a_dashboard_may_send_moments_and_parameters_of_its_own(admin: Api) -> None:
    admin.file(occurred_on="2020-05-31", status="published")
    expected = rows(admin, from_="2020-05-31", to="2020-05-31")
    for first, last in (
        ("1590883200000", "1590969599999"),
        ("2020-05-31T00:00:00.000Z", "2020-05-31T23:59:59.999Z"),
        ("2020-05-31T02:00:00+02:00", "2020-05-31T21:00:00-02:00"),
    ):
        assert rows(admin, from_=first, to=last, _dc="1700000000000", _refresh="5s") == expected
        found = admin.get("/incidents", **{"from": first, "to": last, "_": "1"}).get_json()["items"]
        assert [item["occurred_on"] for item in found] == ["2020-05-31"]
        hits = admin.get("/search", **{"from": first, "to": last, "_": "1"}).get_json()["items"]
        assert [hit["incident"]["occurred_on"] for hit in hits] == ["2020-05-31"]


def test_a_report_is_the_same_however_its_period_is_written(reader: Api) -> None:
    tags = {
        reader.get("/trends", **{"group_by": "category", "from": first, "_": first}).headers["ETag"]
        for first in ("2018-01-01", "1514764800000", "2018-01-01T00:00:00Z")
    }
    assert len(tags) == 1
