"""The page that tells whoever had a failure what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kb.config import Settings
from tests.support.api import running
from tests.support.pages import Browser


@pytest.mark.parametrize("start", ["/", "/search?q=zeppelin", "/sign-in", "/nothing"])
def test_the_way_to_file_a_failure_leads_from_every_page(browser: Browser, start: str) -> None:
    page = browser.follow(browser.open(start), "After a failure")
    assert page.heading == "After a failure"
    assert "To file one, you need an account in a team" in page.text


def test_it_asks_what_the_form_asks_which_can_be_downloaded(
    browser: Browser, hebrew_browser: Browser
) -> None:
    page = browser.open("/after-a-failure")
    assert "Lessons" in page.texts("dt")
    form = browser.client.get(page.link("Download the form"))
    assert form.mimetype == "text/markdown"
    assert "# Postmortem of an incident" in form.get_data(as_text=True)
    hebrew = hebrew_browser.open("/after-a-failure")
    assert "לקחים" in hebrew.texts("dt")
    assert "תחקיר תקלה" in browser.client.get(hebrew.link("הורדת הטופס")).get_data(as_text=True)


def test_whoever_is_signed_in_is_told_how_to_file(signed_in: Callable[..., Browser]) -> None:
    page = signed_in("Dana", north="contributor").open("/after-a-failure")
    assert "file it over the API" in page.text
    assert "To file one, you need an account" not in page.text
    assert "For help with filing, ask" in page.text
    assert "For an account" not in page.text


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("brand-team@example.com", "mailto:brand-team@example.com"),
        ("https://wiki.example.com/accounts", "https://wiki.example.com/accounts"),
        ("Noa in room 12 <script>", None),
    ],
)
def test_it_names_whom_to_ask_for_an_account(settings: Settings, contact: str, link: str | None) -> None:
    for app in running(replace(settings, contact=contact)):
        browser = Browser(app.test_client())
        for address in ("/after-a-failure", "/sign-in"):
            page = browser.open(address)
            assert contact in page.text
            assert (link is None) or page.link(contact) == link
