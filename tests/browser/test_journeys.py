"""What people come for, in a real browser, in both languages, with scripts and without."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab
from tests.support.every_page import check_calendar, check_draft, in_language, sign_in
from tests.support.page_samples import CALENDAR, DRAFTS

pytestmark = pytest.mark.slow

in_both_languages = pytest.mark.parametrize(("language", "script"), [("en", True), ("he", False)])

FIXED = {"en": "Black Friday: our shop opens at nine.", "he": "החנות שלנו נפתחת בתשע."}


@in_both_languages
def test_a_trend_leads_to_its_incidents(open_tab: OpenTab, language: str, script: bool) -> None:
    page = open_tab(language=language, script=script).open("/")
    page.locator("header nav a[href^='/trends']").click()
    table = page.locator("ul.tabs a[href*='view=table']")
    table.click()
    value = page.locator("tbody td a").first
    count = int(value.inner_text())
    value.click()
    expect(page.locator(".hit")).to_have_count(count)
    page.locator(".hit a").first.click()
    expect(page.locator("article h1")).to_be_visible()


@in_both_languages
def test_a_draft_is_stopped_mended_and_passes(open_tab: OpenTab, language: str, script: bool) -> None:
    tab = open_tab(language=language, script=script)
    page = check_draft(tab, language)
    expect(page.locator("h1.verdict.stop")).to_be_visible()
    expect(page.locator(".draft mark.stop").first).to_be_visible()
    assert page.locator("#fix #text").input_value() == DRAFTS[language]
    page.locator("#fix #text").fill(FIXED[language])
    page.locator("#fix form button").click()
    expect(page.locator("h1.verdict.clear")).to_be_visible()
    expect(page.locator(".since .gone li").first).to_be_visible()


@in_both_languages
def test_enter_leaves_out_a_finding_only_with_a_reason(
    open_tab: OpenTab, language: str, script: bool
) -> None:
    page = check_draft(open_tab(language=language, script=script), language)
    page.locator("#countries").press("Enter")
    expect(page.locator(".since")).to_be_visible()
    expect(page.locator("h1.verdict.stop")).to_be_visible()
    page.locator("details:has(#because-1) > summary").click()
    page.locator("#because-1").fill("It is quoted.")
    page.locator("#because-1").press("Enter")
    expect(page.locator(".left-out li").first).to_contain_text("It is quoted.")


def test_a_form_that_takes_a_while_is_sent_once(open_tab: OpenTab) -> None:
    page = open_tab().open("/check")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#text").fill(DRAFTS["en"])
    page.locator("main form button").last.dblclick()
    expect(page.locator("h1.verdict.stop")).to_be_visible()
    assert len(sent) == 1
    page.go_back()
    expect(page.locator("main form button").last).to_have_text("Check it")


@in_both_languages
def test_a_calendar_is_answered_with_the_worst_first(open_tab: OpenTab, language: str, script: bool) -> None:
    page = check_calendar(open_tab(language=language, script=script), language)
    rows = page.locator(".posts tbody tr")
    expect(rows).to_have_count(len(CALENDAR.splitlines()) - 1)
    expect(rows.first).to_contain_text("Need copy and link")


@in_both_languages
def test_somebody_signs_in_and_out(open_tab: OpenTab, member: str, language: str, script: bool) -> None:
    page = open_tab(language=language, script=script).open(in_language("/search?q=photo", language))
    page.locator(".account a[href*='sign-in']").click()
    sign_in(page, member)
    page.wait_for_url(lambda url: "/search?" in url)
    page.locator(".menu summary").click()
    page.locator(".menu form button").click()
    expect(page.locator(".account a[href*='sign-in']")).to_be_visible()
    assert page.locator("[role=status]").count()


@pytest.mark.parametrize("address", ["/", "/check"])
def test_a_draft_that_was_begun_outlasts_signing_in(open_tab: OpenTab, member: str, address: str) -> None:
    page = open_tab().open(address)
    box = page.locator("textarea[name=text]")
    box.fill(DRAFTS["en"])
    page.locator("main a[href*='sign-in']").click()
    sign_in(page, member)
    expect(box).to_have_value(DRAFTS["en"])
    page.reload()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_calendar_is_read_in_the_time_zone_of_the_browser(open_tab: OpenTab) -> None:
    page = open_tab(zone="Asia/Tokyo").open("/check/calendar")
    expect(page.locator("[name=browser_zone]")).to_have_value("Asia/Tokyo")
