"""A service with a streaming replica of its database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kb.config import Settings
from kb.services.core import replica as replica_reads
from tests.support.api import Api, callers, running
from tests.support.postgres import Cluster, create_database, require_initdb, running_cluster, running_replica
from tests.support.prepared import copy_database, prepare
from tests.support.replica import follow_again, wait_until_replayed
from tests.support.waiting import PATIENCE

_TEMPLATE = "kb_prepared"


@pytest.fixture(scope="package")
def primary() -> Iterator[Cluster]:
    with running_cluster(require_initdb()) as cluster:
        yield cluster


@pytest.fixture(scope="package")
def prepared_primary(primary: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start on the database leaves it, which is there to be copied, too."""
    folder = tmp_path_factory.mktemp("prepared-primary")
    prepare(Settings(data_dir=folder, database_url=create_database(primary.url, _TEMPLATE)))
    return folder


@pytest.fixture(scope="package")
def following(primary: Cluster, prepared_primary: Path) -> Iterator[Cluster]:
    with running_replica(require_initdb(), primary) as cluster:
        yield cluster


@pytest.fixture
def standby(following: Cluster) -> Iterator[Cluster]:
    """A replica that the test may stop, pause or leave behind."""
    yield following
    follow_again(following)


@pytest.fixture
def settings(primary: Cluster, standby: Cluster, prepared_primary: Path, tmp_path: Path) -> Settings:
    """Settings on a database of the test's own that holds the six cases, and on its replica."""
    folder = tmp_path / "kb-data"
    url = copy_database(prepared_primary, folder, primary.url, _TEMPLATE)
    wait_until_replayed(primary, standby)
    name = url.rpartition("/")[2]
    return Settings(
        data_dir=folder,
        database_url=url,
        database_read_url=f"{standby.url}/{name}",
        index_wait_seconds=PATIENCE,
    )


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine must not make a replica late; tests of one that is late wait less."""
    monkeypatch.setattr(replica_reads, "_PATIENCE_SECONDS", PATIENCE)
    monkeypatch.setattr(replica_reads, "_RETRY_SECONDS", 0.0)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    yield from running(settings)


@pytest.fixture
def admin(app: Flask) -> Api:
    return callers(app)("site_admin")
