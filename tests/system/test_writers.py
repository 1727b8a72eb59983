"""Several processes that write at once, on SQLite."""

from __future__ import annotations

import json
import multiprocessing
import sys
import urllib.error
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.config import Settings
from kb.domain.permissions import Role
from kb.factory import create_app
from kb.models import db
from kb.services.accounts.tokens import create_team_token
from kb.services.search import sync
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

WRITERS, WRITES = 8, 3


def _file_several(writer: int, data_dir: Path, token: str) -> list[int]:
    """File incidents in a process of its own; the statuses."""
    app = create_app(Settings(data_dir=data_dir, index_wait_seconds=PATIENCE))
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    bodies = [incident(title=f"Zebra {writer} {number}", status="published") for number in range(WRITES)]
    answers = [client.post("/api/v1/incidents", json=body, headers=headers) for body in bodies]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return [answer.status_code for answer in answers]


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_eight_processes_write_without_a_lock_error(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        token = create_team_token("writers", Role.REVIEWER).secret
        db.session.remove()
        db.engine.dispose()
    with ProcessPoolExecutor(WRITERS, multiprocessing.get_context("fork")) as pool:
        jobs = [pool.submit(_file_several, writer, settings.data_dir, token) for writer in range(WRITERS)]
        statuses = [status for job in jobs for status in job.result()]
    assert statuses == [201] * WRITERS * WRITES
    with app.app_context():
        assert sync.lag() == 0
        found = app.test_client().get("/api/v1/search?q=zebra").get_json()["total"]
        db.session.remove()
        db.engine.dispose()
    assert found == WRITERS * WRITES


def test_a_post_with_one_key_happens_once_however_many_workers_get_it(installed: Path) -> None:
    with running_server(installed) as server:
        token = server.token()

        def post(_: int = 0) -> tuple[int, int | None]:
            return _post(server, token, "one-key")

        with ThreadPoolExecutor(WRITERS) as pool:
            answers = list(pool.map(post, range(2 * WRITERS)))
        answers.append(post())
        assert server.get("/search", q="zebra")["total"] == 1
    assert {status for status, _ in answers} <= {201, 409}
    assert answers[-1][0] == 201
    assert len({number for status, number in answers if status == 201}) == 1


def _post(server: Server, token: str, key: str) -> tuple[int, int | None]:
    """File an incident on a connection of its own; the status, and the number of the incident."""
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": key,
    }
    body = json.dumps(incident(title="Zebra", status="published")).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}/api/v1/incidents", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)["id"]
    except urllib.error.HTTPError as error:
        return error.code, None
