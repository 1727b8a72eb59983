"""Power cuts under PostgreSQL, replayed from a record of its writes: nothing acknowledged is lost."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg
import pytest

from kb.config import Settings
from kb.services.operations import bootstrap
from tests.support.api import REPOSITORY
from tests.support.backups import installation
from tests.support.faults import Faults, Operation
from tests.support.postgres import create_database, durable_cluster, require_initdb
from tests.support.power_cut import Disk
from tests.support.writing_program import ACKNOWLEDGED, STEPS, titles_after

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="records writes with a library of Linux"),
]

SEED, CUTS = 20_261_127, 5

_NAME = "kb"


class Recording:
    """What a server and a program that files incidents did to the server's disk, and the disk before."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root, self.before = folder, folder / "disk", folder / "before"
        self.root.mkdir()
        folder.chmod(0o755)  # the server is another user
        data_dir = folder / "kb-data"
        with durable_cluster(require_initdb(), self.root) as cluster:
            url = create_database(cluster.url, _NAME)
            with installation(Settings(data_dir=data_dir, database_url=url)):
                bootstrap.prepare()
        shutil.copytree(self.root, self.before)
        faults = Faults(folder, self.root)
        faults.share_with_everybody()
        with durable_cluster(require_initdb(), self.root, faults.recording) as cluster:
            program = [sys.executable, "-m", "tests.support.writing_program"]
            subprocess.run(
                [*program, data_dir, f"{cluster.url}/{_NAME}", self.root],
                check=True,
                cwd=REPOSITORY,
                env=faults.recording,
            )
            cluster.stop()
        self.operations = [*_with_known_names(faults.operations())]

    def disk(self) -> Disk:
        return Disk(self.root, self.before)

    def is_acknowledgment(self, operation: Operation) -> bool:
        return operation.kind == "written" and operation.path == str(self.root / ACKNOWLEDGED)

    def acknowledgments(self) -> list[int]:
        """At which operations a step was acknowledged."""
        return [place for place, each in enumerate(self.operations) if self.is_acknowledgment(each)]


def _with_known_names(operations: Iterator[Operation]) -> Iterator[Operation]:
    """Without caches that the server writes through the library of C, which records nothing of them."""
    return (each for each in operations if "pg_internal.init" not in each.path and "/log" not in each.path)


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    folder = Path(tempfile.mkdtemp(prefix="kb-power-cuts-"))
    try:
        yield Recording(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _titles(left: Path) -> set[str]:
    """The titles of what was filed, as a server tells that starts on what a power cut has left.

    Raises AssertionError if the numbers of changes do not agree with the counter.
    """
    (left / "data" / "postmaster.pid").unlink(missing_ok=True)  # of a process before the power cut
    with (
        durable_cluster(require_initdb(), left) as cluster,
        psycopg.connect(f"{cluster.url}/{_NAME}") as connection,
    ):
        changes = connection.execute("SELECT max(seq), count(*), min(seq) FROM change").fetchone()
        counter = connection.execute("SELECT seq FROM change_counter").fetchone()
        assert changes is not None
        assert counter is not None
        assert (changes[0], changes[1]) == (counter[0], counter[0] - changes[2] + 1)
        found = connection.execute("SELECT title FROM incident_text").fetchall()
    return {title for (title,) in found if title.startswith(("Zebra", "Okapi"))}


def _after_cut(recording: Recording, moment: int, random: Random, *, syncs: bool = True) -> tuple[int, Path]:
    """How many steps were acknowledged before a power cut at some operation, and what the cut leaves."""
    disk, acknowledged = recording.disk(), 0
    for operation in recording.operations[: moment + 1]:
        if syncs or operation.kind != "synced":
            disk.apply(operation)
        acknowledged += recording.is_acknowledgment(operation)
    left = Path(tempfile.mkdtemp(prefix="left-", dir=recording.folder)) / "disk"
    disk.cut_power(random, left)
    left.parent.chmod(0o755)
    return acknowledged, left


def test_what_is_acknowledged_survives_a_power_cut_at_the_same_moment(recording: Recording) -> None:
    """The hardest moment: nothing was written since, so that only what was synced is certain."""
    moments = recording.acknowledgments()
    assert len(moments) == STEPS
    random = Random(SEED)
    for moment in random.sample(moments, 2):
        acknowledged, left = _after_cut(recording, moment, random)
        expected = [titles_after(steps) for steps in (acknowledged, acknowledged + 1)]
        assert _titles(left) in expected, acknowledged


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged(recording: Recording) -> None:
    print(f"seed {SEED}")  # noqa: T201
    random = Random(SEED)
    for moment in sorted(random.sample(range(len(recording.operations)), CUTS)):
        acknowledged, left = _after_cut(recording, moment, random)
        expected = [titles_after(steps) for steps in (acknowledged, acknowledged + 1)]
        assert _titles(left) in expected, (moment, acknowledged)


def test_a_server_that_did_not_sync_would_lose_what_it_acknowledged(recording: Recording) -> None:
    """The disk of these tests does lose what a server forgets to sync."""
    random = Random(SEED)
    acknowledged, left = _after_cut(recording, recording.acknowledgments()[-1], random, syncs=False)
    assert acknowledged == STEPS
    with suppress(subprocess.CalledProcessError, psycopg.Error):  # what is left is no database any more
        assert _titles(left) != titles_after(STEPS)
