"""Machines of this version go on to serve a database that a newer version has migrated."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import copytree

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from kb.config import Settings
from kb.factory import create_app
from kb.models import db
from kb.services.operations import bootstrap
from kb.services.operations.bootstrap import InstallationState
from tests.support.server import running_server
from tests.support.steady_writer import SteadyWriter
from tests.support.waiting import PATIENCE, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
]

_EXPAND = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade():
    op.add_column("incident", sa.Column("mood", sa.String(10), nullable=False, server_default="calm"))
    op.create_table("mood", sa.Column("incident_id", sa.Integer, sa.ForeignKey("incident.id")))
"""


_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'incident'::regclass)"


def _migrate_as_newer_version(settings: Settings, folder: Path) -> None:
    versions = copytree(bootstrap.MIGRATIONS, folder / "migrations") / "versions"
    head = ScriptDirectory(str(bootstrap.MIGRATIONS)).get_current_head()
    (versions / "9999_expand.py").write_text(_EXPAND.format(head=head), "utf-8")
    app = create_app(settings)
    with app.app_context():
        command.upgrade(bootstrap.alembic_config(folder / "migrations"), "head")
        assert bootstrap.inspect_installation() is InstallationState.NEWER
        db.session.remove()
        db.engine.dispose()


def test_a_service_goes_on_also_with_new_workers_when_its_database_was_migrated(
    postgres_settings: Settings, tmp_path: Path
) -> None:
    settings = postgres_settings
    with running_server(settings.data_dir, KB_DATABASE_URL=settings.database_url) as server:
        token = server.token()
        with SteadyWriter(server, token, "Zebra") as zebra:
            zebra.wait_for_more()
            _migrate_as_newer_version(settings, tmp_path)
            zebra.wait_for_more()
            before = {*server.workers()}
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            eventually(lambda: bool(server.workers()) and not before & {*server.workers()})
            server.wait_until_ready()
            zebra.wait_for_more()
        assert zebra.statuses == {201}
        assert server.get("/search", q="zebra")["total"] >= len(zebra.acknowledged)


def test_readers_do_not_wait_for_a_migration_that_waits_for_one_of_them(
    postgres_settings: Settings, tmp_path: Path
) -> None:
    settings = postgres_settings
    url = settings.database_url.replace("postgresql+psycopg", "postgresql")
    with (
        running_server(settings.data_dir, KB_DATABASE_URL=settings.database_url) as server,
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(url) as reader,
        psycopg.connect(url, autocommit=True) as observer,
    ):
        reader.execute("SELECT count(*) FROM incident")  # in a transaction that goes on
        migration = pool.submit(_migrate_as_newer_version, settings, tmp_path)
        eventually(lambda: observer.execute(_WAITING).fetchone() == (True,))
        assert server.get("/incidents")["items"]
        assert not migration.done()
        reader.rollback()
        migration.result(timeout=PATIENCE)
