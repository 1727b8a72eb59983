"""What a page says of bad input is in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest

from tests.support.pages import Browser, Page

_ENGLISH = re.compile(r"\b(?:the|is|not|send|write|this|there|must|has|valid)\b", re.IGNORECASE)
_BAD_GUARD = "key: our-words\ntype: phrase\nseverity: loud\nmessage: {he: לא}\nparameters: {phrases: many}\n"


def _said(page: Page) -> str:
    (text,) = page.texts("main [role=alert]")
    return text


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=x&severity_min=9",
        "/search?q=x&platform=twiter",
        "/incidents?severity=9&from=2020-13",
        "/trends?interval=fortnight&group_by=nonsense",
        "/calendar?month=soon",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_in_hebrew(hebrew_browser: Browser, address: str) -> None:
    page = hebrew_browser.open(address)
    assert page.status == 422
    assert not _ENGLISH.search(_said(page))
    assert not page.soup.select("main [role=alert] [lang=en]")
    assert page.soup.html is not None
    assert page.soup.html["lang"] == "he"


@pytest.mark.parametrize("text", ["", "PK\x03\x04"])
def test_a_calendar_that_cannot_be_read_is_refused_in_hebrew(hebrew_browser: Browser, text: str) -> None:
    form = hebrew_browser.open("/check/calendar")
    page = hebrew_browser.send(form, "בדיקת לוח התוכן", file=(BytesIO(text.encode()), "plan.csv"))
    said = page.text if page.status == 200 else _said(page)
    assert "ב" in said
    assert not _ENGLISH.search(said)


def test_unknown_columns_of_a_calendar_are_named_in_hebrew(hebrew_browser: Browser) -> None:
    form = hebrew_browser.open("/check/calendar")
    page = hebrew_browser.send(form, "בדיקת לוח התוכן", file=(BytesIO(b"Wording\nHello\n"), "plan.csv"))
    assert page.status == 422
    assert not _ENGLISH.search(page.text)


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "key: A B\n", _BAD_GUARD])
def test_a_guard_that_does_not_work_is_refused_in_hebrew(
    signed_in: Callable[..., Browser], text: str
) -> None:
    dana = signed_in("Dana", "he", north="contributor")
    page = dana.send(dana.open("/guards/new?type=phrase"), "הרצת המבחנים", guard=text)
    assert page.status == 422
    assert not _ENGLISH.search(_said(page))


def test_an_error_page_says_what_is_wrong_in_its_language(hebrew_browser: Browser) -> None:
    page = hebrew_browser.open("/search.csv?severity=9")
    assert page.status == 422
    assert not _ENGLISH.search(page.text)
    assert page.response.headers["Content-Language"] == "he"
