"""A backup that is taken while clients write, and restored: the same incidents, and an index of them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from flask import Flask

from kb.config import Settings
from kb.services.search import sync
from kb.services.search.verification import verify
from tests.support.api import Api, callers, running
from tests.support.cli import run_kb
from tests.support.environment import own_environment
from tests.support.incidents import incident
from tests.support.postgres import create_database
from tests.support.server import running_server
from tests.support.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow


@contextmanager
def _writing(api: Api) -> Iterator[list[int]]:
    """File incidents in another thread meanwhile; yields the ids of those that were acknowledged."""
    filed: list[int] = []
    stop = threading.Event()

    def write() -> None:
        own = Api(api.client.application.test_client(), api.contract, api.token)
        while not stop.is_set():
            filed.append(own.file(title=f"Zebra {len(filed)}", status="published")["id"])
            stop.wait(0.05)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield filed
    finally:
        stop.set()
        writer.join(PATIENCE)


def _back_up(settings: Settings, folder: Path) -> Settings:
    """Back up a database while it is written to, and restore it; settings on what was restored."""
    file = folder.with_suffix(".zip")
    _back_up_in_own_process(settings, file)
    assert _kb(settings, "backup", "--check", str(file)).exit_code == 0
    restored = replace(settings, data_dir=folder)
    if settings.database_url:
        server = "{0.scheme}://{0.netloc}".format(urlsplit(settings.database_url))
        restored = replace(restored, database_url=create_database(server, f"restored_{folder.name}"))
    assert _kb(restored, "restore", str(file)).exit_code == 0
    return restored


def _back_up_in_own_process(settings: Settings, file: Path) -> None:
    """Back up what this process has open and writes to."""
    environment = own_environment(KB_DATABASE_URL=settings.database_url, KB_DATA_DIR=str(settings.data_dir))
    command = [sys.executable, "-m", "kb", "backup", str(file)]
    subprocess.run(command, check=True, capture_output=True, env=environment)


def _kb(settings: Settings, *arguments: str) -> Result:
    """Run `kb` in this process, which takes a second; to start one takes several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KB_DATABASE_URL", settings.database_url)
        return run_kb(*arguments, data_dir=settings.data_dir)


def _incidents(api: Api, ids: list[int]) -> list[Any]:
    return [api.get(f"/incidents/{incident_id}").get_json() for incident_id in ids]


def test_a_backup_under_load_is_restored_with_its_index(
    any_app: Flask, any_settings: Settings, any_role: Callable[..., Api], tmp_path: Path
) -> None:
    admin = any_role("site_admin")
    with _writing(admin) as filed:
        eventually(lambda: len(filed) >= 3)
        acknowledged = [*filed]
        restored_settings = _back_up(any_settings, tmp_path / "restored")
        eventually(lambda: len(filed) >= len(acknowledged) + 2)
    for app in running(restored_settings):
        api = callers(app)("site_admin")
        eventually(lambda: api.get("/search", q="zebra").status_code == 200)  # noqa: B023
        with app.app_context():
            sync.ensure_current(timeout=PATIENCE)
            assert verify(timeout=PATIENCE).equal
        there = [number for number in filed if api.get(f"/incidents/{number}").status_code == 200]
        assert {*acknowledged} <= {*there}
        assert _incidents(api, there) == _incidents(admin, there)
        assert api.get("/search", q="zebra").get_json()["total"] == len(there)
        changes = [item["seq"] for item in api.get("/changes", limit=1000).get_json()["items"]]
        assert changes == list(range(changes[0], changes[0] + len(changes)))
        assert api.post("/incidents", incident()).status_code == 201


def test_a_running_service_is_not_restored_over_and_serves_the_backup_when_started_again(
    installed: Path, tmp_path: Path
) -> None:
    settings, file = Settings(data_dir=installed), str(tmp_path / "backup.zip")
    with running_server(installed) as server:
        token = server.output[0].strip() if server.output else ""
        assert _kb(settings, "backup", file).exit_code == 0
        lost = server.post("/incidents", incident(title="Zebra", status="published"), token)
        refused = _kb(settings, "restore", file, "--replace")
        assert refused.exit_code == 1
        assert "A server or another program uses the database" in refused.stderr
        assert server.get(f"/incidents/{lost['id']}")["title"] == "Zebra"
        server.stop()
        assert _kb(settings, "restore", file, "--replace").exit_code == 0
        server.start()
        assert server.get("/search", q="zebra")["total"] == 0
        assert server.get("/search", q="slap")["total"] > 0
