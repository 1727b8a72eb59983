"""CSV of every endpoint that offers it: columns, links, what programs and spreadsheets make of the values."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.schemas.incident import INCIDENT_COLUMNS, IncidentSchema
from tests.support.api import Api
from tests.support.trends import listed, values

PANDAS_NA = frozenset({
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A",
    "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
})  # fmt: skip
"""The texts that `pandas.read_csv` takes for a missing value."""

TABLES = ("/incidents", "/trends", "/taxonomy/platform", "/export", "/search", "/checks")


def table(response: TestResponse) -> list[dict[str, str]]:
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8"), response.text
    return [*csv.DictReader(io.StringIO(response.text, newline=""))]


def test_every_endpoint_with_csv_takes_columns_and_raw(admin: Api) -> None:
    admin.post("/checks", {"text": "Black Friday **** Need copy and link****"})
    document = admin.client.get("/openapi.json").get_json()
    operations = [path["get"] for path in document["paths"].values() if "get" in path]
    responses = [operation["responses"].get("200", {}) for operation in operations]
    assert sum("text/csv" in response.get("content", ()) for response in responses) == len(TABLES)
    for path in TABLES:
        whole = table(admin.get(path, format="csv", raw="true"))
        last, *_, first = whole[0]
        (row, *_) = table(admin.get(path, format="csv", columns=f"{first},{last},{first}"))
        assert [*row] == [first, last]
        refused = admin.get(path, format="csv", columns="mood,kind")
        (error,) = refused.get_json()["errors"]
        assert error["parameter"] == "columns"
        assert error["detail"].startswith("There is no column 'mood'. The columns are ")
        assert all(name in error["detail"] for name in whole[0])


def test_links_lead_back_to_the_service(reader: Api) -> None:
    for path, query in (("/incidents", {}), ("/trends", {"group_by": "category", "interval": "year"})):
        rows = table(reader.get(path, format="csv", **query))
        assert len(rows) >= 5
        for row in rows[:5]:
            assert row["url"].startswith("http://localhost/api/v1/incidents")
            assert reader.client.get(row["url"]).status_code == 200


@pytest.mark.parametrize(("proxies", "base"), [(1, "https://kb.example.com/"), (0, "http://localhost/")])
def test_behind_a_proxy_links_have_its_address(settings: Settings, proxies: int, base: str) -> None:
    client = create_app(replace(settings, proxies=proxies)).test_client()
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "kb.example.com",
        "X-Forwarded-For": "192.0.2.1",
    }
    for path in ("incidents", "trends"):
        response = client.get(f"/api/v1/{path}?format=csv", headers=headers)
        assert table(response)[0]["url"].startswith(base)


def test_raw_values_have_no_apostrophe(admin: Api) -> None:
    admin.file(title="=1+1", organization="-dash", occurred_on="2020", status="published")
    for raw, title in (("false", "'=1+1"), ("true", "=1+1")):
        (row,) = table(admin.get("/incidents", **{"from": "2020", "to": "2020"}, format="csv", raw=raw))
        assert (row["title"], row["organization"]) == (title, title[:-4] + "-dash")


def test_any_field_of_an_incident_may_be_a_column(admin: Api) -> None:
    of_writes = {"notes", "likely_duplicates", "language_source", "passed_check"}
    minutes = {"minutes_to_acknowledge", "minutes_to_remove"}
    assert {*INCIDENT_COLUMNS} == {*IncidentSchema().fields} - of_writes | minutes
    filed = admin.file(
        title='כותרת, עם "מרכאות"',
        language="he",
        occurred_on="2020",
        posted_at="2020-05-02T10:00:00Z",
        acknowledged_at="2020-05-02T10:00:59.9Z",
        removed_at="2020-05-02T10:30:30Z",
        lessons=[{"text": "One."}, {"text": "Two; three."}],
        sources=[{"title": "A paper"}, {"title": "A post", "url": "https://example.com/post"}],
        responses=[{"kind": "deleted", "at": "2020-05-02"}, {"kind": "apologized"}],
        impacts=[
            {"kind": "market_value", "amount": 1200000, "currency": "USD", "alleged": True},
            {"kind": "jobs"},
        ],
        status="published",
    )
    (row,) = table(admin.get("/incidents", **{"from": "2020", "to": "2020"}, format="csv", columns="all"))
    assert [*row] == [*INCIDENT_COLUMNS]
    expected = {
        "title": 'כותרת, עם "מרכאות"',
        "lessons": 'One.; "Two; three."',
        "sources": "A paper; https://example.com/post",
        "responses": "deleted 2020-05-02; apologized",
        "impacts": "market_value 1200000 USD (alleged); jobs",
        "published_at": filed["published_at"],
        "posted_at": "2020-05-02T10:00:00Z",
        "minutes_to_acknowledge": str(59 / 60),
        "minutes_to_remove": "30.5",
        "outdated": "false",
        "duplicate_of": "",
    }
    assert {name: row[name] for name in expected} == expected
    single = admin.get(f"/incidents/{filed['id']}").get_json()
    for name, value in single.items():
        if isinstance(value, str | int) and not isinstance(value, bool) and name != "url":
            assert row[name] == str(value), name


def test_minutes_equal_those_of_the_views(any_app: Flask, any_role: Callable[..., Api]) -> None:
    api = any_role("site_admin")
    moments = {"posted_at": "2020-05-02T10:00:00.999999Z", "removed_at": "2020-05-02T10:00:01Z"}
    filed = api.file(occurred_on="2020", status="published", **moments)
    (row,) = table(
        api.get("/incidents", **{"from": "2020", "to": "2020"}, format="csv", columns="minutes_to_remove")
    )
    with any_app.app_context():
        statement = text("SELECT minutes_to_remove FROM v_incidents WHERE id = :id")
        in_view = db.session.execute(statement, {"id": filed["id"]}).scalar_one()
        db.session.remove()
    assert float(row["minutes_to_remove"]) == pytest.approx(in_view) == pytest.approx(1 / 60)


def test_a_duplicate_does_not_name_an_original_that_is_hidden(as_role: Callable[..., Api]) -> None:
    admin, member = as_role("site_admin"), as_role("reviewer", team="north")
    original = admin.file(team="south" if admin.post("/teams", {"key": "south"}) else "", visibility="team")
    duplicate = admin.file(team="north", title="The same again", occurred_on="2020")
    merged = admin.post(f"/incidents/{duplicate['id']}/duplicate-of/{original['id']}", {}, If_Match="*")
    assert merged.status_code == 200, merged.text
    query: dict[str, Any] = {"status": "withdrawn", "format": "csv", "columns": "id,duplicate_of"}
    assert table(admin.get("/incidents", **query)) == [
        {"id": str(duplicate["id"]), "duplicate_of": str(original["id"])}
    ]
    assert table(member.get("/incidents", **query)) == [{"id": str(duplicate["id"]), "duplicate_of": ""}]


@pytest.mark.parametrize("dimension", ["severity", "industry", "platform"])
def test_pandas_keeps_the_group_of_what_is_not_known(admin: Api, dimension: str) -> None:
    admin.file(occurred_on="2020", status="published")
    query = {"group_by": dimension, "from": "2020", "to": "2020"}
    (row,) = table(admin.get("/trends", format="csv", **query))
    assert row["group"] not in PANDAS_NA
    assert values(admin, group_by=dimension, from_="2020", to="2020") == {("all", row["group"]): 1}
    assert len(listed(admin, row["url"].removeprefix("http://localhost"))) == 1


def test_search_has_the_hits_as_a_table_best_first_with_a_link_to_the_next_page(reader: Api) -> None:
    hits = reader.get("/search", q="photo", limit="2").get_json()
    response = reader.get("/search.csv", q="photo", limit="2", columns="id,url,lessons,minutes_to_remove")
    rows = table(response)
    assert [int(row["id"]) for row in rows] == [hit["incident"]["id"] for hit in hits["items"]]
    assert rows[0]["url"] == f"http://localhost/api/v1/incidents/{rows[0]['id']}"
    assert rows[0]["lessons"]
    if hits["next"] is not None:
        following = table(reader.client.get(response.headers["Link"].split(">")[0].removeprefix("<")))
        assert following[0]["id"] not in {row["id"] for row in rows}
    assert reader.get("/search.csv", q="photo", sort="size").status_code == 422


def test_checks_are_a_table_for_those_who_may_see_them(
    admin: Api, anonymous: Api, person: Callable[..., Api]
) -> None:
    admin.post("/checks", {"text": "Black Friday **** Need copy and link****", "account": "=1+1"})
    (row,) = table(admin.get("/checks.csv"))
    assert (row["verdict"], row["stop"], row["account"], row["overridden"]) == ("stop", "1", "'=1+1", "false")
    assert row["url"] == f"http://localhost/api/v1/checks/{row['id']}"
    assert table(admin.get("/checks.csv", verdict="clear")) == []
    assert table(person("Eve", south="admin").get("/checks.csv")) == []
    assert anonymous.get("/checks.csv").status_code == 401
    assert admin.get("/audit", event="export").get_json()["items"][-1]["detail"]["rows"] == 1


@pytest.mark.parametrize("path", ["/incidents", "/search", "/checks"])
def test_lists_come_with_a_byte_order_mark_and_another_delimiter(admin: Api, path: str) -> None:
    admin.post("/checks", {"text": "Black Friday **** Need copy and link****"})
    response = admin.get(path, format="csv", columns="id,url", bom="true", delimiter="semicolon")
    header, row, *_ = response.text.splitlines()
    assert (header, row.count(";")) == ("\ufeffid;url", 1)
    refused = admin.get(path, format="csv", delimiter="pipe").get_json()["errors"]
    assert [error["parameter"] for error in refused] == ["delimiter"]


@pytest.mark.parametrize("path", ["/incidents", "/search"])
def test_incidents_have_the_labels_of_their_terms_in_the_language_that_is_asked_for(
    reader: Api, path: str
) -> None:
    query = {"format": "csv", "platform": "snapchat", "columns": "category,responses,platforms"}
    (keys,) = table(reader.get(path, **query))
    (labels,) = table(reader.get(path, **query, labels="true", lang="he"))
    assert keys["category"] == "offensive"
    assert (labels["category"], labels["responses"]) == ("תוכן פוגעני", "מחיקה; הודעה רשמית; הסבר")


def test_checks_have_the_labels_of_their_platforms_in_the_language_that_is_asked_for(admin: Api) -> None:
    for draft in ({"platform": "instagram"}, {}):
        admin.post("/checks", {"text": "Black Friday **** Need copy and link****", **draft})
    query = {"format": "csv", "columns": "platform,verdict"}
    assert [row["platform"] for row in table(admin.get("/checks", **query))] == ["", "instagram"]
    hebrew = table(admin.get("/checks", **query, labels="true", lang="he"))
    terms = admin.get("/taxonomy/platform", lang="he").get_json()["terms"]
    names = {term["key"]: term["label"] for term in terms}
    assert [row["platform"] for row in hebrew] == ["", names["instagram"]]
    assert [row["verdict"] for row in hebrew] == ["stop", "stop"]
