"""What the first screen of a phone has, and what folds there."""

import pytest

from tests.browser.conftest import OpenTab
from tests.support.every_page import check_draft, in_language, sign_in

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 664}
"""What a phone shows of a page, between the bars of its browser."""


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_draft_is_pasted_and_sent_on_the_first_screen_of_a_phone(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language, **PHONE)
    for is_member in (False, True):
        if is_member:
            sign_in(tab.open("/sign-in"), member)
        page = tab.open(in_language("/check", language))
        button = page.locator("main form button").last.bounding_box()
        assert button is not None
        assert button["y"] + button["height"] <= PHONE["height"]


def test_where_and_when_a_draft_goes_out_is_folded_on_a_phone_alone(open_tab: OpenTab) -> None:
    large = open_tab().open("/check")
    assert large.locator("#when").is_visible()
    assert not large.locator("details.context > summary").is_visible()
    phone = open_tab(**PHONE).open("/check")
    assert not phone.locator("#when").is_visible()
    phone.locator("details.context > summary").click()
    assert phone.locator("#when").is_visible()


@pytest.mark.parametrize("script", [True, False])
def test_the_answer_on_a_phone_leads_to_the_day_though_it_is_folded(open_tab: OpenTab, script: bool) -> None:
    page = check_draft(open_tab(script=script, **PHONE), "en")
    assert not page.locator("#when").is_visible()
    page.locator(".known a[href='#when']").click()
    assert page.locator("#when").is_visible()


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize(
    ("path", "choice", "content"),
    [
        ("/checks", "#verdict", ".checks li"),
        ("/trends", "#metric", ".chart"),
        ("/calendar", "#month", ".month"),
    ],
)
def test_what_a_page_lists_begins_on_the_first_screen_of_a_phone_and_its_choice_is_folded(
    open_tab: OpenTab, member: str, language: str, path: str, choice: str, content: str
) -> None:
    tab = open_tab(language=language, **PHONE)
    sign_in(tab.open("/sign-in"), member)
    check_draft(tab, language)
    page = tab.open(in_language(path, language))
    first = page.locator(content).first.bounding_box()
    assert first is not None
    assert first["y"] < PHONE["height"] * 0.8
    assert not page.locator(choice).is_visible()
    page.locator(".fold > summary").click()
    assert page.locator(choice).is_visible()
    tab.page.set_viewport_size({"width": 1280, "height": 800})
    assert not page.locator(".fold > summary").is_visible()
    assert page.locator(choice).is_visible()


def test_a_choice_that_cannot_be_read_is_open_on_a_phone(open_tab: OpenTab) -> None:
    page = open_tab(**PHONE).open("/trends?from=someday")
    page.locator("[role=alert] a").first.click()
    assert page.locator("#from").is_visible()
