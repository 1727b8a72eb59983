import pytest

from tests.support.pages import Browser


def test_topics_are_listed_with_the_number_of_their_incidents(browser: Browser) -> None:
    page = browser.open("/topics")
    assert page.heading == "Browse incidents"
    assert len(page.texts("section.topics")) == 6
    assert page.texts(".topics > .topic-list .count")
    assert "0" not in page.texts(".topic-list .count")
    assert "Spam" not in " ".join(page.texts(".topics > .topic-list"))
    results = browser.follow(page, "Placeholder published")
    assert "McDonald's" in results.texts(".hit")[0]


def test_a_topic_says_what_it_means_and_what_it_is_also_called(browser: Browser) -> None:
    page = browser.follow(browser.open("/topics"), "How it failed")
    assert page.url == "/topics/failure_mode"
    term = page.one("#placeholder-published").get_text(" ")
    assert "stand-in text" in term
    assert "lorem-ipsum" in term
    assert "1 incident" in term


def test_an_unknown_kind_of_topic_is_not_found(browser: Browser) -> None:
    assert browser.open("/topics/colors").status == 404
    assert browser.open("/topics/%3Cscript%3E").status == 404


def test_every_page_names_the_feed(browser: Browser) -> None:
    address = str(browser.open("/topics").one("head link[type='application/atom+xml']")["href"])
    feed = browser.client.get(address)
    assert feed.status_code == 200
    assert b'href="/incidents/' in feed.data


def test_the_topics_of_a_kind_are_a_table_too(browser: Browser) -> None:
    address = browser.open("/topics/response?lang=he").link("הנושאים האלה כטבלה")
    table = browser.client.get(address)
    assert table.mimetype == "text/csv"
    assert "מחיקה" in table.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/topics/platform", "/categories", "/incidents", "/incidents/3"])
def test_whatever_lists_or_shows_incidents_belongs_to_browsing_them(browser: Browser, path: str) -> None:
    assert browser.open(path).texts("nav [aria-current=page]") == ["Browse incidents"]
