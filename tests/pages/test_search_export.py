import csv
from io import StringIO

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


def test_a_list_of_incidents_is_a_table_with_the_same_filters(browser: Browser, admin: Api) -> None:
    page = browser.open("/incidents?category=tone-deaf")
    table = rows(browser, page.link("These incidents as a table"))
    assert [row["title"] for row in table] == page.texts(".hit h2 a")
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
