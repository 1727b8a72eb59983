"""What a reader asked the system for: its own colors, and less motion."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab

pytestmark = pytest.mark.slow


def test_in_the_colors_of_the_system_one_still_sees_where_one_is(open_tab: OpenTab) -> None:
    page = open_tab().open("/trends?metric=severity_mean")
    # Without motion, a color is there at once, not on its way.
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for row in ("header nav a", ".tabs a"):
        here = page.locator(f"{row}[aria-current]")
        elsewhere = page.locator(f"{row}:not([aria-current])").first
        assert look(here, "border-block-end-color") != look(elsewhere, "border-block-end-color")
    bar, ground = page.locator(".chart .bar").first, page.locator("html")
    # What rests on few incidents is drawn as an outline.
    assert look(bar, "stroke") != look(ground, "background-color")


def test_in_the_colors_of_the_system_a_button_that_looks_like_a_link_has_no_frame(open_tab: OpenTab) -> None:
    page = open_tab().open("/check/calendar")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    quiet = page.locator("main button.quiet").first
    assert look(quiet, "border-block-start-color") == look(page.locator("html"), "background-color")


def test_nothing_moves_for_those_who_asked_for_less_motion(open_tab: OpenTab) -> None:
    page = open_tab().open("/")
    button = page.locator("main button").first
    assert look(button, "transition-duration") != "0s"
    page.emulate_media(reduced_motion="reduce")
    assert look(button, "transition-duration") == "0s"
    expect(button).to_be_visible()


def look(element: Locator, name: str) -> str:
    """A computed property of an element."""
    value: str = element.evaluate("(it, name) => getComputedStyle(it).getPropertyValue(name)", name)
    return value
