"""Addresses with too many or too long parameters, which most links of a page would repeat."""

from __future__ import annotations

import pytest

from tests.support.pages import Browser

MAX_PAGE = 250_000
"""In bytes; the page of the same address without parameters has a tenth of it."""


@pytest.mark.parametrize("path", ["/search", "/incidents", "/trends"])
@pytest.mark.parametrize(
    "query",
    ["tag=1&" * 1_000, "tag=" + "1," * 5_000, "other=1&" * 3_000, "other=" + "1" * 20_000],
    ids=["filters", "values of a filter", "unknown parameters", "long parameter"],
)
def test_no_address_makes_a_page_large(browser: Browser, path: str, query: str) -> None:
    response = browser.client.get(f"{path}?{query}")
    assert response.status_code in (200, 422)
    assert len(response.data) < MAX_PAGE


def test_a_page_says_that_its_address_is_too_long(browser: Browser) -> None:
    page = browser.open("/search?" + "tag=1&" * 1_000)
    assert page.status == 422
    assert "The address is too long. Search for fewer words, or with fewer filters." in page.text


def test_the_longest_words_and_many_filters_are_searched(browser: Browser) -> None:
    words = "%D7%90" * 2_000
    page = browser.open(f"/search?q={words}&category=offensive,tone-deaf")
    assert page.status == 200
    assert browser.open(page.link("Sign in")).status == 200
