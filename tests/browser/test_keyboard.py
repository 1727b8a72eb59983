"""The keyboard alone does everything, and the focus is seen at each stop."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.support.every_page import DRAFTS, sign_in
from tests.support.keyboard import tab_to

pytestmark = pytest.mark.slow


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
    tab_to(page, "/guards/new?type=phrase")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    for field, text in (("p-phrases", "walrus"), ("bad", "Two walruses, one price"), ("good", "walrus")):
        tab_to(page, field)
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    tab_to(page, "BUTTON")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "#good")
    page.keyboard.press("Enter")
    expect(page.locator("#good")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Seals")
    tab_to(page, "BUTTON")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".samples mark").first).to_have_text("walruses")
    tab_to(page, "lesson")
    page.keyboard.press("ArrowDown")
    tab_to(page, "BUTTON")
    page.keyboard.press("Enter")
    page.wait_for_url("**/guards/lesson:*")
    expect(page.locator(".flashes, [role=status]").first).to_contain_text("The guard is on its lesson")
