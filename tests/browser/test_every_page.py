"""What is true of every page: accessible, quiet, and as narrow as the screen."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import OpenTab
from tests.support.accounts import ADMIN_EMAIL
from tests.support.chromium import Tab
from tests.support.every_page import ADDRESSES, SENT, Address, Form, in_language, sign_in

pytestmark = pytest.mark.slow

GRAVE = ("serious", "critical")

_EVERYTHING = {"rules": {"target-size": {"enabled": True}}}
"""What axe looks at: its defaults, and whether a finger can hit what it is for."""

_LOOKS = {"runOnly": ["color-contrast", "link-in-text-block", "target-size"]}
"""What a theme and the width of a screen may change."""

NARROW = (768, 640, 390, 320)
"""Widths of screens, in pixels, besides the one that pages are opened at. Half and a quarter of that one are
what is left of it when a reader zooms to 200 % and to 400 %."""

SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important }
    * { word-spacing: .16em !important }
    p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
"""Sets the text as widely as readers may ask for (WCAG 1.4.12)."""

SQUEEZED = """() => [...document.querySelectorAll("main p, main li")]
  .filter((it) => it.innerText.length > 60 && it.checkVisibility())
  .filter((it) => it.clientWidth > 1 && it.clientWidth < 120)
  .map((it) => it.innerText.slice(0, 40))"""
"""Paragraphs in a column that is too narrow to be read."""


def violations(page: Page, options: dict[str, Any] = _EVERYTHING) -> list[tuple[str, list[Any]]]:
    """What axe finds that shuts somebody out: the rules, and the elements that break them."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    # It would also describe each element that breaks no rule, which takes longer than to find those that do.
    only = {"resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options).then((it) => it.violations)", options | only)
    return [
        (rule["id"], [node["target"] for node in rule["nodes"]][:3])
        for rule in found
        if rule["impact"] in GRAVE
    ]


def test_a_page_that_shuts_somebody_out_is_found(open_tab: OpenTab) -> None:
    page = open_tab().open("/sign-in")
    page.evaluate("document.querySelector('label[for=email]').remove()")
    assert [rule for rule, _elements in violations(page)] == ["label"]


def too_wide(page: Page, width: int) -> int | None:
    """How wide a page is, if it is wider than the screen."""
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide if wide > width else None


def every_page(tab: Tab, language: str, member: str, look: Callable[[str, Page], None]) -> None:
    """Open every page, first as a visitor, and look at it."""
    pages: list[Address | Form] = [*SENT, *ADDRESSES]
    signed_in = ""
    for each in sorted(pages, key=lambda each: (each.for_admins, each.for_members)):
        email = ADMIN_EMAIL if each.for_admins else member if each.for_members else ""
        if email != signed_in:
            tab.page.context.clear_cookies()
            sign_in(tab.open("/sign-in"), email)
            signed_in = email
        if isinstance(each, Form):
            each.send(tab, language)
        else:
            tab.open(in_language(each.path, language))
        asks = "/sign-in" in tab.page.url and not each.name.startswith("sign-in")
        assert not asks, f"{each.name} asks to sign in"
        look(each.name, tab.page)


def widths(page: Page, width: int) -> list[tuple[str, list[Any]]]:
    """What is wrong with a page on a screen of some width, in pixels."""
    page.set_viewport_size({"width": width, "height": 900})
    wrong: list[tuple[str, list[Any]]] = []
    if squeezed := page.evaluate(SQUEEZED):
        wrong.append(("text in a sliver", squeezed))
    if wide := too_wide(page, width):
        wrong.append(("scrolls sideways", [width, wide]))
    return wrong


@pytest.mark.parametrize("language", ["en", "he"])
def test_nobody_is_shut_out_and_nothing_runs_off_the_side(
    open_tab: OpenTab, member: str, language: str
) -> None:
    wrong: list[tuple[str, str, list[Any]]] = []
    tab = open_tab(language=language, theme="light", width=1280)

    def look(name: str, page: Page) -> None:
        found = [*violations(page), *widths(page, 1280)]
        page.emulate_media(color_scheme="dark")
        for width in NARROW:
            found += widths(page, width)
        found += violations(page, _LOOKS)
        page.evaluate(SPACED)
        found += widths(page, NARROW[-1])
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        wrong.extend((name, *each) for each in found)

    every_page(tab, language, member, look)
    assert not wrong, "\n".join(map(str, wrong))
