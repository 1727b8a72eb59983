"""A site administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.api import Api


@pytest.fixture
def site(person: Callable[..., Api]) -> Api:
    """The API as a site administrator sees it."""
    return person("Ada Admin", site_admin=True)
