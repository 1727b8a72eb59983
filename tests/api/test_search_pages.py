"""GET /search: the orders of hits, and pages of them while others write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from kb.domain.sorting import LIST_ORDERS
from tests.api.test_list_orders import FACTS
from tests.support.api import Api, callers, only_read
from tests.support.incidents import HEBREW


def _pages(api: Api, **query: Any) -> Iterator[list[dict[str, Any]]]:
    while True:
        page = api.get("/search", **query).get_json()
        yield page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def _titles(pages: Iterator[list[dict[str, Any]]]) -> list[str]:
    return [hit["incident"]["title"] for page in pages for hit in page]


@pytest.fixture(scope="module")
def to_sort(module_app: Flask) -> Iterator[Api]:
    """A reviewer of incidents that each order lists differently."""
    reviewer = callers(module_app)("reviewer")
    for title, facts in FACTS.items():
        reviewer.file(title=title, tags=["sorted"], **facts)
    with only_read(module_app):
        yield reviewer


@pytest.mark.parametrize("sort", LIST_ORDERS)
def test_a_search_has_the_orders_of_a_list(to_sort: Api, sort: str) -> None:
    for limit in (1, 4):
        found = _titles(_pages(to_sort, tag="sorted", sort=sort, limit=limit))
        listed = to_sort.get("/incidents", tag="sorted", sort=sort).get_json()["items"]
        assert found == [card["title"] for card in listed]


def test_titles_are_sorted_in_the_language_in_which_they_are_shown(contributor: Api) -> None:
    for english, hebrew in (("Apple", "תפוח"), ("Banana", "בננה"), ("Cherry", None)):
        path = f"/incidents/{contributor.file(title=english, tags=['fruit'])['id']}"
        if hebrew is not None:
            contributor.put(f"{path}/translations/he", {**HEBREW, "title": hebrew}, If_Match="*")
    assert _titles(_pages(contributor, tag="fruit", sort="title", lang="he")) == ["Cherry", "בננה", "תפוח"]
    assert _titles(_pages(contributor, tag="fruit", sort="title", lang="en")) == ["Apple", "Banana", "Cherry"]


def test_what_matches_well_comes_before_the_rest_in_every_order(contributor: Api) -> None:
    for title, severity in (("giraffe zebra heron", 1), ("giraffe", 5), ("heron zebra giraffe", 2)):
        contributor.file(title=title, severity=severity)
    found = _titles(_pages(contributor, q="giraffe zebra heron", sort="-severity"))
    assert found == ["heron zebra giraffe", "giraffe zebra heron", "giraffe"]


@pytest.mark.parametrize("sort", ["relevance", "-updated_at", "title"])
def test_pages_repeat_and_miss_nothing_while_others_write(contributor: Api, sort: str) -> None:
    """Each write changes what the words weigh, and so every score."""
    words = ("zebra", "zebra zebra heron", "heron", "zebra giraffe", "giraffe heron")
    before = {contributor.file(title=f"{word} {n}")["id"] for n in range(2) for word in words}
    changed = min(before)
    seen: list[int] = []
    for number, page in enumerate(_pages(contributor, q="zebra heron giraffe", sort=sort, limit=3)):
        seen += [hit["incident"]["id"] for hit in page]
        if number < 3:
            contributor.file(title="giraffe " * (number + 1), summary="heron giraffe")
            contributor.patch(f"/incidents/{changed}", {"severity": number + 1}, If_Match="*")
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_the_total_and_the_facets_are_those_of_all_pages(reader: Api) -> None:
    first = reader.get("/search", limit=2, facets="category").get_json()
    second = reader.get("/search", limit=2, facets="category", cursor=first["next"]).get_json()
    assert (second["total"], second["facets"]) == (first["total"], first["facets"])


def test_a_cursor_is_of_one_search_and_excludes_an_offset(reader: Api) -> None:
    cursor = reader.get("/search", q="photo", limit=1).get_json()["next"]
    for query in ({"q": "joke"}, {"q": "photo", "sort": "title"}, {"q": "photo", "platform": "twitter"}):
        refused = reader.get("/search", cursor=cursor, **query)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["parameter"] == "cursor"
    both = reader.get("/search", q="photo", cursor=cursor, offset=1)
    assert both.get_json()["errors"] == [
        {"parameter": "offset", "detail": "Send `cursor` or `offset`, not both."}
    ]
    assert reader.get("/search", q="photo", offset=1, limit=1).get_json()["next"] is None
