"""What the tests share: a real database (SQLite, PostgreSQL), a real index, and a client that holds every
answer to openapi.yaml."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.operations import bootstrap
from tests.support.api import Api, callers, people, running
from tests.support.postgres import run_as, unprivileged_prefix


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it, to be copied by each test."""
    folder = tmp_path_factory.mktemp("prepared")
    with create_app(Settings(data_dir=folder)).app_context():
        bootstrap.prepare()
        db.engine.dispose()
    return folder


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    """Settings on a data folder of the test's own, with the six cases in it."""
    folder = tmp_path / "kb-data"
    shutil.copytree(prepared, folder)
    return Settings(data_dir=folder)


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
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of this session's own; skipped where PostgreSQL is not installed."""
    initdb = shutil.which("initdb") or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if initdb is None:
        if os.environ.get("KB_TEST_POSTGRES") == "required":
            pytest.fail("PostgreSQL is not installed, and KB_TEST_POSTGRES=required")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="kb-postgres-"))
    as_user = unprivileged_prefix(folder)
    binaries = Path(initdb).parent
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    run_as(as_user, initdb, "-D", data, "-U", "kb", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run_as(as_user, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://kb@127.0.0.1:{port}"
    finally:
        run_as(as_user, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings on SQLite, and once more on PostgreSQL."""
    if request.param == "sqlite":
        return settings
    url = request.getfixturevalue("postgres")
    name = f"kb_{os.getpid()}_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    shutil.rmtree(settings.index_dir)
    return replace(settings, database_url=f"{url}/{name}")


@pytest.fixture
def any_app(any_settings: Settings) -> Iterator[Flask]:
    """The application on SQLite, and once more on PostgreSQL."""
    yield from running(any_settings)


@pytest.fixture
def any_role(any_app: Flask) -> Callable[..., Api]:
    """`as_role`, on SQLite, and once more on PostgreSQL."""
    return callers(any_app)


@pytest.fixture
def any_person(any_app: Flask) -> Callable[..., Api]:
    """`person`, on SQLite, and once more on PostgreSQL."""
    return people(any_app)
