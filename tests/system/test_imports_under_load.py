"""An import beside people who work: nobody is refused, and what it brings is there at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support.accounts import PASSWORD
from tests.support.api import REPOSITORY
from tests.support.cli import write_jsonl
from tests.support.environment import own_environment
from tests.support.incidents import incident
from tests.support.server import Server, running_server
from tests.support.steady_writer import SteadyWriter
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

_LINES = 2_000


def _import(server: Server, file: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "kb", "import", file, "--data-dir", str(server.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env=own_environment(),
    )


def _imported(server: Server) -> int:
    found, cursor = 0, dict[str, str]()
    while True:
        page = server.get("/incidents", tag="okapi", limit="100", **cursor)
        found += len(page["items"])
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def test_posts_and_sign_ins_go_on_during_an_import_which_appears_at_once(
    installed: Path, tmp_path: Path
) -> None:
    texts = [incident(title=f"Okapi {n}", status="published", tags=["okapi"]) for n in range(_LINES)]
    with running_server(installed) as server:
        token = server.token()
        person = {"email": "dana@example.com", "name": "Dana Levi", "password": PASSWORD}
        server.post("/users", person, token)
        counts: set[int] = set()
        importer = _import(server, write_jsonl(tmp_path, texts))
        output: list[str] = []
        reader = threading.Thread(target=lambda: output.append(importer.communicate(timeout=PATIENCE)[0]))
        reader.start()
        with SteadyWriter(server, token, "Zebra", pause=0.1) as zebra:
            while reader.is_alive():
                # Raises for any answer but a success.
                server.post("/sessions", {name: person[name] for name in ("email", "password")}, token)
                counts.add(_imported(server))
                time.sleep(0.1)
            zebra.wait_for_more()
        assert importer.returncode == 0, output
        assert zebra.statuses == {201}
        assert counts | {_imported(server)} == {0, _LINES}
