"""docs/dashboards.md: the Grafana dashboard works, by HTTP and by SQL, and the views are as documented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from kb.config import Settings
from kb.models import db
from kb.models.report_views import VIEWS, create_views, drop_views
from kb.services.core.authorization import ANY
from kb.services.core.system_actors import OPERATOR
from kb.services.operations import bootstrap
from kb.services.taxonomy.organization_aliases import add_alias, remove_alias
from tests.support.api import REPOSITORY, Api, running

DASHBOARD = json.loads((REPOSITORY / "docs/grafana-dashboard.json").read_text("utf-8"))
TARGETS = [target for panel in DASHBOARD["panels"] for target in panel["targets"]]
PAGE = (REPOSITORY / "docs/dashboards.md").read_text("utf-8")


def panel_rows(reader: Api, target: dict[str, Any], first: datetime, last: datetime) -> list[dict[str, Any]]:
    """The rows that a panel shows for a time range, which Grafana writes in milliseconds."""
    url = target["url"].replace("${server}", "http://127.0.0.1")
    for name, moment in (("from", first), ("to", last)):
        url = url.replace(f"${{__{name}}}", str(int(moment.timestamp() * 1_000)))
    assert "$" not in url
    parts = urlsplit(url)
    response = reader.request("GET", parts.path.removeprefix("/api/v1"), query_string=parts.query).get_json()
    rows: list[dict[str, Any]] = response[target["root_selector"]]
    return rows


def test_the_first_bucket_of_the_grafana_dashboard_is_whole(reader: Api) -> None:
    years = re.fullmatch(r"now-(\d+)y/y", DASHBOARD["time"]["from"])  # rounded down to the year
    assert years is not None
    assert (DASHBOARD["time"]["to"], DASHBOARD["timezone"]) == ("now", "utc")
    now = datetime.now(UTC)
    first = datetime(now.year - int(years[1]), 1, 1, tzinfo=UTC)
    for target in TARGETS:
        if "interval=" in target.get("url", ""):
            rows = panel_rows(reader, target, first, now)
            assert rows[0]["bucket_start"] == first.date().isoformat()
            assert not rows[0]["partial"]


def test_the_grafana_dashboard_has_what_its_schema_requires() -> None:
    """What `@grafana/schema` 13 and the types of Infinity 3 require of the parts that are used here."""
    for variable in DASHBOARD["templating"]["list"]:
        assert variable["type"] in {"textbox", "datasource"}
        assert variable["current"].keys() == {"text", "value"}
        assert isinstance(variable["query"], str)
        assert all(option.keys() == {"selected", "text", "value"} for option in variable["options"])
    names = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert {
        name for name in re.findall(r"\$\{(\w+)", json.dumps(DASHBOARD)) if not name.startswith("__")
    } == names
    for panel in DASHBOARD["panels"]:
        assert panel["gridPos"].keys() == {"x", "y", "w", "h"}
        for target in panel["targets"]:
            assert target["datasource"] == panel["datasource"]
            if "rawSql" not in target:
                assert {
                    "type",
                    "source",
                    "parser",
                    "url",
                    "url_options",
                    "root_selector",
                    "columns",
                } <= target.keys()
                assert target["format"] in {"dataframe", "table"}
                for column in target["columns"]:
                    assert column.keys() == {"selector", "text", "type"}


@pytest.mark.parametrize("target", [each for each in TARGETS if "url" in each], ids=lambda each: each["url"])
def test_grafana_panels_find_their_columns(reader: Api, target: dict[str, Any]) -> None:
    rows = panel_rows(
        reader, target, datetime(2017, 1, 1, tzinfo=UTC), datetime(2018, 12, 31, 12, tzinfo=UTC)
    )
    assert rows
    for column in target["columns"]:
        values = [row[column["selector"]] for row in rows]
        kinds: dict[str, tuple[type, ...]] = {
            "timestamp": (str,),
            "string": (str, type(None)),
            "number": (int, float, type(None)),
        }
        assert all(isinstance(value, kinds[column["type"]]) for value in values)
        if column["type"] == "timestamp":
            assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) for value in values)


def test_the_links_of_the_grafana_dashboard_list_the_incidents_behind_a_number(reader: Api) -> None:
    """Grafana escapes the values that it puts into a link, unless the link asks for `raw` ones."""
    (panel,) = (each for each in DASHBOARD["panels"] if each.get("fieldConfig", {}).get("overrides"))
    (override,) = panel["fieldConfig"]["overrides"]
    ((link,),) = (each["value"] for each in override["properties"] if each["id"] == "links")
    rows = panel_rows(
        reader, panel["targets"][0], datetime(2017, 1, 1, tzinfo=UTC), datetime(2018, 12, 31, 12, tzinfo=UTC)
    )
    assert rows
    for row in rows:
        url = link["url"].replace("${server}", "http://127.0.0.1").replace("${__value.raw:raw}", row["url"])
        url = url.replace("${__value.raw}", quote(row["url"], safe="/?:@&=+$,#;-_.!~*'()"))
        parts = urlsplit(url)
        response = reader.request(
            "GET", parts.path.removeprefix("/api/v1"), query_string=parts.query
        ).get_json()
        assert len(response.get("items", response)) == row["incidents"], url


def query(statement: str) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(text(statement)).mappings()]


@pytest.mark.parametrize(
    "target", [each for each in TARGETS if "rawSql" in each], ids=lambda each: each["rawSql"]
)
def test_the_sql_of_the_grafana_dashboard_works_on_both_databases(
    any_app: Flask, target: dict[str, Any]
) -> None:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        macro = "$__timeFilter(month)"
        assert macro in target["rawSql"]
        # As Grafana expands it.
        between = "month BETWEEN '2017-01-01T00:00:00Z' AND '2018-12-31T23:59:59.999Z'"
        found = query(target["rawSql"].replace(macro, between))
        assert sum(row["value"] for row in found) == 8
        assert {str(row["time"]) for row in found} >= {"2017-11-01", "2018-05-01"}
        db.session.remove()


def test_the_views_have_the_documented_columns(any_app: Flask) -> None:
    with any_app.app_context():
        bootstrap.prepare_if_needed()
        for view in VIEWS:
            (line,) = re.findall(rf"^\| `{view}` \|.*\| (.*) \|$", PAGE, re.MULTILINE)
            columns = [column["name"] for column in inspect(db.engine).get_columns(view)]
            assert columns == re.findall(r"`(\w+)`", line)
        db.session.remove()


def test_views_agree_with_the_api(any_app: Flask, any_role: Callable[..., Api]) -> None:
    filed = any_role("reviewer").file(
        severity=4,
        occurred_on="2020-05",
        posted_at="2020-05-02T10:00:00Z",
        removed_at="2020-05-02T10:30:30Z",
        platforms=["twitter"],
        secondary_categories=["offensive"],
        responses=[{"kind": "deleted"}, {"kind": "deleted"}],
        status="published",
    )
    with any_app.app_context():
        (row,) = query(f"SELECT * FROM v_incidents WHERE id = {filed['id']}")
        assert (row["category"], row["is_public"], row["minutes_to_remove"]) == ("wrong-account", 1, 30.5)
        assert row["minutes_to_acknowledge"] is None
        terms = query(
            f"SELECT namespace, key, is_primary FROM v_incident_terms WHERE incident_id = {filed['id']}"
        )
        assert {(term["namespace"], term["key"], term["is_primary"]) for term in terms} == {
            ("category", "wrong-account", 1), ("category", "offensive", 0), ("platform", "twitter", 0),
            ("response", "deleted", 0),
        }  # fmt: skip
        months = query(
            "SELECT * FROM v_trends_monthly WHERE CAST(month AS VARCHAR) = '2020-05-01' ORDER BY category"
        )
        assert [(month["category"], month["incidents"], month["severity_mean"]) for month in months] == [
            ("offensive", 1, 4), ("wrong-account", 1, 4),
        ]  # fmt: skip
        db.session.remove()


def test_views_and_trends_have_the_organization_that_an_alias_leads_to(
    any_app: Flask, any_role: Callable[..., Api]
) -> None:
    caller = any_role("reviewer")
    filed = [
        caller.file(organization=name, occurred_on="1999", status="published")["id"]
        for name in ("תנובה", "Tnuva Ltd")
    ]
    with any_app.app_context():
        alias = {"alias": 'תנובה בע"מ', "organization": "TNUVA"}
        alias_id = add_alias(OPERATOR, alias)["id"]
        for keys in ({"tnuva"}, {"tnuva", "תנובה"}):
            rows = query(f"SELECT organization_key FROM v_incidents WHERE id IN ({filed[0]}, {filed[1]})")
            assert {row["organization_key"] for row in rows} == keys
            period = {"group_by": "organization", "from": "1999", "to": "1999"}
            assert {row["group"] for row in caller.get("/trends", **period).get_json()["rows"]} == keys
            if keys == {"tnuva"}:
                remove_alias(OPERATOR, alias_id, ANY)
        db.session.remove()


def test_the_reporting_role_can_be_created_as_documented(postgres_settings: Settings) -> None:
    """SQLite has no roles."""
    (sql,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for app in running(postgres_settings):
        with app.app_context(), db.engine.connect() as connection:
            for statement in filter(str.strip, sql.split(";")):
                connection.exec_driver_sql(statement)
            # An upgrade creates the views anew, and grants the same access again.
            create_views(connection, drop_views(connection))
            connection.exec_driver_sql("SET LOCAL ROLE reports")
            assert connection.exec_driver_sql("SELECT count(*) FROM v_incidents").scalar() == 6
            connection.rollback()
