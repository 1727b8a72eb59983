"""Going through a page by keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page

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
