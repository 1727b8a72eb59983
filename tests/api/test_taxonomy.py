"""The taxonomy over HTTP."""

from __future__ import annotations

import csv
import io

from tests.support.api import Api


def test_a_namespace_is_available_as_csv(reader: Api) -> None:
    response = reader.get("/taxonomy/category", format="csv", lang="he")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == 7
    assert rows[0]["label"] == "תוכן שאינו מתאים לקהל"


def test_an_unknown_namespace_suggests_the_nearest_one(reader: Api) -> None:
    response = reader.get("/taxonomy/failure-modes")
    assert response.status_code == 404
    assert "Did you mean 'failure_mode'?" in response.get_json()["detail"]


def test_every_namespace_links_to_its_terms(reader: Api) -> None:
    namespaces = reader.get("/taxonomy").get_json()["namespaces"]
    assert {namespace["key"] for namespace in namespaces} >= {"category", "platform", "theme"}
    for namespace in namespaces:
        terms = reader.get(namespace["url"].removeprefix("/api/v1")).get_json()
        assert (terms["key"], len(terms["terms"])) == (namespace["key"], namespace["terms"])
