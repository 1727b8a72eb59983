"""A browser for each process of the tests, and a site that it opens: `kb serve` on the six cases."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import Tab, chromium, opened_tab
from tests.support.screenshots import EMAIL, add_people, add_waiting
from tests.support.server import Server, running_server

OpenTab = Callable[..., Tab]


@pytest.fixture(scope="session")
def site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The site, served by real processes."""
    folder = tmp_path_factory.mktemp("site") / "kb-data"
    copytree(prepared, folder)
    add_people(folder)
    add_waiting(folder)
    with running_server(folder) as server:
        yield server


@pytest.fixture
def member() -> str:
    """The email address of a user of the site, who is a member of the team of the six cases."""
    return EMAIL


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_tab(chromium_browser: Browser, site: Server) -> Iterator[OpenTab]:
    """Open a tab of a visitor of its own; at the end, nothing must have gone wrong in any."""
    tabs: list[Tab] = []
    with ExitStack() as stack:

        def opened(**options: Any) -> Tab:
            address = f"http://127.0.0.1:{site.port}"
            tabs.append(stack.enter_context(opened_tab(chromium_browser, address, **options)))
            return tabs[-1]

        yield opened
        for tab in tabs:
            tab.assert_quiet()
