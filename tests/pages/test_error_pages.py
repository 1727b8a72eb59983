import pytest
from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge

from kb.errors import Forbidden, InvalidInput, NotFound, Throttled, Unavailable
from kb.messages import Message
from kb.pages.errors import error_page
from tests.support.pages import Browser, Page

ERRORS = [
    Forbidden(Message("The input is invalid.")),
    NotFound(Message("The input is invalid.")),
    RequestEntityTooLarge(),
    InvalidInput([]),
    Throttled(Message("Too many failed sign-ins."), 600),
    Unavailable(Message("The input is invalid.")),
]


def shown(app: Flask, error: Exception, language: str) -> Page:
    with app.test_request_context(f"/search?lang={language}", headers={"Accept": "text/html"}):
        return Page("/search", error_page(error))  # type: ignore[arg-type]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_page_says_what_to_do_in_both_languages(app: Flask, error: Exception) -> None:
    english, hebrew = (shown(app, error, language) for language in ("en", "he"))
    for page in (english, hebrew):
        assert page.heading
        assert page.texts(".lead")[0]
        assert page.texts("main a, main button")
    assert hebrew.one("html")["dir"] == "rtl"
    assert english.texts(".lead") != hebrew.texts(".lead")


def test_after_too_many_tries_it_says_how_long_to_wait(app: Flask) -> None:
    page = shown(app, Throttled(Message("Too many failed sign-ins."), 600), "en")
    assert page.texts(".lead") == ["Nothing is lost. Try again in 10 minutes."]


@pytest.mark.parametrize("address", ["/nothing-here", "/incidents/999"])
def test_a_page_that_is_not_there_has_the_navigation_of_every_other(browser: Browser, address: str) -> None:
    front, lost = browser.open("/"), browser.open(address)
    assert lost.status == 404
    assert lost.texts("header a, footer a") == front.texts("header a, footer a")


def test_who_finds_no_page_searches_at_once(browser: Browser) -> None:
    page = browser.open("/incidents/999")
    assert page.status == 404
    assert browser.send(page, "Search", q="placeholder").texts(".hit")


@pytest.mark.parametrize(
    ("address", "above"),
    [
        ("/sign-out?lang=he", "/?lang=he"),
        ("/account/password?lang=he", "/account?lang=he"),
        ("/account/tokens/1/end", "/account"),
        ("/checks/1/override?lang=he", "/checks/1?lang=he"),
    ],
)
def test_an_address_that_only_forms_are_sent_to_leads_to_the_page_above_it(
    browser: Browser, address: str, above: str
) -> None:
    response = browser.client.get(address, headers={"Accept": "text/html"})
    assert (response.status_code, response.location) == (303, above)
