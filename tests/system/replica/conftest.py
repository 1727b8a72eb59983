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
from tests.support.waiting import PATIENCE


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with running_cluster(require_initdb()) as cluster:
        yield cluster


@pytest.fixture
def standby(primary: Cluster) -> Iterator[Cluster]:
    with running_replica(require_initdb(), primary) as cluster:
        yield cluster


@pytest.fixture
def settings(primary: Cluster, standby: Cluster, tmp_path: Path) -> Settings:
    name = f"kb_{tmp_path.name}"
    return Settings(
        data_dir=tmp_path / "kb-data",
        database_url=create_database(primary.url, name),
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
