"""SIGKILL at random moments, while clients write: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.api import REPOSITORY
from tests.support.cli import run_kb, write_jsonl
from tests.support.environment import own_environment
from tests.support.incidents import incident
from tests.support.prepared import copy_folder
from tests.support.server import Server, running_server
from tests.support.steady_writer import SteadyWriter
from tests.support.waiting import PATIENCE, eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc"),
]

SEED = 20_261_127


@pytest.fixture(scope="module")
def server(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that goes on from test to test, as each leaves it whole; they write under different names."""
    with running_server(copy_folder(prepared, tmp_path_factory.mktemp("kills") / "data")) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: Server) -> str:
    return server.token()


@pytest.fixture
def random() -> Random:
    print(f"seed {SEED}")  # noqa: T201
    return Random(SEED)


def _answers(server: Server) -> bool:
    try:
        return bool(server.get("/health/live"))
    except OSError:
        return False


def _kb(server: Server, *arguments: str) -> subprocess.Popen[str]:
    """Run `kb` in a process that can be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "kb", *arguments, "--data-dir", str(server.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env=own_environment(),
    )


def _titles(server: Server) -> Counter[str]:
    """How often each title is there."""
    titles: Counter[str] = Counter()
    cursor: dict[str, str] = {}
    while True:
        page = server.get("/incidents", limit="100", **cursor)
        titles.update(item["title"] for item in page["items"])
        if page["next"] is None:
            return titles
        cursor = {"cursor": page["next"]}


def _wait_until_found(server: Server, word: str, total: int) -> None:
    eventually(lambda: server.get("/search", q=word)["total"] == total, lambda: server.errors)


def _wait_for_another_build(index: Path, known: set[Path]) -> None:
    # Not for their number: a rebuild removes what killed ones have left.
    eventually(lambda: not known.issuperset(index.glob("build-*")))


def _check(server: Server, *writers: SteadyWriter) -> None:
    """What is acknowledged is there once, what is uncertain at most once; the index equals the database."""
    titles = _titles(server)
    assert max(titles.values()) == 1
    for writer in writers:
        assert writer.acknowledged
        assert {*writer.acknowledged} <= titles.keys()
        written = {title for title in titles if title.startswith(f"{writer.name} ")}
        assert written <= {*writer.acknowledged, *writer.uncertain}
        _wait_until_found(server, writer.name, len(written))
    verification = run_kb("index", "verify", data_dir=server.data_dir)
    assert verification.exit_code == 0, verification.output
    assert "not indexed yet" not in verification.output


def test_a_worker_killed_as_soon_as_it_is_there_is_replaced_again(server: Server) -> None:
    known = {*server.workers()}
    victim = min(known)
    for _ in range(3):
        os.kill(victim, signal.SIGKILL)
        eventually(lambda: bool({*server.workers()} - known), lambda: server.errors)
        (victim,) = {*server.workers()} - known
        known.add(victim)
    assert server.process.poll() is None
    assert server.get("/search", q="placeholder")["total"] == 1


def test_workers_killed_under_writes_lose_and_duplicate_nothing(
    server: Server, token: str, random: Random
) -> None:
    with SteadyWriter(server, token, "Zebra") as zebra, SteadyWriter(server, token, "Okapi") as okapi:
        for _ in range(4):
            zebra.wait_for_more()
            time.sleep(random.uniform(0, 0.3))
            os.kill(random.choice(server.workers()), signal.SIGKILL)
        okapi.wait_for_more()
    _check(server, zebra, okapi)


def test_a_service_killed_under_writes_loses_and_duplicates_nothing(
    server: Server, token: str, random: Random
) -> None:
    with SteadyWriter(server, token, "Giraffe") as giraffe, SteadyWriter(server, token, "Heron") as heron:
        for _ in range(2):
            giraffe.wait_for_more()
            time.sleep(random.uniform(0, 0.3))
            server.stop(signal.SIGKILL)
            server.start()
        heron.wait_for_more()
    _check(server, giraffe, heron)


def test_a_killed_import_leaves_all_or_nothing(
    server: Server, token: str, random: Random, tmp_path: Path
) -> None:
    lines = [incident(title=f"Yak {number}", status="published") for number in range(100)]
    file = write_jsonl(tmp_path, lines)
    with SteadyWriter(server, token, "Tapir", pause=0.1) as tapir:
        begun = time.monotonic()
        importer = _kb(server, "import", file)
        output, _ = importer.communicate(timeout=PATIENCE)
        assert importer.returncode == 0, output
        duration = time.monotonic() - begun
        files = {path.name for path in server.data_dir.iterdir()}
        for number in range(2):
            others = [line | {"title": f"{line['title']} {number}"} for line in lines]
            file = write_jsonl(tmp_path, others)
            importer = _kb(server, "import", file)
            time.sleep(duration * random.uniform(0.5, 0.9))
            importer.kill()
            importer.communicate()
        tapir.wait_for_more()
        assert {path.name for path in server.data_dir.iterdir()} <= files
    imported = Counter(title.split()[-1] for title in _titles(server) if title.count(" ") == 2)
    assert set(imported.values()) <= {len(lines)}
    _check(server, tapir)


def test_a_killed_rebuild_leaves_the_index_in_use(server: Server, token: str, random: Random) -> None:
    builds = server.data_dir / "index"
    with SteadyWriter(server, token, "Lion") as lion:
        for _ in range(2):
            known = {*builds.glob("build-*")}
            indexer = _kb(server, "index", "rebuild")
            _wait_for_another_build(builds, known)
            time.sleep(random.uniform(0, 0.05))
            indexer.kill()
            indexer.communicate()
            lion.wait_for_more()
            assert server.get("/search", q="placeholder")["total"] == 1
    _check(server, lion)
    state = json.loads(run_kb("index", "status", "--format", "json", data_dir=server.data_dir).stdout)
    assert state["index"]["lag"] == 0
