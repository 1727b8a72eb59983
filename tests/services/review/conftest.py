"""People who review incidents, with and without the four-eyes rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from kb.config import Settings
from tests.support.api import Api, people, running


@pytest.fixture
def strict(settings: Settings) -> Iterator[Flask]:
    """The application with the four-eyes rule, where open comments block publication."""
    yield from running(replace(settings, four_eyes=True, resolved_comments=True))


@pytest.fixture
def strict_person(strict: Flask) -> Callable[..., Api]:
    """`person`, under the four-eyes rule."""
    return people(strict)


@pytest.fixture
def dana(person: Callable[..., Api]) -> Api:
    """The API as a contributor of the team `north` sees it."""
    return person("Dana Levi", north="contributor")


@pytest.fixture
def day(today: date) -> Callable[[int], str]:
    """The date so many days after today: `day(-1)` was yesterday."""
    return lambda days: (today + timedelta(days)).isoformat()
