import pytest

from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize("script", [True, False])
def test_a_reader_asks_on_the_front_page_and_opens_a_precedent(
    open_tab: OpenTab, language: str, script: bool
) -> None:
    page = open_tab(language=language, script=script).open("/")
    assert page.locator("html").get_attribute("dir") == {"en": "ltr", "he": "rtl"}[language]
    page.locator("main input[name=q]").fill("placeholder" if language == "en" else "טיוטה שפורסמה בטעות")
    page.locator("main form[role=search] button").click()
    first = page.locator(".hit a").first
    assert "q=" in page.url
    first.click()
    page.wait_for_url("**/incidents/*")
    page.locator("h1").wait_for()


def test_suggestions_are_chosen_by_keys_and_the_slash_goes_to_the_search_box(open_tab: OpenTab) -> None:
    page = open_tab().open("/search")
    page.keyboard.press("/")
    page.keyboard.type("lockh", delay=20)
    page.locator(".suggestions li").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "lockh" in url.lower() or "/incidents/" in url)
    assert page.locator("h1").first.is_visible()
