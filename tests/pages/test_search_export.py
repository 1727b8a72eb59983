import csv
from collections.abc import Callable, Iterator, Sequence
from io import StringIO
from typing import Any

import pytest

from kb import pauses
from kb.domain.permissions import Actor
from kb.pages import csv_files
from kb.pages.search import search_export
from kb.search.whoosh_engine import WhooshEngine
from kb.services.incidents import read
from kb.services.search import visible_hits
from tests.support.api import Api
from tests.support.pages import Browser, visitor


def rows(browser: Browser, address: str) -> list[dict[str, str]]:
    response = browser.client.get(address)
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    return list(csv.DictReader(StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_results_of_a_search_are_a_table_with_the_same_filters(browser: Browser) -> None:
    page = browser.open("/search?q=photo&platform=twitter")
    table = rows(browser, page.link("These incidents as a table"))
    titles = [str(link.get_text()) for link in page.soup.select(".hit h2 a")]
    assert [row["title"] for row in table] == titles
    assert table[0]["url"].endswith(f"/incidents/{table[0]['id']}")
    assert "minutes_to_remove" in table[0]


def test_a_table_holds_no_formula_and_no_draft_of_others(browser: Browser, admin: Api) -> None:
    admin.file(title="=1+1 formula", status="published")
    admin.file(title="A secret draft", organization="Hidden")
    assert rows(browser, "/search.csv?q=formula")[0]["title"] == "'=1+1 formula"
    assert all(row["organization"] != "Hidden" for row in rows(browser, "/search.csv"))


def test_a_table_is_found_in_one_search_before_its_rows_are_read(
    browser: Browser, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    search, rows_of = WhooshEngine.search, read.rows_of

    def noted(step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def work_noted(*arguments: Any) -> Any:
            steps.append(step)
            return work(*arguments)

        return work_noted

    for number in range(3):
        admin.file(title=f"Quokka {number}", status="published")
    by_pages = admin.get("/search", q="quokka", limit=100).get_json()["items"]
    monkeypatch.setattr(search_export, "MAX_LIMIT", 1)
    monkeypatch.setattr(visible_hits, "_IDS_AT_ONCE", 2)
    monkeypatch.setattr(WhooshEngine, "search", noted("search", search))
    monkeypatch.setattr(read, "rows_of", noted("rows", rows_of))
    monkeypatch.setattr(pauses, "rest", lambda: steps.append("rest"))
    found = rows(browser, "/search.csv?q=quokka")
    assert [int(row["id"]) for row in found] == [hit["incident"]["id"] for hit in by_pages]
    assert len(found) == 3
    assert steps == ["search", "rest", "rows"]


def test_a_list_of_incidents_is_a_table_with_the_same_filters(browser: Browser, admin: Api) -> None:
    page = browser.open("/incidents?category=tone-deaf")
    table = rows(browser, page.link("These incidents as a table"))
    assert [row["title"] for row in table] == page.texts(".hit h3 a")
    assert all(row["category"] == "tone-deaf" for row in table)
    # An export by somebody with an account is on record.
    visitor(admin).open("/incidents.csv?category=tone-deaf")
    assert admin.get("/audit").get_json()["items"][0]["detail"]["what"].startswith("/incidents.csv")


def test_filters_are_offered_as_a_feed_and_in_the_api(browser: Browser) -> None:
    page = browser.open("/search?q=photo&category=tone-deaf&offset=0")
    feed, api = page.link("New ones with these filters"), page.link("These incidents from the API")
    assert feed == "/api/v1/changes.atom?category=tone-deaf&lang=en"
    assert feed in [link["href"] for link in page.soup.select("head link[type='application/atom+xml']")]
    assert browser.client.get(feed).mimetype == "application/atom+xml"
    assert browser.client.get(api).get_json()["total"] == len(page.soup.select(".hit"))
    assert "as a feed" not in browser.open("/search?q=photo").text


def test_a_filter_that_cannot_be_read_is_refused(browser: Browser) -> None:
    assert browser.open("/search.csv?severity=9").status == 422


def test_a_list_is_taken_along_as_documents(browser: Browser) -> None:
    page = browser.open("/incidents?platform=twitter")
    address = page.link("All of these incidents that are public")
    assert address == "/api/v1/export.zip?platform=twitter&lang=en"
    assert browser.client.get(address).mimetype == "application/zip"


def test_a_large_table_is_read_and_sent_a_few_rows_at_a_time(
    browser: Browser, admin: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(csv_files, "LINES_AT_ONCE", 3)
    asked: list[int] = []
    rows_of = read.rows_of

    def counted(actor: Actor, ids: Sequence[int], languages: Sequence[str]) -> list[dict[str, Any]]:
        asked.append(len(ids))
        return rows_of(actor, ids, languages)

    monkeypatch.setattr(read, "rows_of", counted)
    total = len(admin.get("/incidents", limit=100).get_json()["items"])
    for address in ("/incidents.csv", "/search.csv"):
        asked.clear()
        response = browser.client.get(address)
        pieces = [*response.iter_encoded()]
        table = [*csv.DictReader(StringIO(b"".join(pieces).decode().removeprefix("\ufeff")))]
        assert len(table) == sum(asked) == total
        assert max(asked) == 2
        assert max(piece.count(b"\r\n") for piece in pieces) == 3


def test_a_table_that_cannot_be_finished_says_so_in_its_last_line(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_files, "LINES_AT_ONCE", 1)

    def failing(*_: Any) -> Iterator[dict[str, Any]]:
        yield {"id": 1}
        raise OSError

    monkeypatch.setattr(search_export, "stream_rows", failing)
    pieces: list[bytes] = []
    with pytest.raises(OSError):  # noqa: PT011 (the one above, which the server logs)
        pieces += browser.client.get("/incidents.csv").iter_encoded()
    assert "cut off" in pieces[-1].decode()
