"""Terms that were retired and replaced: incidents are found by either key, wherever there are filters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from kb.models import Term, db
from tests.support.api import Api, callers, only_read

OLD, NEW = "wrong-account", "tone-deaf"


@pytest.fixture(scope="module")
def renamed(any_module_app: Flask) -> Iterator[tuple[Api, set[int]]]:
    """The API, and the ids of incidents that were filed with a term before it was replaced, or with that."""
    api = callers(any_module_app)("site_admin")
    categories = ({"category": OLD}, {"category": NEW}, {"category": OLD, "secondary_categories": [NEW]})
    ids = {api.file(tags=["renamed"], status="published", **terms)["id"] for terms in categories}
    with any_module_app.app_context():
        for key, replacement in ((OLD, "offensive"), ("offensive", NEW)):
            retired = update(Term).where(Term.namespace == "category", Term.key == key)
            db.session.execute(retired.values(retired=True, replaced_by=replacement))
        db.session.commit()
    with only_read(any_module_app):
        yield api, ids


@pytest.mark.parametrize(
    "condition",
    [*(f"{name}{key}" for name in ("category=", "group=category:") for key in (OLD, "offensive", NEW))],
)
def test_a_filter_finds_incidents_by_either_key(renamed: tuple[Api, set[int]], condition: str) -> None:
    api, ids = renamed
    items = api.request("GET", f"/incidents?tag=renamed&{condition}").get_json()["items"]
    assert {card["id"] for card in items} == ids
    report = api.request("GET", f"/trends?tag=renamed&{condition}").get_json()
    assert [row["value"] for row in report["rows"]] == [3]
    feed = api.request("GET", f"/changes.atom?tag=renamed&{condition}").get_data(as_text=True)
    assert feed.count("<entry") == 3


@pytest.mark.parametrize(
    "query", [f"category={OLD}", f"category={NEW}", f"q=category:{OLD}", f"q=category:{NEW}"]
)
def test_a_search_finds_incidents_by_either_key(renamed: tuple[Api, set[int]], query: str) -> None:
    api, ids = renamed
    hits = api.request("GET", f"/search?tag=renamed&{query}").get_json()["items"]
    assert {hit["incident"]["id"] for hit in hits} == ids


def test_a_retired_term_counts_for_what_replaced_it_and_each_incident_once(
    renamed: tuple[Api, set[int]],
) -> None:
    api, _ids = renamed
    facet = api.get("/search", tag="renamed", facets="category").get_json()["facets"]["category"]
    assert [(count["key"], count["count"]) for count in facet] == [(NEW, 3)]
    report = api.get("/trends", tag="renamed", group_by="category").get_json()
    assert [(row["group"], row["value"]) for row in report["rows"]] == [(NEW, 3)]
    listed = api.request("GET", report["rows"][0]["url"].partition("/api/v1")[2]).get_json()
    assert len(listed["items"]) == 3
    counts = {term["key"]: term["count"] for term in api.get("/taxonomy/category").get_json()["terms"]}
    everywhere = api.get("/incidents", category=NEW, limit=100).get_json()["items"]
    assert counts[OLD] == counts[NEW] == counts["offensive"] == len(everywhere)
