"""A real browser, Debian's chromium, driven by Playwright; no other browser is downloaded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")
_PATIENCE = 120_000
"""Milliseconds. A busy machine may be slow to answer."""


def require_chromium() -> str:
    """The path of the browser. Skips the test where it is not installed."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is not None:
        return path
    message = "There is no chromium: install the package chromium"
    if os.environ.get("KB_TEST_BROWSER") == "required":
        pytest.fail(f"{message}; KB_TEST_BROWSER=required")
    pytest.skip(message)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, started."""
    path = require_chromium()
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_ARGUMENTS])
        try:
            yield browser
        finally:
            browser.close()


class Tab:
    """A tab on a site: its page, and what must not happen in it."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.errors: list[str] = []
        self.foreign_requests: list[str] = []
        self._pages: set[str] = set()
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note)

    def _note_message(self, message: ConsoleMessage) -> None:
        # That a page is an answer such as 404 is for the test to say. What it loads must be there.
        is_own_status = message.text.startswith("Failed to load resource") and (
            message.location["url"].partition("#")[0] in self._pages
        )
        if message.type == "error" and not is_own_status:
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _note(self, request: Request) -> None:
        if request.is_navigation_request():
            self._pages.add(request.url.partition("#")[0])
        if urlsplit(request.url).netloc != urlsplit(self.site).netloc and not request.url.startswith("data:"):
            self.foreign_requests.append(request.url)

    def open(self, path: str) -> Page:
        """Open an address of the site."""
        self.page.goto(f"{self.site}{path}")
        return self.page

    def assert_quiet(self) -> None:
        """Nothing went wrong in scripts or policies, and no other host was asked."""
        assert not self.errors
        assert not self.foreign_requests


@contextmanager
def opened_tab(
    browser: Browser,
    site: str,
    *,
    language: str = "en",
    theme: str = "light",
    width: int = 1280,
    height: int = 900,
    script: bool = True,
    zone: str | None = None,
) -> Iterator[Tab]:
    """A tab of a visitor of its own: language, color scheme, size, time zone, with or without scripts."""
    context = browser.new_context(
        locale={"en": "en-US", "he": "he-IL"}[language],
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": height},
        java_script_enabled=script,
        timezone_id=zone,
    )
    context.set_default_timeout(_PATIENCE)
    tab = Tab(context.new_page(), site)
    try:
        yield tab
    finally:
        context.close()
