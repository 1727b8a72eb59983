"""The keyboard alone does everything, and the focus is seen at each stop."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenTab
from tests.support.cli import run_kb, write_jsonl
from tests.support.every_page import check_draft, in_language, sign_in
from tests.support.incidents import incident
from tests.support.page_samples import DRAFTS
from tests.support.server import Server

_FOCUS = """() => {
  const it = document.activeElement, look = getComputedStyle(it), place = it.getClientRects()[0];
  const isMarked = look.outlineStyle !== "none" || look.boxShadow !== "none";
  // Of what is taller than the window shows, such as a text box, the part around the caret is in view.
  const middle = place && (Math.max(place.top, 0) + Math.min(place.bottom, innerHeight)) / 2;
  const top = place && document.elementFromPoint(place.left + place.width / 2, middle);
  const isOnTop = Boolean(top) && (it.contains(top) || top.contains(it));
  return [it.id || it.getAttribute("href") || it.tagName, isMarked && place.width > 1, isOnTop];
}"""
"""What has the focus, whether it is marked, and whether nothing lies over it."""


def tab_to(page: Page, target: str, key: str = "Tab", limit: int = 60) -> list[str]:
    """Press a key until an element has the focus, which must be seen at each stop. Returns what had it.

    An element is named by its ID, or by its address if it has none.
    """
    ways: list[str] = []
    while len(ways) < limit:
        page.keyboard.press(key)
        name, is_marked, is_on_top = page.evaluate(_FOCUS)
        assert is_marked, f"The focus cannot be seen on {name}"
        assert is_on_top, f"Something lies over {name}"
        ways.append(name)
        if name == target:
            return ways
    raise AssertionError(f"{key} does not reach {target}: {ways}")


def follow(page: Page, target: str) -> None:
    """Press a key until an element has the focus, then Enter, and wait for the page that this leads to."""
    tab_to(page, target)
    with page.expect_navigation():
        page.keyboard.press("Enter")


pytestmark = pytest.mark.slow

in_both_languages = pytest.mark.parametrize("language", ["en", "he"])


def test_the_keyboard_alone_checks_and_searches(open_tab: OpenTab) -> None:
    page = open_tab().open("/")
    ways = tab_to(page, "draft")
    assert ways[0] == "#content"  # the way past the navigation
    assert "q" in ways
    page.keyboard.type(DRAFTS["en"])
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1.verdict.stop")).to_be_visible()
    page.locator("a.wordmark").press("Enter")
    page.wait_for_url(lambda url: "/check" not in url)
    tab_to(page, "q")
    page.keyboard.type("placeholder")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "q=placeholder" in url)
    expect(page.locator(".hit").first).to_be_visible()


def test_after_an_error_the_focus_is_on_what_is_wrong_and_leads_to_the_field(open_tab: OpenTab) -> None:
    page = open_tab().open("/check")
    page.locator("main #text").fill(" ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".problem")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main #text")).to_be_focused()


def test_a_slash_goes_to_search_from_any_page_and_escape_leaves(open_tab: OpenTab) -> None:
    page = open_tab().open("/incidents/3")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    assert not page.locator("#q").input_value()


def test_a_hebrew_reader_needs_no_mouse(open_tab: OpenTab) -> None:
    page = open_tab(language="he").open("/")
    tab_to(page, "q")
    page.keyboard.type("לוקהי", delay=20)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.selectionStart") == 4, "Right leads back in Hebrew"
    page.keyboard.press("End")
    suggestions = page.locator(".suggestions li")
    suggestions.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(suggestions.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(suggestions).to_have_count(0)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/search?" in url)

    hit = page.locator(".hit a").first.get_attribute("href") or ""
    tab_to(page, hit)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: hit in url)

    lesson = page.locator(".lessons a.ordinal").first.get_attribute("href") or ""
    tab_to(page, lesson)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(lesson))

    check = page.locator(".top a[href^='/check']").get_attribute("href") or ""
    tab_to(page, check, key="Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/check" in url)
    tab_to(page, "text")
    page.keyboard.type(DRAFTS["he"])
    tab_to(page, "BUTTON")
    page.keyboard.press("Enter")
    expect(page.locator("h1.verdict.stop")).to_be_visible()


def test_a_chosen_suggestion_is_opened_in_hebrew(open_tab: OpenTab) -> None:
    page = open_tab(language="he").open("/")
    tab_to(page, "q")
    page.keyboard.type("לוקהי", delay=20)
    page.locator(".suggestions li").first.wait_for()
    page.keyboard.press("ArrowDown")
    address = page.locator(".suggestions [aria-selected=true] a").get_attribute("href") or "none"
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(address))
    assert page.url.endswith(address)


def test_the_keyboard_copies_the_link_of_a_lesson_and_hears_of_it(open_tab: OpenTab) -> None:
    page = open_tab().open("/incidents/3")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    link = page.locator(".lessons .copy").first
    expect(link).to_be_visible()
    link.press("Enter")
    expect(page.locator("body > [role=status]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == link.evaluate("each => each.href")
    assert page.url.endswith("/incidents/3")


def test_a_guard_is_written_tested_and_put_on_a_lesson_without_a_mouse(
    open_tab: OpenTab, member: str
) -> None:
    tab = open_tab()
    sign_in(tab.open("/sign-in"), member)
    page = tab.open("/guards/new")
    follow(page, "/guards/new?type=phrase")
    for field, text in (("p-phrases", "walrus"), ("bad", "Two walruses, one price"), ("good", "walrus")):
        tab_to(page, field)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    follow(page, "BUTTON")
    tab_to(page, "#good")
    page.keyboard.press("Enter")
    expect(page.locator("#good")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Seals")
    follow(page, "BUTTON")
    expect(page.locator(".samples mark").first).to_have_text("walruses")
    tab_to(page, "lesson")
    page.keyboard.press("End")  # of an incident that is published
    tab_to(page, "BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/guards/lesson:*")
    expect(page.locator(".flashes, [role=status]").first).to_contain_text("The guard is on its lesson")


@in_both_languages
def test_the_account_menu_closes_with_escape_and_when_it_is_left(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language)
    sign_in(tab.open("/sign-in"), member)
    page = tab.page
    menu = page.locator(".menu")
    page.locator(".menu summary").press("Enter")
    tab_to(page, "/account")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(page.locator(".menu summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    tab_to(page, "BUTTON")
    page.keyboard.press("Tab")
    expect(menu).not_to_have_attribute("open", "")
    page.locator(".menu summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


@in_both_languages
def test_the_focus_is_seen_on_each_part_of_the_calendar(open_tab: OpenTab, language: str) -> None:
    page = open_tab(language=language).open(f"/calendar?month=2027-05&country=IL&lang={language}")
    assert "month" in tab_to(page, "risky")


@in_both_languages
def test_what_waits_is_accepted_without_a_mouse(
    open_tab: OpenTab, site: Server, member: str, tmp_path: Path, language: str
) -> None:
    waits = incident(
        external_id=language, title="Waits", status="in_review", severity=2, cause="Write to a@b.com."
    )
    assert run_kb("import", write_jsonl(tmp_path, [waits]), data_dir=site.data_dir).exit_code == 0
    tab = open_tab(language=language)
    sign_in(tab.open(in_language("/sign-in", language)), member)
    page = tab.open(in_language("/waiting", language))
    address = page.locator(".rows a", has_text="Waits").first.get_attribute("href") or ""
    follow(page, address)
    tab_to(page, "publish-comment")
    page.keyboard.type("Read it twice.")
    follow(page, "BUTTON")
    expect(page.locator(".problem")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    follow(page, "BUTTON")
    expect(page.locator("main .flash")).to_be_visible()


@in_both_languages
def test_a_finding_is_no_problem_and_a_draft_a_near_miss_without_a_mouse(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language)
    sign_in(tab.open("/sign-in"), member)
    check_draft(tab, language)
    page = tab.page
    receipt = page.locator(".answers a[href*='/checks/']").last.get_attribute("href") or ""
    follow(page, receipt)
    for path, fields in (
        ("/findings/1/not-a-problem", {"text": DRAFTS[language], "reason": "It is quoted."}),
        ("/near-miss", {"organization": "Acme"}),
    ):
        link = page.locator(f"main a[href*='{path}']").first
        follow(page, link.get_attribute("href") or "")
        for field, text in fields.items():
            tab_to(page, field)
            page.keyboard.type(text)
        follow(page, "BUTTON")
        expect(page.locator("main .flash")).to_be_visible()
        tab.open(in_language(receipt, language))
