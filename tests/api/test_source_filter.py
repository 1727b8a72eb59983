"""The filter `source`: incidents by an address that they cite, however it was copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.support.api import Api, callers, only_read

STORY = "https://www.example.com/news/2018,05/story?id=7&b=1"
COPY = "https://web.archive.org/web/20180516000000/https://example.com/news/2018,05/story?b=1&id=7"
HEBREW = "https://he.wikipedia.org/wiki/מקדונלד'ס"

SPELLINGS = [
    STORY,
    "http://m.example.com:80/news/2018,05/story/?b=1&id=7&utm_source=x#top",
    "https://example.com/news/2018%2C05/./story?id=7&b=1&fbclid=abc",
    COPY,
]


def source(url: str | None, archive_url: str | None = None) -> dict[str, str | None]:
    return {"title": "A report", "url": url, "archive_url": archive_url}


@pytest.fixture(scope="module")
def cited(any_module_app: Flask) -> Iterator[tuple[Api, dict[str, int]]]:
    """An administrator, and the ids of published incidents by what they cite."""
    admin = callers(any_module_app)("site_admin")
    sources = {
        "story": source(STORY),
        "copy": source(None, COPY),
        "short": source("https://example.org/other", "https://archive.ph/AbCdE"),
        "hebrew": source(HEBREW),
        "nothing": source(None),
    }
    ids = {
        name: admin.file(sources=[each], occurred_on="2020", status="published")["id"]
        for name, each in sources.items()
    }
    with only_read(any_module_app):
        yield admin, ids


def found(api: Api, *addresses: str) -> set[int]:
    """The incidents that a filter selects, which lists, exports, search, trends and feeds agree about."""
    query = {"source": [*addresses]}
    ids = {card["id"] for card in api.get("/incidents", **query).get_json()["items"]}
    assert {hit["incident"]["id"] for hit in api.get("/search", **query).get_json()["items"]} == ids
    table = api.get("/incidents.csv", columns="id", **query).get_data(as_text=True)
    assert {*map(int, table.split()[1:])} == ids
    (row,) = api.get("/trends", **query, **{"from": "2020", "to": "2020"}).get_json()["rows"]
    assert row["value"] == len(ids)
    drilled = api.request("GET", row["url"].partition("/api/v1")[2]).get_json()["items"]
    assert {card["id"] for card in drilled} == ids
    feed = api.get("/changes.atom", **query).get_data(as_text=True)
    assert feed.count("<entry") == len(ids)
    return ids


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_address_is_found_in_every_spelling_itself_or_its_archived_copy(
    cited: tuple[Api, dict[str, int]], spelling: str
) -> None:
    api, ids = cited
    assert found(api, spelling) == {ids["story"], ids["copy"]}


def test_a_copy_that_does_not_name_its_page_is_found_by_its_own_address(
    cited: tuple[Api, dict[str, int]],
) -> None:
    api, ids = cited
    assert found(api, "http://archive.ph/AbCdE") == {ids["short"]}
    assert found(api, "https://example.org/other") == {ids["short"]}


def test_several_addresses_are_alternatives_and_one_that_nothing_cites_finds_nothing(
    cited: tuple[Api, dict[str, int]],
) -> None:
    api, ids = cited
    encoded = "https://he.m.wikipedia.org/wiki/%D7%9E%D7%A7%D7%93%D7%95%D7%A0%D7%9C%D7%93%27%D7%A1"
    assert found(api, encoded, "https://archive.ph/AbCdE") == {ids["hebrew"], ids["short"]}
    for path in ("/incidents", "/search"):
        assert api.get(path, source="https://example.com/news").get_json()["items"] == []


@pytest.mark.parametrize("value", ["", "story", "ftp://example.com/a", "javascript:alert(1)", "https://"])
@pytest.mark.parametrize("path", ["/incidents", "/search", "/trends", "/changes.atom"])
def test_what_is_no_address_of_the_web_is_refused_by_field(reader: Api, path: str, value: str) -> None:
    refused = reader.get(path, source=value)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["parameter"].startswith("source")


def test_incidents_of_another_team_that_are_not_public_are_not_found_by_what_they_cite(
    any_role: Callable[..., Api],
) -> None:
    admin, anonymous = any_role("site_admin"), any_role()
    filed = admin.file(sources=[source(STORY)], status="published", visibility="team")["id"]
    for query in ({"source": STORY}, {"q": STORY}):
        assert [hit["incident"]["id"] for hit in admin.get("/search", **query).get_json()["items"]] == [filed]
        assert anonymous.get("/search", **query).get_json()["total"] == 0
    assert anonymous.get("/incidents", source=STORY).get_json()["items"] == []


def test_an_incident_that_drops_a_source_is_no_longer_found_by_it(admin: Api) -> None:
    filed = admin.file(sources=[source(STORY)], status="published")
    admin.patch(f"/incidents/{filed['id']}", {"sources": []}, If_Match="*")
    for path in ("/incidents", "/search"):
        assert admin.get(path, source=STORY).get_json()["items"] == []
