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
