"""GET /incidents?sort=: the orders of lists, and their pages while others write."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.domain.sorting import LIST_ORDERS
from tests.support.api import Api
from tests.support.incidents import HEBREW

FACTS: dict[str, dict[str, Any]] = {
    "zebra": {"severity": 2, "occurred_on": "2019-05-01", "status": "published"},
    "Apple": {"severity": 5, "occurred_on": "2018", "status": "published"},
    "éclair": {"severity": None, "occurred_on": None},
    "“Banana”": {"severity": 2, "occurred_on": "2020-05"},
    "דובה": {"severity": 1, "occurred_on": "2017-01-01", "status": "published"},
    "אָרנב": {"severity": None, "occurred_on": "2021-01-01"},
}
"""Incidents by title, filed in this order."""

ORDERS = {
    "-occurred_on": ["אָרנב", "“Banana”", "zebra", "Apple", "דובה", "éclair"],
    "occurred_on": ["דובה", "Apple", "zebra", "“Banana”", "אָרנב", "éclair"],
    "-severity": ["Apple", "“Banana”", "zebra", "דובה", "אָרנב", "éclair"],
    "severity": ["דובה", "“Banana”", "zebra", "Apple", "אָרנב", "éclair"],
    "title": ["Apple", "“Banana”", "éclair", "zebra", "אָרנב", "דובה"],
    "-title": ["דובה", "אָרנב", "zebra", "éclair", "“Banana”", "Apple"],
    "published_at": ["zebra", "Apple", "דובה", "אָרנב", "“Banana”", "éclair"],
    "-published_at": ["דובה", "Apple", "zebra", "אָרנב", "“Banana”", "éclair"],
    "updated_at": [*FACTS],
    "-updated_at": [*reversed(FACTS)],
}


def _pages(api: Api, limit: int, **query: Any) -> Iterator[list[dict[str, Any]]]:
    while True:
        page = api.get("/incidents", limit=limit, **query).get_json()
        yield page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def test_each_order_is_what_a_reader_expects_on_pages_of_any_length(any_role: Callable[..., Api]) -> None:
    assert ORDERS.keys() == LIST_ORDERS.keys()
    api = any_role("reviewer")
    for title, facts in FACTS.items():
        api.file(title=title, tags=["sorted"], **facts)
    for (sort, titles), limit in itertools.product(ORDERS.items(), (1, 2, 100)):
        pages = _pages(api, limit, tag="sorted", sort=sort)
        assert [card["title"] for page in pages for card in page] == titles, (sort, limit)
        table = api.get("/incidents.csv", tag="sorted", sort=sort, columns="title").get_data(as_text=True)
        assert [line.strip('"') for line in table.splitlines()[1:]] == titles


def test_titles_are_sorted_in_the_language_in_which_they_are_shown(any_role: Callable[..., Api]) -> None:
    api = any_role("contributor")
    for english, hebrew in (("Apple", "תפוח"), ("Banana", "בננה"), ("Cherry", None)):
        path = f"/incidents/{api.file(title=english, tags=['fruit'])['id']}"
        if hebrew is not None:
            api.put(f"{path}/translations/he", {**HEBREW, "title": hebrew}, If_Match="*")
    for language, titles in {
        "en": ["Apple", "Banana", "Cherry"],
        "he": ["Cherry", "בננה", "תפוח"],
        "he-IL": ["Cherry", "בננה", "תפוח"],
        "en-GB": ["Apple", "Banana", "Cherry"],
        "fr": ["Apple", "Banana", "Cherry"],
    }.items():
        pages = _pages(api, 1, tag="fruit", sort="title", lang=language)
        assert [card["title"] for page in pages for card in page] == titles


def test_a_title_is_sorted_by_what_it_was_changed_to(contributor: Api) -> None:
    for title in ("Apple", "Banana"):
        contributor.file(title=title, tags=["fruit"])
    first = contributor.get("/incidents", tag="fruit", sort="title").get_json()["items"][0]
    contributor.patch(f"/incidents/{first['id']}", {"title": "Cherry"}, If_Match="*")
    listed = contributor.get("/incidents", tag="fruit", sort="title").get_json()["items"]
    assert [card["title"] for card in listed] == ["Banana", "Cherry"]


@pytest.mark.parametrize("sort", ["", "id", "--title", "title,severity", "relevance"])
def test_an_unknown_order_is_refused(reader: Api, sort: str) -> None:
    refused = reader.get("/incidents", sort=sort)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["parameter"] == "sort"


def test_a_cursor_of_another_order_is_refused_and_named(reader: Api) -> None:
    cursor = reader.get("/incidents", limit=1, sort="title").get_json()["next"]
    refused = reader.get("/incidents", cursor=cursor)
    assert refused.status_code == 422
    assert refused.get_json()["errors"] == [
        {"parameter": "cursor", "detail": "This cursor is of a list with sort=title."}
    ]


EXAMPLES = itertools.count()
"""Numbers that tell the examples in one database apart."""

INCIDENTS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["A", "a", "B", "ב", "b c", "!"]),
        "severity": st.sampled_from([None, 1, 2, 5]),
        "occurred_on": st.sampled_from([None, "2018", "2018-01-01", "2019"]),
    }
)


@pytest.mark.slow  # files some hundred incidents
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sort=st.sampled_from(sorted(LIST_ORDERS)),
    limit=st.integers(1, 3),
    before=st.lists(INCIDENTS, min_size=3, max_size=7),
    meanwhile=st.lists(st.tuples(st.sampled_from(["file", "change", "withdraw"]), INCIDENTS), max_size=4),
)
def test_pages_miss_and_repeat_nothing_that_stays_in_its_place_while_others_write(
    contributor: Api,
    sort: str,
    limit: int,
    before: list[dict[str, Any]],
    meanwhile: list[tuple[str, dict[str, Any]]],
) -> None:
    _read_while_others_write(contributor, sort, limit, before, meanwhile)


@pytest.mark.parametrize("sort", ["-severity", "title"])
def test_a_page_misses_and_repeats_nothing_while_others_write(contributor: Api, sort: str) -> None:
    facts = [{"title": title, "severity": severity} for title, severity in zip("BDF", (2, 3, 5), strict=True)]
    first, last = {"title": "A", "severity": 5}, {"title": "G", "severity": 1}
    writes = [("file", first), ("change", last), ("withdraw", {}), ("file", last)]
    _read_while_others_write(contributor, sort, 1, facts, writes)


def _read_while_others_write(
    api: Api, sort: str, limit: int, before: list[dict[str, Any]], meanwhile: list[tuple[str, dict[str, Any]]]
) -> None:
    """Read the pages of a list, with a write after each, and require all that was not written."""
    tag = f"example {next(EXAMPLES)}"
    ids = [api.file(**facts, tags=[tag])["id"] for facts in before]
    whole = [card["id"] for card in api.get("/incidents", tag=tag, sort=sort, limit=100).get_json()["items"]]
    assert sorted(whole) == sorted(ids)
    touched = set()
    seen: list[int] = []
    writes = iter(meanwhile)
    for page in _pages(api, limit, tag=tag, sort=sort):
        seen += [card["id"] for card in page]
        if (write := next(writes, None)) is not None:
            kind, facts = write
            if kind == "file":
                touched.add(api.file(**facts, tags=[tag])["id"])
            else:
                target = whole[len(touched) % len(whole)]
                touched.add(target)
                if kind == "change":
                    api.patch(f"/incidents/{target}", facts, If_Match="*")
                else:
                    api.delete(f"/incidents/{target}", If_Match="*")
    assert [each for each in seen if each not in touched] == [each for each in whole if each not in touched]
