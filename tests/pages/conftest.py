"""Fixtures of pages: browsers of visitors, and two members of a team."""

from collections.abc import Callable

import pytest

from tests.support.api import Api
from tests.support.pages import Browser, visitor


@pytest.fixture
def nobody(request: pytest.FixtureRequest) -> Api:
    """Somebody who is not signed in: on the application that is shared, if the module says that its visitors
    change nothing, and the test has no settings or application of its own."""
    is_shared = (
        getattr(request.module, "VISITORS_ONLY_READ", False) and "settings" not in request.fixturenames
    )
    api: Api = request.getfixturevalue("reader" if is_shared else "anonymous")
    return api


@pytest.fixture
def browser(nobody: Api) -> Browser:
    """The browser of somebody who is not signed in."""
    return visitor(nobody)


@pytest.fixture
def hebrew_browser(nobody: Api) -> Browser:
    """The same, of a reader of Hebrew."""
    return visitor(nobody, "he")


@pytest.fixture
def signed_in(person: Callable[..., Api]) -> Callable[..., Browser]:
    """The browser of a user: `signed_in("Dana", north="reviewer")`."""
    return lambda name, language="en", **roles: visitor(person(name, **roles), language)


@pytest.fixture
def dana(person: Callable[..., Api]) -> Api:
    """The API as a contributor of the team `north` sees it."""
    return person("Dana", north="contributor")


@pytest.fixture
def noa(person: Callable[..., Api]) -> Api:
    """The API as a reviewer of the team `north` sees it."""
    return person("Noa", north="reviewer")
