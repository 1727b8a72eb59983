"""Fixtures for all tests: a real database (SQLite and PostgreSQL), a real index, and API clients that check
every response against openapi.yaml."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from kb.config import Settings
from kb.derived_files import keep_in
from kb.models import base, db
from kb.services.core import brief_work
from kb.services.operations import bootstrap
from tests.support.api import Api, callers, only_read, people, running
from tests.support.background import wait_for_background_threads
from tests.support.environment import DERIVED_DATA
from tests.support.garbage import look_only_at_what_tests_make, no_garbage_collection
from tests.support.postgres import create_database, drop_database, find_initdb, require_initdb, running_server
from tests.support.prepared import copy_database, copy_folder, prepare
from tests.support.shared_work import shared_work
from tests.support.waiting import PATIENCE, day_with_time_left

# The gate must not fail for what it did not change: it draws the same examples every time.
# Nor for being slow.
_UNHURRIED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("deterministic", derandomize=True, **_UNHURRIED)
hypothesis_settings.register_profile("explore", **_UNHURRIED)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "deterministic"))


_ON_BOTH_DATABASES = ("any_new_settings", "any_module_app", "empty_settings")
"""The fixtures that tests have once for each kind of database."""


def pytest_configure() -> None:
    DERIVED_DATA.mkdir(parents=True, exist_ok=True)
    keep_in(DERIVED_DATA)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file without a slow test where only these are asked for: most have none."""
    if config.getoption("markexpr") != "slow" or not collection_path.name.startswith("test_"):
        return None
    return True if "mark.slow" not in collection_path.read_text("utf-8") else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, Any, Any]:
    with no_garbage_collection():
        return (yield)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Refuse a slow test whose file does not say so: `-m slow` would leave it out."""
    if item.get_closest_marker("slow") and "mark.slow" not in item.path.read_text("utf-8"):
        raise pytest.UsageError(f"{item.nodeid} is slow: mark it in its own file, with pytest.mark.slow.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where there is PostgreSQL, count branches in only one of two tests that do the same on both databases.

    SQLite's own are counted in the many tests that run on SQLite alone.
    """
    if find_initdb() is None:
        return
    for item in items:
        parameters = (
            item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        )
        if any(parameters.get(fixture) == "sqlite" for fixture in _ON_BOTH_DATABASES):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    look_only_at_what_tests_make()


@pytest.fixture(scope="session", autouse=True)
def _work_is_shared() -> Iterator[None]:
    """Each application of a test would compile the same templates and the same SQL."""
    with shared_work():
        yield


@pytest.fixture(scope="session", autouse=True)
def _locks_are_waited_for() -> Iterator[None]:
    """A slow machine must not make a transaction give up waiting for another one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "BUSY_MILLISECONDS", int(PATIENCE * 1_000))
        yield


@pytest.fixture(autouse=True)
def _nothing_is_stored_after_a_test() -> Iterator[None]:
    """The thread that stores what waited for a lock must not reach into the next test."""
    yield
    if brief_work._storing.acquire(timeout=PATIENCE):
        brief_work._storing.release()


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """Pytest's folder. It removes that after a test that has passed: nothing works in it any more by then."""
    yield tmp_path
    wait_for_background_threads()


@pytest.fixture
def today() -> date:
    """The day it is in UTC during the whole test."""
    return day_with_time_left()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, to be copied by each test."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(Settings(data_dir=folder))
    return folder


