from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, visitor


def test_the_front_page_says_how_many_incidents_there_are(browser: Browser, admin: Api) -> None:
    listed = browser.follow(
        browser.open("/"), "6 incidents on file, 2017\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}2018"
    )
    assert len(listed.texts(".hit")) == 6
    admin.file(status="published", occurred_on="2019")
    assert (
        "7 incidents on file, 2017\N{WORD JOINER}\N{EN DASH}\N{WORD JOINER}2019"
        in visitor(admin).open("/").text
    )


@pytest.mark.parametrize("address", ["/", "/categories/threats-harassment", "/incidents/3"])
@pytest.mark.parametrize("language", ["en", "he"])
def test_a_shared_link_shows_what_it_leads_to_with_a_picture_of_this_site(
    browser: Browser, address: str, language: str
) -> None:
    page = browser.open(f"{address}?lang={language}")
    for name in ("og:title", "og:description", "og:url", "og:type"):
        assert page.one(f"meta[property='{name}']")["content"], name
    assert page.one("meta[name='twitter:card']")["content"] == "summary"
    picture = str(page.one("meta[property='og:image']")["content"])
    assert picture.startswith("http://localhost/static/")
    response = browser.client.get(picture)
    assert response.mimetype == "image/png"
    assert "immutable" in response.headers["Cache-Control"]
    assert len(response.data) < 30_000


def test_a_draft_pasted_here_is_checked_for_the_likely_country_as_on_its_own_page(
    hebrew_browser: Browser,
) -> None:
    page = hebrew_browser.send(hebrew_browser.open("/"), "בדיקת הטיוטה", text="Hello")
    assert "ישראל" in page.one(".known").get_text()


def test_the_front_page_says_what_becomes_of_a_pasted_draft(
    browser: Browser, signed_in: Callable[..., Browser]
) -> None:
    assert "Nothing you paste is kept unless you sign in" in browser.open("/").text
    page = signed_in("Dana", north="reader").open("/")
    assert "unless you sign in" not in page.text
    assert "leaves a receipt that you and your team can open, without the text" in page.text


def test_a_team_after_a_failure_finds_its_way_from_the_first_screen(browser: Browser) -> None:
    page = browser.open("/")
    assert browser.follow(page, "Write it down, so that it happens once").heading == "After a failure"
    blocks = [str(each) for each in page.one("main").find_all(recursive=False)]
    place = next(number for number, each in enumerate(blocks) if "Write it down" in each)
    assert "<form" in blocks[place - 1], "it follows the two forms"


def test_the_chart_ends_with_the_last_year_that_is_on_file(browser: Browser) -> None:
    assert browser.open("/").texts("figcaption")[0].startswith("Incidents by year, 2017 to 2018")


def test_the_button_stands_where_the_draft_begins(browser: Browser) -> None:
    for address in ("/", "/check"):
        row = browser.open(address).one(".row.start")
        assert next(child.name for child in row.find_all(recursive=False)) == "button"
