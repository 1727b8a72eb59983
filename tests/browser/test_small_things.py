"""What only a browser shows: colors of links, directions of empty fields, names in the header."""

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import OpenTab
from tests.support.every_page import check_draft, in_language, sign_in

pytestmark = pytest.mark.slow

FOLDED = "In memory of the fallen: 20% off all grills, today only! [insert link]"


def _style(page: Page, selector: str, name: str) -> str:
    """The computed value of a property of the first element that a selector finds."""
    found: str = page.locator(selector).first.evaluate(
        "(element, name) => getComputedStyle(element)[name]", name
    )
    return found


def _ground(element: Locator) -> str:
    color: str = element.evaluate("element => getComputedStyle(element).backgroundColor")
    return color


def test_links_below_folded_findings_have_the_color_of_links(open_tab: OpenTab, member: str) -> None:
    tab = open_tab()
    sign_in(tab.open("/sign-in"), member)
    page = check_draft(tab, "en", FOLDED)
    page.locator(".folded summary").first.click()
    assert page.locator(".folded .places p a").count()
    assert _style(page, ".folded .places p a", "color") == _style(page, "footer a", "color")


def test_a_place_that_several_guards_find_has_no_ground_of_its_own(open_tab: OpenTab) -> None:
    page = check_draft(open_tab(), "en", FOLDED)
    marks = page.locator(".draft mark")
    assert marks.count() > 1
    assert {_ground(marks.nth(number)) for number in range(marks.count())} == {"rgba(0, 0, 0, 0)"}


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_sample_in_an_empty_field_runs_as_its_language(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language)
    sign_in(tab.open("/sign-in"), member)
    page = tab.open(in_language("/guards/new?type=phrase", language))
    for field in ("title", "suggestion"):
        assert _style(page, f"#{field}-he", "direction") == "rtl"
        assert _style(page, f"#{field}-en", "direction") == "ltr"


def test_a_name_in_the_header_is_whole_on_a_phone_and_on_the_line_of_its_neighbors(
    open_tab: OpenTab, member: str
) -> None:
    tab = open_tab(width=390)
    page = tab.open("/sign-in")
    sign_in(page, member)
    tab.open("/guards")
    name = page.locator(".menu summary bdi")
    name.evaluate("element => { element.textContent = 'Max Weber' }")
    assert name.evaluate("element => element.scrollWidth <= element.clientWidth + 1")
    page.set_viewport_size({"width": 1280, "height": 800})
    tops = page.locator(".account > a, .account summary").evaluate_all(
        "elements => elements.map(element => Math.round(element.getBoundingClientRect().top))"
    )
    assert len({*tops}) == 1, tops


@pytest.mark.parametrize("width", [1000, 1100, 1220])
def test_the_account_shares_the_line_of_the_sections_on_a_tablet_held_sideways(
    open_tab: OpenTab, member: str, width: int
) -> None:
    tab = open_tab(width=width)
    sign_in(tab.open("/sign-in"), member)
    page = tab.open("/guards")
    bottoms = page.locator(".top nav a, .account summary").evaluate_all(
        "elements => elements.map(element => Math.round(element.getBoundingClientRect().bottom))"
    )
    assert max(bottoms) - min(bottoms) < 6, bottoms


@pytest.mark.parametrize("language", ["en", "he"])
@pytest.mark.parametrize(
    "address",
    [
        "/trends?group_by=organization&interval=year",
        "/trends?view=table&group_by=category",
        "/trends?view=table&group_by=organization",
        "/trends?view=table&group_by=organization&interval=none",
    ],
)
def test_on_a_phone_figures_stand_below_each_other_and_nothing_scrolls_sideways(
    open_tab: OpenTab, address: str, language: str
) -> None:
    page = open_tab(language=language, width=390).open(in_language(address, language))
    wide, seen = page.locator(".scroll").evaluate("it => [it.scrollWidth, it.clientWidth]")
    assert wide <= seen
    ends = page.locator(".figures tbody a").evaluate_all(
        "(links, rtl) => links.map((it) => it.getBoundingClientRect()[rtl ? 'left' : 'right'])",
        language == "he",
    )
    assert ends
    if "view=table" in address:
        assert max(ends) - min(ends) < 2


def test_on_a_phone_a_figure_has_the_heading_of_its_column(open_tab: OpenTab) -> None:
    page = open_tab(width=390).open("/trends?view=table&group_by=organization")
    total = page.locator(".figures tfoot td")
    headings = page.locator(".figures thead th").all_text_contents()[1:]
    shown = total.evaluate_all("cells => cells.map((it) => getComputedStyle(it, '::before').content)")
    assert shown == [f'"{heading}"' for heading in headings]
    filled = page.locator(".figures tbody tr").filter(has=page.locator("a"))
    assert filled.count()
    assert "0" not in filled.locator("td").filter(visible=True).all_inner_texts()


def test_on_a_phone_a_period_in_which_nothing_happened_says_so_once(open_tab: OpenTab) -> None:
    page = open_tab(width=390).open("/trends?view=table&group_by=organization")
    empty = page.locator(".figures tbody tr").filter(has_not=page.locator("a"))
    assert empty.count()
    for row in empty.all():
        assert row.locator("td").filter(visible=True).all_inner_texts() == ["0"]


@pytest.mark.parametrize("path", ["/account", "/account/tokens/new", "/sign-in", "/check"])
def test_a_second_click_does_not_send_a_form_again_whose_answer_would_deny_the_first(
    open_tab: OpenTab, member: str, path: str
) -> None:
    tab = open_tab()
    sign_in(tab.open("/sign-in"), member)
    sent = tab.open(path).evaluate(
        """() => [...document.querySelectorAll("main form[method=post]")].map((form) => {
            let sent = 0;
            form.noValidate = true;
            form.addEventListener("submit", (event) => {
                sent += event.defaultPrevented ? 0 : 1;
                event.preventDefault();
            });
            const button = [...form.querySelectorAll("button")].pop();
            button.click();
            button.click();
            return sent;
        })"""
    )
    assert {*sent} == {1}, sent