@pytest.fixture
def installed(prepared: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own as the first start leaves it; a service starts faster on it."""
    return copy_folder(prepared, tmp_path / "data")


NewSettings = Callable[[], Settings]
"""Makes settings on a data folder, and a database, of their own."""


@pytest.fixture
def new_folder(tmp_path: Path) -> NewSettings:
    """Make settings on a data folder of their own that is not there yet, as often as called."""
    numbers = count()

    def make() -> Settings:
        folder = tmp_path / ("kb-data" if (number := next(numbers)) == 0 else f"kb-data-{number}")
        return Settings(data_dir=folder, index_wait_seconds=PATIENCE)

    return make


@pytest.fixture
def new_settings(prepared: Path, new_folder: NewSettings) -> NewSettings:
    """Make settings on a copy of the prepared data folder, as often as called."""

    def make() -> Settings:
        settings = new_folder()
        copy_folder(prepared, settings.data_dir)
        return settings

    return make


@pytest.fixture
def settings(new_settings: NewSettings) -> Settings:
    """Settings on a data folder of the test's own that holds the six cases."""
    return new_settings()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on SQLite."""
    yield from running(settings)


@pytest.fixture
def as_role(app: Flask) -> Callable[..., Api]:
    """The API as a caller with a role sees it: `as_role("reviewer", team="north")`."""
    return callers(app)


@pytest.fixture
def person(app: Flask) -> Callable[..., Api]:
    """The API as a user sees it: `person("Dana", north="reviewer", south="reader")`."""
    return people(app)


@pytest.fixture
def anonymous(as_role: Callable[..., Api]) -> Api:
    return as_role()


@pytest.fixture
def admin(as_role: Callable[..., Api]) -> Api:
    return as_role("site_admin")


@pytest.fixture
def contributor(as_role: Callable[..., Api]) -> Api:
    return as_role("contributor")


@pytest.fixture(scope="session")
def shared_app(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on SQLite for tests that change no incident. Fails at the end if one has."""
    folder = copy_folder(prepared, tmp_path_factory.mktemp("shared") / "kb-data")
    for app in running(Settings(data_dir=folder, index_wait_seconds=PATIENCE)):
        with only_read(app):
            yield app


@pytest.fixture(scope="session")
def reader(shared_app: Flask) -> Api:
    """The API as an anonymous caller sees it, on the shared application."""
    return callers(shared_app)()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own; skipped where PostgreSQL is not installed."""
    with running_server(require_initdb()) as url:
        yield url


_TEMPLATE = "kb_prepared"


@pytest.fixture(scope="session")
def prepared_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start on PostgreSQL leaves it; the database is there to be copied, too."""
    folder = tmp_path_factory.mktemp("prepared-postgres")
    prepare(Settings(data_dir=folder, database_url=create_database(postgres, _TEMPLATE)))
    return folder


@pytest.fixture
def new_postgres_settings(
    new_folder: NewSettings, postgres: str, prepared_postgres: Path
) -> Iterator[NewSettings]:
    """Make settings on a copy of the prepared PostgreSQL database, as often as called."""
    urls = []

    def make() -> Settings:
        settings = new_folder()
        urls.append(copy_database(prepared_postgres, settings.data_dir, postgres, _TEMPLATE))
        return replace(settings, database_url=urls[-1])

    yield make
    for url in urls:
        drop_database(url)


@pytest.fixture
def postgres_settings(new_postgres_settings: NewSettings) -> Settings:
    """Settings on a PostgreSQL database of the test's own that holds the six cases."""
    return new_postgres_settings()


@pytest.fixture(scope="module")
def module_app(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on SQLite that a module's fixture fills, for tests that change nothing (`only_read`)."""
    folder = copy_folder(prepared, tmp_path_factory.mktemp("module") / "kb-data")
    yield from running(Settings(data_dir=folder, index_wait_seconds=PATIENCE))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def any_module_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """`module_app`, on SQLite, and once more on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("module_app")
        return
    folder = tmp_path_factory.mktemp("module") / "kb-data"
    server, prepared = request.getfixturevalue("postgres"), request.getfixturevalue("prepared_postgres")
    url = copy_database(prepared, folder, server, _TEMPLATE)
    yield from running(Settings(data_dir=folder, database_url=url, index_wait_seconds=PATIENCE))


@pytest.fixture(params=["sqlite", "postgresql"])
def any_new_settings(request: pytest.FixtureRequest) -> NewSettings:
    """`new_settings`, on SQLite, and once more on PostgreSQL."""
    name = "new_settings" if request.param == "sqlite" else "new_postgres_settings"
    make: NewSettings = request.getfixturevalue(name)
    return make


@pytest.fixture
def any_settings(any_new_settings: NewSettings) -> Settings:
    """Settings on SQLite, and once more on PostgreSQL."""
    return any_new_settings()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings on an empty database of SQLite, and once more of PostgreSQL."""
    settings = Settings(data_dir=tmp_path / "kb-data", index_wait_seconds=PATIENCE)
    if request.param == "sqlite":
        return settings
    url = create_database(request.getfixturevalue("postgres"), f"kb_{uuid4().hex}")
    return replace(settings, database_url=url)


@pytest.fixture
def any_app(any_settings: Settings) -> Iterator[Flask]:
    """The application on SQLite, and once more on PostgreSQL."""
    yield from running(any_settings)


@pytest.fixture
def empty_app(empty_settings: Settings) -> Iterator[Flask]:
    """The application on an empty database of SQLite, and once more of PostgreSQL."""
    yield from running(empty_settings)


@pytest.fixture
def any_role(any_app: Flask) -> Callable[..., Api]:
    """`as_role`, on SQLite, and once more on PostgreSQL."""
    return callers(any_app)


@pytest.fixture
def any_person(any_app: Flask) -> Callable[..., Api]:
    """`person`, on SQLite, and once more on PostgreSQL."""
    return people(any_app)


def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        bootstrap.prepare_if_needed()
        yield
        db.session.remove()


@pytest.fixture
def inside_app(app: Flask) -> Iterator[None]:
    """Run the test in the context of the application on SQLite."""
    yield from _inside(app)


@pytest.fixture
def inside_any_app(any_app: Flask) -> Iterator[None]:
    """Run the test in the context of the application on SQLite, and once more on PostgreSQL."""
    yield from _inside(any_app)
