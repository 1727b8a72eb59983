"""A page on which something is wrong says so in its title: it is what a screen reader reads first."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, Page, visitor


def title(page: Page) -> str:
    return page.one("title").get_text()


@pytest.mark.parametrize(
    ("address", "button", "sent"),
    [
        ("/check", "Check it", {"text": " "}),
        ("/check/calendar", "Check the calendar", {"file": (BytesIO(b"PK\x03\x04"), "plan.csv")}),
        ("/sign-in", "Sign in", {"email": "nobody@example.com", "password": "a wrong password"}),
        ("/guards/unfinished-text", "Try it on this draft", {"text": " "}),
    ],
)
def test_the_title_of_a_form_begins_with_error_only_after_one(
    browser: Browser, address: str, button: str, sent: dict[str, str]
) -> None:
    form = browser.open(address)
    assert not title(form).startswith("Error")
    answer = browser.send(form, button, **sent)
    assert title(answer) == f"Error: {title(form)}"


@pytest.mark.parametrize(
    "address",
    ["/search?severity_min=many", "/incidents?severity=9", "/trends?from=soon", "/calendar?month=soon"],
)
def test_so_does_the_title_of_an_address_that_cannot_be_read(hebrew_browser: Browser, address: str) -> None:
    path = address.partition("?")[0]
    assert title(hebrew_browser.open(address)).startswith("שגיאה: ")
    assert not title(hebrew_browser.open(path)).startswith("שגיאה")


def test_so_do_the_titles_of_forms_of_members(signed_in: Callable[..., Browser], admin: Api) -> None:
    dana = signed_in("Dana", north="contributor")
    answers = [
        dana.send(dana.open("/guards/new?type=phrase"), "Run its tests", good="Boots", bad="Boots"),
        dana.send(dana.open("/account/tokens/new"), "Make the token", name=" "),
    ]
    noa = visitor(admin)
    for address, button in (("/imports", "Try the file"), ("/collections/file/new", "Check the file")):
        answers.append(noa.send(noa.open(address), button, file=(BytesIO(b""), "")))
    assert [title(each)[:6] for each in answers] == ["Error:"] * len(answers), [
        title(each) for each in answers
    ]
