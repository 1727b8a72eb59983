"""What comes out of the printer, in both languages."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenTab
from tests.support.cli import run_kb, write_jsonl
from tests.support.every_page import ADDRESSES, SENT, check_draft, in_language, open_waiting, sign_in
from tests.support.incidents import incident
from tests.support.server import Server

pytestmark = pytest.mark.slow

CASES = range(1, 7)
STORY = "https://news.example/2018/03/15/a-long-story-about-an-advertisement.html"

in_both_languages = pytest.mark.parametrize("language", ["en", "he"])


def sheets(page: Page) -> int:
    """How many sheets of A4 a page takes."""
    return page.pdf(format="A4").count(b"/Type /Page\n")


@in_both_languages
def test_an_incident_takes_two_sheets_without_navigation(open_tab: OpenTab, language: str) -> None:
    tab = open_tab(language=language)
    assert {case: sheets(tab.open(f"/incidents/{case}")) for case in CASES} == dict.fromkeys(CASES, 2)
    tab.page.emulate_media(media="print")
    expect(tab.page.locator("article h1")).to_be_visible()
    expect(tab.page.locator(".cite .print-only")).to_contain_text("http")
    for name in ("header nav", ".account", "footer", ".related", ".copy"):
        expect(tab.page.locator(name).first).to_be_hidden()


@in_both_languages
def test_a_source_is_printed_with_its_address(
    open_tab: OpenTab, site: Server, member: str, tmp_path: Path, language: str
) -> None:
    source = {"title": "A report", "kind": "news", "url": STORY}
    printed_one = incident(external_id="printed", title="Printed with its source", sources=[source])
    lines = write_jsonl(tmp_path, [printed_one])
    assert run_kb("import", lines, data_dir=site.data_dir).exit_code == 0
    tab = open_tab(language=language)
    sign_in(tab.open("/sign-in"), member)
    tab.page.wait_for_url(lambda url: "/sign-in" not in url)
    drafts = tab.open(in_language("/incidents?status=draft", language))
    drafts.locator(".hit a", has_text="Printed with its source").first.click()
    tab.page.emulate_media(media="print")
    printed = tab.page.locator(".sources a").evaluate("it => getComputedStyle(it, '::after').content")
    assert printed == f'"{STORY}"'
    assert sheets(tab.page) == 1


@in_both_languages
def test_a_receipt_is_printed_without_what_one_would_fill_in(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language)
    sign_in(tab.open(in_language("/sign-in", language)), member)
    tab.page.wait_for_url(lambda url: "/sign-in" not in url)
    page = check_draft(tab, language)
    assert sheets(page) == 1
    page.emulate_media(media="print")
    for name in (".verdict", ".draft", ".finding", ".precedent"):
        expect(page.locator(name).first).to_be_visible()
    expect(page.locator("textarea, button, summary").filter(visible=True)).to_have_count(0)


PRINTED = (
    "search-filtered",
    "checks",
    "waiting",
    "history",
    "guard",
    "guards",
    "calendar",
    "category",
    "team",
    "account",
)


@in_both_languages
def test_no_page_prints_what_one_presses_opens_or_fills_in(
    open_tab: OpenTab, member: str, language: str
) -> None:
    tab = open_tab(language=language)
    sign_in(tab.open(in_language("/sign-in", language)), member)
    tab.page.wait_for_url(lambda url: "/sign-in" not in url)
    ways = {each.name: each.path for each in ADDRESSES if each.name in PRINTED}
    assert set(ways) == set(PRINTED)
    opened: dict[str, Callable[[], object]] = {
        name: partial(tab.open, in_language(path, language)) for name, path in ways.items()
    }
    opened["proposal"] = lambda: open_waiting("/proposals/")(tab, language)
    opened["kept"] = lambda: next(each for each in SENT if each.name == "check-calendar-kept").send(
        tab, language
    )
    left: dict[str, list[str]] = {}
    for name, open_page in opened.items():
        open_page()
        tab.page.emulate_media(media="print")
        controls = "select, textarea, button, a.button, .back, .onward, a[href*='/rows/'], [type=checkbox]"
        controls += ", .trial:not(:has(.draft)) h2"
        folded = "main details:not([open]):not(.printed) > summary"
        left[name] = [
            *tab.page.locator(controls)
            .filter(visible=True)
            .evaluate_all("all => all.map(it => it.outerHTML)"),
            *tab.page.locator(folded).filter(visible=True).all_inner_texts(),
        ]
        tab.page.emulate_media(media="screen")
    assert left == {name: [] for name in left}


def test_no_row_of_a_list_is_cut_by_the_end_of_a_sheet(open_tab: OpenTab, member: str) -> None:
    tab = open_tab()
    sign_in(tab.open("/sign-in"), member)
    tab.page.wait_for_url(lambda url: "/sign-in" not in url)
    check_draft(tab, "en")
    for path, rows in (
        ("/checks", ".checks li"),
        ("/waiting", ".rows li"),
        ("/trends?view=table", "tbody tr"),
    ):
        page = tab.open(path)
        page.emulate_media(media="print")
        whole = page.locator(rows).evaluate_all("all => all.map(it => getComputedStyle(it).breakInside)")
        assert {*whole} == {"avoid"}, path


def test_ink_is_dark_on_white_paper_whatever_the_theme(open_tab: OpenTab) -> None:
    page = open_tab(theme="dark").open("/incidents/3")
    page.emulate_media(media="print")
    colors = "it => [getComputedStyle(it).color, getComputedStyle(document.documentElement).colorScheme]"
    dark = page.locator("article h1").evaluate(colors)
    page.emulate_media(media="print", color_scheme="light")
    assert dark == page.locator("article h1").evaluate(colors)
    assert dark[1] == "light"
    tokens = "it => ['--paper', '--ink'].map((name) => getComputedStyle(it).getPropertyValue(name))"
    assert page.locator("html").evaluate(tokens) == ["#fff", "#000"]


def test_a_receipt_from_the_dark_is_black_on_white_without_links_to_answers(
    open_tab: OpenTab, member: str
) -> None:
    tab = open_tab(theme="dark")
    sign_in(tab.open("/sign-in"), member)
    tab.page.wait_for_url(lambda url: "/sign-in" not in url)
    page = check_draft(tab, "en")
    with page.expect_navigation():
        page.locator(".answers a[href*='/checks/']").last.click()
    expect(page.locator(".finding a.answer").filter(visible=True).first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".finding a.answer").filter(visible=True)).to_have_count(0)
    color = page.locator(".finding p").first.evaluate("it => getComputedStyle(it).color")
    assert color == "rgb(0, 0, 0)"
    ground = page.locator("html").evaluate("it => getComputedStyle(it).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
