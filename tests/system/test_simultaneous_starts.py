"""Machines, or processes of one, that migrate a database at the same time: one does, the other waits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import create_engine, text

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.infrastructure import runtime
from kb.services.operations import bootstrap
from kb.services.operations.bootstrap import InstallationState
from tests.support.api import REPOSITORY
from tests.support.environment import own_environment
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

_LAST_RELEASE = "0003"
"""The migration of version 0.2.0."""


def test_an_empty_database_is_migrated_and_seeded_once(empty_settings: Settings, tmp_path: Path) -> None:
    is_shared = empty_settings.database_file is not None
    folders = [empty_settings.data_dir if is_shared else tmp_path / name for name in ("first", "second")]
    starts = [_start(empty_settings, folder) for folder in folders]
    assert [start.wait(3 * PATIENCE) for start in starts] == [0, 0]
    _check(empty_settings)


def test_a_database_of_the_last_release_is_migrated_once(empty_app: Flask, tmp_path: Path) -> None:
    with empty_app.app_context():
        settings = runtime.settings()
        bootstrap.create_data_dir()
        config = bootstrap.alembic_config()
        command.upgrade(config, _LAST_RELEASE)
        db.engine.dispose()
    is_shared = settings.database_file is not None
    folders = [settings.data_dir if is_shared else tmp_path / name for name in ("first", "second")]
    starts = [_start(settings, folder) for folder in folders]
    assert [start.wait(3 * PATIENCE) for start in starts] == [0, 0]
    _check(settings)


def _check(settings: Settings) -> None:
    """Everything is there once, and the database is as this version wants it."""
    engine = create_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM incident")).scalar_one() == 6
        assert connection.execute(text("SELECT count(*) FROM change_counter")).scalar_one() == 1
    engine.dispose()
    with create_app(settings).app_context():
        assert bootstrap.inspect_installation() is InstallationState.READY
        db.engine.dispose()


def _start(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    database = {"KB_DATABASE_URL": settings.database_url} if settings.database_url else {}
    return subprocess.Popen(
        [sys.executable, "-m", "kb", "db", "upgrade", "--data-dir", str(folder)],
        env=own_environment(**database) | {"PYTHONPATH": str(REPOSITORY)},
    )
